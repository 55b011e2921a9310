"""Claims: a statement of a source, what code measured, and the verdict that follows.

A claim is computed where it is stated. If the measured value is off, or the verdict
does not follow from what was found, `claim` raises, and so does the notebook, the test
and the build. The ledger page collects the claims from the executed notebooks.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import asdict, dataclass

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


class ClaimFailed(AssertionError):
    """What was measured contradicts the claim."""


@dataclass(frozen=True)
class Claim:
    """One row of the ledger; numbers as text with the digits that the tolerance
    supports.
    """

    id: str
    statement: str
    source: str
    measured: str
    observed: str
    expected: str
    tolerance: str
    verdict: str

    def _repr_html_(self) -> str:
        data = html.escape(json.dumps(asdict(self), ensure_ascii=False), quote=True)
        margin = f" ± {self.tolerance}" if self.tolerance else ""
        numbers = (
            f"{prose(self.measured)}: <b>{html.escape(self.observed)}</b>, expected "
            f"{html.escape(self.expected)}"
        )
        kind = self.verdict.replace(" ", "-")
        return (
            f'<div class="lr-claim" id="claim-{html.escape(self.id)}" data-claim="{data}">'
            f'<span class="lr-verdict lr-verdict-{kind}">{self.verdict}</span> '
            f'<span class="lr-claim-statement">{prose(self.statement)}</span> '
            f'<span class="lr-claim-source">{html.escape(self.source)}</span>'
            f'<div class="lr-claim-numbers">{numbers}{margin}</div></div>'
        )

    def __repr__(self) -> str:
        return (
            f"{self.id}: {self.verdict}. {self.statement} {self.measured}: "
            f"{self.observed}, expected {self.expected}"
        )


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
    measured: str = "measured",
    observed,
    expected,
    tolerance=0.0,
    printed=True,
    verdict: str,
) -> None:
    """State, check and display a claim.

    Parameters
    ----------
    statement, measured
        What the source says, and what the numbers are; ``$...$`` is mathematics.
    observed, expected
        What this notebook measured and what it should be: numbers, arrays, or anything
        comparable. Where the number comes from a closed form, `expected` is that form,
        evaluated.
    tolerance
        Largest absolute difference allowed, in every entry.
    printed
        Whether the statement held here exactly as its source prints it, as computed;
        None where that was not tested.
    verdict
        One of `VERDICTS`; it must follow from `printed`.

    Raises
    ------
    ClaimFailed
        When `observed` misses `expected`, or `verdict` contradicts `printed`.
    ValueError
        For an unknown verdict.
    """
    if verdict not in VERDICTS:
        raise ValueError(f"verdict: got {verdict!r}; allowed are {', '.join(VERDICTS)}")
    found = None if printed is None else bool(printed)
    if found not in VERDICTS[verdict]:
        raise ClaimFailed(
            f"{id}: the verdict {verdict!r} needs printed to be "
            f"{VERDICTS[verdict][0]}; it was {found}"
        )
    if not _agree(observed, expected, tolerance):
        raise ClaimFailed(
            f"{id}: measured {observed}, expected {expected} within {tolerance}. "
            f"{statement}"
        )
    digits = f"{tolerance:.2g}".replace("e-0", "e-") if tolerance else ""
    made = Claim(
        id,
        statement,
        source,
        measured,
        _text(observed, tolerance),
        _text(expected, tolerance),
        digits,
        verdict,
    )
    from IPython.display import display

    display(made)


def _agree(observed, expected, tolerance: float) -> bool:
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
    return type(observed) is type(expected) and observed == expected


def _text(value, tolerance: float) -> str:
    """`value` to one digit beyond the tolerance; short floats as they are."""
    if isinstance(value, dict):
        return ", ".join(f"{k} {_text(v, tolerance)}" for k, v in value.items())
    if np.ndim(value):
        rows = np.ndim(value) > 1
        inner = [_text(v, tolerance) for v in value]
        return (
            "("
            + ("; ".join(r.strip("()") for r in inner) if rows else ", ".join(inner))
            + ")"
        )
    if isinstance(value, bool | np.bool_ | str):
        return {True: "yes", False: "no"}.get(value, str(value))
    if isinstance(value, int | np.integer):
        return str(value)
    value = float(value)
    if not tolerance or value == 0:
        return f"{value:.6g}"
    digits = (
        int(np.ceil(np.log10(abs(value) / tolerance))) + 1
        if abs(value) > tolerance
        else 1
    )
    return f"{value:.{min(max(digits, 2), 8)}g}"
