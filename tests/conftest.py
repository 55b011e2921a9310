"""What the tests share."""

import json
import subprocess
import sys

import matplotlib
import pytest

# jsonschema would build a grammar of internet addresses, two seconds in every process;
# it does without where the package is missing, and no test validates an address
sys.modules.setdefault("rfc3987_syntax", None)

pytest.register_assert_rewrite("agreement", "browser")
from browser import chromium, open_page, origin, server, tabs  # noqa: E402, F401 (fixtures)
from schedule import ByPage, unit  # noqa: E402

from lrlib.widgets import still  # noqa: E402

matplotlib.use("Agg")

BROWSER = "browser"  # marks, given below: what a test needs decides
PAGES = "pages"


def pytest_configure(config):
    config.addinivalue_line("markers", f"{BROWSER}: opens the built site in Chromium")
    config.addinivalue_line("markers", f"{PAGES}: executes cells of a page")


def pytest_xdist_make_scheduler(config, log):
    return ByPage(config, log)


def pytest_collection_modifyitems(items):
    """Mark what is slow, and start it first; what shares a page stays together."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "chromium" in fixtures:
            item.add_marker(BROWSER)
        if item.path.suffix == ".ipynb":
            item.add_marker(PAGES)
    first = {}
    for place, item in enumerate(items):
        first.setdefault(unit(item.nodeid), place)
    items.sort(key=lambda item: (_turn(item), first[unit(item.nodeid)]))


def _turn(item):
    """Kernels, then the browser, then all else: small things fill the end of a run."""
    marks = [PAGES, BROWSER]
    return next((i for i, m in enumerate(marks) if item.get_closest_marker(m)), 2)


_DRIVER = """
const text = require("fs").readFileSync(0, "utf8");
const data = JSON.parse(text, (key, value) => value && value.float ? Number(value.float) : value);
const plain = (key, value) =>
  typeof value === "number" && !Number.isFinite(value) ? { float: String(value) }
    : ArrayBuffer.isView(value) ? Array.from(value) : value;
const evaluate = (source) => new Function(`return ${source}`)();
const answer = ((data) => { %s })(data);
process.stdout.write(JSON.stringify(answer, plain));
"""


def run_javascript(body: str, data=None):
    """What `body` returns, a function body that sees `data` and ``evaluate(source)``;
    NaN and Infinity survive.
    """
    source = _DRIVER % body
    run = subprocess.run(
        [still.node(), "-e", source],
        input=json.dumps(data),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(
        run.stdout,
        object_hook=lambda o: (
            float(o["float"].replace("Infinity", "inf")) if "float" in o else o
        ),
    )


@pytest.fixture(scope="session")
def node():
    """`run_javascript`, in the Node that the package's extra [test] brings."""
    return run_javascript
