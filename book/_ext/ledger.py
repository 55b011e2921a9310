"""The ledger: claims collected from executed notebooks, checked against
book/statements.yml. The code of a claim is folded under "How it was checked".

A claim is the box that `lrlib.claim` displays, `<div class="lr-claim"
data-claim='{...}'>`.
"""

import json
import platform
import re
from collections import Counter
from dataclasses import fields
from datetime import date
from html import escape
from html.parser import HTMLParser
from importlib.metadata import version
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from lrlib.claims import EVIDENCE, VERDICTS, Claim, prose

logger = logging.getLogger(__name__)
REGISTER = Path(__file__).resolve().parents[1] / "statements.yml"
END_OF_CLAIM = "</p></div>"  # as lrlib.claims writes it
FIELDS = tuple(field.name for field in fields(Claim))


class Boxes(HTMLParser):
    """The data-claim attributes of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.claims = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "lr-claim" in (attrs.get("class") or "").split():
            claim = json.loads(attrs["data-claim"])
            self.claims.append({field: claim.get(field) for field in FIELDS})


class LedgerNode(nodes.General, nodes.Element):
    """Stands for the table until every page has been read."""


class Ledger(SphinxDirective):
    def run(self):
        pages = self.env.__dict__.setdefault("ledger_pages", set())
        pages.add(self.env.docname)
        return [LedgerNode()]


def collected(env):
    """Claims of each page, by docname."""
    return env.__dict__.setdefault("ledger_claims", {})


def fold(app, doctree):
    """Fold the code of every cell with the tag "claim"; the style sheet puts it below."""
    for cell in doctree.findall(nodes.container):
        if "tag_claim" in cell["classes"]:
            cell["hide_mode"] = "input"
            cell["prompt_show"] = cell["prompt_hide"] = "How it was checked"


def collect(app, doctree):
    claims = []
    for node in doctree.findall(nodes.raw):
        if "html" in node.get("format", ""):
            claims += Boxes(node.astext()).claims
    if claims:
        collected(app.env)[app.env.docname] = claims


def purge(app, env, docname):
    collected(env).pop(docname, None)


def merge(app, env, docnames, other):
    for docname in set(docnames) & set(collected(other)):
        collected(env)[docname] = collected(other)[docname]


def all_claims(env):
    """Every claim with its page, in the order of the register."""
    order = read_register()["claims"]
    claims = [
        c | {"page": page} for page, found in collected(env).items() for c in found
    ]
    return sorted(
        claims,
        key=lambda c: (c["id"] not in order, c["id"] in order and order.index(c["id"])),
    )


def read_register(path=REGISTER):
    return yaml.safe_load(path.read_text(encoding="utf8"))


def problems(claims, registered):
    """What is wrong with a list of claims, as (page or None, message)."""
    seen = {}
    for claim in claims:
        name = claim["id"]
        page = claim["page"]
        if name not in registered:
            yield page, f"claim {name!r} is not registered in book/statements.yml"
        if name in seen:
            yield page, f"claim {name!r} is also decided in {seen[name]}"
        if claim["verdict"] not in VERDICTS:
            yield (
                page,
                f"claim {name!r} has the verdict {claim['verdict']!r}; allowed: "
                f"{', '.join(VERDICTS)}",
            )
        if claim["evidence"] not in EVIDENCE:
            yield (
                page,
                f"claim {name!r} has the evidence {claim['evidence']!r}; allowed: "
                f"{', '.join(EVIDENCE)}",
            )
        seen[name] = page
    for name in registered:
        if name not in seen:
            yield (
                None,
                f"registered claim {name!r} of book/statements.yml is decided by "
                "no executed notebook",
            )


def check(app, env):
    """Warn at every build (a quiet one too), and rewrite the pages that show the
    ledger.
    """
    for page, message in problems(all_claims(env), read_register()["claims"]):
        logger.warning(message, location=page, type="ledger")
    return sorted(env.__dict__.get("ledger_pages", set()) & env.all_docs.keys())


def badge(verdict):
    kind = re.sub(r"\W+", "-", verdict)
    return f'<span class="lr-verdict lr-verdict-{kind}">{escape(verdict)}</span>'


def row(claim, link, unseen):
    """A row of the ledger; `unseen` are the ids whose figure in the source is not known
    here.
    """
    made = Claim(**{field: claim[field] for field in FIELDS})
    cells = {
        "Measured": made.numbers(folded=True),
        "Verdict": (
            f'<a href="{escape(link)}">{badge(made.verdict)}</a>'
            f'<span class="lr-claim-evidence">{made.evidence_text()}</span>'
        ),
    }
    tds = "".join(
        f'<td data-label="{label}">{html}</td>' for label, html in cells.items()
    )
    source = made.source + (", figure not seen" if made.id in unseen else "")
    statement = (
        f'{prose(made.statement)} <span class="lr-claim-source">{escape(source)}</span>'
    )
    kept = {
        "source": made.id.split(".")[0],
        "verdict": made.verdict,
        "evidence": made.evidence,
    }
    data = " ".join(f'data-{field}="{escape(kind)}"' for field, kind in kept.items())
    return (
        f'<tr id="{row_id(made.id)}" {data}><th scope="row">{statement}</th>{tds}</tr>'
    )


def row_id(name):
    """The fragment of a claim's row in the ledger."""
    return f"ledger-{escape(name)}"


def table(claims, register, link):
    head = "".join(
        f'<th scope="col">{t}</th>' for t in ("Statement", "Measured", "Verdict")
    )
    out = [counts(claims)]
    for letter, title in register["sources"].items():
        rows = [
            row(c, link(c), register["unseen"])
            for c in claims
            if c["id"].startswith(letter + ".")
        ]
        if rows:
            out.append(
                f'<table class="table lr-ledger"><caption>{escape(title)}</caption>'
                f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
            )
    return "\n".join(out)


def tally(claims):
    """How many claims have each verdict, and each kind of evidence."""
    kinds = {"verdict": VERDICTS, "evidence": EVIDENCE}
    found = {field: Counter(c[field] for c in claims) for field in kinds}
    return {
        field: {kind: found[field][kind] for kind in kinds[field] if found[field][kind]}
        for field in kinds
    }


def counts(claims):
    """The claims by source, verdict and evidence; ledger.js makes filters of the counts."""
    sources = Counter(c["id"].split(".")[0] for c in claims)
    groups = {"source": dict(sorted(sources.items())), **tally(claims)}
    lines = []
    for field, found in groups.items():
        kinds = "".join(
            f'<span class="lr-kind" data-kind="{escape(kind)}">{called(field, kind)} {n}</span>'
            for kind, n in found.items()
        )
        lines.append(
            f'<p class="lr-kinds" data-field="{field}"><span class="lr-kinds-name">'
            f"{field.capitalize()}</span>{kinds}</p>"
        )
    total = f'<p class="lr-ledger-total" role="status">{len(claims)} claims</p>'
    return "".join([*lines, total])


def called(field, kind):
    """What a kind is called among the counts."""
    if field == "verdict":
        return badge(kind)
    return f"[{kind}]" if field == "source" else escape(kind)


def stamp():
    """When the site was built, and with which versions."""
    packages = ["lrlib", "numpy", "scipy", "sympy", "numba", "torch"]
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    python = platform.python_version()
    return (
        f'<p class="lr-ledger-stamp">Every claim was checked for this build, '
        f"{date.today():%-d %B %Y}, with Python {python}, {versions}.</p>"
    )


def resolve(app, doctree, docname):
    for node in list(doctree.findall(LedgerNode)):
        claims = all_claims(app.env)

        def link(claim):
            page = app.builder.get_relative_uri(docname, claim["page"])
            return f"{page}#claim-{claim['id']}"

        html = table(claims, read_register(), link) + stamp()
        node.replace_self(nodes.raw("", html, format="html"))
    link_claims(app, doctree, docname)


def link_claims(app, doctree, docname):
    """Lead from a claim on a page to its row in the ledger."""
    pages = sorted(app.env.__dict__.get("ledger_pages", set()))
    if not pages:
        return
    address = app.builder.get_relative_uri(docname, pages[0])
    for node in list(doctree.findall(nodes.raw)):
        for claim in Boxes(node.astext()).claims:
            row = f"{address}#{row_id(claim['id'])}"
            link = f' <a class="lr-claim-row" href="{row}">in the ledger</a>'
            html = node.astext().replace(END_OF_CLAIM, link + END_OF_CLAIM, 1)
            node.replace_self(nodes.raw("", html, format="html"))


def write_json(app, error):
    if error is None and app.builder.format == "html":
        claims = all_claims(app.env)
        for claim in claims:
            claim["link"] = (
                f"{app.builder.get_target_uri(claim['page'])}#claim-{claim['id']}"
            )
        data = {"counts": tally(claims), "claims": claims}
        Path(app.outdir, "ledger.json").write_text(
            json.dumps(data, indent=1, ensure_ascii=False)
        )


def setup(app):
    app.add_node(LedgerNode)
    app.add_directive("claims-ledger", Ledger)
    app.connect("doctree-read", fold)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", check)
    app.connect("doctree-resolved", resolve)
    app.connect("build-finished", write_json)
    return {
        "version": "1",
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
