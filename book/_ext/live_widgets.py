"""Live widgets without a kernel: code served once for all pages, and posters.

MyST-NB puts the state of a page's widgets into one script, and one script tag for each
view into the body. Here the state loses what is no state: code and styles come from
`_static`, under names that change with their content, and a poster stands beside each
view until widget-host.js mounts the widget there. All three are those of the library
as it is now: a change of the front end executes no page.
"""

import json
import re
import shutil
from functools import cache
from hashlib import sha256
from html import escape
from importlib import import_module
from pathlib import Path

from lrlib.widgets import linker
from lrlib.widgets.still import paint

MIME = "application/vnd.jupyter.widget"
STATE = f"{MIME}-state+json"
VIEW = re.compile(
    rf'<script type="{re.escape(MIME)}-view\+json">(.*?)</script>', re.DOTALL
)
HOME = Path(linker.__file__).parent
FOLDER = "widgets"  # below _static
NO_STATE = {"_esm", "_css", "_poster"}


def script_text(data):
    """JSON that may stand in a script of a page."""
    return json.dumps(data, ensure_ascii=False).replace("</", r"<\/")


def stamped(name, text, suffix):
    """A file name that no cache confuses with another version's."""
    return f"{name}.{sha256(text.encode()).hexdigest()[:12]}{suffix}"


@cache
def code_of(module, name):
    """{file name: text} that together are the module of a widget of this library."""
    kind = getattr(import_module(module), name)
    front = getattr(kind, "front", "")
    if not front:  # not yet made of modules
        return {stamped(name.lower(), kind._esm, ".js"): kind._esm}
    texts = zip(("shared", front), linker.parts(f"widgets/{front}.js"), strict=True)
    return {stamped(stem, text, ".js"): text for stem, text in texts}


def registration(name, text):
    """A classic script that keeps a text for widget-host.js: it works from file:// too."""
    return f'(window.widgetCode ??= {{}})["{name}"] = {script_text(text)};\n'


def served(state):
    """(the state that stays in the page, {file name: text} of its code, its poster)."""
    module, _, name = state.get("_anywidget_id", "").rpartition(".")
    if not module.startswith("lrlib."):
        return state, {}, ""
    code = code_of(module, name)
    kept = {key: value for key, value in state.items() if key not in NO_STATE}
    front = getattr(getattr(import_module(module), name), "front", "")
    poster = paint(front, kept) if front else state.get("_poster", "")
    return kept | {"_code": list(code)}, code, poster


def with_hosts(body, posters):
    """`body` with a host after each view of a widget that has a poster."""

    def add_host(match):
        model = json.loads(match[1])["model_id"]
        poster = posters.get(model)
        if not poster:
            return match[0]
        return f'{match[0]}<div class="lr-host" data-model="{escape(model)}">{poster}</div>'

    return VIEW.sub(add_host, body)


def write(app, name, text):
    path = Path(app.outdir, "_static", FOLDER, name)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def state_scripts(context):
    """The attributes of the scripts that hold the state of a page's widgets."""
    for script in context.get("script_files", []):
        attributes = getattr(script, "attributes", {})
        if attributes.get("type") == STATE:
            yield attributes


def place_widgets(app, pagename, templatename, context, doctree):
    posters = {}
    for attributes in state_scripts(context):
        page = json.loads(attributes["body"])
        for model, entry in page["state"].items():
            entry["state"], code, posters[model] = served(entry["state"])
            for name, text in code.items():
                write(app, name, registration(name, text))
        attributes["body"] = script_text(page)
    if posters and "body" in context:
        style = linker.style(HOME / "widgets.css")
        name = stamped("widgets", style, ".css")
        write(app, name, style)
        app.add_css_file(f"{FOLDER}/{name}")
        context["body"] = with_hosts(context["body"], posters)


def front_end():
    """A digest of all that this puts into the pages."""
    files = [p for p in HOME.rglob("*") if p.suffix in {".css", ".js"}]
    digest = sha256()
    for path in [*sorted(files), Path(__file__)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def outdated(app, env):
    """Pages to write again: all of them, where the front end is not as it was."""
    now = front_end()
    if env.__dict__.get("lrlib_front_end") == now:
        return []
    env.lrlib_front_end = now
    shutil.rmtree(Path(app.outdir, "_static", FOLDER), ignore_errors=True)
    return list(env.found_docs)


def setup(app):
    app.connect("env-updated", outdated)
    app.connect("html-page-context", place_widgets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
