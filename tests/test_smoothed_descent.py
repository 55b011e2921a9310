"""`SmoothedDescent`: the state, the page's mathematics against Python's, the widget in a
page of its own.
"""

import numpy as np
import pytest
from browser import data, drag, mounted, pixels, settle, slider, stand_in

from lrlib import Landscape, ensemble, uniform, zoo
from lrlib.widgets import SmoothedDescent, linker

BOWL = Landscape(
    "x**2/2 + 0.12*(x**2 + s**2)*(1 - cos(24*asinh(x/s)))",
    "x",
    name="bowl",
    box=[(-4.0, 4.0)],
    minima={"minimum": 0.0},
    parameters={"s": 0.05},
)
ANY = "book/how-to-read.html"
RUNS = 1000
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
SWARM = """
const { swarm } = require(`${data.home}/engine/swarm.js`);
return [...swarm(data.job)].at(-1).rows;
"""
MEAN = """
const { openLandscape } = require(`${data.home}/engine/landscape.js`);
const { smoothed, tabulate } = require(`${data.home}/engine/smoothing.js`);
const { loss, box: [[low, high]] } = openLandscape(data.landscape);
return smoothed(tabulate(loss, low, high, 1, 4000), loss, data.places, data.sigma);
"""


def widget(landscape=BOWL, **changes):
    given = {"lr": 0.1, "sigma": 0.3, "start": 3.0, "n_steps": 60} | changes
    return SmoothedDescent(landscape, **given)


def noisy_runs(made, n=RUNS):
    """What Python makes of the state of a widget."""
    starts = np.full((n, 1), made.start)
    noise = uniform(made.sigma / made.lr) if made.sigma else None
    options = {"lr": made.lr, "n_steps": made.n_steps, "seed": made.seed}
    return ensemble(made.landscape, starts, noise=noise, **options)


def test_a_new_widget_stays_small():
    """As CONTRIBUTING.md says of it."""
    home = linker.HOME.parent
    lengths = {
        path: len((home / path).read_text().splitlines())
        for path in ("smoothed_descent.py", "js/widgets/smoothed_descent.js")
    }
    python, javascript = lengths.values()
    assert python <= 40 and javascript <= 120, lengths


def test_the_front_end_gets_what_it_needs():
    made = widget(sigma_max=0.5)
    assert [c["name"] for c in made._controls] == ["lr", "start", "sigma", "seed"]
    assert {c["name"]: c["high"] for c in made._controls}["sigma"] == 0.5
    assert made.ident == "smoothed-descent-bowl"
    assert made.python_call().startswith("import numpy as np")
    assert "noise" not in widget(sigma=0.0).python_call()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"sigma": 1.5}, "sigma: got 1.5; allowed is a number from 0.0 to 1.0"),
        ({"sigma": 0.5, "sigma_max": 0.4}, "sigma: got 0.5"),
        ({"start": 4.5}, "start: got 4.5"),
        ({"n_steps": 0}, "n_steps: got 0"),
        ({"landscape": zoo.scalar_factorisation}, "landscape: got "),
    ],
)
def test_wrong_input_is_named(changes, error):
    with pytest.raises(ValueError, match=error):
        widget(**changes)


@pytest.mark.parametrize("sigma", [0.0, 0.05, 0.4])
@pytest.mark.parametrize("seed", [0, 7])
def test_the_swarm_is_the_ensemble_bit_for_bit(node, sigma, seed):
    """Of a rational loss: transcendental functions differ in their last bits."""
    made = widget(zoo.quartic, start=1.2, lr=0.2, sigma=sigma, seed=seed, n_steps=40)
    state = {name: getattr(made, name) for name in ("seed", "start", "lr", "sigma")}
    job = {
        "landscape": made._landscape,
        "limits": made._limits,
        "noise": made._formulas["noise"],
        "runs": 100,
        "n": 40,
    }
    rows = node(SWARM, {"home": str(linker.HOME), "job": state | job})
    found = np.array(rows)[:, -1]
    assert np.array_equal(found, noisy_runs(made, 100).final[:, 0])


def test_copy_as_python_makes_the_same_runs():
    made = widget()
    space = {"bowl": BOWL}
    exec(made.python_call(), space)
    assert np.array_equal(space["runs"].final, noisy_runs(made).final)


def test_the_mean_over_the_noise_is_the_integral(node):
    places = np.linspace(-3, 3, 13)
    given = {"landscape": widget()._landscape, "places": places.tolist(), "sigma": 0.3}
    found = node(MEAN, {"home": str(linker.HOME)} | given)
    offsets = np.linspace(-0.3, 0.3, 20_001)
    means = BOWL.loss((places[:, None] + offsets)[..., None])
    assert found == pytest.approx(np.trapezoid(means, offsets) / 0.6, abs=2e-4)


def near_the_minimum(made):
    return float(np.mean(np.abs(noisy_runs(made).final[:, 0]) <= 0.5))


def test_it_answers_a_hand_and_the_worker_agrees_with_python(open_page):
    made = widget()
    page = open_page(ANY, rewrite=stand_in(made))
    shown = mounted(page)
    assert data(shown, "near") == pytest.approx(near_the_minimum(made), abs=0.005)
    assert data(shown, "last") == pytest.approx(noisy_runs(made, 1).final[0, 0])
    before = pixels(shown)
    drag(page, slider(shown, "Noise"), 0.3, 0.9)
    settle(shown)
    made.sigma = data(shown, "state")["sigma"]
    assert made.sigma > 0.8 and pixels(shown) != before
    assert data(shown, "near") == pytest.approx(near_the_minimum(made), abs=0.005)
    minima = data(shown, "minima")
    slider(shown, "Noise").press("Home")
    assert data(settle(shown), "state")["sigma"] == 0
    assert data(shown, "minima") > minima  # without noise every bump shows
    shown.get_by_role("button", name="Reset").click()
    assert data(settle(shown), "state")["sigma"] == 0.3


def test_play_stops_at_the_last_step(open_page):
    page = open_page(ANY, rewrite=stand_in(widget(n_steps=5)))
    shown = mounted(page)
    shown.get_by_role("button", name="Step").click()
    assert "after 1 step" in settle(shown).locator(".lr-chip").inner_text()
    shown.get_by_role("button", name="Play").click()
    shown.locator(".lr-chip", has_text="after 5 steps").wait_for()


def test_its_poster_holds_the_place(open_page):
    options = {"rewrite": stand_in(widget())}
    for viewport in ({"width": 704, "height": 800}, PHONE["viewport"]):
        without = open_page(
            ANY, java_script_enabled=False, viewport=viewport, **options
        )
        poster = without.locator(".lr-host")
        assert poster.locator(".lr-still svg:visible").count() >= 2
        page = open_page(ANY, viewport=viewport, **options)
        mounted(page)
        height = page.locator(".lr-host").bounding_box()["height"]
        assert poster.bounding_box()["height"] == pytest.approx(height, abs=2)


def test_it_follows_the_theme(open_page):
    page = open_page(ANY, rewrite=stand_in(widget()))
    shown = mounted(page)
    light = pixels(shown), pixels(shown, ".lr-panel")
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    settle(shown)
    assert pixels(shown) != light[0] and pixels(shown, ".lr-panel") != light[1]


def test_it_fits_a_phone(open_page):
    page = open_page(ANY, rewrite=stand_in(widget()), **PHONE)
    shown = mounted(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    for node in shown.locator("canvas, button, input").all():
        box = node.bounding_box()
        if box:
            assert box["x"] >= 0 and box["x"] + box["width"] <= 360
