"""The bifurcation widget: its arithmetic in the page against lrlib, its traits, its
poster.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from lrlib import widgets, zoo
from lrlib.descent.stepping import BOUND, SETTLED
from lrlib.longrun import dynamics
from lrlib.widgets import Bifurcation

WIDGETS = Path(widgets.__file__).parent
LINE = zoo.diagonal_factorisation


def diagram(landscape=LINE, **changes):
    return Bifurcation(landscape, **{"lr_range": (0.8, 2.02), "start": 0.5} | changes)


SCAN = """
const { openLandscape, scanColumn, refine } = new Function(
  data.core + data.scan + "; return { openLandscape, scanColumn, refine };")();
const orbit = new Float64Array(data.n + 1), landscape = openLandscape(data.landscape);
const columns = data.cases.map(([start, lr]) => {
  const exponent = scanColumn(landscape, orbit, start, lr, data.n, data.keep, data.limits);
  return { exponent, last: Array.from(orbit.subarray(data.n + 1 - data.keep)) };
});
return { columns, orders: [1, 7, 8, 9, 100].map(refine) };
"""


@pytest.fixture(scope="module")
def in_the_page(node):
    lrs = [0.9, 1.1, 1.27, 1.455, 1.7, 1.83, 1.9, 1.99, 2.3]
    cases = [(start, lr) for start in (0.5, -0.5, 0.8) for lr in lrs]
    text = {name: (WIDGETS / f"{name}.js").read_text() for name in ("core", "scan")}
    given = {
        "n": 900,
        "keep": 200,
        "cases": cases,
        "landscape": diagram()._landscape,
        **text,
        "limits": {"bound": BOUND, "settled": SETTLED},
    }
    return cases, node(SCAN, given)


def test_columns_equal_python(in_the_page):
    cases, found = in_the_page
    starts, lrs = np.transpose(cases)
    exponents = dynamics.lyapunov(LINE, starts, lr=lrs, n_steps=200, burn_in=701)
    np.testing.assert_allclose(
        [c["exponent"] for c in found["columns"]], exponents, rtol=1e-11
    )
    assert np.isinf(exponents).sum() == 3
    for (start, lr), column, exponent in zip(
        cases, found["columns"], exponents, strict=True
    ):
        if np.isfinite(exponent):
            last = dynamics.bifurcation(LINE, [start], [lr], n_steps=900, keep=200)[
                0, 0, :, 0
            ]
            np.testing.assert_array_equal(column["last"], last)


def test_columns_come_coarse_to_fine_and_all_once(in_the_page):
    for n, order in zip((1, 7, 8, 9, 100), in_the_page[1]["orders"], strict=True):
        assert sorted(i for i, _ in order) == list(range(n))
        assert all(i + width <= n for i, width in order)
        known = np.full(n, -1)
        for i, width in order:
            known[i : i + width] = i
        assert known.tolist() == list(range(n))


def test_front_end_is_at_most_60_kilobytes():
    state = diagram().get_state()
    assert len((state["_esm"] + state["_css"]).encode()) <= 60_000
    assert "export default" in state["_esm"] and "</script" not in state["_esm"]
    assert "function hessian" in state["_landscape"]["javascript"]
    json.dumps(state["_landscape"]), json.dumps(state["_defaults"])


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
    poster = diagram(
        bands=[(1.0, "stable", "one point"), (None, "diverging", "more")]
    )._poster
    assert len(poster.encode()) <= 8000 and poster.count("<div") == poster.count(
        "</div>"
    )
    assert (
        "var(--w-noise)" in poster
        and "var(--w-descent)" in poster
        and poster.count("lr-band") == 2
    )
