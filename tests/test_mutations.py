"""Break one thing, and something must turn red: a printed literal, a learning rate, a
claim.
"""

import ast
import re
import sys
from pathlib import Path

import jupytext
import numpy as np
import pytest
import yaml
from changes import CHANGES
from parity import EVALUATE, ZOO_KINKS, gap, in_numpy, points

from lrlib import zoo
from lrlib.claims import ClaimFailed

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


def needed(cells: list[str], last: int) -> list[str]:
    """Cell `last` and those before it that make the names it uses, in their order."""
    trees = [list(ast.walk(ast.parse(cell))) for cell in cells]
    names = [[n for n in tree if isinstance(n, ast.Name)] for tree in trees]
    chosen = []
    wanted = set()
    for i in range(last, -1, -1):
        made = {n.id for n in names[i] if isinstance(n.ctx, ast.Store)}
        made |= {n.name for n in trees[i] if isinstance(n, ast.FunctionDef)}
        # who draws before it decides what a claim draws
        draws = {"rng"} & wanted & {n.id for n in names[i]}
        if i in (0, last) or made & wanted or draws:
            chosen.insert(0, cells[i])
            wanted |= {n.id for n in names[i] if isinstance(n.ctx, ast.Load)}
    return chosen


class Pages:
    """Runs lists of cells; lists of one page that begin alike share what their common
    cells have made.

    Only names are shared, not copies: cells that draw from one generator are run anew
    each time.
    """

    def __init__(self):
        self.page, self.made = "", {}

    def after(self, page: str, cells: tuple[str, ...]) -> dict:
        """Names that `cells` of `page` leave behind."""
        if page != self.page:
            self.page, self.made = page, {}
        if not cells:
            return {"__name__": "__main__"}
        if cells not in self.made:
            space = dict(self.after(page, cells[:-1]))
            exec(compile(cells[-1], "<page>", "exec"), space)
            self.made[cells] = space
        return self.made[cells]

    def run(self, page: str, cells: tuple[str, ...], shared: int) -> None:
        """Run `cells`; the first `shared` of them may come from an earlier call."""
        drawing = [i for i, cell in enumerate(cells) if re.search(r"\brng\b", cell)]
        shared = min([shared, *drawing])
        space = dict(self.after(page, cells[:shared]))
        for cell in cells[shared:]:
            exec(compile(cell, "<page>", "exec"), space)


PAGES = Pages()


def claim_ids(cell: str) -> list[str]:
    """Names of the claims that a cell states."""
    calls = [
        n
        for n in ast.walk(ast.parse(cell))
        if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "claim"
    ]
    names = [
        call.args[0]
        if call.args
        else next(k.value for k in call.keywords if k.arg == "id")
        for call in calls
    ]
    return [ast.literal_eval(name) for name in names]


@pytest.mark.parametrize(
    "name, claim, old, new", CHANGES, ids=[f"{c}: {new}" for _, c, _, new in CHANGES]
)
def test_one_percent_turns_a_claim_red(name, claim, old, new, monkeypatch):
    """Runs what the claim needs: as it stands it holds; with one number off, it and no
    other claim fails.
    """
    monkeypatch.setattr("IPython.display.display", lambda *things, **options: None)
    cells = code_cells(name)
    (last,) = [i for i, cell in enumerate(cells) if claim in claim_ids(cell)]
    # each claim is broken by itself
    others = re.compile(r"^claim\(\n.*?^\)$", re.S | re.M)
    *before, cell = needed(cells, last)
    cells = (*(others.sub("", c) for c in before), cell)
    places = [i for i, text in enumerate(cells) for _ in range(text.count(old))]
    assert len(places) == 1, f"{old!r} stands {len(places)} times in what {claim} needs"
    PAGES.run(name, cells, len(before))
    with pytest.raises(ClaimFailed, match=f"^{re.escape(claim)}: "):
        alone = places[0] < len(before)  # an earlier cell may fill what others share
        PAGES.run(
            name,
            tuple(text.replace(old, new) for text in cells),
            0 if alone else len(before),
        )


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_has_claims_and_a_change(name):
    assert [i for cell in code_cells(name) for i in claim_ids(cell)], (
        f"{name} states no claim"
    )
    stated = {i for cell in code_cells(name) for i in claim_ids(cell)}
    changed = {claim for stem, claim, *_ in CHANGES if stem == name}
    assert stated == changed, (
        f"{name}: give each claim a change of 1 % that breaks it in CHANGES"
    )


@pytest.mark.parametrize("name, claim, old, new", CHANGES)
def test_a_change_is_one_percent(name, claim, old, new):
    if new.replace("1.01 * ", "").replace(" / 1.01", "") == old:
        return
    numbers = [
        [float(v) for v in re.findall(r"(?<![\w.])\d+\.?\d*(?:e-?\d+)?", text)]
        for text in (old, new)
    ]
    ((before, after),) = [
        pair for pair in zip(*numbers, strict=True) if pair[0] != pair[1]
    ]
    assert abs(after / before - 1) == pytest.approx(0.01, abs=2e-3)


def test_deleting_any_claim_breaks_the_ledger():
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    ledger = pytest.importorskip("ledger", reason="needs the extra [book]")
    stated = [
        {"id": i, "page": name, "verdict": "holds"}
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
