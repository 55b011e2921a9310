"""`OutcomeBars`: its scan is `sweep`, and its posters and those of records stay small."""

import json
import re
import subprocess

import numpy as np
import pytest
from cases import Balance

from lrlib import results, zoo
from lrlib.descent.outcomes import sweep
from lrlib.widgets import OutcomeBars, RunExplorer, linker, still

_SCAN = """
import { readFileSync } from "node:fs";
import { outcomeScan } from "%s";
const job = JSON.parse(readFileSync(0, "utf8"));
const passes = [...outcomeScan(job)].filter(Boolean);
const { columns, counts } = passes.at(-1);
const [low, high] = job.lrRange;
const rate = (_, i) => low * (high / low) ** (i / (columns.length - 1));
console.log(JSON.stringify({ columns, counts, lrs: columns.map(rate) }));
"""


def bars(landscape=zoo.mohtashami_toy_1d, starts="initialisation", **changes):
    return OutcomeBars(landscape, starts, **{"lr": 0.0012, "n_starts": 200} | changes)


def chaotic():
    """Bars with the most stretches of all pages."""
    return bars(zoo.multiscale_bowl, (-1.5, 1.5), lr=0.045, n_steps=1000, n_starts=600)


def explorer():
    names = "six_networks-tanh-huber-cifar10", "six_networks-outer-huber-cifar10"
    authors = results.load("wang2025_authors")["runs"]
    return RunExplorer(map(results.load, names), authors=authors, step=600)


@pytest.mark.parametrize("make", [bars, chaotic, explorer])
def test_posters_with_hatches_and_records_are_small(make):
    poster = make()._poster
    assert len(poster.encode()) <= 24_000
    assert Balance(poster).open == []
    ids = re.findall(r' id="(.*?)"', poster)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#(.*?)\)", poster)) <= set(ids)


def test_the_scan_is_the_sweep():
    """The shares above the track are those of `sweep`, at each learning rate."""
    widget = bars(lr_range=(2e-4, 0.08), n_steps=1000)
    module = (linker.HOME / "engine" / "ensemble.js").as_uri()
    job = {
        "landscape": widget._landscape,
        "limits": widget._limits,
        "interval": widget.interval,
        "lrRange": widget.lr_range,
        "nSteps": widget.n_steps,
        "n": widget.n_starts,
        "lr": widget.lr,
    }
    call = [still.node(), "--input-type=module", "--eval", _SCAN % module]
    text = json.dumps(job)
    run = subprocess.run(call, input=text, capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    assert found["counts"] == widget.runs().counts()
    starts = np.linspace(9, 10, 200)
    shares = sweep(widget.landscape, starts, found["lrs"], n_steps=1000)
    expected = np.stack(list(shares.values()), axis=1)
    np.testing.assert_allclose(found["columns"], expected, atol=1e-12)
