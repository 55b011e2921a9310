"""Every page of the built site in Chromium: complete, quiet, light enough, legible in
both themes and on a phone; its widgets follow the mouse, and links restore them.
"""

import collections
import gzip
import json
import re
from pathlib import Path

import pytest
import yaml
from agreement import changed_by, check_against_python, copied, run_copied
from browser import (
    CLIPBOARD,
    PAGES,
    RECORDED,
    ROOT,
    SCREEN,
    SITE,
    TOY,
    WITH_WIDGETS,
    Visitor,
    data,
    drag,
    mount_all,
    number,
    settle,
    slider,
    traits,
)

from bench.pages import MOST_BYTES, MOST_SHIFT, SHIFT, weights

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

PHONE = {"width": 360, "height": 740}
# Of formulas in lines: those that end outside the block they stand in, folded ones as well
CUT_OFF = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const isInline = (e) => getComputedStyle(e).display.startsWith("inline");
  const block = (e) => isInline(e) ? block(e.parentElement) : e;
  const end = (e) => e.getBoundingClientRect().right;
  return [...document.querySelectorAll("mjx-container:not([display])")]
    .filter((formula) => formula.getClientRects().length)
    .filter((formula) => {
      const parts = formula.querySelectorAll("mjx-math:not(.lr-runs), mjx-run");
      return [...parts].some((part) => end(part) > end(block(formula.parentElement)) + 1);
    })
    .map((formula) => formula.dataset.tex);
}"""
# Text that a reader sees, other than code
WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest("pre, code, script, style, annotation")) {
      texts.push(walker.currentNode.data);
    }
  }
  return texts.join(" ");
}"""
RAW_TEX = re.compile(r"\\[(\[].{0,40}|\\[a-zA-Z]+|\$[^$]{1,80}\$")


# What a theme may change: colours, and which of two pictures is there. Names, roles and
# structure are those of the other theme.
OF_THEMES = ["cat.color", "cat.text-alternatives"]


def serious_findings(page, rules=None):
    """What axe finds, by all its rules or by those with one of these tags."""
    from axe_playwright_python.sync_playwright import Axe

    # it would ask for style sheets at wrong addresses
    options = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = rules
        # among them, but of a stricter level than by default
        options["rules"] = {"color-contrast-enhanced": {"enabled": False}}
    found = Axe().run(page, options=options).response["violations"]
    return [
        (v["id"], node["html"][:200], node["failureSummary"])
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]


@pytest.fixture(scope="module")
def tour(request, chromium, server):
    """(Visitor, path, page) of a page that is opened once for all tests of it."""
    visitor = Visitor(chromium, server, collections.defaultdict(list))
    options = {"color_scheme": "light", "permissions": CLIPBOARD}
    page = visitor(f"{request.param}.html", **options)
    yield visitor, request.param, page
    page.context.close()


@pytest.fixture
def page(tour):
    """The page of the tour, on a wide screen; a test in which it complains fails."""
    visitor, _, page = tour
    page.set_viewport_size(SCREEN)
    page.emulate_media(color_scheme="light")
    page.locator("html[data-theme=light]").wait_for()
    yield page
    complaints = visitor.complaints.copy()
    visitor.complaints.clear()
    assert complaints == []


def each(paths):
    """On each of these pages."""
    return pytest.mark.parametrize("tour", paths, indirect=True)


@each(PAGES)
def test_page_is_complete_light_and_accessible(tour, page):
    visitor, path, _ = tour
    weight = weights(SITE, visitor.origin, visitor.requests)
    print(
        f"{path}: {sum(weight.values()) / 1000:.0f} kB compressed in {len(weight)} files"
    )
    assert f"{path}.html" in weight
    heaviest = sorted(weight.items(), key=lambda item: -item[1])[:5]
    assert sum(weight.values()) <= MOST_BYTES, heaviest
    widgets = mount_all(page)
    assert page.evaluate(SHIFT) <= MOST_SHIFT
    assert len(widgets) >= (path in WITH_WIDGETS)
    assert page.locator("[data-widget=failed]").count() == 0
    assert page.locator("article h1").inner_text().strip()
    # no colour is caught half way
    still = page.add_style_tag(content="* { transition: none !important; }")
    assert serious_findings(page) == []
    page.emulate_media(color_scheme="dark")
    page.locator("html[data-theme=dark]").wait_for()
    assert serious_findings(page, OF_THEMES) == []
    still.evaluate("(style) => style.remove()")
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for widget in widgets:
            settle(widget)
        assert page.evaluate(OVERHANGING, width) == []


@each(PAGES)
def test_formulas_are_set_for_eyes_and_ears(tour, page):
    """The page runs no MathJax; what it shows is hidden from those to whom it speaks."""
    visitor = tour[0]
    assert not [url for url in visitor.requests if "mathjax" in url.lower()]
    count = page.locator(".math").count()
    assert count >= tour[1].startswith("notebooks/")
    assert page.locator(".math > mjx-container").count() == count
    shown = page.locator("mjx-container > mjx-math[aria-hidden=true]")
    assert shown.count() == count
    spoken = page.locator(
        "mjx-container > mjx-assistive-mml > math"
    ).all_text_contents()
    assert len(spoken) == count and all(spoken)  # a root sign may stand over a space
    assert (
        page.locator("mjx-container[tabindex], mjx-container [tabindex]").count() == 0
    )
    assert RAW_TEX.findall(page.evaluate(WORDS)) == []
    fonts = page.evaluate("[...document.fonts].map((f) => [f.family, f.status])")
    ours = {status for family, status in fonts if family.startswith("MJX")}
    # those that this page has no use for may wait
    assert ours - {"unloaded"} == ({"loaded"} if count else set())
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_moves_on_a_phone(open_page, path):
    page = open_page(f"{path}.html", viewport=PHONE)
    mount_all(page)
    assert page.evaluate(SHIFT) <= MOST_SHIFT


def test_what_moves_is_noticed(open_page):
    late = """<script>addEventListener("load", () => setTimeout(() => document.querySelector(
        "article h1").insertAdjacentHTML("beforebegin", "<p style='height:9em'>late</p>"), 99));
        </script></body>"""
    page = open_page(
        "book/how-to-read.html", rewrite=lambda html: html.replace("</body>", late)
    )
    page.get_by_text("late", exact=True).wait_for()
    page.wait_for_function(f"async () => (await ({SHIFT})()) > {MOST_SHIFT}")


def test_a_screen_reader_finds_the_formulas(open_page):
    """As the browser tells it: mathematics, with its fractions, and no boxes beside."""
    page = open_page("notebooks/regimes/modified_equation.html")
    send = page.context.new_cdp_session(page).send
    nodes = send("Accessibility.getFullAXTree")["nodes"]
    roles = collections.Counter(node["role"]["value"] for node in nodes)
    visible = page.locator("mjx-container:visible").count()
    assert roles["MathMLMath"] == visible > 50
    assert roles["MathMLFraction"] == page.locator("mfrac:visible").count() > 5


def test_a_long_displayed_formula_scrolls_in_its_own_box(open_page):
    page = open_page("notebooks/regimes/modified_equation.html", viewport=PHONE)
    formulas = page.locator("mjx-container[display=true]:visible")
    box = formulas.last
    box.evaluate("(e) => { e.querySelector('mjx-math').style.paddingRight = '40em'; }")
    assert box.evaluate("(e) => e.scrollWidth > e.clientWidth + 100")
    assert page.evaluate(OVERHANGING, PHONE["width"]) == []
    box.evaluate("(e) => e.scrollTo(100, 0)")
    assert box.evaluate("(e) => e.scrollLeft") == 100


def sizes(page, width):
    """[(width, height)] of the places of the widgets."""
    page.set_viewport_size({"width": width, "height": 800})
    for widget in page.locator(".lr-widget[data-ready]").all():
        settle(widget)
    return [
        (box["width"], box["height"])
        for box in (host.bounding_box() for host in page.locator(".lr-host").all())
    ]


@each(WITH_WIDGETS)
def test_posters_hold_the_place(tour, page, open_page):
    """Without JavaScript a picture stands in for each widget; mounting moves nothing."""
    without = open_page(f"{tour[1]}.html", java_script_enabled=False)
    widgets = mount_all(page)
    posters = without.locator(".lr-host .lr-still").all()
    assert len(posters) == len(widgets) > 0 and all(
        poster.is_visible() for poster in posters
    )
    for width in (1280, 360):
        before = sizes(without, width)
        after = sizes(page, width)
        assert len(before) == len(after) == len(widgets)
        for poster, widget in zip(before, after, strict=True):
            assert widget == pytest.approx(poster, abs=2)


@each(WITH_WIDGETS)
def test_every_learning_rate_slider_follows_the_mouse(page):
    for widget in mount_all(page):
        check_against_python(widget)
        handle = slider(widget)
        frames = data(widget, "frames")
        spoken = {handle.get_attribute("aria-valuetext")}
        for shares in ((0.2, 0.8), (0.8, 0.45)):
            changed_by(
                widget, lambda handle=handle, shares=shares: drag(page, handle, *shares)
            )
            spoken.add(handle.get_attribute("aria-valuetext"))
        # a record has few stops
        assert data(widget, "frames") > frames + min(
            5, int(handle.get_attribute("max"))
        )
        assert len(spoken) > 1


@each([path for path in WITH_WIDGETS if path not in RECORDED])
def test_each_band_button_jumps_into_its_band(page):
    for widget in mount_all(page):
        given = traits(widget)
        edges = [
            given["lr_range"][0],
            *(b["upper"] or given["lr_range"][1] for b in given["_bands"]),
        ]
        buttons = widget.locator(".lr-band-label")
        assert buttons.count() == len(given["_bands"])
        for i, button in enumerate(buttons.all()):
            button.click()
            settle(widget)
            assert edges[i] < number(widget, "lr") < edges[i + 1]
            assert buttons.nth(i).evaluate("(e) => e.classList.contains('lr-active')")
            assert widget.locator(".lr-band-label.lr-active").count() == 1
            check_against_python(widget)


def shown(widget):
    """What a link has to restore."""
    return {
        name: data(widget, name)
        for name in ("state", "counts" if "n_starts" in traits(widget) else "last")
    }


@each(WITH_WIDGETS)
def test_copied_links_and_python_give_what_the_page_shows(page, open_page):
    widgets = mount_all(page)
    for widget in widgets:
        slider(widget).press("PageUp")
        widget.locator("input.lr-on-axis, .lr-slider input").first.press("PageDown")
        settle(widget)
        link = copied(page, widget, "Copy link")
    assert page.url == link
    expected = [shown(widget) for widget in widgets]
    page = open_page(link, permissions=CLIPBOARD)
    again = mount_all(page)
    assert [shown(widget) for widget in again] == expected
    for widget in again:
        assert widget.locator(".lr-notice").is_hidden()
        check_against_python(widget)
        check_copied_python(page, widget)


def check_copied_python(page, widget):
    slider(widget).press("PageDown")
    state = data(settle(widget), "state")
    space = run_copied(copied(page, widget, "Copy as Python"), widget)
    if isinstance(traits(widget).get("start"), list) or "record" in space:
        return  # what `run_copied` compares is enough
    start = space["starts"][0] if "starts" in space else space["orbit"][0, 0]
    assert start == state.get("start", state.get("low"))


@pytest.mark.parametrize("path", ["genindex", "prf-prf", "search"])
def test_generated_pages_fit_a_phone(open_page, path):
    page = open_page(f"{path}.html", viewport={"width": 360, "height": 800})
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


def test_search_results_show_formulas_as_text(open_page):
    page = open_page("search.html?q=curvature")
    excerpts = page.locator("#search-results .context")
    excerpts.first.wait_for()
    page.wait_for_function(
        "() => document.querySelectorAll('#search-results .context').length > 3"
    )
    text = " ".join(excerpts.all_inner_texts())
    assert RAW_TEX.findall(text) == []
    assert "2/L" in text or "η" in text


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
    page = open_page("book/ledger.html")
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
