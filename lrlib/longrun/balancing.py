"""Where gradient descent on a matrix factorisation ends, in units of 1/L at each start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..checks import finite_array, positive
from ..descent.ensembles import ensemble
from ..descent.grids import grid
from ..descent.outcomes import CONVERGED
from ..landscapes.factorisation import MatrixFactorisation


@dataclass(frozen=True)
class Balance:
    """Ends of gradient descent for several learning rates (axis 0) and starts (axis 1).

    Attributes
    ----------
    lr
        Shape (m, n); row k is ``ratios[k]`` over the sharpness at each start.
    final, converged
        Shape (m, n, dim), and (m, n).
    """

    landscape: MatrixFactorisation
    starts: np.ndarray
    lr: np.ndarray
    final: np.ndarray
    converged: np.ndarray

    @property
    def gap(self) -> np.ndarray:
        """``| |X| - |Y| |`` at the end, Frobenius norms, shape (m, n)."""
        return np.abs(self.landscape.norm_gap(self.final))

    @property
    def kept(self) -> np.ndarray:
        """The gap at the end over the gap at the start, shape (m, n)."""
        at_start = np.abs(self.landscape.norm_gap(self.starts))
        return self.gap / at_start

    @property
    def apart(self) -> np.ndarray:
        """``|X - Y|^2`` at the end, for a square target, shape (m, n)."""
        x, y = self.landscape.split(self.final)
        return np.square(x - y).sum(axis=(-2, -1))

    @property
    def edge(self) -> np.ndarray:
        """Learning rate times sharpness at the end, shape (m, n); NaN where it did not
        converge.
        """
        ended = self.converged
        sharpness = self.landscape.sharpness(self.final[ended])
        product = np.full(self.lr.shape, np.nan)
        product[ended] = self.lr[ended] * sharpness
        return product

    def medians(self, kind: str, at_least: float = 0.1) -> np.ndarray:
        """Medians of "kept" or "edge" over the converged starts, shape (m,).

        NaN where less than the share `at_least` of the starts converged.
        """
        if kind not in ("kept", "edge"):
            raise ValueError(f"kind: got {kind!r}; allowed are 'kept' and 'edge'")
        values = self.kept if kind == "kept" else self.edge
        medians = np.full(len(self.lr), np.nan)
        for row, ended in enumerate(self.converged):
            if ended.mean() >= at_least:
                medians[row] = np.median(values[row, ended])
        return medians


def balance(
    landscape: MatrixFactorisation,
    starts: ArrayLike,
    ratios: Sequence[float],
    *,
    n_steps: int,
) -> Balance:
    """Run gradient descent from every start at every ``ratio / L``, L the sharpness at
    that start.

    `starts` of shape (n, dim), `ratios` of shape (m,).
    """
    checked = finite_array("starts", starts, landscape.dim, ndim=2)
    shares = positive("ratios", ratios, len(ratios))
    unit = 1 / landscape.sharpness(checked)
    lr = np.multiply.outer(shares, unit)
    plan = grid(checked, lr, landscape.dim)
    runs = ensemble(landscape, plan.theta0s, lr=plan.lr, n_steps=n_steps)
    converged = runs.outcomes.kind == CONVERGED
    return Balance(
        landscape=landscape,
        starts=checked,
        lr=lr,
        final=plan.fold(runs.final),
        converged=plan.fold(converged),
    )
