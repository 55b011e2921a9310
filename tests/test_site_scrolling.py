"""A finger that scrolls the page changes no widget, wherever in it the finger begins."""

import pytest
from browser import HERO, data, mounted, settle, stand_in

from lrlib import zoo
from lrlib.widgets import BasinMap, Bifurcation, Descent1D, SmoothedDescent

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True} | {
    "is_mobile": True
}
WIDGETS = {
    "Descent1D": lambda: Descent1D(
        zoo.mohtashami_toy_1d, lr=0.0012, start=9.3, noise_max=300.0
    ),
    "SmoothedDescent": lambda: SmoothedDescent(
        zoo.quartic, lr=0.1, sigma=0.3, start=1.2
    ),
    "BasinMap": lambda: BasinMap(
        zoo.scalar_factorisation, lr=0.9, start=(0.3, 1.6), resolution=50
    ),
    "Bifurcation": lambda: Bifurcation(
        zoo.diagonal_factorisation, lr=1.3, start=0.5, lr_range=(0.8, 2.04)
    ),
}
SCREEN = '<meta name="viewport" content="width=device-width">'
ROOM = "<style>body { padding: 900px 0 }</style>"  # to scroll in


def alone(open_page, name):
    """The widget `name` on a phone, in a page that is longer than the screen."""
    html = stand_in(WIDGETS[name]())(None).replace("<body>", f"{SCREEN}{ROOM}<body>")
    page = open_page(HERO, rewrite=lambda _: html, **PHONE)
    return page, mounted(page)


def swipe(page, x, y, dx, dy):
    """A finger from (x, y), a little at a time; the rest of its way is (dx, dy)."""
    send = page.context.new_cdp_session(page).send
    touch = "Input.dispatchTouchEvent"
    at = [[x + share * dx, y + share * dy] for share in (0, 0.05, 0.1, 0.2, 0.5, 1)]
    for kind, (left, top) in zip(["touchStart", *["touchMove"] * 5], at, strict=True):
        send(touch, {"type": kind, "touchPoints": [{"x": left, "y": top}]})
    send(touch, {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("name", WIDGETS)
def test_a_swipe_along_the_page_changes_nothing(open_page, name):
    page, widget = alone(open_page, name)
    before = data(widget, "state")
    scrolled = 0
    parts = widget.locator(".lr-picture, .lr-strip, .lr-panel, .lr-range, .lr-rail-box")
    for i in range(parts.count()):
        for share in (0.2, 0.5, 0.8):
            part = parts.nth(i)
            part.evaluate("node => node.scrollIntoView({ block: 'center' })")
            box = part.bounding_box()
            x = box["x"] + share * box["width"]
            y = box["y"] + box["height"] / 2
            top = page.evaluate("scrollY")
            swipe(page, x, y, 12, -220)
            settle(widget)
            assert data(widget, "state") == before, part.get_attribute("class")
            scrolled += page.evaluate("scrollY") > top
    assert scrolled >= 0.8 * 3 * parts.count()  # so the swipes were ones


def test_a_swipe_across_still_moves_the_start_and_the_learning_rate(open_page):
    for name, moved in (("Descent1D", "start"), ("Bifurcation", "lr")):
        page, widget = alone(open_page, name)
        before = data(widget, "state")
        widget.evaluate("node => node.scrollIntoView({ block: 'center' })")
        box = widget.locator(".lr-picture").bounding_box()
        share = widget.locator(".lr-range").first.evaluate("r => r.value / r.max")
        x = box["x"] + 14 + share * (box["width"] - 28)
        swipe(page, x, box["y"] + box["height"] / 2, -90, 4)
        settle(widget)
        after = data(widget, "state")
        assert after[moved] != before[moved]
        assert {k: v for k, v in after.items() if k != moved} == {
            k: v for k, v in before.items() if k != moved
        }
