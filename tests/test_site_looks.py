"""What stands in a page before, without and beside JavaScript: posters, themes, print,
files.
"""

from browser import (
    SITE,
    TOY,
    data,
    drag,
    mount_all,
    mounted,
    pixels,
    settle,
    slider,
)


def test_changing_the_theme_recolours_the_pictures(open_page):
    page = open_page("book/intro.html", color_scheme="light")
    widget = mounted(page)
    light = pixels(widget), pixels(widget, ".lr-strip")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    settle(widget)
    dark = pixels(widget), pixels(widget, ".lr-strip")
    assert dark[0] != light[0] and dark[1] != light[1]
    assert pixels(mounted(open_page("book/intro.html", color_scheme="dark"))) == dark[0]
    page.emulate_media(color_scheme="light")
    page.wait_for_function("document.documentElement.dataset.theme === 'light'")
    assert pixels(settle(widget)) == light[0]


def test_print_shows_the_picture_without_controls(open_page):
    page = open_page(TOY, color_scheme="dark")
    hosts = page.locator(".lr-host")
    page.pdf()  # a printout wakes widgets that were never scrolled to
    page.wait_for_function(
        "[...document.querySelectorAll('.lr-host')].every((e) => "
        "e.dataset.widget === 'ready')"
    )
    page.emulate_media(media="print")
    for widget in hosts.locator(".lr-widget").all():
        settle(widget)
        assert (
            widget.locator(".lr-picture").is_visible()
            and widget.locator(".lr-chip").is_visible()
        )
        controls = widget.locator("button.lr-button, input")
        assert controls.count() > 3 and not any(
            control.is_visible() for control in controls.all()
        )


def test_a_page_works_from_a_file(open_page):
    page = open_page(TOY, base=SITE.as_uri())
    for widget in mount_all(page):
        before = pixels(widget)
        lr = data(widget, "state")["lr"]
        drag(page, slider(widget), 0.3, 0.9)
        assert pixels(settle(widget)) != before and data(widget, "state")["lr"] != lr
    assert page.locator("mjx-container").count() == page.locator(".math").count() > 0
