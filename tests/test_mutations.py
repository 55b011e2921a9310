"""Break one thing, and something must turn red: a printed literal, a learning rate, a claim."""

import ast
import re
import sys
from pathlib import Path

import jupytext
import numpy as np
import pytest
import yaml

from lrlib import zoo
from lrlib.claims import ClaimFailed

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = {p.relative_to(ROOT / "notebooks").with_suffix("").as_posix(): p for p in sorted(ROOT.glob("notebooks/**/*.ipynb"))
             if ".ipynb_checkpoints" not in p.parts}  # fmt: skip
REGISTERED = yaml.safe_load((ROOT / "book" / "statements.yml").read_text(encoding="utf8"))["claims"]

# (notebook, claim that must fail, text that stands once in its code, the same with a number 1 % off)
CHANGES = [
    ("regimes/classical_regime", "B.A2-regimes", "lr=[0.5, 1.5, 2.1]", "lr=[0.5, 1.515, 2.1]"),
    ("regimes/classical_regime", "B.A2-regimes", "lr=[0.5, 1.5, 2.1]", "lr=[0.5, 1.5, 2.121]"),
    ("regimes/bounded_beyond", "B.A6-bounded", "np.sqrt(np.square(lrs) / 4 - 1)", "np.sqrt(np.square(lrs) / 4.04 - 1)"),
    ("regimes/multiscale_chaos", "B.A9-chaos", "np.log(rates / 2e-6)", "np.log(rates / 2.02e-6)"),
    ("regimes/chaos_in_a_network", "B.A10-blobs", "[1.0, 4.035, 4.07, 6.0]", "[1.0, 4.075, 4.07, 6.0]"),
    ("escaping/toy_1d", "M.F1-trap", "lrs_f1 = (5e-4, 7e-4,", "lrs_f1 = (5e-4, 7.07e-4,"),
]


def code_cells(name: str) -> list[str]:
    return [cell.source for cell in jupytext.read(NOTEBOOKS[name]).cells if cell.cell_type == "code"]


def mutated(name: str, old: str, new: str) -> list[str]:
    """The notebook's code with one text changed; up to the last cell, so that the claim is reached."""
    cells = code_cells(name)
    assert sum(cell.count(old) for cell in cells) == 1, f"{old!r} stands {sum(c.count(old) for c in cells)} times in {name}"
    return [cell.replace(old, new) for cell in cells]


def execute(cells: list[str], monkeypatch) -> None:
    monkeypatch.setattr("IPython.display.display", lambda *things, **options: None)
    space = {"__name__": "__main__"}
    for cell in cells:
        exec(compile(cell, "<cell>", "exec"), space)


def claim_ids(cell: str) -> list[str]:
    """Names of the claims that a cell states."""
    calls = [n for n in ast.walk(ast.parse(cell)) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "claim"]
    names = [call.args[0] if call.args else next(k.value for k in call.keywords if k.arg == "id") for call in calls]
    return [ast.literal_eval(name) for name in names]


@pytest.mark.parametrize("name, claim, old, new", CHANGES, ids=[f"{n}: {new}" for n, _, _, new in CHANGES])
def test_one_percent_turns_a_claim_red(name, claim, old, new, monkeypatch):
    """The claims before it still hold; they are stated first."""
    with pytest.raises(ClaimFailed, match=f"^{re.escape(claim)}: "):
        execute(mutated(name, old, new), monkeypatch)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_has_claims_and_a_change(name):
    assert [i for cell in code_cells(name) for i in claim_ids(cell)], f"{name} states no claim"
    assert any(stem == name for stem, *_ in CHANGES), f"add a change of 1 % that breaks a claim of {name} to CHANGES"


@pytest.mark.parametrize("name, claim, old, new", CHANGES)
def test_a_change_is_one_percent(name, claim, old, new):
    numbers = [[float(v) for v in re.findall(r"(?<![\w.])\d+\.?\d*(?:e-?\d+)?", text)] for text in (old, new)]
    ratios = np.divide(*numbers)
    assert sorted(np.round(ratios, 3))[0] == pytest.approx(1 / 1.01, abs=2e-3) and (np.round(ratios, 3) != 1).sum() == 1


def test_deleting_any_claim_breaks_the_ledger():
    sys.path.insert(0, str(ROOT / "book" / "_ext"))
    ledger = pytest.importorskip("ledger", reason="needs the extra [book]")
    stated = [{"id": i, "page": name, "verdict": "holds"} for name in NOTEBOOKS for cell in code_cells(name) for i in claim_ids(cell)]
    assert list(ledger.problems(stated, REGISTERED)) == []
    for i, gone in enumerate(stated):
        (message,) = [text for _, text in ledger.problems(stated[:i] + stated[i + 1 :], REGISTERED)]
        assert gone["id"] in message and "decided by no executed notebook" in message


LITERAL = re.compile(r"(?<![\w.])\d+\.\d+(?:e[-+]?\d+)?(?![\w.])")


def last_digit_changed(literal: str) -> str:
    digits = re.match(r"[\d.]+", literal)[0]
    return digits[:-1] + str((int(digits[-1]) + 1) % 10) + literal[len(digits) :]


@pytest.mark.parametrize("name", ["mohtashami_toy_1d", "mohtashami_toy_2d", "runaway"])
def test_every_literal_of_the_printed_javascript_matters(name, node):
    """Change the last digit of one literal at a time: loss or gradient differs from Python by more than parity allows."""
    from test_parity import EVALUATE, ZOO_KINKS, gap, in_numpy, points

    landscape = getattr(zoo, name)
    at = points(landscape, 77, ZOO_KINKS.get(f"zoo.{name}", ()))
    source, expected = landscape.javascript, in_numpy(landscape, at)
    end = source.index("function descend")  # the same literals again; its orbits are compared elsewhere
    places = [m for m in LITERAL.finditer(source) if m.start() < end]
    wrong = [source[: m.start()] + last_digit_changed(m[0]) + source[m.end() :] for m in places]
    found = node(EVALUATE, [{"source": s, "points": at.tolist()} for s in [source, *wrong]])
    assert len(places) > 8 and gap(expected, np.array(found[0])) <= 1e-12
    for m, values in zip(places, found[1:], strict=True):
        line = source[source.rfind("\n", 0, m.start()) + 1 : source.find("\n", m.end())]
        assert gap(expected, np.array(values)) > 1e-12, f"{m[0]} in {line.strip()}"
