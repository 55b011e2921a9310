"""Gradient descent in more digits than a double has."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from ..checks import whole
from ..landscapes.contract import Objective, formulas

_SADDLES = Path(__file__).with_name("saddle_starts.csv")


def extended_descent(
    landscape: Objective,
    theta0: Sequence,
    *,
    lr: Any,
    n_steps: int,
    digits: int,
) -> np.ndarray:
    """The orbit of gradient descent in `digits` decimal digits: mpmath numbers, shape
    (n_steps + 1, dim).

    `theta0` (of length dim) and `lr` are best given as text: a double such as 1.9 is
    already rounded.
    """
    import mpmath

    digits = whole("digits", digits, 15, 10_000)
    n_steps = whole("n_steps", n_steps, 0)
    symbols = formulas(landscape)
    gradient = sp.lambdify(symbols.coordinates, symbols.gradient_formula, "mpmath")
    with mpmath.workdps(digits):
        try:
            theta = [mpmath.mpf(v) for v in theta0]
            rate = mpmath.mpf(lr)
        except (TypeError, ValueError):
            raise TypeError(
                f"theta0, lr: got {theta0!r}, {lr!r}; allowed are numbers, also as text"
            ) from None
        if len(theta) != landscape.dim or not rate > 0:
            raise ValueError(
                f"theta0, lr: got {theta0!r}, {lr!r}; allowed are {landscape.dim} "
                "numbers; one above 0"
            )
        orbit = [theta]
        for _ in range(n_steps):
            pulls = zip(theta, gradient(*theta), strict=True)
            theta = [value - rate * pull for value, pull in pulls]
            orbit.append(theta)
    return np.array(orbit, dtype=object)


def saddle_starts() -> dict[int, tuple[str, str]]:
    """Starts, 50 digits each, that approach saddle cycles of `zoo.scalar_factorisation`
    at lr 1.9, by period.

    They lie on the stable manifolds of the cycles, and were found by iterating
    backwards at 150 digits.
    """
    with _SADDLES.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return {int(row["period"]): (row["x"], row["y"]) for row in rows}
