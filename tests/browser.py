"""A real browser on the built site: it gets only what the site itself serves, and what
goes wrong is kept.
"""

import functools
import http.server
import json
import os
import shutil
import sys
import threading
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
import live_widgets  # noqa: E402

SITE = Path(os.environ.get("LRLIB_SITE") or ROOT / "_build" / "html").resolve()
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf8"))
PAGES = [
    TOC["root"],
    *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"]),
]
WITHOUT_WIDGETS = {"notebooks/regularity/measuring_sharpness"}
WITH_WIDGETS = [
    "book/intro",
    *(p for p in PAGES if p.startswith("notebooks/") and p not in WITHOUT_WIDGETS),
]
RECORDED = {
    f"notebooks/regularity/{name}"
    for name in ("six_networks", "small_and_large", "batch_norm")
}
HERO = "book/intro.html"
TOY = "notebooks/escaping/toy_1d.html"

# Chromium draws its own toolbar as a web page, in a process of its own for each window:
# more than a third of the work of opening a page. The first four are Playwright's, whose
# list this one replaces.
_FEATURES = (
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "MediaRouter",
    "PaintHolding",
    "InitialWebUI",
    "InitialWebUIWithoutExtensions",
    "PreloadTopChromeWebUI",
    "PreloadTopChromeWebUILessNavigations",
    "WebUIBackForwardButton",
    "WebUIHomeButton",
    "WebUILocationBar",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "WebUIReloadButton",
    "WebUISplitTabsButton",
    "WebUIToolbar",
)
LEAN = ["--disable-gpu", f"--disable-features={','.join(_FEATURES)}"]

_TRAITS = """(widget) => {
  const model = widget.closest(".lr-host").dataset.model;
  const kind = 'script[type="application/vnd.jupyter.widget-state+json"]';
  for (const script of document.querySelectorAll(kind)) {
    const entry = JSON.parse(script.textContent).state[model];
    if (entry) return entry.state;
  }
}"""
_PIXELS = """(widget, name) => {
  const canvas = widget.querySelector(name), context = canvas.getContext("2d");
  const { buffer } = context.getImageData(0, 0, canvas.width, canvas.height).data;
  return new Int32Array(buffer).reduce((hash, pixel) => (hash * 31 + pixel) | 0, 7);
}"""
_SETTLED = """async (widget, wanted) => {
  const frame = () => new Promise(requestAnimationFrame);
  const busy = () => Number(widget.dataset.computed ?? wanted) < wanted || widget.dataset.busy;
  do { await frame(); await frame(); await frame(); } while (busy());
}"""


def unavailable(message):
    """Skip, saying why; on CI nothing may be missing."""
    pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def origin():
    """Address of the built site on this machine."""
    if not (SITE / "index.html").exists():
        unavailable(f"no built site in {SITE}: run `make book`, or set LRLIB_SITE")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Quiet, directory=str(SITE))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


# its event loop must not outlive the file: other tests start their own
@pytest.fixture(scope="module")
def chromium():
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        unavailable("Chromium is not installed: set CHROMIUM to its path")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        unavailable("playwright is not installed: needs the extra [test]")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=LEAN)
        yield browser
        browser.close()


class Visitor:
    """Opens pages. `requests` has what they asked for, `complaints` every foreign
    request and every error.
    """

    def __init__(self, chromium, origin):
        self.chromium, self.origin = chromium, origin
        self.contexts, self.requests, self.complaints = [], [], []

    def __call__(self, path, *, base=None, rewrite=None, **options):
        """The page, loaded and its formulas set; `rewrite` maps the HTML that the
        server sends to what arrives.
        """
        base = base or self.origin
        context = self.chromium.new_context(
            **{"viewport": {"width": 1280, "height": 800}} | options
        )
        self.contexts.append(context)
        context.set_default_timeout(15_000)
        context.route("**/*", functools.partial(self._guard, base, rewrite))
        page = context.new_page()
        page.on("console", self._read_console)
        page.on(
            "pageerror", lambda error: self._complain("error", error.stack or error)
        )
        page.goto(path if "://" in path else f"{base}/{path}")
        if options.get("java_script_enabled", True):
            page.evaluate("async () => { await window.MathJax?.startup?.promise; }")
        return page

    def _complain(self, kind, text):
        self.complaints.append(f"{kind}: {text}")

    def _read_console(self, message):
        if message.type == "error":
            self._complain("console", f"{message.text} {message.location['url']}")

    def _guard(self, base, rewrite, route):
        url = route.request.url
        self.requests.append(url)
        if not url.startswith((base + "/", "data:", "blob:")):
            self._complain("foreign request", url)
            route.abort()
        elif rewrite and route.request.resource_type == "document":
            response = route.fetch()
            route.fulfill(response=response, body=rewrite(response.text()))
        else:
            route.continue_()

    def close(self):
        for context in self.contexts:
            context.close()


@pytest.fixture
def open_page(chromium, origin):
    """A `Visitor`; a test in which a page complains fails."""
    visitor = Visitor(chromium, origin)
    yield visitor
    visitor.close()
    assert visitor.complaints == []


def mounted(page, index=0):
    """The `index`-th widget of a page, scrolled to and drawn."""
    host = page.locator(".lr-host").nth(index)
    host.scroll_into_view_if_needed()
    widget = host.locator(".lr-widget[data-ready]")
    widget.wait_for()
    return settle(widget)


def mount_all(page):
    return [mounted(page, i) for i in range(page.locator(".lr-host").count())]


def settle(widget):
    """Wait until the widget shows its state."""
    widget.evaluate(_SETTLED, traits(widget).get("n_starts", 0))
    return widget


def traits(widget):
    """The traits that the page was built with."""
    return widget.evaluate(_TRAITS)


def data(widget, name):
    """A number, a label or an object that the widget publishes as data-`name`."""
    text = widget.get_attribute(f"data-{name}")
    return text if name == "outcome" else json.loads(text)


def pixels(widget, canvas=".lr-picture"):
    """A hash of a picture."""
    return widget.evaluate(_PIXELS, canvas)


def slider(widget, name="Learning rate"):
    return widget.get_by_label(name, exact=False).and_(widget.locator("input"))


def drag(page, handle, *shares):
    """Drag with the mouse over the width of `handle`, a range input or a picture, from
    share to share of it.
    """
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x = [box["x"] + 12 + share * (box["width"] - 24) for share in shares]
    y = box["y"] + box["height"] / 2
    page.mouse.move(x[0], y)
    page.mouse.down()
    for target in x[1:]:
        page.mouse.move(target, y, steps=8)
    page.mouse.up()


def touch(page, handle, *shares):
    """As `drag`, with a finger."""
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    send = page.context.new_cdp_session(page).send
    y = box["y"] + box["height"] / 2
    points = [
        [{"x": box["x"] + 12 + share * (box["width"] - 24), "y": y}] for share in shares
    ]
    send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[0]})
    for point in points[1:]:
        send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": point})
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def stand_in(widget):
    """A page that holds just this widget, as `rewrite` of any page of a folder of the
    site: for what no page shows.
    """
    state, code, poster = live_widgets.served(widget.get_state())
    entry = {"model_module": "anywidget", "model_name": "AnyModel", "state": state}
    page = live_widgets.script_text({"state": {"model": entry}})
    kind = live_widgets.MIME
    view = f'<script type="{kind}-view+json">{{"model_id": "model"}}</script>'
    texts = "".join(
        f"<script>{live_widgets.registration(name, text)}</script>"
        for name, text in code.items()
    )
    html = f"""<!doctype html><html lang="en" data-theme="light">
        <meta name="viewport" content="width=device-width"><title>One widget</title>
        <link rel="icon" href="data:,"><link rel="stylesheet" href="../_static/book.css">
        <style>{widget._css}</style><body>{live_widgets.with_hosts(view, {"model": poster})}
        <script type="{live_widgets.STATE}">{page}</script>{texts}
        <script src="../_static/widget-host.js"></script>"""
    return lambda _: html
