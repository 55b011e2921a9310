"""Citations on the built site: their entries, under the pointer and at the keyboard."""

import re

from browser import ROOT, SITE
from pybtex.database import parse_file

PAGE = "book/references.html"
REFERENCES = ROOT / "book" / "references.bib"


def entries():
    html = (SITE / PAGE).read_text(encoding="utf8")
    return re.findall(r'<div class="citation .*?</div>', html, re.DOTALL)


def test_every_entry_with_an_address_leads_out_of_the_book(origin):
    shown = entries()
    for entry in parse_file(str(REFERENCES), "bibtex").entries.values():
        identifier = entry.fields.get("doi") or entry.fields.get("eprint")
        if identifier is None:
            continue
        for html in shown:
            if plain(entry.fields["title"]) in plain(html):
                assert 'class="reference external" href="https://' in html, html
                assert identifier in html
    assert shown


def plain(text):
    """A title as letters only: without tags, braces of BibTeX and typographic quotes."""
    return re.sub(r"[^a-z]+", "", re.sub(r"<.*?>", "", text).lower())


def test_a_citation_shows_its_entry(open_page):
    page = open_page(PAGE)
    citation = page.locator(".bibtex-citation a").first
    entry = page.get_by_role("tooltip")
    assert citation.get_attribute("title") is None  # the browser would show it as well
    assert not entry.is_visible()

    citation.hover()
    entry.wait_for()
    assert "arXiv" in entry.inner_text()
    box = entry.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    page.mouse.move(1, 1)
    entry.wait_for(state="hidden")

    citation.focus()
    entry.wait_for()
    assert citation.get_attribute("aria-describedby") == entry.get_attribute("id")
    page.keyboard.press("Escape")
    assert not entry.is_visible()


def test_without_scripts_a_citation_has_a_title(open_page):
    page = open_page(PAGE, java_script_enabled=False)
    assert "arXiv" in page.locator(".bibtex-citation a").first.get_attribute("title")


def test_an_entry_names_the_pages_that_cite_it(origin):
    cited = [entry for entry in entries() if "lr-cited-in" in entry]
    assert cited
    for address in re.findall(
        r'class="reference internal" href="([^"#]+)"', "".join(cited)
    ):
        assert (SITE / PAGE).parent.joinpath(address).resolve().exists(), address
