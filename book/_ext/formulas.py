"""Mathematics set while the book is built: pages need no MathJax, and nothing moves.

Whoever writes a page, Sphinx, a claim or the ledger, writes `\\(...\\)` in an element of
the class "math". Here, when all pages are written, one call of MathJax in Node sets every
formula of the site, and what it makes takes the formula's place: boxes whose widths are
known for the eye, MathML for those who listen. One style sheet has the rules and the
fonts of those characters that occur.
"""

import json
import re
import subprocess
from base64 import b64encode
from collections import defaultdict
from functools import cache
from hashlib import sha256
from html import escape, unescape
from importlib.metadata import distribution
from pathlib import Path

from icons import cut
from myst_parser.sphinx_ext.mathjax import html_visit_displaymath
from sphinx.ext.mathjax import html_visit_math
from sphinx.util import logging

from lrlib.widgets.still import node

logger = logging.getLogger(__name__)
SCRIPT = Path(__file__).with_name("typeset.cjs")
STYLE = "formulas.css"  # in _static
KEPT = "formulas.json"  # beside the doctrees
MATHJAX = distribution("sphinx-mathjax-offline")

# What stands in a page: written, and set. A mark that follows goes with the formula: no
# line shall begin with it.
WRITTEN = re.compile(
    r"""(?P<open><(?P<tag>span|div)\ [^>]*?class="(?:[^"]*\ )?math(?:\ [^"]*)?"[^>]*>
            \s*(?:<span\ class="eqno">.*?</span>)?)
        \s*\\(?P<kind>[(\[])(?P<tex>[^<]*?)\\[)\]]\s*
        (?P<close></(?P=tag)>)(?P<mark>[.,;:)!?]*)""",
    re.VERBOSE | re.DOTALL,
)
SET = re.compile(
    r'<mjx-container data-tex="(?P<tex>[^"]*)" jax="CHTML"(?P<display> display="true")?'
)
LINK = re.compile(rf'<link rel="stylesheet" href="[^"]*{re.escape(STYLE)}[^"]*"/>\n?')
NOT_TEXT = re.compile(r"<(pre|code|script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
LEFT_OVER = re.compile(r"\\[(\[].{0,40}", re.DOTALL)

# What MathJax says for a browser in which it runs
NEEDLESS = re.compile(
    r' (?:class="MathJax"|style="position: relative;"|unselectable="on"|xmlns="[^"]*")'
)

# Of MathJax's style sheet: a face, and a rule that says which character is drawn
FACE = re.compile(
    r"@font-face[^{]*\{\s*font-family: ([\w-]+);\s*"
    r'src: url\("[^"]*/([^/"]+)"\) format\("woff"\);\s*\}'
)
DRAWN = re.compile(r'([^{}]*)\{[^}]*content: "((?:\\[0-9A-F]+ ?|[^"\\])+)"')
CHARACTER = re.compile(r"\\([0-9A-F]+) ?|(.)")
FONT = re.compile(r"\.TEX-(\w+)")
MAIN = "MJXTEX"
EMPTY = "MJXZERO"  # without height: the first font of all, for the height of lines
PIECES = (MAIN, "MJXTEX-S1", "MJXTEX-S4", "MJXTEX-A")  # of brackets that stretch
# MathJax measures the text around a formula in the browser, so that small letters are of
# one height, .442 em in its fonts. Style sheets can say that.
OWN_RULES = """
mjx-container { font-size: calc(1ex / 0.442); position: relative; }
span.math:has(.lr-runs), mjx-math.lr-runs { display: inline; white-space: normal; }
mjx-run { display: inline-block; white-space: nowrap; }
mjx-assistive-mml[display="inline"] { height: 1px !important; width: 1px !important; }
"""


@cache
def mathjax_folder():
    """Where the package keeps MathJax."""
    found = next(file for file in MATHJAX.files if file.name == "node-main.js")
    return Path(found.locate()).parent


def stamp():
    """A digest of all that sets formulas."""
    digest = sha256(MATHJAX.version.encode())
    for path in (Path(__file__), SCRIPT):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def call_mathjax(formulas, macros):
    """What typeset.cjs answers for a list of (TeX, whether displayed)."""
    given = {
        "mathjax": str(mathjax_folder()),
        "macros": macros,
        "formulas": formulas,
    }
    run = subprocess.run(
        [node(), str(SCRIPT)],
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"MathJax in Node: {run.stderr}")
    return json.loads(run.stdout)


def characters(style):
    """{family: the code points that a style sheet of MathJax draws from it}."""
    drawn = defaultdict(set)
    for selector, content in DRAWN.findall(style):
        points = {
            int(code, 16) if code else ord(char)
            for code, char in CHARACTER.findall(content)
        }
        named = FONT.search(selector)
        if "stretchy" in selector:
            families = PIECES
        else:
            families = (f"{MAIN}-{named[1]}" if named else MAIN,)
        for family in families:
            drawn[family] |= points
    return drawn


def with_fonts(style):
    """The style sheet with the fonts in it, cut to what it draws.

    In it and not beside it: they are there before the first line is painted, and
    browsers that keep a file from reading files elsewhere still show them.
    """
    drawn = characters(style)
    drawn[EMPTY] = {0xEFFC}  # its only one
    fonts = mathjax_folder() / "output/chtml/fonts/woff-v2"

    def face(match):
        family, file = match.groups()
        if family not in drawn:
            return ""
        data = b64encode(cut(fonts / file, drawn[family])).decode()
        source = f'url("data:font/woff2;base64,{data}") format("woff2")'
        return f"@font-face {{ font-family: {family}; src: {source}; }}"

    tight = re.sub(r"\s+", " ", FACE.sub(face, style)).replace("} ", "}\n")
    return tight.strip() + OWN_RULES


def tidy(tex, html):
    """The markup of MathJax without what only its own scripts read, and with its TeX."""
    html = NEEDLESS.sub("", html)
    start = f'<mjx-container data-tex="{escape(tex)}"'
    return html.replace("<mjx-container", start, 1)


def set_formulas(formulas, macros, kept):
    """({formula: HTML}, {formula: reason against it}, style sheet).

    `kept` is a file that has the answer for the formulas of the last build.
    """
    digest = sha256(json.dumps([stamp(), macros, formulas]).encode()).hexdigest()
    answer = json.loads(kept.read_text(encoding="utf8")) if kept.exists() else {}
    if answer.get("digest") != digest:
        answer = call_mathjax(formulas, macros) | {"digest": digest}
        answer["style"] = with_fonts(answer["style"])
        kept.write_text(json.dumps(answer), encoding="utf8")
    html = {
        formula: tidy(formula[0], made)
        for formula, made in zip(formulas, answer["html"], strict=True)
        if made
    }
    errors = zip(formulas, answer["errors"], strict=True)
    return html, {f: reason for f, reason in errors if reason}, answer["style"]


def of_written(match):
    return unescape(match["tex"]).strip(), match["kind"] == "["


def of_set(match):
    return unescape(match["tex"]), bool(match["display"])


def formulas_of(page):
    """All formulas of a page's HTML, set or not, as (TeX, whether displayed)."""
    found = {of_written(match) for match in WRITTEN.finditer(page)}
    return found | {of_set(match) for match in SET.finditer(page)}


def with_formulas(page, html):
    """A page in which every formula is set that `html` has."""

    def place(match):
        made = html.get(of_written(match))
        if made is None:
            return match[0]
        whole = f"{match['open']}{made}{match['close']}"
        if match["tag"] == "span" and match["mark"]:
            return f'<span class="lr-pair">{whole}{match["mark"]}</span>'
        return whole + match["mark"]

    return WRITTEN.sub(place, page)


def with_style(page, address):
    """A page that links the style sheet, as it is now, if it has formulas."""
    page = LINK.sub("", page)
    if not SET.search(page):
        return page
    link = f'<link rel="stylesheet" href="{address}"/>\n'
    # before book.js, which asks for the fonts at once
    return page.replace('<link rel="stylesheet"', f'{link}<link rel="stylesheet"', 1)


def left_over(page):
    """The beginnings of formulas that nobody has set."""
    return LEFT_OVER.findall(NOT_TEXT.sub("", page))


def typeset(app, error):
    """Set the formulas of all pages that are written."""
    if error or app.builder.format != "html":
        return
    out = Path(app.outdir)
    paths = [
        path for path in sorted(out.rglob("*.html")) if "_static" not in path.parts
    ]
    pages = {path: path.read_text(encoding="utf8") for path in paths}
    found = {path: formulas_of(page) for path, page in pages.items()}
    formulas = sorted(set().union(*found.values()))
    macros = app.config.mathjax3_config or {}
    html, errors, style = set_formulas(
        formulas, macros.get("tex", {}).get("macros", {}), Path(app.doctreedir, KEPT)
    )
    (out / "_static" / STYLE).write_text(style, encoding="utf8")
    version = sha256(style.encode()).hexdigest()[:8]
    for path, page in pages.items():
        place = path.relative_to(out).with_suffix("").as_posix()
        for formula in sorted(found[path] & errors.keys()):
            logger.warning(
                "formula %r: %s", formula[0], errors[formula], location=place
            )
        address = f"{'../' * place.count('/')}_static/{STYLE}?v={version}"
        done = with_style(with_formulas(page, html), address)
        if not found[path] & errors.keys():
            for rest in left_over(done):
                logger.warning("formula that is not set: %r", rest, location=place)
        if done != page:
            path.write_text(done, encoding="utf8")


def outdated(app, env):
    """Pages to write again: all of them, where formulas are now set otherwise."""
    now = stamp()
    if env.__dict__.get("lrlib_formulas") == now:
        return []
    env.lrlib_formulas = now
    return list(env.found_docs)


def setup(app):
    app.add_html_math_renderer(
        "built", (html_visit_math, None), (html_visit_displaymath, None)
    )
    app.connect("env-updated", outdated)
    app.connect("build-finished", typeset, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
