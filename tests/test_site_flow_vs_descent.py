"""`FlowVsDescent` on its page: mouse, keys, toggles, links and copied code, and Python
agrees with the numbers.
"""

import pytest
from agreement import check_against_python
from browser import data, drag, mounted, pixels, settle, slider, traits

from lrlib import flow_error, zoo

PAGE = "notebooks/regimes/modified_equation.html"


@pytest.fixture
def shown(open_page):
    return mounted(open_page(PAGE))


def agrees(widget):
    """Errors and outcome of the state on view, recomputed by lrlib."""
    given = traits(settle(widget))
    state = data(widget, "state")
    landscape = getattr(zoo, given["_landscape"]["name"])
    n_steps = int(given["time"] / state["lr"] + 1e-9)
    call = {"lr": state["lr"], "n_steps": n_steps}
    expected = [
        flow_error(landscape, state["start"], order=p, **call) for p in given["orders"]
    ]
    assert data(widget, "errors") == pytest.approx(expected, abs=1e-6)
    check_against_python(widget)


def press(widget, name):
    widget.get_by_role("button", name=name).click()
    return settle(widget)


def test_the_bands_show_the_four_regimes(shown):
    agrees(shown)
    words = []
    for band in shown.locator(".lr-band-label").all():
        band.click()
        agrees(shown)
        words.append(shown.locator(".lr-chip").inner_text())
    beginnings = (
        "the gradient flow follows",
        "order 1 follows",
        "no flow follows",
        "gradient descent diverges",
    )
    assert all(w.startswith(b) for w, b in zip(words, beginnings, strict=True))


def test_the_start_follows_slider_click_and_mouse(shown):
    picture = shown.locator(".lr-picture")
    slider(shown, "Start").focus()
    for _ in range(20):
        shown.page.keyboard.press("ArrowLeft")
    agrees(shown)
    assert data(shown, "state")["start"] < 1.5
    box = picture.bounding_box()
    picture.click(
        position={"x": 0.5 * box["width"], "y": 18 + 0.75 * (box["height"] - 52)}
    )
    agrees(shown)
    low, high = traits(shown)["_landscape"]["box"][0]
    assert data(shown, "state")["start"] == pytest.approx(
        low + 0.25 * (high - low), abs=0.05
    )
    x = box["x"] + 14
    y = box["y"] + 18 + 0.75 * (box["height"] - 52)
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x + 3, y - 0.5 * (box["height"] - 52), steps=8)
    shown.page.mouse.up()
    agrees(shown)
    assert data(shown, "state")["start"] == pytest.approx(
        low + 0.75 * (high - low), abs=0.05
    )


def test_each_flow_can_be_hidden(shown):
    before = pixels(shown)
    for name in ("gradient flow", "order 3"):
        press(shown, name)
        assert (
            shown.get_by_role("button", name=name).get_attribute("aria-pressed")
            == "false"
        )
    assert data(shown, "state")["shown"] == 0b0110 and pixels(shown) != before
    press(shown, "Reset")
    assert data(shown, "state")["shown"] == 0b1111 and pixels(shown) == before


def test_dragging_the_learning_rate_is_quick_and_exact(shown):
    drag(shown.page, slider(shown), 0.1, 0.9, 0.5)
    agrees(shown)


def test_a_link_carries_the_state(open_page):
    page = open_page(f"{PAGE}#flow-vs-descent-quadratic?lr=1.5&start=-1&shown=3")
    widget = mounted(page)
    assert data(widget, "state") == {"lr": 1.5, "start": -1, "shown": 3}
    agrees(widget)
    press(widget, "Copy as Python")
    space = {}
    exec(widget.get_attribute("data-copied"), space)
    assert space["errors"] == pytest.approx(data(widget, "errors"), abs=1e-6)


def test_a_bad_link_is_named(open_page):
    widget = mounted(open_page(f"{PAGE}#flow-vs-descent-quadratic?shown=99&lr=0.7"))
    assert (
        "shown = 99" in widget.locator(".lr-notice").inner_text()
        and data(widget, "state")["lr"] == 0.7
    )
