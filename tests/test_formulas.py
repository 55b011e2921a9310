"""Formulas set while the book is built: which are found, what takes their place, what is
refused, and what their style sheet draws.
"""

import re
import sys
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from fontTools.ttLib import TTFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))
pytest.importorskip("sphinx", reason="needs the extra [book]")
import formulas  # noqa: E402

from lrlib.claims import prose  # noqa: E402

INLINE = r'<span class="math notranslate nohighlight">\(x &lt; \frac{2}{L}\)</span>'
NUMBERED = (
    '<div class="math notranslate nohighlight" id="equation-a">\n'
    '<span class="eqno">(1)<a class="headerlink" href="#equation-a">#</a></span>'
    r"\[\eta = 1\]</div>"
)
OUTPUT = '<div class="output text_latex math notranslate">\n\\[\\eta\\]</div>'
PAGE = f"""<html><head><link rel="stylesheet" href="a.css"/></head><body>
<p>If {INLINE}, it {prose("falls for $L$")} (say).</p>{NUMBERED}{OUTPUT}
<code>\\(not one\\)</code></body></html>"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site of given pages, and what is said against it."""
    said = []

    def warn(message, *arguments, location):
        said.append((location, message % arguments))

    monkeypatch.setattr(formulas.logger, "warning", warn)

    def typeset(pages, macros=None):
        said.clear()
        out = tmp_path / "html"
        for name, html in pages.items():
            path = out / f"{name}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(html, encoding="utf8")
        (out / "_static").mkdir(exist_ok=True)
        app = SimpleNamespace(
            builder=SimpleNamespace(format="html"),
            outdir=out,
            doctreedir=tmp_path,
            config=SimpleNamespace(mathjax3_config={"tex": {"macros": macros or {}}}),
        )
        formulas.typeset(app, None)
        return {
            name: (out / f"{name}.html").read_text(encoding="utf8") for name in pages
        }

    typeset.said = said
    typeset.style = tmp_path / "html" / "_static" / formulas.STYLE
    return typeset


def test_formulas_are_found_wherever_they_come_from():
    found = formulas.formulas_of(PAGE)
    assert found == {
        (r"x < \frac{2}{L}", False),
        ("L", False),
        (r"\eta = 1", True),
        (r"\eta", True),
    }


def test_a_page_shows_and_speaks_its_formulas(site):
    page = site({"part/page": PAGE})["part/page"]
    assert site.said == []
    assert page.count("<mjx-container") == page.count("<math") == 4
    assert page.count(' aria-hidden="true"') == 4 and "tabindex" not in page
    assert r'data-tex="x &lt; \frac{2}{L}"' in page
    assert "<mfrac><mn>2</mn><mi>L</mi></mfrac>" in page
    assert '<a class="headerlink" href="#equation-a">#</a></span><mjx-container' in page
    # no line begins with a comma
    assert re.search(
        r'<span class="lr-pair"><span class="math[^>]*>.*?</span>,</span>', page
    )
    assert r"<code>\(not one\)</code>" in page
    assert '<link rel="stylesheet" href="../_static/formulas.css?v=' in page


def test_setting_again_changes_nothing(site, monkeypatch):
    once = site({"page": PAGE})
    monkeypatch.setattr(formulas, "call_mathjax", None)  # not even asked
    assert site(once) == once
    assert formulas.formulas_of(once["page"]) == formulas.formulas_of(PAGE)


def test_a_page_without_formulas_is_left_alone(site):
    plain = "<html><head></head><body>$5 (or less)</body></html>"
    assert site({"plain": plain, "page": PAGE})["plain"] == plain


@pytest.mark.parametrize(
    "tex, reason",
    [
        (r"\nosuch", r"Undefined control sequence \nosuch"),
        (r"\frac{1", "Missing close brace"),
        ("x_1_2", "Double subscripts"),
        (r"\text{größer}", "a character that the fonts lack"),
    ],
)
def test_a_wrong_formula_is_reported_with_its_page(site, tex, reason):
    wrong = f'<span class="math">\\({tex}\\)</span>'
    pages = site({"part/page": PAGE.replace("(say)", wrong), "other": PAGE})
    ((place, message),) = site.said
    assert place == "part/page" and repr(tex) in message and reason in message
    assert wrong in pages["part/page"]
    assert pages["part/page"].count("<mjx-container") == 4  # the others are set


def test_a_formula_that_nobody_marked_is_reported(site):
    site({"page": PAGE.replace("(say)", r"<td>\(\eta\)</td>")})
    ((place, message),) = site.said
    assert place == "page" and "not set" in message and "eta" in message


def test_macros_come_from_the_configuration(site):
    page = PAGE.replace("(say)", r'<span class="math">\(\lr\)</span>')
    assert "<mi>η</mi>" in site({"page": page}, macros={"lr": r"\eta"})["page"]
    assert site.said == []
    site({"page": page})
    assert r"\lr" in site.said[0][1]


def set_inline(tex):
    answer = formulas.call_mathjax([[tex, False]], {})
    assert answer["errors"] == [None]
    return answer["html"][0]


def test_a_long_formula_may_break_after_a_relation():
    html = set_inline(
        r"\sum_k |\nabla f(x_k)|^2 \le (f(x_0) - f(x_N)) / (\eta(1 - L)) = 1"
    )
    runs = re.findall(r"<mjx-run.*?</mjx-run>", html)
    assert len(runs) == 3
    relation = r'<mjx-c class="mjx-c2264"></mjx-c></mjx-mo></mjx-run>'
    assert runs[0].endswith(relation) and 'rspace="4"' in runs[0]
    assert not re.match(r'<mjx-run[^>]*><[^>]* space="4"', runs[1])
    assert "<mjx-run" not in set_inline(r"a \le b")


def test_the_style_sheet_has_each_character_that_it_draws(site):
    """From the fonts in it, which have no others."""
    site({"page": PAGE})
    style = site.style.read_text(encoding="utf8")
    faces = re.findall(
        r"font-family: ([\w-]+); src: url\(\"data:font/woff2;base64,([^\"]+)", style
    )
    drawn = formulas.characters(style)
    assert {"MJXTEX", "MJXTEX-I", "MJXZERO"} <= {family for family, _ in faces}
    for family, data in faces:
        has = set(TTFont(BytesIO(b64decode(data))).getBestCmap())
        assert has, family
        if family in ("MJXTEX", "MJXTEX-I"):
            # and what those turn into where lines run to the left: < into >
            assert has >= drawn[family] and len(has) <= 2 * len(drawn[family]), family
    assert ord("η") in drawn["MJXTEX-I"] and ord("2") in drawn["MJXTEX"]
    assert "http" not in style and 'woff")' not in style
