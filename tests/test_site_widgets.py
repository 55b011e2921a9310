"""The widgets of the built site under mouse, keyboard and finger: the picture follows
and Python agrees.
"""

import re
import statistics

import pytest
from agreement import changed_by, check_against_python
from browser import (
    HERO,
    TOY,
    data,
    drag,
    mount_all,
    mounted,
    number,
    pixels,
    settle,
    slider,
    stand_in,
    touch,
    traits,
)

from lrlib import zoo
from lrlib.descent.noise import normal, uniform
from lrlib.widgets import Descent1D

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 3,
}


def chip(widget):
    return widget.locator(".lr-chip").inner_text()


def test_the_learning_rate_follows_the_keyboard(open_page):
    page = open_page(HERO)
    widget = mounted(page)
    handle = slider(widget)
    handle.focus()
    for key, grows in (
        ("ArrowRight", True),
        ("ArrowLeft", False),
        ("PageUp", True),
        ("PageDown", False),
        ("End", True),
    ):
        before = number(widget, "lr")
        changed_by(widget, lambda key=key: [page.keyboard.press(key) for _ in range(3)])
        assert (number(widget, "lr") > before) == grows
        assert format(number(widget, "lr"), ".3g") in handle.get_attribute(
            "aria-valuetext"
        )
    assert number(widget, "lr") == traits(widget)["lr_range"][1]
    page.wait_for_function(
        "document.querySelector('.lr-widget "
        ".lr-status').textContent.startsWith('Learning rate 0.08:')"
    )


@pytest.mark.parametrize("path", [HERO, TOY])
def test_sliders_follow_a_finger(open_page, path):
    page = open_page(path, **PHONE)
    for widget in mount_all(page):
        changed_by(
            widget,
            lambda widget=widget: touch(page, slider(widget), 0.35, 0.5, 0.6, 0.7),
        )


def test_a_tap_moves_the_start(open_page):
    page = open_page(HERO, **PHONE)
    widget = mounted(page)
    box = widget.locator(".lr-picture").bounding_box()
    changed_by(
        widget,
        lambda: page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + 40),
    )
    low, high = traits(widget)["_landscape"]["box"][0]
    # the picture has margins of 14 px
    share = (0.3 * box["width"] - 14) / (box["width"] - 28)
    assert number(widget, "start") == pytest.approx(
        low + share * (high - low), abs=0.05
    )


def test_the_start_is_dragged_and_moved_by_keys(open_page):
    page = open_page(HERO)
    widget = mounted(page)
    picture, (low, high) = (
        widget.locator(".lr-picture"),
        traits(widget)["_landscape"]["box"][0],
    )
    share = (number(widget, "start") - low) / (high - low)
    changed_by(widget, lambda: drag(page, picture, share, 0.4))
    assert number(widget, "start") == pytest.approx(low + 0.4 * (high - low), abs=0.05)
    changed_by(widget, lambda: picture.click(position={"x": 600, "y": 60}))
    handle = slider(widget, "Starting point")
    start = number(widget, "start")
    handle.focus()
    changed_by(widget, lambda: [page.keyboard.press("ArrowLeft") for _ in range(30)])
    assert number(widget, "start") < start
    assert (
        handle.get_attribute("aria-valuetext").replace("−", "-")
        == f"{number(widget, 'start'):.2f}"
    )


def test_step_play_pause_and_reset(open_page):
    page = open_page(HERO)
    widget = mounted(page)
    shown = chip(widget)
    start = data(widget, "state")
    picture = pixels(widget)
    for expected in ("step 1:", "step 2:"):
        widget.get_by_role("button", name="Step").click()
        settle(widget)
        assert chip(widget).startswith(expected)
    assert pixels(widget) != picture
    page.evaluate("location.hash = 'hero?lr=0.00021&start=5'")  # a walk of 2,000 steps
    page.wait_for_function(
        "JSON.parse(document.querySelector('.lr-widget').dataset.state).start === 5"
    )
    widget.get_by_role("button", name="Play").click()
    widget.locator(".lr-chip", has_text=re.compile(r"^step ([5-9]|\d\d+):")).wait_for()
    widget.get_by_role("button", name="Pause").click()
    paused = chip(settle(widget))
    page.wait_for_timeout(250)  # three steps, were it still playing
    assert (
        chip(widget) == paused
        and widget.get_by_role("button", name="Play").is_visible()
    )
    slider(widget).press("End")
    settle(widget)
    widget.get_by_role("button", name="Reset").click()
    settle(widget)
    assert (
        data(widget, "state") == start
        and chip(widget) == shown
        and pixels(widget) == picture
    )


def test_reduced_motion_shows_the_end_at_once(open_page):
    page = open_page(HERO, reduced_motion="reduce")
    widget = mounted(page)
    end = chip(widget)
    picture = pixels(widget)
    widget.get_by_role("button", name="Step").click()
    assert chip(settle(widget)).startswith("step 1:")
    frames = data(widget, "frames")
    widget.get_by_role("button", name="Play").click()
    settle(widget)
    page.wait_for_timeout(250)
    assert chip(widget) == end and pixels(widget) == picture
    assert (
        data(widget, "frames") <= frames + 2
        and widget.get_by_role("button", name="Pause").count() == 0
    )


def test_bars_are_repainted_while_the_slider_moves(open_page):
    page = open_page(TOY)
    widget = next(w for w in mount_all(page) if "n_starts" in traits(w))
    assert (
        traits(widget)["n_starts"] == 1000
        and sum(data(widget, "counts").values()) == 1000
    )
    handle = slider(widget)
    frames = data(widget, "frames")
    times = []
    handle.focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        times.append(data(widget, "ms"))
    assert data(widget, "frames") >= frames + 20
    print(f"1,000 starts: median {statistics.median(times):.1f} ms in a frame")
    check_against_python(settle(widget))


def test_the_interval_of_starts_moves(open_page):
    page = open_page(TOY)
    widget = next(w for w in mount_all(page) if "n_starts" in traits(w))
    picture, (box_low, box_high) = (
        widget.locator(".lr-picture"),
        traits(widget)["_landscape"]["box"][0],
    )
    for name, key, end in (
        ("First start", "ArrowLeft", "low"),
        ("Last start", "ArrowRight", "high"),
    ):
        before = number(widget, end)
        changed_by(widget, lambda name=name, key=key: slider(widget, name).press(key))
        assert (number(widget, end) < before) == (end == "low")
    low = number(widget, "low")
    high = number(widget, "high")
    middle = ((low + high) / 2 - box_low) / (box_high - box_low)
    changed_by(widget, lambda: drag(page, picture, middle, middle - 0.3))
    assert number(widget, "low") < low - 2
    assert number(widget, "high") - number(widget, "low") == pytest.approx(
        high - low, abs=1e-4
    )
    handle = slider(widget, "Last start")
    handle.press("Home")
    settle(widget)
    assert number(widget, "low") < number(widget, "high")  # the ends never cross
    check_against_python(widget)


@pytest.mark.parametrize(
    "noise", [uniform(0.3), normal(0.3)], ids=lambda noise: noise.kind
)
def test_noise_agrees_with_python(open_page, noise):
    given = Descent1D(
        zoo.square_root_bowl, lr=0.6, start=2.0, noise=noise, noise_max=1.0, n_steps=500
    )
    page = open_page(HERO, rewrite=stand_in(given))
    widget = mounted(page)
    check_against_python(widget)
    changed_by(widget, lambda: drag(page, slider(widget, "Noise"), 0.3, 0.9))
    assert number(widget, "noise") == pytest.approx(0.9, abs=0.02)
    changed_by(widget, lambda: widget.get_by_role("button", name="New noise").click())
    assert number(widget, "seed") == 1
    slider(widget, "Noise").press("Home")
    settle(widget)
    assert number(widget, "noise") == 0
    check_against_python(widget)


def test_pictures_are_as_sharp_as_the_screen(open_page):
    widget = mounted(open_page(HERO, device_scale_factor=2))
    for name in (".lr-picture", ".lr-strip"):
        canvas = widget.locator(name).evaluate("(c) => [c.width, c.height]")
        assert canvas == widget.locator(name).evaluate(
            "(c) => [2 * c.clientWidth, 2 * c.clientHeight].map(Math.round)"
        )
        assert canvas[0] > 1000
