"""A real browser on the built site: it gets only what the site itself serves, and what
goes wrong is kept.
"""

import collections
import functools
import http.server
import json
import os
import shutil
import sys
import threading
import weakref
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
    page
    for page in PAGES
    if page.startswith(("book/intro", "notebooks/")) and page not in WITHOUT_WIDGETS
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
LEAN = [
    "--disable-gpu",
    f"--disable-features={','.join(_FEATURES)}",
    # a foreign request is a complaint, and goes nowhere
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
CLIPBOARD = ["clipboard-read", "clipboard-write"]
SCREEN = {"width": 1280, "height": 800}

# Sent with each request: what the server is to do for this visit. Interception in the
# browser could do the same, at a third more work for each page, and without a cache.
_REWRITTEN = "X-Rewritten"

_MODEL = '(widget) => widget.closest(".lr-host").dataset.model'
_FIND_TRAITS = """(model) => {
  const kind = 'script[type="application/vnd.jupyter.widget-state+json"]';
  for (const script of document.querySelectorAll(kind)) {
    const entry = JSON.parse(script.textContent).state[model];
    if (entry) return entry.state;
  }
}"""
# as one text, which Playwright need not take apart
_TRAITS = f"(model) => JSON.stringify(({_FIND_TRAITS})(model))"
_PIXELS = """(widget, name) => {
  const canvas = widget.querySelector(name), context = canvas.getContext("2d");
  const { buffer } = context.getImageData(0, 0, canvas.width, canvas.height).data;
  return new Int32Array(buffer).reduce((hash, pixel) => (hash * 31 + pixel) | 0, 7);
}"""
# how many starts a picture counts in the end, read once
_SETTLED = """async (widget, findTraits) => {
  const frame = () => new Promise(requestAnimationFrame);
  const model = () => widget.closest(".lr-host").dataset.model;
  widget.wanted ??= eval(findTraits)(model()).n_starts ?? 0;
  const { wanted, dataset } = widget;
  const busy = () => Number(dataset.computed ?? wanted) < wanted || dataset.busy;
  do { await frame(); await frame(); await frame(); } while (busy());
}"""
# of each open page by model: records are large, and every look at a widget asks
_known_traits = weakref.WeakKeyDictionary()


def unavailable(message):
    """Skip, saying why; on CI nothing may be missing."""
    pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """The site as it is, but for what a visit asks in its headers."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        path = Path(self.translate_path(self.path))
        is_document = self.headers.get("Sec-Fetch-Dest") == "document"
        visit = self.headers.get(_REWRITTEN)
        if is_document and visit and path.is_file():
            html = path.read_text(encoding="utf8")
            self._answer(self.server.rewrites[visit](html), "text/html")
        else:
            super().do_GET()

    def _answer(self, text, kind):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self):
        if self.headers.get("Sec-Fetch-Dest") == "document":
            self.send_header("Cache-Control", "no-store")  # a next visit may rewrite it
        super().end_headers()


@pytest.fixture(scope="session")
def server():
    """Serves the built site on this machine."""
    if not (SITE / "index.html").exists():
        unavailable(f"no built site in {SITE}: run `make book`, or set LRLIB_SITE")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(_Handler, directory=str(SITE))
    )
    server.rewrites = {}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture(scope="session")
def origin(server):
    """Address of the built site on this machine."""
    return f"http://127.0.0.1:{server.server_port}"


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


@pytest.fixture(scope="module")
def tabs(chromium):
    """Open pages that no test uses, by the options of their context: a page that is
    there already opens an address at half the work.
    """
    return collections.defaultdict(list)


class Visitor:
    """Opens pages. `requests` has what they asked for, `complaints` every foreign
    request and every error.
    """

    def __init__(self, chromium, server, tabs):
        self.chromium, self.server, self.tabs = chromium, server, tabs
        self.origin = f"http://127.0.0.1:{server.server_port}"
        self.in_use, self.requests, self.complaints = [], [], []

    def __call__(self, path, *, base=None, rewrite=None, **options):
        """The page, loaded.

        `rewrite` maps the HTML that the site has to what arrives. A tab may have been in
        use before; then the page finds in the cache what others asked for.
        """
        base = base or self.origin
        options = {"viewport": SCREEN} | options
        page = self._tab(options)
        listeners = self._listen(page, base)
        self.in_use.append((json.dumps(options), page, listeners))
        headers = {}
        if rewrite:
            visit = str(len(self.server.rewrites))
            self.server.rewrites[visit] = rewrite
            headers[_REWRITTEN] = visit
        page.context.set_extra_http_headers(headers)
        _known_traits.pop(page, None)
        page.goto(path if "://" in path else f"{base}/{path}")
        return page

    def _tab(self, options):
        """An empty page."""
        unused = self.tabs[json.dumps(options)]
        if unused:
            page = unused.pop()
            page.set_viewport_size(options["viewport"])
            page.emulate_media(
                media="null",
                color_scheme=options.get("color_scheme", "light"),
                reduced_motion=options.get("reduced_motion", "no-preference"),
            )
        else:
            context = self.chromium.new_context(**options)
            context.set_default_timeout(15_000)
            page = context.new_page()
        return page

    def _listen(self, page, base):
        def read_request(request):
            self.requests.append(request.url)
            if not request.url.startswith((base + "/", "data:", "blob:")):
                self._complain("foreign request", request.url)

        def read_console(message):
            if message.type == "error":
                self._complain("console", f"{message.text} {message.location['url']}")

        def read_error(error):
            self._complain("error", error.stack or error)

        listeners = {
            "request": read_request,
            "console": read_console,
            "pageerror": read_error,
        }
        for event, listener in listeners.items():
            page.on(event, listener)
        return listeners

    def _complain(self, kind, text):
        self.complaints.append(f"{kind}: {text}")

    def close(self):
        """Leave all pages empty, as the next visitor wants to find them."""
        for key, page, listeners in self.in_use:
            page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
            for event, listener in listeners.items():
                page.remove_listener(event, listener)
            page.goto("about:blank")
            page.mouse.move(0, 0)
            self.tabs[key].append(page)
        self.in_use.clear()


@pytest.fixture
def open_page(chromium, server, tabs):
    """A `Visitor`; a test in which a page complains fails."""
    visitor = Visitor(chromium, server, tabs)
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
    widget.evaluate(_SETTLED, _FIND_TRAITS)
    return widget


def traits(widget):
    """The traits that the page was built with."""
    known = _known_traits.setdefault(widget.page, {})
    model = widget.evaluate(_MODEL)
    if model not in known:
        known[model] = json.loads(widget.page.evaluate(_TRAITS, model))
    return known[model]


def data(widget, name):
    """A number, a label or an object that the widget publishes as data-`name`."""
    text = widget.get_attribute(f"data-{name}")
    return text if name == "outcome" else json.loads(text)


def number(widget, name):
    """A number of the state that a widget shows."""
    return data(widget, "state")[name]


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
