"""`make bench`, last part: what a page of the built site weighs, how far it moves by
itself, and when its first widget lives.

Needs Chromium and the site (`make book`). Weights and movement are the same on every
machine; times are of this one, at full speed and at a quarter of it.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import json
import os
import shutil
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lrlib.files import write_whole

from .ratio import ROOT, machine

RESULTS = ROOT / "results" / "bench_pages.json"
SITE = Path(os.environ.get("LRLIB_SITE") or ROOT / "_build" / "html").resolve()
MOST_BYTES = 400_000  # of all files that a first visit asks for, compressed
MOST_SHIFT = 0.02
MOST_SECONDS = {1: 0.6, 4: 2.0}  # by how many times slower the processor is
WIDTHS = (1280, 360)
# How far the page has moved by itself until now, as browsers score it
SHIFT = """() => new Promise((resolve) => {
  let sum = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  });
  observer.observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(sum), 50));
})"""
# Brings the first widget into view as soon as it is there, and notes when it lives.
WATCH = """() => {
  const look = () => {
    const host = document.querySelector(".lr-host");
    if (host && !window.lrSeen) {
      window.lrSeen = true;
      host.scrollIntoView({ block: "center" });
    }
    if (document.querySelector(".lr-widget[data-ready]")) window.lrLive = performance.now();
    else requestAnimationFrame(look);
  };
  look();
}"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass


@contextmanager
def serving(site: Path):
    """The address of a folder, served on this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def weights(site: Path, origin: str, addresses) -> dict[str, int]:
    """Compressed size in bytes of each file of the site that was asked for."""
    files = {
        unquote(urlsplit(address).path).lstrip("/")
        for address in addresses
        if address.startswith(origin)
    }
    return {name: len(gzip.compress((site / name).read_bytes(), 6)) for name in files}


@contextmanager
def fresh(browser, width: int = WIDTHS[0]):
    """A page of a reader who was never here."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    yield context.new_page()
    context.close()


def weight_and_shift(browser, site: Path, origin: str, path: str, width: int):
    with fresh(browser, width) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{origin}/{path}.html", wait_until="networkidle")
        return weights(site, origin, asked), page.evaluate(SHIFT)


def seconds_to_life(browser, origin: str, path: str, slower: int) -> float | None:
    """Until the first widget of a page is live; None where there is none."""
    with fresh(browser) as page:
        send = page.context.new_cdp_session(page).send
        send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.add_init_script(f"({WATCH})()")
        page.goto(f"{origin}/{path}.html")
        if not page.locator(".lr-host").count():
            return None
        page.wait_for_function("() => window.lrLive")
        return page.evaluate("() => window.lrLive") / 1000


def measure(browser, site: Path, origin: str, path: str, rounds: int = 3) -> dict:
    """All of one page; of times the shortest, as others use the machine too."""
    seen = [weight_and_shift(browser, site, origin, path, width) for width in WIDTHS]
    times = {
        slower: [seconds_to_life(browser, origin, path, slower) for _ in range(rounds)]
        for slower in MOST_SECONDS
    }
    heaviest = sorted(seen[0][0].items(), key=lambda item: -item[1])[:5]
    return {
        "bytes": sum(seen[0][0].values()),
        "heaviest": dict(heaviest),
        "shift": {
            str(width): round(shift, 4)
            for width, (_, shift) in zip(WIDTHS, seen, strict=True)
        },
        "live": {
            str(slower): None if None in found else round(min(found), 3)
            for slower, found in times.items()
        },
    }


def verdict(found: dict) -> str:
    """What of a page misses its target, in words."""
    live = found["live"]
    missed = {
        "weight": found["bytes"] > MOST_BYTES,
        "shift": max(found["shift"].values()) > MOST_SHIFT,
    } | {
        f"live at 1/{slower}": (live[str(slower)] or 0) > most
        for slower, most in MOST_SECONDS.items()
    }
    return ", ".join(name for name, is_missed in missed.items() if is_missed)


def line(path: str, found: dict) -> str:
    times = [
        "-" if seconds is None else f"{seconds:.2f}"
        for seconds in found["live"].values()
    ]
    shifts = " ".join(f"{shift:.4f}" for shift in found["shift"].values())
    missed = verdict(found)
    return (
        f"  {path:40}{found['bytes'] / 1000:6.0f} kB  shift {shifts}  "
        f"live {' '.join(times)} s{f'  NOT MET: {missed}' if missed else ''}"
    )


def pages(site: Path) -> list[str]:
    """The pages of the book, without what Sphinx and the theme add."""
    found = [*site.glob("book/*.html"), *site.glob("notebooks/*/*.html")]
    return sorted(path.relative_to(site).with_suffix("").as_posix() for path in found)


def main() -> None:
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium or not (SITE / "index.html").exists():
        print("pages: left out; needs Chromium and the site (`make book`)")
        return
    made = {"machine": machine("playwright"), "pages": {}}
    with serving(SITE) as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for path in pages(SITE):
            made["pages"][path] = measure(browser, SITE, origin, path)
            print(line(path, made["pages"][path]), flush=True)
        browser.close()
    write_whole(RESULTS, json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main()
