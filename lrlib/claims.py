"""Claims: a statement of a source, what code measured, and the verdict that follows.

A claim is computed where it is stated. If the measured value is off, or the verdict
does not follow from what was found, `claim` raises, and so does the notebook, the test
and the build. The ledger page collects the claims from the executed notebooks.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

_AS_PRINTED = dict.fromkeys(
    ["holds", "certified", "reproduced", "reproduced at reduced scale"], (True,)
)
_NOT_AS_PRINTED = dict.fromkeys(
    ["holds after repair", "refuted as printed", "differs"], (False,)
)
_UNDECIDED = dict.fromkeys(["not reached", "open"], (None,))
# verdict -> values of `printed` that allow it
VERDICTS = _AS_PRINTED | _NOT_AS_PRINTED | _UNDECIDED

# the strongest first
EVIDENCE = (
    "exact algebra",
    "interval proof",
    "closed form",
    "independent computation",
    "statistics",
    "recorded",
)
_PROOFS = EVIDENCE[:2]
_MANY = 3  # more numbers than this stand in a table


class ClaimFailed(AssertionError):
    """What was measured contradicts the claim."""


@dataclass(frozen=True)
class Claim:
    """One row of the ledger; numbers as text with the digits that the tolerance
    supports, ``$...$`` where they are formulas.

    `compared` is what `observed` was held against: "expected", "within" or "recorded";
    `n` is the number of seeds or starts of a statistic, otherwise None. `entries` are
    triples of label, observed and expected, one for each number.
    """

    id: str
    statement: str
    source: str
    measured: str
    observed: str
    compared: str
    expected: str
    tolerance: str
    evidence: str
    n: int | None
    verdict: str
    entries: tuple[tuple[str, str, str], ...] = ()

    def _repr_html_(self) -> str:
        data = html.escape(json.dumps(asdict(self), ensure_ascii=False), quote=True)
        kind = self.verdict.replace(" ", "-")
        return (
            f'<div class="lr-claim" id="claim-{html.escape(self.id)}" data-claim="{data}">'
            f'<p><span class="lr-verdict lr-verdict-{kind}">{self.verdict}</span> '
            f'<span class="lr-claim-statement">{prose(self.statement)}</span> '
            f'<span class="lr-claim-source">{html.escape(self.source)}</span></p>'
            f"{self.numbers()}"
            f'<p class="lr-claim-evidence">Evidence: {self.evidence_text()}</p></div>'
        )

    def numbers(self, folded: bool = False) -> str:
        """The numbers as HTML: a sentence, or a table where there are more than three,
        `folded` under what was measured.
        """
        if len(self.entries) <= _MANY:
            text = (
                f"{prose(self.measured)}: <b>{prose(self.observed)}</b>, "
                f"{self.comparison()}"
            )
            return f'<p class="lr-claim-numbers">{text}</p>'
        rows = "".join(
            f'<tr><th scope="row">{prose(label)}</th><td>{prose(observed)}</td>'
            f"<td>{prose(expected)}</td></tr>"
            for label, observed, expected in self.entries
        )
        margin = f" (± {self.tolerance})" if self.tolerance else ""
        name = "required" if self.compared == "within" else self.compared
        head = (
            '<thead><tr><td></td><th scope="col">measured</th>'
            f'<th scope="col">{name}{margin}</th></tr></thead>'
        )
        caption = "" if folded else f"<caption>{prose(self.measured)}</caption>"
        table = f'<table class="lr-claim-table">{caption}{head}<tbody>{rows}</tbody></table>'
        if not folded:
            return table
        count = f"{prose(self.measured)}: {len(self.entries)} numbers"
        return f"<details><summary>{count}</summary>{table}</details>"

    def comparison(self) -> str:
        """What the observed numbers were held against, as HTML."""
        margin = f" ± {html.escape(self.tolerance)}" if self.tolerance else ""
        name = "required" if self.compared == "within" else self.compared
        return f"{name} {prose(self.expected)}{margin}"

    def evidence_text(self) -> str:
        """The kind of evidence, with the number of seeds or starts of a statistic."""
        return evidence_text(self.evidence, self.n)

    def __repr__(self) -> str:
        return (
            f"{self.id}: {self.verdict}. {self.statement} {self.measured}: "
            f"{self.observed}, {self.compared} {self.expected} ({self.evidence_text()})"
        )


def evidence_text(evidence: str, n: int | None) -> str:
    """A kind of evidence in words; `n` is a statistic's number of seeds or starts."""
    if n is None:
        return evidence
    return f"{evidence}, n = {n:,}"


def prose(text: str) -> str:
    """Text as HTML, its ``$formulas$`` marked for MathJax."""
    return re.sub(
        r"\$([^$]+)\$",
        r'<span class="math notranslate nohighlight">\\(\1\\)</span>',
        html.escape(text),
    )


def claim(  # noqa: PLR0913 (a claim is these words and numbers)
    id: str,
    statement: str,
    *,
    source: str,
    verdict: str,
    evidence: str,
    n: int | None = None,
    measured: str = "measured",
    labels: Sequence | None = None,
    observed: Any,
    expected: Any = None,
    within: Any = None,
    recorded: Any = None,
    tolerance: float = 0.0,
    printed: bool | None = True,
) -> None:
    """State, check and display a claim.

    Give exactly one of `expected`, `within` and `recorded`.

    Parameters
    ----------
    statement, measured
        What the source says, and what the numbers are; ``$...$`` is mathematics.
    verdict
        One of `VERDICTS`; it must follow from `printed`. "certified" needs a proof as
        evidence.
    evidence
        One of `EVIDENCE`; "recorded" goes with `recorded`, and only with it.
    n
        With the evidence "statistics" its number of seeds or starts; otherwise None.
    labels
        Names of the entries of `observed`; for a table the names of its rows and those
        of its columns, as a pair of lists.
    observed
        What this notebook measured: numbers, arrays, formulas of sympy, or anything
        comparable.
    expected
        What it should be, from a closed form, a number that the source prints, or an
        independent computation.
    within
        The lowest and the highest value allowed in every entry, inclusive; a criterion
        that was stated before the data. Infinities leave a side open.
    recorded
        What this same code found earlier: a regression test, and labelled so.
    tolerance
        Largest absolute difference from `expected` or `recorded` in every entry.
    printed
        Whether the statement held here exactly as its source prints it, as computed;
        None where that was not tested.

    Raises
    ------
    ClaimFailed
        When `observed` misses what it is held against, or `verdict` contradicts
        `printed`.
    ValueError
        For an unknown verdict or evidence, for arguments that do not go together, and
        for labels that do not fit.
    """
    given = {"expected": expected, "within": within, "recorded": recorded}
    compared = _only_one(given)
    _check_evidence(evidence, n, compared, verdict)
    if compared == "within":
        _check_within(within, tolerance)
    _check_verdict(id, verdict, printed)
    target = given[compared]
    agrees = (
        _inside(observed, *within)
        if compared == "within"
        else _agree(observed, target, tolerance)
    )
    if not agrees:
        margin = f" within {tolerance}" if compared != "within" else ""
        raise ClaimFailed(
            f"{id}: measured {observed}, {compared} {target}{margin}. {statement}"
        )
    from IPython.display import display

    bounds = _bounds_text(*within) if compared == "within" else ""
    display(
        Claim(
            id,
            statement,
            source,
            measured,
            _text(observed, tolerance),
            compared,
            bounds or _text(target, tolerance),
            _number(tolerance, f"{tolerance:.2g}") if tolerance else "",
            evidence,
            n,
            verdict,
            tuple(_entries(observed, bounds or target, tolerance, labels)),
        )
    )


def _only_one(given: dict) -> str:
    names = [name for name, value in given.items() if value is not None]
    if len(names) != 1:
        raise ValueError(
            f"expected, within, recorded: got {' and '.join(names) or 'none of them'}; "
            "give exactly one"
        )
    return names[0]


def _check_evidence(evidence: str, n: int | None, compared: str, verdict: str) -> None:
    if evidence not in EVIDENCE:
        raise ValueError(
            f"evidence: got {evidence!r}; allowed are {', '.join(EVIDENCE)}"
        )
    if (evidence == "recorded") != (compared == "recorded"):
        raise ValueError(
            f"evidence: got {evidence!r} with {compared}=; 'recorded' goes with "
            "recorded=, and only with it"
        )
    counted = isinstance(n, int | np.integer) and not isinstance(n, bool) and n > 0
    if evidence == "statistics" and not counted:
        raise ValueError(f"n: got {n!r}; statistics need the number of seeds or starts")
    if evidence != "statistics" and n is not None:
        raise ValueError(f"n: got {n!r}; only statistics have it, not {evidence!r}")
    if verdict == "certified" and evidence not in _PROOFS:
        raise ValueError(
            f"evidence: got {evidence!r}; 'certified' needs {' or '.join(_PROOFS)}"
        )


def _check_within(within: Any, tolerance: float) -> None:
    if tolerance:
        raise ValueError(
            f"tolerance: got {tolerance!r} with within=; the bounds are exact"
        )
    if not isinstance(within, tuple | list) or len(within) != 2:
        raise ValueError(
            f"within: got {within!r}; give the lowest and the highest value"
        )
    if not np.less_equal(*within).all():
        raise ValueError(f"within: got {within!r}; the lowest value comes first")


def _check_verdict(id: str, verdict: str, printed: bool | None) -> None:
    if verdict not in VERDICTS:
        raise ValueError(f"verdict: got {verdict!r}; allowed are {', '.join(VERDICTS)}")
    found = None if printed is None else bool(printed)
    if found not in VERDICTS[verdict]:
        raise ClaimFailed(
            f"{id}: the verdict {verdict!r} needs printed to be "
            f"{VERDICTS[verdict][0]}; it was {found}"
        )


def _inside(observed: Any, low: Any, high: Any) -> bool:
    """Whether every entry is a number in [low, high]; NaN is in no interval."""
    values = np.asarray(observed)
    if values.dtype.kind not in "iuf":
        return False
    return bool(((values >= low) & (values <= high)).all())


def _is_formula(value: Any) -> bool:
    """Whether `value` is an expression of sympy, which need not be installed here."""
    return hasattr(value, "free_symbols")


def _agree(observed: Any, expected: Any, tolerance: float) -> bool:
    if isinstance(observed, dict) and isinstance(expected, dict):
        return observed.keys() == expected.keys() and all(
            _agree(v, expected[k], tolerance) for k, v in observed.items()
        )
    numbers = [np.asarray(v) for v in (observed, expected)]
    if all(v.dtype.kind in "iuf" for v in numbers):
        if numbers[0].shape != numbers[1].shape:
            return False
        # NaN agrees with nothing
        return bool((np.abs(np.subtract(*numbers, dtype=float)) <= tolerance).all())
    if _is_formula(observed):
        return bool((observed - expected).expand() == 0)
    if isinstance(observed, list | tuple) and isinstance(expected, list | tuple):
        return len(observed) == len(expected) and all(
            map(_agree, observed, expected, [tolerance] * len(observed))
        )
    return type(observed) is type(expected) and observed == expected


def _entries(
    observed: Any, expected: Any, tolerance: float, labels: Sequence | None
) -> Iterator[tuple[str, str, str]]:
    """Triples of text: label, observed, expected; `expected` may be one text for all."""
    if isinstance(observed, dict):
        for name, value in observed.items():
            other = expected.get(name) if isinstance(expected, dict) else expected
            yield name, _text(value, tolerance), _text(other, tolerance)
        return
    rows = _flat(observed)
    names = _names(labels, np.shape(observed), len(rows))
    due = [expected] * len(rows) if isinstance(expected, str) else _flat(expected)
    for name, value, other in zip_longest(names, rows, due):
        yield name, _text(value, tolerance), _text(other, tolerance)


def _flat(values: Any) -> list:
    if isinstance(values, np.ndarray | list | tuple):
        return [leaf for value in values for leaf in _flat(value)]
    return [values]


def _names(labels: Sequence | None, shape: tuple[int, ...], size: int) -> list[str]:
    if labels is None:
        return [str(i + 1) for i in range(size)]
    table = len(shape) == 2 and len(labels) == 2 and not isinstance(labels[0], str)
    lists = (
        [[_text(label, 0.0) for label in group] for group in labels] if table else []
    )
    names = (
        [f"{row}, {column}" for row in lists[0] for column in lists[1]]
        if table
        else [_text(label, 0.0) for label in labels]
    )
    if len(names) != size:
        raise ValueError(f"labels: got {len(names)} of them for {size} numbers")
    return names


def _bounds_text(low: Any, high: Any) -> str:
    """The bounds of a criterion in words."""
    low_text, high_text = _text(low, 0.0), _text(high, 0.0)
    if np.isneginf(low).all():
        return f"at most {high_text}"
    if np.isposinf(high).all():
        return f"at least {low_text}"
    return f"{low_text} to {high_text}"


def _text(value: Any, tolerance: float) -> str:
    """`value` to one digit beyond the tolerance; short floats as they are."""
    if isinstance(value, dict):
        return ", ".join(f"{k} {_text(v, tolerance)}" for k, v in value.items())
    if isinstance(value, np.ndarray | list | tuple) and np.ndim(value):
        rows = np.ndim(value) > 1
        inner = [_text(v, tolerance) for v in value]
        return (
            "("
            + ("; ".join(r.strip("()") for r in inner) if rows else ", ".join(inner))
            + ")"
        )
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return _number(value, str(value))
    if _is_formula(value):
        from sympy import latex

        return f"${latex(value)}$" if value.free_symbols else _number(value, str(value))
    value = float(value)
    if not tolerance or value == 0:
        return _number(value, f"{value:.6g}")
    digits = (
        int(np.ceil(np.log10(abs(value) / tolerance))) + 1
        if abs(value) > tolerance
        else 1
    )
    return _number(value, f"{value:.{min(max(digits, 2), 8)}g}")


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _number(value: Any, text: str) -> str:
    """A number as people write it: a minus sign, powers of ten."""
    mantissa, _, power = text.partition("e")
    sign = mantissa.replace("-", "\N{MINUS SIGN}")
    if not power:
        return sign
    ten = f"10{str(int(power)).translate(_SUPERSCRIPTS)}"
    return ten if sign == "1" else f"{sign} × {ten}"
