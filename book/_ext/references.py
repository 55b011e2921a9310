"""Citations: round brackets, the pages that cite an entry, how to cite in each footer."""

from dataclasses import dataclass, field
from html import escape

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
    """Under each entry, where the book cites it; no numbers before entries."""
    keys = {
        citation.citation_id: citation.key
        for citation in app.env.get_domain("cite").citations
    }
    pages = citing_pages(app.env)
    for citation in list(doctree.findall(nodes.citation)):
        # the list is by author: no number; and a list of ARIA would need items
        citation.remove(citation.next_node(nodes.label))
        entry = nodes.container("", *citation.children, ids=citation["ids"])
        entry["classes"] = ["citation"]
        citation.replace_self(entry)
        key = next((keys[name] for name in entry["ids"] if name in keys), None)
        elsewhere = [page for page in pages.get(key, []) if page != docname]
        if elsewhere:
            entry += links(app, docname, elsewhere)


def add_footer(app, pagename, templatename, context, doctree):
    """On every page: who wrote it, how to cite and to run it, and its licence."""
    address = context["pathto"]
    author = escape(app.config.author)
    year = escape(app.config.copyright)
    linked = [
        (address("book/references") + "#how-to-cite-this-book", "How to cite"),
        (address("book/how-to-read") + "#in-jupyter", "Run it yourself"),
        (address("book/references") + "#licence", "Text CC BY 4.0, code BSD 3-Clause"),
    ]
    repository = app.config.html_theme_options.get("repository_url")
    if repository:
        linked.append((repository, "Source"))
    items = "".join(
        f'<li><a href="{escape(href)}">{text}</a></li>' for href, text in linked
    )
    context["theme_extra_footer"] = (
        f'<p>© {year} {author}</p><ul class="lr-footer">{items}</ul>'
    )


def setup(app):
    register_plugin("sphinxcontrib.bibtex.style.referencing", STYLE, RoundAuthorYear)
    app.connect("doctree-resolved", add_pages)
    app.connect("html-page-context", add_footer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
