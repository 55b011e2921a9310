"""Every page of the built site in Chromium: complete, quiet, light enough, legible in
both themes and on a phone.
"""

import gzip
import json
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from browser import PAGES, ROOT, SITE, TOY, WITH_WIDGETS, mount_all, settle

OVERHANGING = """(width) => {
  const frames = [...document.querySelectorAll(".lr-frame")];
  const wider = document.documentElement.scrollWidth > width;
  const outside = (frame) => [...frame.querySelectorAll("*")].filter((e) => {
    const [box, limit] = [e.getBoundingClientRect(), frame.getBoundingClientRect()];
    return box.width && (box.right > limit.right + 1 || box.left < limit.left - 1);
  });
  const parts = frames.flatMap(outside).map((e) => e.outerHTML.slice(0, 200));
  return [...(wider ? ["the page"] : []), ...parts];
}"""


def serious_findings(page):
    from axe_playwright_python.sync_playwright import Axe

    # it would ask for style sheets at wrong addresses
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options).response["violations"]
    return [
        (v["id"], node["html"][:200], node["failureSummary"])
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


def weight_of(visitor):
    """Compressed size in bytes of each file that the site has sent."""
    files = {
        unquote(urlsplit(url).path).lstrip("/")
        for url in visitor.requests
        if url.startswith(visitor.origin)
    }
    return {name: len(gzip.compress((SITE / name).read_bytes(), 6)) for name in files}


@pytest.mark.parametrize("path", PAGES)
def test_page_is_complete_light_and_accessible(open_page, path):
    page = open_page(f"{path}.html", formulas=True, fresh=True, color_scheme="light")
    weight = weight_of(open_page)
    print(
        f"{path}: {sum(weight.values()) / 1000:.0f} kB compressed in {len(weight)} files"
    )
    assert f"{path}.html" in weight
    heaviest = sorted(weight.items(), key=lambda item: -item[1])[:5]
    assert sum(weight.values()) <= 700_000, heaviest
    widgets = mount_all(page)
    assert len(widgets) >= (path in WITH_WIDGETS)
    assert page.locator("[data-widget=failed]").count() == 0
    assert page.locator("article h1").inner_text().strip()
    assert page.locator("mjx-container").count() == page.locator(".math").count()
    assert page.locator("mjx-merror").count() == 0
    # no colour is caught half way
    page.add_style_tag(content="* { transition: none !important; }")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        page.locator(f"html[data-theme={theme}]").wait_for()
        assert serious_findings(page) == []
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for widget in widgets:
            settle(widget)
        assert page.evaluate(OVERHANGING, width) == []
    assert open_page.complaints == []


@pytest.mark.parametrize("path", ["genindex", "prf-prf", "search"])
def test_generated_pages_fit_a_phone(open_page, path):
    page = open_page(
        f"{path}.html", formulas=True, viewport={"width": 360, "height": 800}
    )
    assert page.evaluate(OVERHANGING, 360) == []


def test_foreign_requests_and_errors_are_noticed(open_page):
    foreign = "<img src='https://example.org/a.png'><script>null.x</script>"
    open_page(
        "book/how-to-read.html",
        rewrite=lambda html: html.replace("</body>", foreign + "</body>"),
    )
    assert any(
        c.startswith("foreign request: https://example.org/a.png")
        for c in open_page.complaints
    )
    assert any(c.startswith("error: ") for c in open_page.complaints)
    open_page.complaints.clear()


def test_an_unreadable_colour_is_noticed(open_page):
    pale = "<p style='color:#ddd;background:#fff'>pale</p>"
    page = open_page(
        "book/how-to-read.html",
        rewrite=lambda html: html.replace("</article>", pale + "</article>", 1),
    )
    assert "color-contrast" in {name for name, *_ in serious_findings(page)}


@pytest.mark.parametrize("path", WITH_WIDGETS)
def test_code_of_widgets_is_served_once(origin, path):
    """A page has the state of its widgets, and names of code that the site has."""
    html = (SITE / f"{path}.html").read_text(encoding="utf8")
    body = re.search(
        r'<script type="application/vnd\.jupyter\.widget-state\+json">(.*?)</script>',
        html,
        re.DOTALL,
    )[1]
    states = [
        entry["state"]
        for entry in json.loads(body)["state"].values()
        if "_anywidget_id" in entry["state"]
    ]
    assert states
    for state in states:
        assert not {"_esm", "_css", "_poster"} & state.keys()
        code = [
            (SITE / "_static/widgets" / name).read_bytes() for name in state["_code"]
        ]
        assert code and len(gzip.compress(b"".join(code))) <= 25_000


@pytest.mark.parametrize("served", ["http", "file"])
def test_search_works_offline(open_page, served):
    page = open_page(
        "book/how-to-read.html", base=SITE.as_uri() if served == "file" else None
    )
    page.keyboard.press("Control+k")
    page.locator("input[name=q]:visible").fill("plateau")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=plateau*")
    results = page.locator("#search-results a")
    results.first.wait_for()
    targets = [
        result.get_attribute("href").split("?")[0].split("#")[0]
        for result in results.all()
    ]
    assert Path(TOY).name in {Path(target).name for target in targets}
    results.locator(f"xpath=self::*[contains(@href, '{Path(TOY).stem}')]").first.click()
    page.locator("article h1").wait_for()
    assert "plateau" in page.locator("article").inner_text()


def test_the_ledger_shows_the_verdicts_and_leads_to_the_claims(open_page):
    page = open_page("book/ledger.html")
    claims = json.loads((SITE / "ledger.json").read_text(encoding="utf8"))["claims"]
    registered = yaml.safe_load((ROOT / "book" / "statements.yml").read_text())[
        "claims"
    ]
    assert sorted(claim["id"] for claim in claims) == sorted(registered)
    assert page.locator(".lr-ledger > tbody > tr").count() == len(claims)
    for claim in claims:
        verdict = page.locator(f'.lr-ledger a[href$="#claim-{claim["id"]}"]')
        assert verdict.inner_text() == claim["verdict"]
        target = (SITE / "book" / verdict.get_attribute("href").split("#")[0]).resolve()
        assert target == SITE / claim["link"].split("#")[0]
        found = re.findall(
            rf"""id=["']claim-{re.escape(claim["id"])}["']""",
            target.read_text(encoding="utf8"),
        )
        assert len(found) == 1


def test_the_ledger_shows_only_what_is_chosen(open_page):
    page = open_page("book/ledger.html")
    claims = json.loads((SITE / "ledger.json").read_text(encoding="utf8"))["claims"]
    wanted = [
        c
        for c in claims
        if c["id"].startswith("M.") and c["verdict"] == "holds after repair"
    ]
    assert 0 < len(wanted) < len(claims)
    page.get_by_role("button", name="[M]").click()
    page.get_by_role("button", name=re.compile("^holds after repair")).click()
    rows = page.locator(".lr-ledger > tbody > tr:visible")
    assert rows.count() == len(wanted)
    total = page.locator(".lr-ledger-total")
    assert total.inner_text() == f"{len(wanted)} of {len(claims)} claims"
    page.reload()  # the address keeps the choice
    assert rows.count() == len(wanted)


def test_a_claim_leads_to_its_row_and_back(open_page):
    page = open_page("notebooks/regimes/classical_regime.html")
    claim = page.locator(".lr-claim").first
    anchor = claim.get_attribute("id")
    claim.get_by_role("link", name="in the ledger").click()
    row = page.locator("tr:target")
    row.wait_for()
    assert row.locator(f'a[href$="#{anchor}"]').count() == 1


def test_a_link_of_the_ledger_opens_at_the_claim(open_page):
    page = open_page("book/ledger.html", formulas=True)
    link = page.locator(".lr-ledger a:has(> .lr-verdict)").last
    anchor = link.get_attribute("href").split("#")[1]
    link.click()
    claim = page.locator(f'[id="{anchor}"]')
    claim.wait_for()
    page.wait_for_function(
        "(e) => Math.abs(e.getBoundingClientRect().top) < innerHeight",
        arg=claim.element_handle(),
    )
    assert claim.is_visible()
