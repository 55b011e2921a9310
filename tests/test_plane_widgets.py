"""The widgets of two coordinates: traits, bad input, posters, and the page's
mathematics against Python.
"""

import json
import re
import subprocess

import numpy as np
import pytest
from cases import BANDS, ROOT, Balance

from lrlib import ensemble, zoo
from lrlib.widgets import BasinMap, Descent2D, still
from lrlib.widgets.plane import overlay_source, sharpness_source

PRODUCT = zoo.scalar_factorisation
ELLIPSE = ("x**2 + y**2 - lr*x*y - (4 - lr**2)/lr", "the ellipse")
SIGNS = {"positive": ((0, 0), (99, 99)), "negative": ((-99, -99), (0, 0))}
FATES = [*SIGNS, "unnamed point", "periodic", "bounded", "diverged"]


def basins(landscape=PRODUCT, **changes):
    return BasinMap(
        landscape,
        **{"lr": 0.9, "start": (0.3, 1.6), "minima": SIGNS, "lr_range": (0.05, 3.0)}
        | changes,
    )


def descent(landscape=PRODUCT, **changes):
    return Descent2D(
        landscape, **{"lr": 0.5, "start": (2.0, 0.4), "overlay": ELLIPSE} | changes
    )


def in_node(*widgets, n):
    """{results, seen} of tests/js/basins.mjs."""
    cases = [
        {
            "landscape": w._landscape,
            "limits": w._limits,
            "nSteps": w.n_steps,
            "lr": w.lr,
            "view": [w.view_x, w.view_y],
            "frozen": w.start[2:],
            "finest": n,
        }
        for w in widgets
    ]
    given = json.dumps({"cases": cases})
    script = [still.node(), str(ROOT / "tests" / "js" / "basins.mjs")]
    return json.loads(
        subprocess.run(
            script, input=given, capture_output=True, text=True, check=True
        ).stdout
    )


def test_the_map_agrees_with_python():
    """Learning rates on both sides of 1 and 2; 2,500 cells each, of which steps are
    compared too.
    """
    widgets = [
        basins(lr=lr, n_steps=600) for lr in (0.1, 0.7, 0.97, 1.1, 1.27, 1.5, 1.9, 2.2)
    ]
    results = in_node(*widgets, n=50)["results"]
    for widget, found in zip(widgets, results, strict=True):
        runs = widget.runs(50)
        labels = [
            label.split(": ")[-1 if label.startswith("converged") else 0]
            for label in runs.outcome
        ]
        assert [FATES[i] for i in found["fates"]] == labels
        assert found["counts"] == runs.counts()
        assert found["steps"] == runs.step.tolist()


def decaying(**changes):
    """With a slider for the penalty."""
    call = {"start": (1.0, 2.2), "parameters": {"penalty": (0.0, 0.8)}, "lr": 0.5}
    return basins(zoo.regularised_factorisation, **call | changes)


def test_a_part_of_the_map_at_any_penalty_agrees_with_python():
    widget = decaying(view=[(1.0, 1.4), (2.6, 3.0)], n_steps=300)
    assert widget.start == [1.0, 2.2, 0.4]
    assert widget.starts(50)[0].tolist() == [1.004, 2.604, 0.4]
    widget.start = [1.0, 2.2, 0.15]
    whole = decaying(n_steps=300)
    for w, found in zip(
        (widget, whole), in_node(widget, whole, n=50)["results"], strict=True
    ):
        runs = w.runs(50)
        assert found["counts"] == runs.counts()
        assert found["steps"] == runs.step.tolist()
        # the last step of an escape is shown by how far it went
        depths = np.array(found["depths"])
        assert (depths <= runs.step + 1e-4).all()
        assert (depths >= runs.step - 1 - 1e-4).all()
        assert len(np.unique(depths)) > 2 * len(np.unique(runs.step))


def test_copied_python_of_a_part_at_a_penalty_is_what_is_shown():
    widget = decaying(view=[(1.0, 1.4), (2.6, 3.0)], resolution=50)
    widget.start = [1.0, 2.2, 0.15]
    space = {}
    exec(widget.python_call(), space)
    assert "with_parameters(penalty=0.15)" in widget.python_call()
    np.testing.assert_array_equal(space["starts"], widget.starts()[:, :2])
    assert space["runs"].counts() == widget.runs().counts()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"parameters": {"mass": (0, 1)}}, "parameter: got 'mass'"),
        ({"parameters": {"penalty": (0.5, 0.8)}}, "start penalty: got 0.4"),
        ({"view": [(1, 0), (0, 1)]}, "view_x"),
        ({"view": [(0, 1), (0, 9)]}, "view_y"),
    ],
)
def test_bad_views_and_parameters_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        decaying(**changes)


def test_the_newest_request_wins_and_the_first_pass_always_comes():
    seen = in_node(basins(n_steps=100), n=50)["seen"]
    assert seen[0] == [0, 50] and seen[-1] == [1, 800]
    assert [n for job, n in seen if job == 1] == [50, 100, 200, 400, 800]
    assert (0, 800) not in map(tuple, seen)


def test_printed_overlay_and_sharpness(node):
    points = np.random.default_rng(1).uniform(-2, 2, (50, 2))
    sources = [overlay_source(PRODUCT, ELLIPSE)[0], sharpness_source(PRODUCT)]
    run = (
        "const [f, g] = data[0].map(evaluate); return data[1].map(([x, y]) => [f(x, "
        "y, 0.7), g(x, y)]);"
    )
    overlay, sharpness = np.transpose(node(run, [sources, points.tolist()]))
    x, y = points.T
    np.testing.assert_allclose(
        overlay, x**2 + y**2 - 0.7 * x * y - (4 - 0.49) / 0.7, rtol=1e-13, atol=1e-13
    )
    np.testing.assert_allclose(
        sharpness, PRODUCT.sharpness(points), rtol=1e-12, atol=1e-12
    )


def test_results_follow_the_traits():
    for widget in (basins(), descent()):
        widget.lr, widget.start = 0.6, [1.5, 0.5]
        runs = ensemble(widget.landscape, [[1.5, 0.5]], lr=0.6, n_steps=1000)
        assert (
            widget.orbit()[-1].tolist() == runs.final[0].tolist()
            and widget.outcome() == runs.outcome[0]
        )


def test_copied_python_reproduces_what_is_shown():
    space = {}
    exec(descent(n_steps=40).python_call(), space)
    np.testing.assert_array_equal(space["orbit"], descent(n_steps=40).orbit())
    for widget in (basins(resolution=100), basins(resolution=50, minima=None)):
        exec(widget.python_call(), space)
        np.testing.assert_array_equal(space["starts"], widget.starts())
        assert space["runs"].counts() == widget.runs().counts()


def test_minima_may_be_named_anew():
    assert [m["name"] for m in basins()._landscape["minima"]] == list(SIGNS)
    assert [m["name"] for m in descent()._landscape["minima"]] == list(PRODUCT.minima)
    assert {"converged: positive", "converged: negative", "diverged"} <= set(
        basins().runs(50).counts()
    )


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"landscape": zoo.mohtashami_toy_1d},
            ValueError,
            "1 coordinates; allowed are 2 coordinates",
        ),
        (
            {"start": (9, 0)},
            ValueError,
            r"start x: got 9\.0; allowed is a number from -2\.6 to 2\.6",
        ),
        ({"start": (0, np.nan)}, ValueError, "start: got"),
        ({"start": 1.0}, ValueError, "start: got shape"),
        ({"overlay": "x**2"}, TypeError, "overlay: got"),
        ({"overlay": ("x + z", "line")}, ValueError, "overlay: unknown symbol"),
        ({"lr": -1.0}, ValueError, "lr: got"),
    ],
)
@pytest.mark.parametrize("make", [basins, descent])
def test_bad_values_are_named(make, changes, error, message):
    with pytest.raises(error, match=message):
        make(**changes)


def test_bad_resolutions_are_named():
    with pytest.raises(
        ValueError, match="resolution: got 300; allowed are 50, 100, 200, 400, 800"
    ):
        basins(resolution=300)
    widget = basins()
    with pytest.raises(ValueError, match="resolution: got 70"):
        widget.resolution = 70
    with pytest.raises(ValueError, match="start y: got 3"):
        widget.start = [0.0, 3.0]


@pytest.mark.parametrize("bands", [(), BANDS])
def test_poster_of_a_descent_shows_what_the_page_will(bands):
    """Two drawings of picture and strips, with all bands of the field, in few bytes."""
    poster = descent(bands=bands, lr_range=(1e-4, 3.0))._poster
    assert len(poster.encode()) <= 30_000
    assert Balance(poster).open == []
    assert poster.count('class="lr-band') - poster.count('class="lr-band-') == len(
        bands
    )
    assert poster.count("lr-wide") == poster.count("lr-narrow") == 3
    for words in ("the ellipse", "balanced +", "sharpness λ", "2/lr", "settles at"):
        assert words in poster
    assert len(set(re.findall('fill="(#[0-9a-f]{6})"', poster))) == 14
