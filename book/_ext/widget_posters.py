"""Posters in the page: what stands where a widget will be, with the widget's height.

MyST-NB puts the state of a page's widgets into a script file entry and one script tag
for each view into the body. Beside each view this puts the host that widget-host.js
mounts into, with the poster of its model, and it links the widgets' style sheet, which
the poster needs before any script runs.
"""

import json
import re
from html import escape
from pathlib import Path

from lrlib.widgets.frame import read

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-view\+json">(.*?)</script>',
    re.DOTALL,
)
STYLE = "widgets.css"


def write_style(app):
    if app.builder.format == "html":
        folder = Path(app.outdir) / "_static"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STYLE).write_text(read(STYLE), encoding="utf-8")


def widget_states(script_files):
    """The state of every widget of a page by model id."""
    states = {}
    for script in script_files:
        attributes = getattr(script, "attributes", {})
        if attributes.get("type") == STATE:
            states |= json.loads(attributes["body"])["state"]
    return states


def with_hosts(body, states):
    """`body` with a host after each view of a widget that has a poster."""

    def add_host(match):
        model = json.loads(match[1])["model_id"]
        poster = states.get(model, {}).get("state", {}).get("_poster")
        if not poster:
            return match[0]
        return f'{match[0]}<div class="lr-host" data-model="{escape(model)}">{poster}</div>'

    return VIEW.sub(add_host, body)


def place_posters(app, pagename, templatename, context, doctree):
    states = widget_states(context.get("script_files", []))
    if states and "body" in context:
        context["body"] = with_hosts(context["body"], states)
        app.add_css_file(STYLE)


def setup(app):
    app.connect("builder-inited", write_style)
    app.connect("html-page-context", place_posters)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
