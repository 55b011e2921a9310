"""The theme's icon fonts, cut to the icons that the site shows: 2,000 of them weigh a
quarter of a page.
"""

import logging
import re
from io import BytesIO
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset
from fontTools.ttLib import TTFont

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
STYLE = "styles/pydata-sphinx-theme.css"
FONTS = "vendor/fontawesome/webfonts"
NAME = re.compile(r"\bfa-[a-z0-9-]+")
# .fa-moon:before{content:"\f186"}, .fa-bars:before,.fa-navicon:before{...}
RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]{4})"\}')
logging.getLogger("fontTools.subset").setLevel(logging.WARNING)
PRIVATE = re.compile(r"[\ue000-\uf8ff]|\\([ef][0-9a-f]{3})")


def names_in(folder):
    """Icons that pages or scripts name."""
    files = [*folder.rglob("*.html"), *folder.rglob("_static/scripts/*.js")]
    return {
        name for path in files for name in NAME.findall(path.read_text(encoding="utf8"))
    }


def without_unused(style, names):
    """A style sheet without the rules of icons that are not among `names`."""

    def keep(rule):
        return rule[0] if names & set(NAME.findall(rule[1])) else ""

    return RULE.sub(keep, style)


def characters(styles):
    """Code points of the icons that style sheets still ask for."""
    return {
        int(found[1], 16) if found[1] else ord(found[0])
        for style in styles
        for found in PRIVATE.finditer(style)
    }


def cut(font, wanted):
    """The bytes of a woff2 font that has only the `wanted` code points."""
    options = subset.Options(flavor="woff2", notdef_outline=True)
    options.drop_tables.append("FFTM")  # when FontForge made the font
    cutter = subset.Subsetter(options)
    with TTFont(font, lazy=True) as whole:
        cutter.populate(unicodes=wanted)
        cutter.subset(whole)
        whole.flavor = "woff2"
        buffer = BytesIO()
        whole.save(buffer)
    return buffer.getvalue()


def lighten(app, error):
    """From the theme's own files each time: a later page may show another icon."""
    if error or app.builder.format != "html":
        return
    static = Path(app.outdir, "_static")
    names = names_in(Path(app.outdir))
    style = without_unused((THEME / STYLE).read_text(encoding="utf8"), names)
    (static / STYLE).write_text(style, encoding="utf8")
    sheets = [path.read_text(encoding="utf8") for path in static.rglob("*.css")]
    wanted = characters(sheets)
    for font in (THEME / FONTS).glob("*.woff2"):
        (static / FONTS / font.name).write_bytes(cut(font, wanted))


def setup(app):
    app.connect("build-finished", lighten, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
