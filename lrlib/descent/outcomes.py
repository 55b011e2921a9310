"""What a trajectory did: converged to a named minimum, periodic, bounded, or diverged.

With ``W = min(WINDOW, n_steps // 2)``:

diverged     an iterate left ``|theta| <= BOUND``; decided at that step.
converged    for the last W steps the pull was at most SETTLED; decided when that began.
             The minimum is the first named one within NEAR of the end, relative to
             ``1 + |theta|``.
periodic: p  without noise, the next WINDOW steps repeat with period p >= 2, and with
             none below it.
bounded      none of these within `n_steps`: still on its way, a long period, or chaos.

Outcomes are arrays of kind and detail; `Outcomes.labels` puts them into words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from ..checks import lookup, whole
from ..landscapes.contract import Objective, objective
from .grids import grid
from .noise import Noise
from .stepping import SETTLED, Steps, advance

WINDOW = 64
MAX_PERIOD = WINDOW // 2
NEAR = 1e-3
BOUNDED, CONVERGED, PERIODIC, DIVERGED = range(4)
UNNAMED = -1  # the detail of a limit beside every named minimum
_AT_A_TIME = 8192  # windows, so that the search for periods needs little memory


@dataclass(frozen=True)
class Outcomes:
    """What n trajectories did; every array has shape (n,).

    Attributes
    ----------
    kind
        BOUNDED, CONVERGED, PERIODIC or DIVERGED.
    detail
        Of a converged one the index of its minimum, or UNNAMED; of a periodic one the
        period; else -1.
    step
        The step at which the outcome was decided.
    """

    kind: np.ndarray
    detail: np.ndarray
    step: np.ndarray

    def labels(self, minima) -> np.ndarray:
        """In words, such as ``"converged: NAME"`` with a name from `minima`."""
        text = {BOUNDED: "bounded", DIVERGED: "diverged"}
        names = [*minima, "unnamed point"]  # UNNAMED is the last one
        # one number for each pair of kind and detail, so that each is worded once
        span = self.detail.max(initial=0) + 2
        codes = self.kind * span + self.detail + 1
        distinct, where = np.unique(codes, return_inverse=True)
        words = []
        for code in distinct.tolist():
            kind, detail = divmod(code, span)
            detail = detail - 1
            if kind == CONVERGED:
                words.append(f"converged: {names[detail]}")
            elif kind == PERIODIC:
                words.append(f"periodic: {detail}")
            else:
                words.append(text[kind])
        return np.array(words, dtype=str)[where]


def check_label(label: str, minima) -> None:
    """ValueError for a label that no trajectory can have where these are the minima."""
    known = [f"converged: {name}" for name in [*minima, "unnamed point"]]
    known += ["periodic: 2", "bounded", "diverged"]
    if not re.fullmatch(r"periodic: [1-9]\d*", label):
        lookup("label", label, dict.fromkeys(known))


def decide(
    landscape: Objective,
    steps: Steps,
    *,
    lr: np.ndarray,
    n_steps: int,
    noise: Noise | None = None,
) -> Outcomes:
    """The outcome of every trajectory that `stepping.advance` gave."""
    n = len(steps.final)
    window = min(WINDOW, n_steps // 2)
    kind = np.full(n, BOUNDED)
    detail = np.full(n, UNNAMED)
    if window > 0:
        kind[steps.settled <= n_steps - window] = CONVERGED
    kind[steps.left > 0] = DIVERGED
    scale = 1 + np.abs(steps.final).max(axis=1)
    # backwards: the first minimum wins
    for i, minimum in reversed(list(enumerate(landscape.minima.values()))):
        near = minimum.distance(steps.final) <= NEAR * scale
        detail[(kind == CONVERGED) & near] = i
    restless = np.flatnonzero(kind == BOUNDED)
    if noise is None and n_steps > 0 and restless.size:
        period = _periods(landscape, steps.final[restless], lr[restless])
        repeats = period > 0
        kind[restless[repeats]] = PERIODIC
        detail[restless[repeats]] = period[repeats]
    decided = np.full(n, n_steps)
    decided[kind == CONVERGED] = steps.settled[kind == CONVERGED]
    decided[kind == DIVERGED] = steps.left[kind == DIVERGED]
    return Outcomes(kind, detail, decided)


def _periods(landscape: Objective, theta: np.ndarray, lr: np.ndarray) -> np.ndarray:
    """Smallest period in 2..MAX_PERIOD of the next WINDOW steps, or 0.

    A slow drift repeats with every period, also 1, and has none.
    """
    period = np.zeros(len(theta), int)
    for low in range(0, len(theta), _AT_A_TIME):
        part = slice(low, low + _AT_A_TIME)
        ahead = advance(landscape, theta[part], lr=lr[part], n_steps=WINDOW, every=1)
        tolerance = SETTLED * (1 + np.abs(theta[part]).max(axis=1))
        for p in range(MAX_PERIOD, 0, -1):
            gap = np.abs(ahead.record[p:] - ahead.record[:-p]).max(axis=(0, 2))
            period[part][(gap <= tolerance) & (ahead.left == 0)] = p
    return np.where(period == 1, 0, period)


def sweep(landscape, starts, lrs, *, n_steps: int) -> dict[str, np.ndarray]:
    """Share of the starts with each outcome, one number for each learning rate.

    Parameters
    ----------
    starts
        Shape (n, dim), or (n,) where ``dim == 1``.
    lrs
        Learning rates above 0, shape (m,).

    Returns
    -------
    dict
        Shares of shape (m,) under ``"converged: NAME"`` for each minimum and ``"unnamed
        point"``, and ``"periodic"`` of any period, ``"bounded"`` and ``"diverged"``;
        together they add up to 1.

    Raises
    ------
    ValueError, TypeError
        As `grid`; ``n_steps < 0``.
    """
    landscape = objective(landscape)
    plan = grid(starts, lrs, landscape.dim)
    n_steps = whole("n_steps", n_steps, 0)
    steps = advance(landscape, plan.theta0s, lr=plan.lr, n_steps=n_steps)
    found = decide(landscape, steps, lr=plan.lr, n_steps=n_steps)
    kind = plan.fold(found.kind)
    detail = plan.fold(found.detail)
    shares = {}
    names = list(enumerate(landscape.minima))
    for i, name in [*names, (UNNAMED, "unnamed point")]:
        there = (kind == CONVERGED) & (detail == i)
        shares[f"converged: {name}"] = there.mean(axis=1)
    kinds = {"periodic": PERIODIC, "bounded": BOUNDED, "diverged": DIVERGED}
    for word, code in kinds.items():
        shares[word] = (kind == code).mean(axis=1)
    return shares
