"""Break one thing, and something must turn red: a printed literal, a number of a page, a
claim.

For each claim a number in the code of its page is found whose change by 1 % breaks it;
`pages.py` does that in the kernel of each notebook, and here the search itself is tested.
"""

import ast
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from IPython.core.interactiveshell import InteractiveShell
from mutations import NOTEBOOKS, Page, claim_ids, code_cells, watch, watched
from parity import EVALUATE, ZOO_KINKS, gap, in_numpy, points

from lrlib import zoo
from lrlib.claims import ClaimFailed

ROOT = Path(__file__).resolve().parents[1]
REGISTERED = yaml.safe_load(
    (ROOT / "book" / "statements.yml").read_text(encoding="utf8")
)["claims"]


SMALL_CELLS = [
    """
from lrlib import claim
half = 0.5
""",
    """
claim("two", "2 is 2", source="ours", verdict="holds", evidence="closed form",
      observed=4 * half, expected=2.0, tolerance=0.004)
""",
]
SMALL_PAGE = "".join(SMALL_CELLS)


def test_a_kept_change_only_spares_the_search(monkeypatch):
    """Without it the same is found; with it nothing else is tried; one that is stale, or
    in what the claim is held against, is not believed.
    """
    found = Page([SMALL_PAGE]).red_changes({})
    assert found["two"]["number"] == "0.5 in half = 0.5"
    edited = Page([SMALL_PAGE.replace("0.5", "0.25 + 0.25")]).red_changes(found)
    assert edited["two"]["number"] == "0.25 in half = 0.25 + 0.25"
    nodes = list(ast.walk(Page([SMALL_PAGE]).statements[-1].tree))
    (node,) = [i for i, n in enumerate(nodes) if getattr(n, "value", None) == 2.0]
    assert (
        Page([SMALL_PAGE]).red_changes({"two": found["two"] | {"node": node}}) == found
    )
    monkeypatch.setattr(Page, "red_change", lambda *arguments: "searched")
    assert Page([SMALL_PAGE]).red_changes(found) == found
    assert Page([SMALL_PAGE]).red_changes({}) == {"two": "searched"}


def test_a_claim_that_hears_nothing_is_found():
    deaf = SMALL_PAGE.replace("0.004", "0.1")
    assert Page([deaf]).red_changes({}) == {"two": None}
    with pytest.raises(ClaimFailed):
        Page([deaf.replace("2.0", "2.2")]).red_changes({})


def test_a_kernel_keeps_what_the_search_needs():
    """It finds what a run of its own finds; a page of which not all ran is refused."""
    shell = InteractiveShell()
    watch(shell, SMALL_CELLS)
    for cell in SMALL_CELLS:
        shell.run_cell(cell, store_history=False).raise_error()
    assert json.loads(watched(shell)) == Page(SMALL_CELLS).red_changes({})
    watch(shell, SMALL_CELLS)
    shell.run_cell(SMALL_CELLS[0], store_history=False).raise_error()
    with pytest.raises(RuntimeError, match="not every cell"):
        watched(shell)


def test_deleting_any_claim_breaks_the_ledger():
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    ledger = pytest.importorskip("ledger", reason="needs the extra [book]")
    stated = [
        {"id": i, "page": name, "verdict": "holds", "evidence": "recorded"}
        for name in NOTEBOOKS
        for cell in code_cells(name)
        for i in claim_ids(cell)
    ]
    assert list(ledger.problems(stated, REGISTERED)) == []
    for i, gone in enumerate(stated):
        (message,) = [
            text
            for _, text in ledger.problems(stated[:i] + stated[i + 1 :], REGISTERED)
        ]
        assert gone["id"] in message and "decided by no executed notebook" in message


# Coefficients and values; the threshold of a selection may move where both sides give
# the same.
LITERAL = re.compile(
    r"(?<![\w.])(?<![<>=] )(?<![<>=] \(-)\d+\.\d+(?:e[-+]?\d+)?(?![\w.])"
)


def last_digit_changed(literal: str) -> str:
    digits = re.match(r"[\d.]+", literal)[0]
    return digits[:-1] + str((int(digits[-1]) + 1) % 10) + literal[len(digits) :]


@pytest.mark.parametrize("name", ["mohtashami_toy_1d", "mohtashami_toy_2d", "runaway"])
def test_every_literal_of_the_printed_javascript_matters(name, node):
    """Change the last digit of one literal at a time: loss or gradient differs from
    Python by more than parity allows.
    """
    landscape = getattr(zoo, name)
    at = points(landscape, 77, ZOO_KINKS.get(f"zoo.{name}", ()))
    source = landscape.javascript
    expected = in_numpy(landscape, at)
    # the same literals again; its orbits are compared elsewhere
    end = source.index("function descend")
    places = [m for m in LITERAL.finditer(source) if m.start() < end]
    wrong = [
        source[: m.start()] + last_digit_changed(m[0]) + source[m.end() :]
        for m in places
    ]
    found = node(
        EVALUATE, [{"source": s, "points": at.tolist()} for s in [source, *wrong]]
    )
    assert len(places) > 8 and gap(expected, np.array(found[0])) <= 1e-12
    for m, values in zip(places, found[1:], strict=True):
        line = source[source.rfind("\n", 0, m.start()) + 1 : source.find("\n", m.end())]
        assert gap(expected, np.array(values)) > 1e-12, f"{m[0]} in {line.strip()}"
