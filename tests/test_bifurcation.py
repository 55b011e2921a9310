"""The bifurcation widget: its arithmetic in the page against lrlib, its traits, its
poster.
"""

import json
import subprocess

import numpy as np
import pytest

from lrlib import zoo
from lrlib.longrun import dynamics
from lrlib.widgets import Bifurcation, linker, still

LINE = zoo.diagonal_factorisation


def diagram(landscape=LINE, **changes):
    return Bifurcation(landscape, **{"lr_range": (0.8, 2.02), "start": 0.5} | changes)


SCAN = """
import { readFileSync } from "node:fs";
import { exponentOf, stays } from "%(home)s/engine/longrun.js";
import { openLandscape } from "%(home)s/engine/landscape.js";
const { n, keep, cases, landscape: description, limits } = JSON.parse(readFileSync(0, "utf8"));
const landscape = openLandscape(description);
const orbit = new Float64Array(n + 1);
const columns = cases.map(([start, lr]) => {
  const inside = stays(landscape, orbit, start, lr, limits);
  const exponent = inside ? exponentOf(landscape, orbit, lr, keep) : null;
  return { exponent, last: Array.from(orbit.subarray(n + 1 - keep)) };
});
console.log(JSON.stringify(columns));
"""


def in_node(script, given):
    """What an ES module prints for `given` on its standard input."""
    script %= {"home": linker.HOME.as_uri()}
    call = [still.node(), "--input-type=module", "--eval", script]
    run = subprocess.run(
        call, input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return json.loads(run.stdout)


def test_columns_equal_python():
    lrs = [0.9, 1.1, 1.27, 1.455, 1.7, 1.83, 1.9, 1.99, 2.3]
    cases = [(start, lr) for start in (0.5, -0.5, 0.8) for lr in lrs]
    given = {"n": 900, "keep": 200, "cases": cases}
    given |= {name: getattr(diagram(), f"_{name}") for name in ("landscape", "limits")}
    found = in_node(SCAN, given)
    starts, lrs = np.transpose(cases)
    exponents = dynamics.lyapunov(LINE, starts, lr=lrs, n_steps=200, burn_in=701)
    page = [np.inf if c["exponent"] is None else c["exponent"] for c in found]
    np.testing.assert_allclose(page, exponents, rtol=1e-11)
    assert np.isinf(exponents).sum() == 3
    for (start, lr), column, exponent in zip(cases, found, exponents, strict=True):
        if np.isfinite(exponent):
            last = dynamics.bifurcation(LINE, [start], [lr], n_steps=900, keep=200)
            np.testing.assert_array_equal(column["last"], last[0, 0, :, 0])


PASSES = """
import { readFileSync } from "node:fs";
import { scan } from "%(home)s/engine/longrun.js";
const passes = [...scan(JSON.parse(readFileSync(0, "utf8")))].filter(Boolean);
const plain = ({ columns, rows, shares, exponents }) => (
  { columns, rows, shares: shares.map((share) => [...share]), exponents: [...exponents] });
console.log(JSON.stringify(passes.map(plain)));
"""


def test_a_diagram_marks_the_iterates_that_python_has():
    widget = diagram(n_steps=500, keep=60)
    lrs, thetas = [1.2, 1.5], [0.2, 1.4]
    job = {"landscape": widget._landscape, "limits": widget._limits, "keep": 60}
    job |= {"nSteps": 500, "start": 0.5, "lrs": lrs, "thetas": thetas}
    passes = in_node(PASSES, job | {"grid": {"columns": 45, "rows": 30}})
    assert [p["columns"] for p in passes] == [6, 23, 45]
    for found in passes:
        n = found["columns"]
        middles = lrs[0] + (np.arange(n) + 0.5) / n * (lrs[1] - lrs[0])
        last = dynamics.bifurcation(LINE, [0.5, -0.5], middles, n_steps=500, keep=60)
        for branch, share in enumerate(found["shares"]):
            edges = np.linspace(*thetas, 31)
            counts = [np.histogram(row, edges)[0] for row in last[:, branch, :, 0]]
            marked = np.reshape(share, (30, n)).T
            np.testing.assert_array_equal(marked > 0, np.array(counts) > 0)
            densest = np.argmax(counts, axis=1)
            picked = np.take_along_axis(marked, densest[:, None], axis=1)[:, 0]
            np.testing.assert_array_equal(picked, marked.max(axis=1))
        exponents = dynamics.lyapunov(
            LINE, np.full(n, 0.5), lr=middles, n_steps=60, burn_in=441
        )
        np.testing.assert_allclose(found["exponents"], exponents, rtol=1e-9)


def test_a_page_gets_the_formulas_and_the_defaults():
    state = diagram().get_state()
    assert "function hessian" in state["_landscape"]["javascript"]
    json.dumps(state["_landscape"]), json.dumps(state["_controls"])
    keys = ["lr", "start", "low", "high", "bottom", "top"]
    assert list(state["_defaults"]) == keys
    assert state["ident"] == "bifurcation-diagonal-factorisation"


def test_copied_python_reproduces_the_view():
    widget = diagram(n_steps=60, keep=20, lr=1.3)
    widget.view_lr, widget.start = [1.2, 1.4], 0.7
    space = {}
    exec(widget.python_call(), space)
    lrs, iterates = widget.diagram()
    np.testing.assert_array_equal(space["lrs"], lrs)
    np.testing.assert_array_equal(space["iterates"][..., 0], iterates)
    np.testing.assert_array_equal(space["orbit"], widget.orbit())
    assert space["exponents"].shape == (1000,) and widget.outcome() == "bounded"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"start": 3.0}, r"start: got 3\.0; allowed is a number from -1\.7 to 1\.7"),
        ({"keep": 0}, "keep: got 0"),
        ({"keep": 2001}, "keep: got 2001"),
        ({"n_steps": 0}, "n_steps: got 0"),
        ({"lr": 3.0}, "lr: got 3.0"),
        ({"lr_range": (2.0, 1.0)}, "lr_range: got"),
        ({"landscape": zoo.scalar_factorisation}, "2 coordinates"),
    ],
)
def test_bad_values_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        diagram(**changes)


@pytest.mark.parametrize(
    ("trait", "value", "error"),
    [
        ("view_lr", [1.4, 1.2], ValueError),
        ("view_lr", [0.1, 1.2], ValueError),
        ("view_theta", [-1.0], TypeError),
        ("view_theta", [0.0, 2.0], ValueError),
        ("start", -2.0, ValueError),
        ("keep", 0, ValueError),
    ],
)
def test_bad_views_are_refused_later_too(trait, value, error):
    widget = diagram()
    with pytest.raises(error, match=f"{trait}: got"):
        setattr(widget, trait, value)
    assert (widget.view_lr, widget.view_theta, widget.start) == (
        [0.8, 2.02],
        [-1.7, 1.7],
        0.5,
    )


def test_poster_is_small_and_shows_both_branches():
    bands = [(1.0, "stable", "one point"), (None, "diverging", "more")]
    poster = diagram(bands=bands)._poster
    assert len(poster.encode()) <= 25_000
    assert poster.count("<div") == poster.count("</div>")
    assert "chaos, exponent" in poster or "period" in poster
    assert poster.count('class="lr-band') - poster.count('class="lr-band-') == 2
    for drawing in poster.split('<svg class="lr-drawing')[1:3]:
        assert 'class="lr-raster"' in drawing
        assert drawing.index("var(--w-noise)") < drawing.index("var(--w-descent)")
