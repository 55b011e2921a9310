"""Break one thing, and something must turn red: a printed literal, a number of a page, a
claim.

For each claim a number in the code of its page is found whose change by 1 % breaks it.
All pages take about four minutes of processor time on a busy machine: two and a half for
running once what the claims need (half a minute where a page trains networks), the rest
for the changes, of which most need only the last statements.
"""

import re
import sys
from pathlib import Path

import jupytext
import numpy as np
import pytest
import yaml
from mutations import Page, claim_ids
from parity import EVALUATE, ZOO_KINKS, gap, in_numpy, points

from lrlib import zoo

ROOT = Path(__file__).resolve().parents[1]
FILES = [
    p
    for p in sorted(ROOT.glob("notebooks/**/*.ipynb"))
    if ".ipynb_checkpoints" not in p.parts
]
NOTEBOOKS = {
    p.relative_to(ROOT / "notebooks").with_suffix("").as_posix(): p for p in FILES
}
REGISTERED = yaml.safe_load(
    (ROOT / "book" / "statements.yml").read_text(encoding="utf8")
)["claims"]


def code_cells(name: str) -> list[str]:
    return [
        cell.source
        for cell in jupytext.read(NOTEBOOKS[name]).cells
        if cell.cell_type == "code"
    ]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_one_percent_turns_each_claim_red(name, monkeypatch):
    """As the page stands its claims hold; for each, one number with a change of 1 %
    outside of what it is held against makes it fail.
    """
    monkeypatch.setattr("IPython.display.display", lambda *things, **options: None)
    page = Page(code_cells(name))
    assert page.claims, f"{name} states no claim"
    page.run()
    found = {claim: page.red_change(claim) for claim in page.claims}
    print(*(f"{claim}: {change}" for claim, change in found.items()), sep="\n")
    deaf = [claim for claim, change in found.items() if change is None]
    assert not deaf, f"no change of a number by 1 % turns these red: {deaf}"


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
