"""Citations: round brackets, and under each entry the pages that cite it."""

from dataclasses import dataclass, field

from docutils import nodes
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

STYLE = "round"


def round_brackets():
    return BracketStyle(left="(", right=")")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """(Kong and Tao, 2020) and Kong and Tao (2020)."""

    bracket_parenthetical: BracketStyle = field(default_factory=round_brackets)
    bracket_textual: BracketStyle = field(default_factory=round_brackets)


def citing_pages(env):
    """Docnames of the pages that cite each key, in the order of the book."""
    found = {}
    for citation in env.get_domain("cite").citation_refs:
        for target in citation.targets:
            found.setdefault(target.key, set()).add(citation.docname)
    book = [page for pages in env.toctree_includes.values() for page in pages]
    order = [env.config.root_doc, *book]
    return {key: sorted(pages, key=order.index) for key, pages in found.items()}


def links(app, docname, pages):
    """A paragraph that links to the pages by their titles."""
    paragraph = nodes.paragraph(classes=["lr-cited-in"])
    paragraph += nodes.Text("Cited in: ")
    for place, page in enumerate(pages):
        if place:
            paragraph += nodes.Text(", ")
        address = app.builder.get_relative_uri(docname, page)
        title = app.env.titles[page].astext()
        paragraph += nodes.reference("", title, internal=True, refuri=address)
    return paragraph


def add_pages(app, doctree, docname):
    """Under each entry, where the book cites it."""
    keys = {
        citation.citation_id: citation.key
        for citation in app.env.get_domain("cite").citations
    }
    pages = citing_pages(app.env)
    for entry in doctree.findall(nodes.citation):
        key = next((keys[name] for name in entry["ids"] if name in keys), None)
        elsewhere = [page for page in pages.get(key, []) if page != docname]
        if elsewhere:
            entry += links(app, docname, elsewhere)


def setup(app):
    register_plugin("sphinxcontrib.bibtex.style.referencing", STYLE, RoundAuthorYear)
    app.connect("doctree-resolved", add_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
