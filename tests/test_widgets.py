"""The widgets' Python side: traits, bad input, posters, and the JavaScript twin of the
outcomes.
"""

import gzip
import json
import math
import re
import subprocess
from pathlib import Path

import live_widgets
import numpy as np
import pytest
from cases import BANDS, Balance

from lrlib import ensemble, widgets, zoo
from lrlib.descent.noise import normal, uniform
from lrlib.landscapes.heights import heights
from lrlib.widgets import Band, Descent1D, OutcomeBars, linker, still

ROOT = Path(__file__).resolve().parents[1]
TOY = zoo.mohtashami_toy_1d


def descent(landscape=TOY, **changes):
    return Descent1D(landscape, **{"lr": 0.0012, "start": 9.3} | changes)


def bars(landscape=TOY, starts="initialisation", **changes):
    return OutcomeBars(landscape, starts, **{"lr": 0.0012, "n_starts": 50} | changes)


def test_state_holds_what_a_page_needs_without_a_kernel():
    state = descent(bands=BANDS, sharpness=2040.0, noise_max=2.0).get_state()
    assert "export default" in state["_esm"] and ".lr-frame" in state["_css"]
    assert (
        "descend" in state["_landscape"]["javascript"]
        and "normal" in state["_formulas"]["noise"]
    )
    assert [m["name"] for m in state["_landscape"]["minima"]] == list(TOY.minima)
    assert [b["upper"] for b in state["_bands"]] == [5.81366e-4, 2 / 2040, 0.05, None]
    json.dumps(state["_landscape"]), json.dumps(state["_limits"])
    assert math.isfinite(sum(state["_limits"].values()))


def test_what_a_reader_loads_is_small():
    """Compressed: what kinds share, which a reader loads once, and what each has alone."""
    kinds = [getattr(widgets, name) for name in widgets.__all__ if name != "Band"]
    for kind in kinds:
        shared, own = linker.parts(f"widgets/{kind.front}.js")
        sizes = [len(gzip.compress(t.encode())) for t in (shared, kind._css, own)]
        assert sizes[0] <= 17_500, kind.__name__
        assert sizes[1] <= 3_500, kind.__name__
        assert sizes[2] <= 7_000, kind.__name__
        assert "</script" not in kind._esm  # it would end the page's state


def test_ident_is_stable_and_can_be_given():
    assert descent().ident == descent().ident == "descent-1d-mohtashami-toy-1d"
    assert bars().ident == "outcome-bars-mohtashami-toy-1d"
    assert descent(ident="hero").ident == "hero"


def test_default_range_holds_every_threshold():
    low, high = descent(bands=BANDS).lr_range
    assert low < 5.81366e-4 and 0.05 < high
    assert descent(bands=BANDS, lr_range=(3e-4, 0.1)).lr_range == [3e-4, 0.1]


def test_region_names_the_starting_interval():
    assert bars().interval == [9.0, 10.0]
    assert bars(starts=(8.0, 8.3)).interval == [8.0, 8.3]


def test_results_follow_the_traits():
    widget = descent(
        landscape=zoo.square_root_bowl,
        lr=0.5,
        start=1.0,
        noise=uniform(0.1),
        noise_max=1.0,
    )
    widget.lr, widget.start, widget.noise, widget.seed = 0.7, -2.0, 0.3, 5
    orbit = widget.orbit()
    runs = ensemble(
        zoo.square_root_bowl, [-2.0], lr=0.7, n_steps=2000, noise=uniform(0.3), seed=5
    )
    assert orbit[-1] == runs.final[0] and widget.outcome() == runs.outcome[0]
    fates = bars(lr_range=(1e-4, 0.1))
    fates.lr, fates.interval = 0.01, [9.2, 9.4]
    assert fates.starts()[[0, -1]].tolist() == [9.2, 9.4]
    assert fates.runs().counts() == {"converged: wide minimum": 50}


@pytest.mark.parametrize("noise", [None, uniform(0.2), normal(0.1)])
def test_copied_python_reproduces_the_orbit(noise):
    widget = descent(
        landscape=zoo.square_root_bowl,
        lr=0.7,
        start=1.5,
        noise=noise,
        seed=3,
        n_steps=40,
    )
    space = {}
    exec(widget.python_call(), space)
    np.testing.assert_array_equal(space["orbit"], widget.orbit())


def test_copied_python_reproduces_the_counts():
    widget = bars(landscape=TOY.with_parameters(edge_slope=1e4))
    space = {}
    exec(widget.python_call(), space)
    assert space["runs"].counts() == widget.runs().counts()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lr": 0.0}, r"lr: got 0\.0; allowed"),
        ({"lr": math.nan}, "lr: got nan; allowed"),
        (
            {"lr": 0.5, "lr_range": (1e-3, 0.1)},
            r"lr: got 0\.5; allowed is a number from 0\.001 to 0\.1",
        ),
        ({"lr_range": (0.1, 1e-3)}, "lr_range: got"),
        ({"start": 99}, r"start: got 99; allowed is a number from -1\.5 to 10\.5"),
        ({"start": math.nan}, "start: got nan"),
        ({"n_steps": 0}, "n_steps: got 0"),
        ({"seed": -1}, "seed: got -1"),
        ({"noise": uniform(0.5), "noise_max": 0.1}, "noise_max: got 0.1"),
        ({"sharpness": -3.0}, "sharpness: got -3.0"),
        ({"loss_scale": "log"}, "loss_scale: got 'log'; allowed are linear, sqrt"),
        ({"ident": "a b"}, "ident: got 'a b'"),
        ({"bands": BANDS[:2]}, "bands: got the ends"),
        ({"bands": [BANDS[2], BANDS[0], BANDS[3]]}, "allowed are increasing ends"),
        (
            {"bands": BANDS, "lr_range": (1e-3, 0.1), "lr": 0.01},
            "allowed are increasing ends inside lr_range",
        ),
        (
            {"landscape": zoo.mohtashami_toy_2d, "start": 0.0},
            "2 coordinates; allowed is one",
        ),
    ],
)
def test_bad_values_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        descent(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"noise": 0.3}, "noise: got 0.3"),
        ({"bands": [0.1, None]}, "bands: got 0.1"),
        ({"n_steps": 2.5}, "n_steps: got 2.5"),
    ],
)
def test_bad_types_are_named(changes, message):
    with pytest.raises(TypeError, match=message):
        descent(**changes)


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        ("wel", "region: got 'wel'; allowed are"),
        ((9, 99), "starts: got 99"),
        ((10, 9), "allowed is low < high"),
    ],
)
def test_bad_intervals_are_named(starts, message):
    with pytest.raises(ValueError, match=message):
        bars(starts=starts)


def test_bad_values_are_refused_later_too():
    widget = descent(lr_range=(1e-4, 0.1))
    fates = bars()
    for name, value in [
        ("lr", -1.0),
        ("lr", math.nan),
        ("start", 11.0),
        ("seed", -1),
        ("n_steps", 0),
    ]:
        with pytest.raises(ValueError, match=f"{name}: got"):
            setattr(widget, name, value)
    with pytest.raises(ValueError, match="low < high"):
        fates.interval = [10.0, 9.0]
    assert (widget.lr, widget.start, fates.interval) == (0.0012, 9.3, [9.0, 10.0])


@pytest.mark.parametrize(
    ("upper", "kind"), [(0.1, "unstable"), (-1.0, "stable"), (math.nan, "stable")]
)
def test_bad_bands_are_named(upper, kind):
    with pytest.raises(ValueError, match="got"):
        Band(upper, kind, "label")


def test_steep_edges_do_not_flatten_the_picture():
    spike = TOY.__class__(
        "x**2 + 1e6*exp(-(1000*(x - 1))**2)", "x", name="spike", box=[(-2.0, 2.0)]
    )
    assert heights(spike) == pytest.approx([0.0, 5.0], abs=0.3)
    assert heights(zoo.quadratic) == pytest.approx([0.0, 2.42])


@pytest.mark.parametrize("bands", [(), BANDS])
def test_poster_is_small_and_well_formed(bands):
    widget = bars(bands=bands, sharpness=2040.0)
    assert len(widget._poster.encode()) <= 24_000
    assert Balance(widget._poster).open == []
    assert len(re.findall(r'class="lr-band[ "]', widget._poster)) == len(bands)
    assert "0.00120 = 1.22 × 2/λ" in widget._poster


def test_extension_puts_the_poster_beside_its_view():
    view = (
        '<script type="application/vnd.jupyter.widget-view+json">{"model_id": '
        '"%s"}</script>'
    )
    body = f"<p>a</p>{view % 'known'}{view % 'other'}"
    posters = {"known": "<svg></svg>", "other": ""}
    assert live_widgets.with_hosts(body, posters) == (
        f'<p>a</p>{view % "known"}<div class="lr-host" '
        f'data-model="known"><svg></svg></div>{view % "other"}'
    )


@pytest.mark.parametrize(
    ("landscape", "interval", "lrs"),
    [
        (TOY, (9.0, 10.0), (5e-4, 9e-4, 1.2e-3, 2e-3, 0.02, 0.049, 0.06)),
        (zoo.square_root_bowl, (-2.0, 2.5), (0.3, 1.9, 2.6)),
        (zoo.quadratic, (-2.0, 2.0), (1.0, 2.0, 2.1)),
    ],
)
def test_page_and_library_agree_on_outcomes(landscape, interval, lrs):
    for lr in lrs:
        widget = bars(landscape, interval, lr=lr, lr_range=(1e-4, 10.0), n_steps=1000)
        starts = widget.starts()[:, None].tolist()
        case = {
            "landscape": widget._landscape,
            "limits": widget._limits,
            "n_steps": 1000,
            "lr": lr,
            "starts": starts,
        }
        script = [still.node(), str(ROOT / "tests" / "js" / "fates.mjs")]
        answer = subprocess.run(
            script, input=json.dumps(case), capture_output=True, text=True, check=True
        ).stdout
        runs = widget.runs()
        found = json.loads(answer)
        assert (
            [f["label"] for f in found]
            == [f["quick"] for f in found]
            == runs.outcome.tolist()
        )
        assert [f["step"] for f in found] == runs.step.tolist()
