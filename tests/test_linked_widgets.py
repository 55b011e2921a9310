"""Widgets of the kit: layers of modules, declared controls, posters."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from cases import BANDS, Balance

from lrlib import Landscape, ensemble, results, uniform, zoo
from lrlib.descent.outcomes import sweep
from lrlib.widgets import (
    BasinMap,
    Descent1D,
    OutcomeBars,
    RunExplorer,
    SmoothedDescent,
    linker,
    still,
)
from lrlib.widgets.controls import Choice, Number, Whole

ROOT = Path(__file__).resolve().parents[1]
BOWL = Landscape(
    "x**2/2 + 0.12*(x**2 + s**2)*(1 - cos(24*asinh(x/s)))", "x", name="bowl", box=[(-4.0, 4.0)],
    minima={"minimum": 0.0}, parameters={"s": 0.05},
)  # fmt: skip


def smoothed(landscape=BOWL, **changes):
    return SmoothedDescent(
        landscape, **{"lr": 0.1, "sigma": 0.3, "start": 3.0} | changes
    )


def descent(**changes):
    return Descent1D(zoo.mohtashami_toy_1d, **{"lr": 0.0012, "start": 9.3} | changes)


def basins():
    return BasinMap(
        zoo.scalar_factorisation, lr=0.9, start=(0.3, 1.6), lr_range=(0.05, 3.0)
    )


def bars(landscape=zoo.mohtashami_toy_1d, starts="initialisation", **changes):
    return OutcomeBars(landscape, starts, **{"lr": 0.0012, "n_starts": 200} | changes)


def explorer():
    names = "six_networks-tanh-huber-cifar10", "six_networks-outer-huber-cifar10"
    authors = results.load("wang2025_authors")["runs"]
    return RunExplorer(map(results.load, names), authors=authors, step=600)


def in_node(script, given):
    """What an ES module prints for `given` on its standard input."""
    call = [still.node(), "--input-type=module", "--eval", script]
    run = subprocess.run(
        call, input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


@pytest.mark.parametrize(
    ("layer", "allowed"), [("engine", "engine"), ("draw", "engine draw")]
)
def test_layers_import_downwards_and_know_no_page(layer, allowed):
    for path in (linker.HOME / layer).glob("*.js"):
        text = path.read_text()
        imported = re.findall(r'^(?:import|\}) .*from "(.*)";$', text, re.MULTILINE)
        layers = {(path.parent / target).resolve().parent.name for target in imported}
        assert layers <= set(allowed.split()), path.name
        assert "document" not in text, path.name


def test_controls_are_declared_in_order_and_hidden_without_room():
    assert list(Descent1D.declared()) == ["lr", "start", "noise", "seed"]
    assert [c["name"] for c in descent()._controls] == ["lr", "start"]
    noisy = descent(noise_max=2.0)
    assert [c["kind"] for c in noisy._controls] == ["rate", "start", "number", "seed"]
    assert noisy._defaults == {"lr": 0.0012, "start": 9.3, "noise": 0.0, "seed": 0}
    json.dumps(smoothed()._controls)


def test_a_control_refuses_what_the_page_refuses():
    widget = smoothed()
    wrong = (
        ("sigma", 1.5),
        ("sigma", -0.1),
        ("start", 5.0),
        ("lr", 0.0),
        ("seed", 2**32),
    )
    for name, value in wrong:
        with pytest.raises(ValueError, match=f"{name}: got"):
            setattr(widget, name, value)
    assert widget.sigma == 0.3


def test_the_other_kinds_describe_themselves():
    class Shop(Descent1D):
        law = Choice("Law", "uniform", "normal")
        count = Whole("Runs", 1, 9)
        size = Number("Size", 0.1, 10.0, scale="log")

    widget = Shop(zoo.quadratic, lr=0.5, start=1.0, law=1, count=3, size=2.0)
    described = {c["name"]: c for c in widget._controls}
    assert (
        described["law"]["names"] == ["uniform", "normal"]
        and described["count"]["whole"]
    )
    assert (described["size"]["scale"], widget._defaults["law"]) == ("log", 1)
    with pytest.raises(ValueError, match="count: got 10"):
        widget.count = 10


def test_posters_are_small_and_well_formed():
    made = descent(bands=BANDS, sharpness=2040.0, noise_max=300.0), basins(), smoothed()
    for widget in made:
        assert (
            len(widget._poster.encode()) <= 25_000
            and Balance(widget._poster).open == []
        )
        assert widget._poster.count("lr-wide") == widget._poster.count("lr-narrow") == 2
    assert "0.00120 = 1.22 × 2/λ" in made[0]._poster
    assert (
        made[0]._poster.count('class="lr-band"') == len(BANDS) - 1
    )  # one has "lr-active"


def chaotic():
    """Bars with the most stretches of all pages."""
    return bars(zoo.multiscale_bowl, (-1.5, 1.5), lr=0.045, n_steps=1000, n_starts=600)


@pytest.mark.parametrize("make", [bars, chaotic, explorer])
def test_posters_with_hatches_and_records_are_small(make):
    poster = make()._poster
    assert len(poster.encode()) <= 24_000
    assert Balance(poster).open == []
    ids = re.findall(r' id="(.*?)"', poster)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#(.*?)\)", poster)) <= set(ids)


def test_the_scan_is_the_sweep():
    """The shares above the track are those of `lrlib.sweep`, at each learning rate."""
    widget = bars(zoo.mohtashami_toy_1d, lr_range=(2e-4, 0.08), n_steps=1000)
    module = (linker.HOME / "engine" / "ensemble.js").as_uri()
    script = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ outcomeScan }} from {json.dumps(module)};
        const job = JSON.parse(readFileSync(0, "utf8"));
        const passes = [...outcomeScan(job)].filter(Boolean);
        const {{ columns, counts }} = passes.at(-1);
        const [low, high] = job.lrRange;
        const rate = (_, i) => low * (high / low) ** (i / (columns.length - 1));
        console.log(JSON.stringify({{ columns, counts, lrs: columns.map(rate) }}));"""
    job = {
        "landscape": widget._landscape,
        "limits": widget._limits,
        "interval": widget.interval,
        "lrRange": widget.lr_range,
        "nSteps": widget.n_steps,
        "n": widget.n_starts,
        "lr": widget.lr,
    }
    found = in_node(script, job)
    assert found["counts"] == widget.runs().counts()
    shares = sweep(
        widget.landscape, np.linspace(9, 10, 200), found["lrs"], n_steps=1000
    )
    kinds = [shares[name] for name in shares]
    np.testing.assert_allclose(np.transpose(found["columns"]), kinds, atol=1e-12)


def test_the_swarm_is_the_ensemble():
    """Of a rational loss, so that both sides have the same last bit."""
    widget = smoothed(zoo.quartic, start=1.2, lr=0.2, sigma=0.1, n_steps=40)
    module = (linker.HOME / "engine" / "swarm.js").as_uri()
    script = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ swarm }} from {json.dumps(module)};
        const passes = [...swarm(JSON.parse(readFileSync(0, "utf8")))];
        console.log(JSON.stringify(passes.at(-1).rows.map((row) => row.at(-1))));"""
    job = {"landscape": widget._landscape, "limits": widget._limits}
    job["noise"] = widget._formulas["noise"]
    state = {name: getattr(widget, name) for name in ("seed", "start", "lr", "sigma")}
    found = in_node(script, job | state | {"runs": 200, "n": 40})
    starts = np.full((200, 1), 1.2)
    runs = ensemble(
        zoo.quartic, starts, lr=0.2, n_steps=40, noise=uniform(0.1 / 0.2), seed=0
    )
    np.testing.assert_allclose(found, runs.final[:, 0], rtol=1e-12)
    space = {}
    exec(widget.python_call(), space)
    np.testing.assert_allclose(space["runs"].final[:200], runs.final, rtol=1e-12)
