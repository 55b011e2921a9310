"""The state of a widget outside it: links, corrupt links, copied Python; and a page
with a wrong formula is caught.
"""

import numpy as np
import pytest
from agreement import check_against_python, copied, run_copied
from browser import (
    CLIPBOARD,
    HERO,
    TOY,
    data,
    mounted,
    settle,
    stand_in,
    traits,
)

from lrlib import zoo
from lrlib.descent.noise import uniform
from lrlib.widgets import Descent1D, OutcomeBars

BARS = "outcome-bars-mohtashami-toy-1d"
# period 2: the last iterate depends on the sharpness
PIT = "descent-1d-mohtashami-toy-1d?lr=0.001&start=2.6"
WRONG = {
    "not a number": (
        "hero?lr=abc&start=5",
        ["lr = abc", "a number from 0.0002 to 0.08"],
        {"start": 5},
    ),
    "NaN": (
        "hero?lr=NaN&start=5",
        ["lr = NaN", "a number from 0.0002 to 0.08"],
        {"start": 5},
    ),
    "infinite": (
        "hero?lr=Infinity",
        ["lr = Infinity", "a number from 0.0002 to 0.08"],
        {},
    ),
    "empty": (
        "hero?lr=&start=5",
        ["lr = ", "a number from 0.0002 to 0.08"],
        {"start": 5},
    ),
    "too large": (
        "hero?lr=0.01&start=99",
        ["start = 99", "a number from -1.5 to 10.5"],
        {"lr": 0.01},
    ),
    "negative": (
        "hero?lr=-0.01&start=3",
        ["lr = -0.01", "a number from 0.0002 to 0.08"],
        {"start": 3},
    ),
    "unknown key": (
        "hero?gamma=1&lr=0.01",
        ["gamma = 1", "allowed are lr, start"],
        {"lr": 0.01},
    ),
    "inherited key": (
        "hero?constructor=1&lr=0.01",
        ["constructor = 1", "allowed are lr, start"],
        {"lr": 0.01},
    ),
    "broken escape": (
        "hero?lr=%E0%A4%A&start=5",
        ["lr = ", "a number from 0.0002 to 0.08"],
        {"start": 5},
    ),
    "broken key": ("hero?%E0%A4=1&start=5", ["allowed are lr, start"], {"start": 5}),
    "markup": (
        "hero?lr=<img src=x onerror=alert(1)>&start=5",
        ["lr = <img src=x", "a number from"],
        {"start": 5},
    ),
}


def test_a_link_is_scrolled_to_and_followed_in_an_open_page(open_page):
    page = open_page(f"{TOY}#{BARS}?lr=0.01")
    widget = page.locator(".lr-outcome-bars[data-ready]")
    widget.wait_for()
    page.wait_for_function(
        "(e) => e.getBoundingClientRect().top < innerHeight",
        arg=widget.element_handle(),
    )
    assert data(settle(widget), "state")["lr"] == 0.01
    page.evaluate(
        "(hash) => { location.hash = hash; }", f"{BARS}?lr=0.002&low=9.2&high=9.7"
    )
    page.wait_for_function(
        "(e) => JSON.parse(e.dataset.state).lr === 0.002", arg=widget.element_handle()
    )
    assert data(settle(widget), "state") == {"lr": 0.002, "low": 9.2, "high": 9.7}
    check_against_python(widget)


@pytest.mark.parametrize("case", WRONG)
def test_a_corrupt_link_is_explained_and_its_sound_keys_applied(open_page, case):
    query, complaints, applied = WRONG[case]
    given = Descent1D(
        zoo.mohtashami_toy_1d,
        lr=0.0012,
        start=8.64,
        lr_range=(2e-4, 0.08),
        ident="hero",
    )
    widget = mounted(open_page(f"{HERO}#{query}", rewrite=stand_in(given)))
    notice = widget.locator(".lr-notice")
    assert notice.is_visible() and notice.inner_text().startswith(
        "Ignored from the link: "
    )
    assert all(complaint in notice.inner_text() for complaint in complaints)
    assert data(widget, "state") == given._defaults | applied
    check_against_python(widget)
    widget.get_by_role("button", name="Reset").click()
    assert notice.is_hidden() and data(settle(widget), "state") == given._defaults


@pytest.mark.parametrize("case", ["too large", "broken escape"])
def test_a_corrupt_link_leaves_the_page_working(open_page, case):
    query, complaints, applied = WRONG[case]
    page = open_page(f"{HERO}#{query}")
    notice = mounted(page).locator(".lr-notice")
    assert notice.is_visible() and all(
        complaint in notice.inner_text() for complaint in complaints
    )
    assert data(mounted(page), "state").items() >= applied.items()
    assert page.locator("mjx-container").count() == page.locator(".math").count() > 0


def test_a_link_with_crossed_ends_is_explained(open_page):
    given = OutcomeBars(
        zoo.mohtashami_toy_1d,
        (9.0, 10.0),
        lr=0.003,
        ident="bars",
        lr_range=(2e-4, 0.08),
    )
    widget = mounted(
        open_page(f"{HERO}#bars?lr=0.01&low=9.5&high=9.2", rewrite=stand_in(given))
    )
    assert (
        "low = 9.5 and high = 9.2 (allowed is low below high)"
        in widget.locator(".lr-notice").inner_text()
    )
    assert data(widget, "state") == {"lr": 0.01, "low": 9.0, "high": 10.0}
    check_against_python(widget)


def test_copied_python_with_noise(open_page):
    given = Descent1D(
        zoo.square_root_bowl, lr=0.6, start=2.0, noise=uniform(0.3), seed=7, n_steps=500
    )
    page = open_page(HERO, rewrite=stand_in(given), permissions=CLIPBOARD)
    space = run_copied(copied(page, mounted(page), "Copy as Python"), mounted(page))
    np.testing.assert_array_equal(space["orbit"], given.orbit())


def test_one_wrong_digit_in_the_page_is_caught(open_page):
    right = mounted(open_page(f"{TOY}#{PIT}"))
    check_against_python(right)
    assert "2040.0*" in traits(right)["_landscape"]["javascript"]
    wrong = mounted(
        open_page(
            f"{TOY}#{PIT}", rewrite=lambda html: html.replace("2040.0*", "2041.0*")
        )
    )
    assert (
        data(wrong, "state")
        == data(right, "state")
        == {"lr": 0.001, "start": 2.6, "noise": 0, "seed": 0}
    )
    with pytest.raises(AssertionError):
        check_against_python(wrong)
