"""Notebooks are tests too: `tests/pages.py`. What the others share is in
`tests/conftest.py`.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent / "tests"))


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Where nbval collects a notebook, its claims are tested in the same kernel."""
    found = yield
    if found and file_path.suffix == ".ipynb":
        from pages import Page

        found = [Page.from_parent(parent, path=file_path)]
    return found
