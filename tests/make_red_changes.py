"""Keeps which change of 1 % turns each claim red: ``python tests/make_red_changes.py``
brings data/red_changes.json up to date; with names of pages, such as
``regimes/balancing``, only for these.

The file spares `test_mutations.py` the search, and nothing else: without it the test
finds the same, later. Run this when the test says that it had to search.
"""

import json
import sys

import matplotlib
from mutations import NOTEBOOKS, RED_CHANGES, Page, code_cells, kept_changes


def main(pages: list[str]) -> None:
    matplotlib.use("Agg")
    for name in pages or NOTEBOOKS:
        kept = kept_changes()
        found = Page(code_cells(name)).red_changes(kept)
        for claim, change in found.items():
            print(f"{claim}: {change and change['number']}")
        changes = kept | {c: change for c, change in found.items() if change}
        text = json.dumps(changes, indent=1, sort_keys=True, ensure_ascii=False)
        RED_CHANGES.write_text(text + "\n", encoding="utf8")


if __name__ == "__main__":
    main(sys.argv[1:])
