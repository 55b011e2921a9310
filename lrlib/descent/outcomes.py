"""What a trajectory did: converged to a named minimum, periodic, bounded, or diverged.

With ``W = min(WINDOW, n_steps // 2)``:

diverged     an iterate left ``|theta| <= BOUND``; decided at that step.
converged    for the last W steps the pull was at most SETTLED; decided when that began.
The
             minimum is the first named one within NEAR of the end, relative to ``1 +
             |theta|``.
periodic: p  without noise, the next WINDOW steps repeat with period p >= 2, and with
none below it.
bounded      none of these within `n_steps`: still on its way, a long period, or chaos.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .ensembles import SETTLED, Trajectories, ensemble
from .grids import grid

WINDOW = 64
MAX_PERIOD = WINDOW // 2
NEAR = 1e-3
BOUNDED, CONVERGED, PERIODIC, DIVERGED = range(4)


@dataclass(frozen=True)
class Outcomes:
    """`kind` is one of the four codes; `detail` the minimum's index (-1: unnamed) or
    the period.
    """

    kind: np.ndarray
    detail: np.ndarray
    step: np.ndarray
    labels: np.ndarray


def decide(runs: Trajectories) -> Outcomes:
    """The outcome of every trajectory."""
    n = runs.n_steps
    window = min(WINDOW, runs.n_steps // 2)
    kind = np.full(len(runs.final), BOUNDED)
    detail = np.full_like(kind, -1)
    kind[(runs.settled <= n - window) & (window > 0)] = CONVERGED
    kind[runs.left > 0] = DIVERGED
    scale = 1 + np.abs(runs.final).max(axis=1)
    for i, minimum in reversed(list(enumerate(runs.landscape.minima.values()))):
        near = minimum.distance(runs.final) <= NEAR * scale
        detail[(kind == CONVERGED) & near] = i
    restless = np.flatnonzero(kind == BOUNDED)
    if runs.noise is None and n > 0 and restless.size:
        period = _periods(runs, restless)
        kind[restless[period > 0]] = PERIODIC
        detail[restless] = np.where(period > 0, period, -1)
    step = np.select(
        [kind == CONVERGED, kind == DIVERGED], [runs.settled, runs.left], n
    )
    return Outcomes(
        kind, detail, step, _labels(kind, detail, list(runs.landscape.minima))
    )


def sweep(landscape, starts, lrs, *, n_steps: int) -> dict[str, np.ndarray]:
    """Share of the starts with each outcome, one number for each learning rate.

    `starts` of shape (n, dim), or (n,) where ``dim == 1``; `lrs` of shape (m,). The
    labels are ``"converged: NAME"`` for each minimum and ``"unnamed point"``, and
    ``"periodic"`` of any period, ``"bounded"`` and ``"diverged"``; each maps to shape
    (m,), together they add up to 1.
    """
    plan = grid(starts, lrs, landscape.dim)
    runs = ensemble(landscape, plan.theta0s, lr=plan.lr, n_steps=n_steps)
    labels = np.char.partition(runs.outcome, "periodic: ")  # all periods count as one
    labels = plan.fold(np.where(labels[:, 1] == "", labels[:, 0], "periodic"))
    names = [f"converged: {k}" for k in [*landscape.minima, "unnamed point"]]
    return {
        k: (labels == k).mean(axis=1)
        for k in [*names, "periodic", "bounded", "diverged"]
    }


def _periods(runs: Trajectories, which: np.ndarray) -> np.ndarray:
    """Smallest period in 2..MAX_PERIOD of the next WINDOW steps, or 0; a slow drift has
    none.
    """
    period = np.zeros(which.size, int)
    # 8192 windows at a time keep the memory small
    for low in range(0, which.size, 8192):
        some = which[low : low + 8192]
        ahead = ensemble(
            runs.landscape, runs.final[some], lr=runs.lr[some], n_steps=WINDOW, record=1
        )
        tolerance = SETTLED * (1 + np.abs(runs.final[some]).max(axis=1))
        for p in range(MAX_PERIOD, 0, -1):
            gap = np.abs(ahead.record[p:] - ahead.record[:-p]).max(axis=(0, 2))
            period[low : low + 8192][(gap <= tolerance) & (ahead.left == 0)] = p
    return np.where(period == 1, 0, period)


def _labels(kind, detail, minima: list[str]) -> np.ndarray:
    names = np.array(["bounded", "", "", "diverged"], dtype=object)[kind]
    for i, name in enumerate([*minima, "unnamed point"]):
        names[(kind == CONVERGED) & (detail == (i if i < len(minima) else -1))] = (
            f"converged: {name}"
        )
    for p in np.unique(detail[kind == PERIODIC]):
        names[(kind == PERIODIC) & (detail == p)] = f"periodic: {p}"
    return names.astype(str)
