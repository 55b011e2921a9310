"""The bifurcation diagram of the built site: zoom by box, key and button; Python agrees
with what the chip says.
"""

import contextlib

import pytest
from agreement import check_against_python
from browser import data, drag, mount_all, pixels, settle, slider, touch, traits

PAGE = "notebooks/regimes/period_doubling.html"


@pytest.fixture
def page(open_page):
    return open_page(PAGE)


def diagram(page):
    widget = next(w for w in mount_all(page) if "view_lr" in traits(w))
    return settle(widget)


def tap(page, widget, name):
    """Tap a button. While the page still glides after a swipe, a browser takes a tap as
    "stop": then tap again.
    """
    from playwright.sync_api import TimeoutError

    shown = widget.get_attribute("data-state")
    arg = widget.element_handle()
    for _ in range(4):
        widget.get_by_role("button", name=name).tap()
        with contextlib.suppress(TimeoutError):
            page.wait_for_function(
                "([w, shown]) => w.dataset.state !== shown",
                arg=[arg, shown],
                timeout=3000,
            )
            return settle(widget)
    pytest.fail(f"{name}: four taps did nothing")


def view(widget):
    state = data(widget, "state")
    return [state[k] for k in ("low", "high", "bottom", "top")]


def draw_box(page, widget, x0, y0, x1, y1):
    widget.locator(".lr-picture").scroll_into_view_if_needed()
    box = widget.locator(".lr-picture").bounding_box()
    page.mouse.move(box["x"] + x0 * box["width"], box["y"] + y0 * box["height"])
    page.mouse.down()
    page.mouse.move(
        box["x"] + x1 * box["width"], box["y"] + y1 * box["height"], steps=6
    )
    page.mouse.up()
    settle(widget)


def test_a_box_zooms_and_reset_shows_all(page):
    widget = diagram(page)
    whole = view(widget)
    picture = pixels(widget)
    draw_box(page, widget, 0.45, 0.1, 0.55, 0.4)
    low, high, bottom, top = view(widget)
    assert high - low < 0.12 * (whole[1] - whole[0]) and 0 < bottom < top
    assert low < data(widget, "state")["lr"] < high
    assert pixels(widget) != picture
    check_against_python(widget)
    widget.get_by_role("button", name="Reset").click()
    settle(widget)
    assert view(widget) == whole and pixels(widget) == picture


def test_a_flat_stroke_keeps_the_heights(page):
    widget = diagram(page)
    low, high, *_ = view(widget)
    draw_box(page, widget, 0.3, 0.5, 0.5, 0.5)
    assert view(widget)[1] - view(widget)[0] < 0.25 * (high - low)
    assert view(widget)[2:] == traits(widget)["view_theta"]


@pytest.mark.parametrize(
    "key, compare", [("ArrowRight", "__gt__"), ("ArrowLeft", "__lt__")]
)
def test_keys_zoom_and_pan(page, key, compare):
    widget = diagram(page)
    picture, (low, high, *_) = widget.locator(".lr-picture"), view(widget)
    picture.focus()
    page.keyboard.press("+")
    settle(widget)
    nearer = view(widget)
    assert nearer[1] - nearer[0] == pytest.approx((high - low) / 2, rel=1e-6)
    for _ in range(2):  # lr 1.9 is near the right end: move away from it first
        page.keyboard.press("ArrowLeft")
    settle(widget)
    before = view(widget)
    page.keyboard.press(key)
    settle(widget)
    assert getattr(view(widget)[0], compare)(before[0])
    assert view(widget)[1] - view(widget)[0] == pytest.approx(before[1] - before[0])
    page.keyboard.press("-")
    page.keyboard.press("Home")
    settle(widget)
    assert view(widget)[:2] == [low, high]


def test_shift_and_arrows_move_the_learning_rate(page):
    widget = diagram(page)
    before = data(widget, "state")["lr"]
    widget.locator(".lr-picture").focus()
    page.keyboard.press("Shift+ArrowLeft")
    settle(widget)
    assert data(widget, "state")["lr"] == pytest.approx(
        before - (view(widget)[1] - view(widget)[0]) / 200
    )
    check_against_python(widget)


FATES = {
    0.9: "reaches balanced +",
    1.2: "period 2",
    1.27: "period 4",
    1.455: "period 3",
    1.9: "chaos",
}


@pytest.mark.parametrize("lr, words", FATES.items())
def test_the_chip_under_the_mouse_and_after_a_click(page, lr, words):
    widget = diagram(page)
    picture, (low, high, *_), kept = (
        widget.locator(".lr-picture"),
        view(widget),
        data(widget, "state")["lr"],
    )
    box = picture.bounding_box()
    x = 14 + (lr - low) / (high - low) * (box["width"] - 28)
    picture.hover(position={"x": x, "y": 40})
    settle(widget)
    assert (
        words in widget.locator(".lr-chip").inner_text()
        and data(widget, "state")["lr"] == kept
    )
    picture.click(position={"x": x, "y": 40})
    settle(widget)
    page.mouse.move(1, 1)
    settle(widget)
    assert data(widget, "state")["lr"] == pytest.approx(lr, abs=2e-3)
    assert words in widget.locator(".lr-chip").inner_text()
    check_against_python(widget)


def test_a_link_carries_the_zoom(page, open_page):
    widget = diagram(page)
    draw_box(page, widget, 0.45, 0.1, 0.55, 0.4)
    widget.get_by_role("button", name="Copy link").click()
    settle(widget)
    link = widget.get_attribute("data-copied")
    state = data(widget, "state")
    again = diagram(open_page(link))
    assert data(again, "state") == state
    check_against_python(again)


def test_nonsense_in_a_link_is_named(open_page):
    widget = diagram(
        open_page(f"{PAGE}#bifurcation-diagonal-factorisation?low=1.5&high=1.2")
    )
    assert "allowed is low below high" in widget.locator(".lr-notice").inner_text()
    assert view(widget)[:2] == traits(widget)["view_lr"]


def test_a_finger_moves_the_learning_rate_and_buttons_zoom(open_page):
    page = open_page(
        PAGE, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    widget = diagram(page)
    before = data(widget, "state")["lr"]
    touch(page, widget.locator(".lr-picture"), 0.7, 0.6, 0.5)
    settle(widget)
    assert data(widget, "state")["lr"] < before
    check_against_python(widget)
    whole = view(widget)
    tap(page, widget, "Zoom in")
    assert view(widget)[1] - view(widget)[0] == pytest.approx((whole[1] - whole[0]) / 2)
    tap(page, widget, "Zoom out")
    assert view(widget)[1] - view(widget)[0] >= 0.99 * (whole[1] - whole[0])


def test_the_start_chooses_the_branch(page):
    widget = diagram(page)
    slider(widget).focus()
    widget.get_by_role("button", name="period 2").click()
    settle(widget)
    picture = pixels(widget)
    last = data(widget, "last")[0]
    drag(page, slider(widget, "Start x"), 0.65, 0.3)
    settle(widget)
    assert last > 0 > data(widget, "last")[0] and pixels(widget) != picture
    check_against_python(widget)
