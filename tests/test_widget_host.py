"""How a page mounts a widget: its poster stays until the widget stands, for good where
that never happens.
"""

import json
from pathlib import Path

import pytest

HOST = Path(__file__).resolve().parents[1] / "book" / "_static" / "widget-host.js"
KIND = "application/vnd.jupyter.widget"
# a policy that many sites have: no text becomes code
NO_EVAL = "script-src file: blob: 'unsafe-inline'"
# a front end that compiles a formula, after a while
FRONT = """export default {
  async render({ el }) {
    el.textContent = "half done";
    await new Promise((done) => setTimeout(done, 300));
    const square = new Function("x", "return x * x");
    el.textContent = `the widget stands, ${el.offsetWidth > 0 ? square(3) : "narrow"}`;
  },
};"""


@pytest.fixture
def visit(chromium, tmp_path):
    """Opens a page with one widget, under a policy."""

    def visit(policy):
        state = {"_esm": FRONT, "ident": "w", "_model_module": "anywidget"}
        entry = {"model_module": "anywidget", "model_name": "AnyModel", "state": state}
        view = {"model_id": "m"}
        page = tmp_path / "page.html"
        page.write_text(
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
            f'<script type="{KIND}-state+json">{json.dumps({"state": {"m": entry}})}'
            f'</script><script type="{KIND}-view+json">{json.dumps(view)}</script>'
            '<div class="lr-host" data-model="m"><p>the poster</p></div>'
            f'<script src="{HOST.as_uri()}"></script>',
            encoding="utf8",
        )
        tab = chromium.new_page()
        tab.goto(page.as_uri())
        return tab

    return visit


def test_the_poster_stays_until_the_widget_stands(visit):
    tab = visit(f"{NO_EVAL} 'unsafe-eval'")
    tab.wait_for_selector('[data-widget="mounting"] > div', state="attached")
    assert tab.locator(".lr-host").inner_text().strip() == "the poster"
    tab.wait_for_selector('[data-widget="ready"]')
    assert tab.locator(".lr-host").inner_text() == "the widget stands, 9"
    assert tab.locator(".lr-host > div").get_attribute("style") is None
    tab.close()


def test_where_no_text_may_become_code_the_poster_stays(visit):
    tab = visit(NO_EVAL)
    tab.wait_for_selector('[data-widget="failed"]')
    words = tab.locator(".lr-host").inner_text()
    assert words.startswith("the poster") and "This widget failed to start" in words
    assert "half done" not in words
    tab.close()
