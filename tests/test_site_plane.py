"""The widgets of two coordinates in the built site: mouse, keyboard, finger, files,
phones.
"""

import pytest
from agreement import check_against_python
from browser import SITE, data, drag, mount_all, mounted, pixels, settle, slider, traits

PAGE = "notebooks/regimes/exact_basin.html"
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
# in the order of the page
MAP = 0
DESCENT = 1


def place(widget):
    state = data(widget, "state")
    return state["x"], state["y"]


def at(widget, x, y):
    """Position in the page of a point of the box."""
    box, ((x0, x1), (y0, y1)) = (
        widget.locator(".lr-picture").bounding_box(),
        traits(widget)["_landscape"]["box"],
    )
    # the picture's margins
    wide = box["width"] - 46
    high = box["height"] - 40
    return box["x"] + 34 + (x - x0) / (x1 - x0) * wide, box["y"] + 12 + (y1 - y) / (
        y1 - y0
    ) * high


@pytest.mark.parametrize("index", [MAP, DESCENT])
def test_the_start_follows_the_mouse(open_page, index):
    page = open_page(PAGE, viewport={"width": 1280, "height": 1000})
    widget = mounted(page, index)
    before = pixels(widget)
    page.mouse.move(*at(widget, *place(widget)))
    page.mouse.down()
    page.mouse.move(*at(widget, -1.2, 0.7), steps=12)
    page.mouse.up()
    assert place(settle(widget)) == pytest.approx((-1.2, 0.7), abs=0.03)
    assert pixels(widget) != before
    check_against_python(widget)
    page.mouse.click(*at(widget, 1.5, -0.4))
    assert place(settle(widget)) == pytest.approx((1.5, -0.4), abs=0.03)
    check_against_python(widget)


@pytest.mark.parametrize("index", [MAP, DESCENT])
def test_the_start_follows_the_keyboard(open_page, index):
    page = open_page(PAGE)
    widget = mounted(page, index)
    handle, (x, y) = widget.locator(".lr-handle"), place(widget)
    handle.focus()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowDown"):
        page.keyboard.press(key)
    step = 0.005 * 5.2
    assert place(settle(widget)) == pytest.approx(
        (x - 2 * step, y - 9 * step), abs=1e-4
    )
    assert f"({place(widget)[0]:.2f}, {place(widget)[1]:.2f})".replace(
        "-", "−"
    ) in handle.get_attribute("aria-label")
    for name in ("Start x", "Start y"):
        before = place(widget)
        slider(widget, name).press("ArrowRight")
        assert place(settle(widget)) != before
    check_against_python(widget)


@pytest.mark.parametrize("index", [MAP, DESCENT])
def test_the_start_follows_a_finger(open_page, index):
    page = open_page(PAGE, **PHONE)
    widget = mounted(page, index)
    widget.locator(".lr-picture").scroll_into_view_if_needed()
    send = page.context.new_cdp_session(page).send
    path = [at(widget, *place(widget)), at(widget, 1.0, 0.2), at(widget, 0.4, -1.0)]
    for kind, point in zip(("touchStart", "touchMove", "touchMove"), path, strict=True):
        send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": point[0], "y": point[1]}]},
        )
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert place(settle(widget)) == pytest.approx((0.4, -1.0), abs=0.05)
    check_against_python(widget)


def test_the_map_is_drawn_coarse_to_fine_while_the_slider_moves(open_page):
    page = open_page(PAGE)
    widget = mounted(page, MAP)
    assert data(widget, "level") == 400
    levels = """(widget) => {
      window.levels = [];
      new MutationObserver(() => window.levels.push(Number(widget.dataset.level)))
        .observe(widget, { attributes: true, attributeFilter: ["data-level"] });
    }"""
    widget.evaluate(levels)
    drag(page, slider(widget), 0.4, 0.75)
    settle(widget)
    seen = page.evaluate("window.levels")
    assert seen[0] == 50 and seen[-4:] == [50, 100, 200, 400]
    check_against_python(widget)


def test_the_map_works_from_a_file_and_without_workers(open_page):
    page = open_page(PAGE, base=SITE.as_uri())
    check_against_python(mounted(page, MAP))
    counts = data(mounted(page, MAP), "counts")
    no_workers = (
        "<script>window.Worker = class { constructor() { throw new Error('refused'); "
        "} };</script>"
    )
    page = open_page(
        PAGE, rewrite=lambda html: html.replace("<head>", f"<head>{no_workers}", 1)
    )
    assert data(mounted(page, MAP), "counts") == counts


def test_step_and_reset(open_page):
    page = open_page(PAGE)
    widget = mounted(page, DESCENT)
    shown = data(widget, "state")
    picture = pixels(widget)
    widget.get_by_role("button", name="Step").click()
    assert (
        settle(widget).locator(".lr-chip").inner_text().startswith("step 1: (x, y) = ")
    )
    slider(widget, "Start x").press("Home")
    assert data(settle(widget), "state") != shown
    widget.get_by_role("button", name="Reset").click()
    assert data(settle(widget), "state") == shown and pixels(widget) == picture


def test_a_link_carries_the_start(open_page):
    page = open_page(f"{PAGE}#descent-2d-scalar-factorisation?lr=0.7&x=1.25&y=-0.5&z=3")
    widget = mounted(page, DESCENT)
    assert data(widget, "state") == {"lr": 0.7, "x": 1.25, "y": -0.5}
    assert "z = 3" in widget.locator(".lr-notice").inner_text()
    check_against_python(widget)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_fit_a_phone(open_page, scheme):
    page = open_page(PAGE, color_scheme=scheme, **PHONE)
    for widget in mount_all(page):
        box = widget.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 360
        assert widget.locator(".lr-handle").bounding_box()["width"] >= 24
