"""What a page depends on, read from its code: no more than it imports, and no less."""

import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from dependencies import Library  # noqa: E402

FILES = {
    "lrlib/__init__.py": "_HOME = {'descend': 'descent.loop'}\n_MODULES = {'zoo': 'zoo'}",
    "lrlib/zoo.py": "",
    "lrlib/descent/__init__.py": "",
    "lrlib/descent/loop.py": "def descend():\n    from .. import zoo\n",
    "lrlib/descent/starts.csv": "1",
    "lrlib/networks/__init__.py": "",
    "lrlib/networks/train.py": "from . import probes\nimport lrlib.descent.loop",
    "lrlib/networks/probes.py": "",
    "lrlib/records/__init__.py": "",
    "lrlib/records/store.py": "",
    "lrlib/widgets/__init__.py": "_HOME = {'Bars': 'bars', 'Map': 'map'}",
    "lrlib/widgets/bars.py": "from ..descent.loop import descend",
    "lrlib/widgets/map.py": "from ..networks.train import train",
    "lrlib/widgets/widgets.css": "a { color: red }",
    "lrlib/widgets/js/frame.js": "1",
    "results/one.json": "{}",
    "constraints.txt": "numpy==2",
}
LAZY = "from lrlib import descend"
DESCENT = "from lrlib.descent import loop"
NETWORKS = "import lrlib.networks.train"
BARS = "from lrlib.widgets import Bars"
MAP = "from lrlib.widgets import Map"
RECORDS = "def later():\n    from lrlib.records import store"
PAGES = [LAZY, DESCENT, NETWORKS, BARS, MAP, RECORDS, "import numpy"]


@pytest.fixture
def small(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def digests(folder):
    library = Library(folder)
    return {page: library.digest(page) for page in PAGES}


@pytest.mark.parametrize(
    "changed, stale",
    [
        ("lrlib/widgets/widgets.css", []),
        ("lrlib/widgets/js/frame.js", []),
        ("lrlib/networks/probes.py", [NETWORKS, MAP]),
        ("lrlib/networks/train.py", [NETWORKS, MAP]),
        ("lrlib/zoo.py", [LAZY, DESCENT, NETWORKS, BARS, MAP]),
        ("lrlib/descent/starts.csv", [LAZY, DESCENT, NETWORKS, BARS, MAP]),
        ("lrlib/widgets/bars.py", [BARS]),
        ("lrlib/widgets/map.py", [MAP]),
        ("results/one.json", [RECORDS]),
        ("lrlib/__init__.py", [page for page in PAGES if "lrlib" in page]),
        ("constraints.txt", PAGES),
    ],
)
def test_a_change_is_seen_by_the_pages_that_import_it(small, changed, stale):
    before = digests(small)
    with (small / changed).open("a") as file:
        file.write("\n# changed\n")
    after = digests(small)
    assert [page for page in PAGES if after[page] != before[page]] == stale


def test_a_new_result_counts(small):
    before = digests(small)
    (small / "results" / "two.json").write_text("{}")
    after = digests(small)
    assert [page for page in PAGES if after[page] != before[page]] == [RECORDS]


def page_code(name):
    notebook = jupytext.read(ROOT / "notebooks" / f"{name}.md")
    return "\n".join(c.source for c in notebook.cells if c.cell_type == "code")


def test_the_pages_of_this_book():
    """A style sheet concerns no page; networks concern those that train or load them."""
    library = Library()
    folders = {}
    for name in ("regimes/classical_regime", "regularity/six_networks"):
        files = library.files(page_code(name))
        assert not [path for path in files if path.suffix in {".css", ".js"}]
        assert ROOT / "lrlib" / "claims.py" in files
        folders[name] = {path.parent.name for path in files}
    assert not folders["regimes/classical_regime"] & {"networks", "records", "results"}
    assert folders["regularity/six_networks"] >= {"networks", "records", "results"}


@pytest.mark.parametrize(
    "name", ["regimes/classical_regime", "regularity/six_networks"]
)
def test_what_a_page_loads_is_what_was_read(name):
    """Run the imports of a page: every module that they load was found in its code."""
    lines = page_code(name).split("\n")
    imports = "\n".join(
        x for x in lines if x.startswith(("from lrlib", "import lrlib"))
    )
    seen = "print(*(m for m in sys.modules if m.split('.')[0] == 'lrlib'))"
    run = subprocess.run(
        [sys.executable, "-c", f"import sys\n{imports}\n{seen}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    library = Library()
    read = library.files(page_code(name))
    for module in run.stdout.split():
        path = library.modules[module.removeprefix("lrlib").strip(".")]
        assert path in read, module
