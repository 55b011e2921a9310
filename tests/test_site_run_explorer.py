"""`RunExplorer` on its page: networks, learning rates and steps by click, key and
mouse, and what links may ask.
"""

import pytest
from agreement import check_against_python
from browser import data, drag, mounted, pixels, settle, slider

from lrlib.records.experiments import SIX

PAGE = "notebooks/regularity/six_networks.html"


@pytest.fixture
def shown(open_page):
    return mounted(open_page(PAGE))


def test_each_network_shows_its_record(shown):
    check_against_python(shown)
    seen = set()
    for toggle in shown.locator(".lr-toggle").all():
        toggle.click()
        check_against_python(settle(shown))
        assert toggle.get_attribute("aria-pressed") == "true"
        seen.add(pixels(shown))
    assert shown.locator(".lr-toggle[aria-pressed=true]").count() == 1
    assert len(seen) == shown.locator(".lr-toggle").count() == 6


def test_arrow_keys_stop_at_recorded_learning_rates(shown):
    rates = [data(shown, "state")["lr"]]
    for _ in range(3):
        slider(shown).press("ArrowRight")
        check_against_python(settle(shown))
        rates.append(data(shown, "state")["lr"])
    assert rates == [1e-4, 2.5e-4, 9e-4, 9e-4]


def test_the_mouse_scrubs_through_the_steps(shown):
    before = data(shown, "last")
    drag(shown.page, shown.locator(".lr-picture"), 0.2, 0.8)
    state = data(settle(shown), "state")
    assert (
        state["step"] == pytest.approx(0.8 * 3000, abs=60)
        and data(shown, "last") != before
    )
    slider(shown, "Step").press("ArrowLeft")
    assert data(settle(shown), "state")["step"] < state["step"]
    check_against_python(shown)


def test_a_learning_rate_of_another_network_is_explained(open_page):
    page = open_page(f"{PAGE}#six-networks?case=3&lr=0.0009&step=1000")
    widget = mounted(page)
    notice = widget.locator(".lr-notice")
    assert (
        "lr = 0.0009 (recorded of ReLU, squared are 0.0001, 0.0002, 0.00025)"
        in notice.inner_text()
    )
    assert data(widget, "state")["case"] == 3 and data(widget, "state")["lr"] in (
        1e-4,
        2e-4,
        2.5e-4,
    )
    check_against_python(widget)


def test_a_diverged_seed_is_told(open_page):
    case = list(SIX).index("relu3-mse")
    widget = mounted(open_page(f"{PAGE}#six-networks?case={case}&lr=0.0001&step=3000"))
    assert (
        widget.locator(".lr-chip").inner_text()
        == "1 of 3 seeds: diverged, first at step 2"
    )
    check_against_python(widget)
