"""The front end's own tests, in Node, on its modules as they stand."""

import re
import subprocess
from pathlib import Path

import pytest

from lrlib.widgets import linker, still

ROOT = Path(__file__).resolve().parents[1]
TESTS = sorted((ROOT / "tests" / "js").glob("*.test.mjs"))
TESTED = [p for layer in ("engine", "draw") for p in (linker.HOME / layer).glob("*.js")]
OURS = ["lrlib/widgets/js", "book/_static", "tests/js"]
EXPORT = r"^export (?:const|class|function\*?|async function) (\w+)"


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_in_node(path):
    call = [still.node(), "--test", "--test-reporter=tap", str(path)]
    run = subprocess.run(call, capture_output=True, text=True, check=False)
    failed = re.split(r"^(?=# Subtest)", run.stdout, flags=re.MULTILINE)
    report = "\n".join(part for part in failed if "\nnot ok" in part)
    assert run.returncode == 0, report or run.stdout + run.stderr


@pytest.mark.parametrize("path", TESTED, ids=lambda path: path.name)
def test_what_the_engine_and_the_pictures_export_is_tested(path):
    text = "\n".join(test.read_text() for test in TESTS)
    imported = re.findall(
        rf'import \{{([^}}]*)\}} from "[^"]*/{path.parent.name}/{path.name}"', text
    )
    names = set(re.findall(r"\w+", " ".join(imported)))
    exported = re.findall(EXPORT, path.read_text(), re.MULTILINE)
    assert exported and set(exported) <= names, set(exported) - names


def test_no_line_of_javascript_passes_100_columns():
    paths = [path for folder in OURS for path in (ROOT / folder).rglob("*.*js")]
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 100
    ]
    assert len(paths) > 30 and not long
