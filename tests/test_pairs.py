"""The .md and .ipynb twins hold the same cells, and no outputs. Read-only: nothing is
synchronised.
"""

from itertools import zip_longest
from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
STEMS = sorted(
    {
        p.with_suffix("")
        for s in ("*.md", "*.ipynb")
        for p in NOTEBOOKS.rglob(s)
        if ".ipynb_checkpoints" not in p.parts
    }
)


def content(notebook):
    return [
        (cell.cell_type, cell.source.rstrip(), sorted(cell.metadata.get("tags", [])))
        for cell in notebook.cells
    ]


def test_there_are_notebooks():
    assert STEMS


@pytest.mark.parametrize(
    "stem", STEMS, ids=lambda p: p.relative_to(NOTEBOOKS).as_posix()
)
def test_twins_agree(stem):
    text, notebook = (stem.with_suffix(suffix) for suffix in (".md", ".ipynb"))
    assert text.exists() and notebook.exists(), (
        f"write the twin: jupytext --to ipynb {text}"
    )
    text = jupytext.read(text)
    notebook = jupytext.read(notebook)
    # Cell by cell: the difference of two whole pages helps nobody find it.
    for number, (ours, theirs) in enumerate(
        zip_longest(content(text), content(notebook)), start=1
    ):
        assert ours == theirs, (
            f"cell {number} differs; to keep the .md: jupytext --to ipynb {stem.name}.md"
        )
    assert text.metadata.kernelspec == notebook.metadata.kernelspec


@pytest.mark.parametrize(
    "stem", STEMS, ids=lambda p: p.relative_to(NOTEBOOKS).as_posix()
)
def test_no_outputs_are_stored(stem):
    notebook = jupytext.read(stem.with_suffix(".ipynb"))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    # the state a running notebook leaves behind
    assert "widgets" not in notebook.metadata
