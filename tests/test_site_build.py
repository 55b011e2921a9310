"""A small book with the extensions and the configuration of this one: a failing cell
fails its build, and so does a wrong formula.
"""

import os
import shutil
import subprocess
import sys

import pytest
import yaml
from browser import ROOT

pytestmark = pytest.mark.pages  # every build executes one

PAGE = """\
---
jupytext: {{text_representation: {{extension: .md, format_name: myst}}}}
kernelspec: {{display_name: Python 3, language: python, name: python3}}
---

# A page

```{{code-cell}} ipython3
from lrlib import gradient_descent, zoo
{cell}
```
"""


JUPYTER_BOOK = [
    sys.executable,
    "-c",
    "from jupyter_book.cli.main import main; main()",
    *("build", "-n", "--keep-going", ".", "--all", "-W"),
]


def lay_out(folder, cell):
    """A book of one page that runs `cell`."""
    without = shutil.ignore_patterns("__pycache__")
    for name in ("book/_ext", "book/_static", "lrlib"):
        shutil.copytree(ROOT / name, folder / name, ignore=without)
    for name in ("_config.yml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(ROOT / "book" / "references.bib", folder / "book")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/page\n")
    (folder / "book" / "page.md").write_text(PAGE.format(cell=cell))
    register = yaml.safe_dump({"sources": {}, "claims": {}})
    (folder / "book" / "statements.yml").write_text(register)


def build(folder):
    """Build it as `make book` does."""
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        JUPYTER_BOOK, cwd=folder, env=env, capture_output=True, text=True, timeout=120
    )


SOUND = "gradient_descent(zoo.quadratic, 1.0, lr=0.1, n_steps=3)"
FAILING = "gradient_descent(zoo.quadratic, 1.0, lr=-0.1, n_steps=3)"


def test_a_failing_cell_fails_the_build(tmp_path):
    pytest.importorskip("jupyter_book", reason="needs the extra [book]")
    lay_out(tmp_path, FAILING)
    run = build(tmp_path)
    text = run.stdout + run.stderr
    assert run.returncode != 0
    assert "ValueError" in text and "lr: got -0.1" in text


def test_a_wrong_formula_fails_the_build(tmp_path):
    pytest.importorskip("jupyter_book", reason="needs the extra [book]")
    lay_out(tmp_path, SOUND)
    (tmp_path / "book" / "page.md").write_text("# A page\n\nIf $x < \\nosuch$.\n")
    run = build(tmp_path)
    text = run.stdout + run.stderr
    assert run.returncode != 0
    assert "book/page" in text and "Undefined control sequence" in text
    assert "x < " in text and "nosuch" in text


def test_only_what_a_page_imports_executes_it_again(tmp_path):
    """A style sheet and networks do not; the descent that it calls does."""
    pytest.importorskip("jupyter_book", reason="needs the extra [book]")
    lay_out(tmp_path, SOUND)
    library = tmp_path / "lrlib"
    edits = {
        None: True,
        library / "widgets" / "widgets.css": False,
        library / "networks" / "training.py": False,
        library / "descent" / "ensembles.py": True,
    }
    for edited, executed in edits.items():
        if edited:
            comment = "/* edited */" if edited.suffix == ".css" else "# edited"
            edited.write_text(f"{edited.read_text()}\n{comment}\n")
        run = build(tmp_path)
        assert run.returncode == 0, (run.stdout + run.stderr)[-3000:]
        assert ("executed page.md" in run.stdout + run.stderr) == executed, edited
    assert (tmp_path / "_build" / "html" / "book" / "page.html").exists()
