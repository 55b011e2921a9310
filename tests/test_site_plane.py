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
ZOOMED = "notebooks/regimes/fractal_edge.html"
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
        traits(widget)["_landscape"]["box"][:2],
    )
    if "left" in (state := data(widget, "state")):
        x0, x1, y0, y1 = (state[k] for k in ("left", "right", "bottom", "top"))
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


def view(widget):
    state = data(widget, "state")
    return [state[k] for k in ("left", "right", "bottom", "top")]


def test_a_box_zooms_and_keys_lead_back(open_page):
    page = open_page(ZOOMED, viewport={"width": 1280, "height": 1000})
    widget = mounted(page, MAP)
    whole = view(widget)
    check_against_python(widget)
    drawn = at(widget, 1.0, 3.1), at(widget, 1.5, 2.6)
    page.mouse.move(*drawn[0])
    page.mouse.down()
    page.mouse.move(*drawn[1], steps=6)
    page.mouse.up()
    low, high, bottom, top = view(settle(widget))
    assert (low, top) == pytest.approx((1.0, 3.1), abs=0.03)
    assert high - low == pytest.approx(0.5, abs=0.03)
    # the box keeps the shape of the picture
    box = widget.locator(".lr-picture").bounding_box()
    shape = (box["width"] - 46) / (box["height"] - 40)
    assert (high - low) / (top - bottom) == pytest.approx(shape, rel=0.02)
    check_against_python(widget)
    # the start is out of view: so is its handle
    assert not widget.locator(".lr-handle").is_visible()
    page.mouse.click(*at(widget, 1.2, 2.9))
    assert place(settle(widget)) == pytest.approx((1.2, 2.9), abs=0.005)
    assert widget.locator(".lr-handle").is_visible()

    widget.get_by_role("button", name="Zoom in").click()
    low, high, bottom, top = view(settle(widget))
    assert high - low == pytest.approx(0.25, abs=0.02)
    assert low < 1.2 < high and bottom < 2.9 < top
    widget.locator("canvas.lr-picture").focus()
    page.keyboard.press("ArrowRight")
    assert view(settle(widget))[0] == pytest.approx(low + (high - low) / 8)
    page.keyboard.press("Home")
    assert view(settle(widget)) == whole


def test_the_penalty_has_a_slider_and_a_link(open_page):
    page = open_page(f"{ZOOMED}#basin-map-regularised-factorisation?penalty=0.1&left=1")
    widget = mounted(page, MAP)
    state = data(widget, "state")
    assert (state["penalty"], state["left"]) == (0.1, 1)
    slider(widget, "penalty").press("Home")
    assert data(settle(widget), "state")["penalty"] == 0
    check_against_python(widget)
    assert widget.locator(".lr-note").inner_text().count(",") == 1  # two coordinates


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
