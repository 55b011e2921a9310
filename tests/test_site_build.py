"""A small book with the extensions and the configuration of this one: a failing cell
fails its build.
"""

import os
import shutil
import subprocess
import sys

import pytest
import yaml
from browser import ROOT

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


def build(folder, cell):
    """Build a book of one page that runs `cell`, as `make book` does."""
    shutil.copytree(
        ROOT / "book" / "_ext",
        folder / "book" / "_ext",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    shutil.copytree(ROOT / "book" / "_static", folder / "book" / "_static")
    shutil.copytree(
        ROOT / "lrlib", folder / "lrlib", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("_config.yml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: book/page\n")
    (folder / "book" / "page.md").write_text(PAGE.format(cell=cell))
    (folder / "book" / "statements.yml").write_text(
        yaml.safe_dump({"sources": {}, "claims": {}})
    )
    command = "from jupyter_book.cli.main import main; main()"
    jupyter_book = [
        sys.executable,
        "-c",
        command,
        "build",
        "-n",
        "--keep-going",
        ".",
        "--all",
        "-W",
    ]
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        jupyter_book, cwd=folder, env=env, capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    "cell, succeeds",
    [
        ("gradient_descent(zoo.quadratic, 1.0, lr=0.1, n_steps=3)", True),
        ("gradient_descent(zoo.quadratic, 1.0, lr=-0.1, n_steps=3)", False),
    ],
    ids=["sound", "failing"],
)
def test_a_failing_cell_fails_the_build(tmp_path, cell, succeeds):
    pytest.importorskip("jupyter_book", reason="needs the extra [book]")
    run = build(tmp_path, cell)
    text = run.stdout + run.stderr
    assert (run.returncode == 0) == succeeds, text[-3000:]
    assert (
        tmp_path / "_build" / "html" / "book" / "page.html"
    ).exists() or not succeeds
    assert succeeds or "ValueError" in text and "lr: got -0.1" in text
