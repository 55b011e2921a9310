"""Matrix factorisation, the landscape with too many coordinates to print.

``loss(X, Y) = |target - X Y^T|^2 / 2`` with `target` of shape (n, m), X of shape (n,
rank) and Y of shape (m, rank). Source: [B, Popular Conjecture 2]; there n = m.
"""

from __future__ import annotations

from functools import cached_property
from itertools import combinations

import numpy as np

from ..checks import positive, whole
from .contract import Objective, Region


class MatrixFactorisation(Objective):
    """Two matrix factors as one landscape.

    Its gradient is the one that no formula prints. Written out it would need (n + m)
    rank symbols, a new text for each shape, and pages of products; in matrices it is
    two of them. They follow from ``d loss = <R, dX Y^T + X dY^T>`` with the residual
    ``R = X Y^T - target``: ``R Y`` belongs to X and ``R^T X`` to Y. The tests compare
    them with sympy's derivative of the written-out loss, and with the formula of
    `zoo.scalar_factorisation`.

    Sums run over one index at a time, along the whole batch. So a trajectory has the
    same bits alone and in any ensemble, and on every machine.

    Parameters
    ----------
    target
        The matrix to factorise, shape (n, m); a number is a matrix with one entry.
    rank
        Number of columns of both factors, at least 1.

    Raises
    ------
    ValueError, TypeError
        For a target that is not a finite matrix, or a rank that is not a whole number
        above 0.
    """

    def __init__(self, target, rank: int = 1, name: str = "matrix_factorisation"):
        try:
            matrix = np.array(target, dtype=float)
        except (TypeError, ValueError):
            raise TypeError(
                f"target: got {target!r}; allowed is a matrix of numbers"
            ) from None
        matrix = matrix.reshape(1, 1) if matrix.ndim == 0 else matrix
        if matrix.ndim != 2 or 0 in matrix.shape or not np.isfinite(matrix).all():
            raise ValueError(
                f"target: got shape {matrix.shape}; allowed is a matrix of finite "
                "numbers, or a number"
            )
        self.target = matrix
        self.rank = whole("rank", rank, 1)
        self.name = name
        self.source = "[B, Popular Conjecture 2]"
        self.minima = {"global minimum": _GlobalMinima(self)}

    @property
    def dim(self) -> int:  # type: ignore[override] # derived, not set
        """Number of coordinates: X row by row, then Y row by row."""
        return sum(self.target.shape) * self.rank

    def split(self, theta) -> tuple[np.ndarray, np.ndarray]:
        """`theta` of shape (..., dim) as (X, Y), shapes (..., n, rank) and (..., m,
        rank).
        """
        theta = self._points(theta)
        n, m = self.target.shape
        lead = theta.shape[:-1]
        x = theta[..., : n * self.rank]
        y = theta[..., n * self.rank :]
        return x.reshape(*lead, n, self.rank), y.reshape(*lead, m, self.rank)

    def join(self, x, y) -> np.ndarray:
        """The inverse of `split`; leading axes of `x` and `y` are broadcast."""
        factors = []
        for name, value, rows in (
            ("x", x, self.target.shape[0]),
            ("y", y, self.target.shape[1]),
        ):
            factor = np.asarray(value, dtype=float)
            if factor.shape[-2:] != (rows, self.rank):
                raise ValueError(
                    f"{name}: got shape {factor.shape}; allowed is (..., {rows}, "
                    f"{self.rank})"
                )
            factors.append(factor)
        lead = np.broadcast_shapes(*(f.shape[:-2] for f in factors))
        whole_batch = [np.broadcast_to(f, lead + f.shape[-2:]) for f in factors]
        return np.concatenate([f.reshape(*lead, -1) for f in whole_batch], axis=-1)

    # -- the contract

    def _batch_last(self, theta):
        """(X, Y, residual) with the batch as last axes, where one operation serves all
        trajectories.
        """
        x, y = (np.moveaxis(f, (-2, -1), (0, 1)) for f in self.split(theta))
        product = sum(x[:, None, a] * y[None, :, a] for a in range(self.rank))
        target = self.target.reshape(*self.target.shape, *[1] * (x.ndim - 2))
        return x, y, product - target

    def loss(self, theta) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (...)."""
        with np.errstate(all="ignore"):
            squares = self._batch_last(theta)[2] ** 2
            return sum(entry for row in squares for entry in row) / 2

    def gradient(self, theta) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (..., dim)."""
        with np.errstate(all="ignore"):
            x, y, residual = self._batch_last(theta)
            by_x = sum(residual[:, j][:, None] * y[j] for j in range(len(y)))
            by_y = sum(residual[i][:, None] * x[i] for i in range(len(x)))
        batch = x.shape[2:]
        of_x = len(x) * self.rank
        of_y = len(y) * self.rank
        rows = [by_x.reshape(of_x, *batch), by_y.reshape(of_y, *batch)]
        return np.moveaxis(np.concatenate(rows), 0, -1)

    def hessian(self, theta) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (..., dim, dim).

        Diagonal blocks ``1 (x) Y^T Y`` and ``1 (x) X^T X``; the mixed block maps a
        change V of Y to ``X V^T Y + R V``.
        """
        x, y = self.split(theta)
        residual = x @ np.swapaxes(y, -1, -2) - self.target
        n, m = self.target.shape
        lead = x.shape[:-2]
        of_x = n * self.rank
        of_y = m * self.rank
        # indices: row i of X and column a of it, then row j (or k of Y) and column b
        by_x = np.einsum("ij,...ka,...kb->...iajb", np.eye(n), y, y)
        by_y = np.einsum("ij,...ka,...kb->...iajb", np.eye(m), x, x)
        mixed = np.einsum("...ib,...ka->...iakb", x, y)
        mixed = mixed + np.einsum("...ik,ab->...iakb", residual, np.eye(self.rank))
        by_x = by_x.reshape(*lead, of_x, of_x)
        by_y = by_y.reshape(*lead, of_y, of_y)
        mixed = mixed.reshape(*lead, of_x, of_y)
        above = np.concatenate([by_x, mixed], axis=-1)
        below = np.concatenate([np.swapaxes(mixed, -1, -2), by_y], axis=-1)
        return np.concatenate([above, below], axis=-2)

    # -- its global minima

    @cached_property
    def _singular(self) -> np.ndarray:
        return np.linalg.svd(self.target, compute_uv=False)

    @property
    def lowest_loss(self) -> float:
        """Half the squares of the singular values beyond the rank (Eckart and Young)."""
        return float(np.square(self._singular[self.rank :]).sum() / 2)

    @property
    def lowest_sharpness(self) -> float:
        """``2 |target|``, spectral norm: the sharpness of the flattest global minima."""
        return float(2 * self._singular[0])

    def minimum_sharpness(self, theta) -> np.ndarray:
        """``|X|^2 + |Y|^2``, spectral norms: the sharpness, if `theta` is a global
        minimum.

        There the Hessian splits. Along the target's leading directions its eigenvalues
        are ``s_i(X)^2 + s_j(Y)^2``; the others, across a residual, are no larger. Shape
        (..., dim) gives (...).
        """
        return sum(np.linalg.norm(f, 2, axis=(-2, -1)) ** 2 for f in self.split(theta))

    def balanced(self) -> np.ndarray:
        """A global minimum with ``X^T X = Y^T Y``, shape (dim,): one of the flattest."""
        return self.critical_points()[0][0]

    def stretched(self, factor: float) -> np.ndarray:
        """The minimum ``(factor X, Y / factor)`` beside the balanced one (X, Y), shape
        (dim,).
        """
        factor = float(positive("factor", factor))
        x, y = self.split(self.balanced())
        return self.join(factor * x, y / factor)

    def critical_points(self) -> tuple[np.ndarray, np.ndarray]:
        """Critical points of a target with distinct singular values, and the lowest
        curvature there.

        Each picks at most `rank` singular values, the pick of the largest ones, a
        global minimum, first. Any other pick has a direction of negative curvature: the
        smallest value picked (0 where there is room for more) less the largest one left
        out. Shapes (k, dim) and (k,).
        """
        left, values, right = np.linalg.svd(self.target)
        n = len(values)
        points = []
        lowest = []
        for size in range(min(self.rank, n), -1, -1):
            for pick in map(list, combinations(range(n), size)):
                x, y = (np.zeros((rows, self.rank)) for rows in self.target.shape)
                x[:, :size] = left[:, pick] * values[pick] ** 0.5
                y[:, :size] = right[pick].T * values[pick] ** 0.5
                points.append(self.join(x, y))
                largest_out = np.delete(values, pick).max(initial=0.0)
                smallest_in = values[pick[-1]] if size == self.rank else 0.0
                lowest.append(min(smallest_in - largest_out, 0.0))
        return np.array(points), np.array(lowest)

    def unbalanced(
        self, n: int, seed: int, factors=(2.0, 6.0), noise: float = 0.1
    ) -> np.ndarray:
        """Random starts beside unbalanced minima, shape (n, dim).

        Each is `stretched` by a uniform factor, plus normal noise of standard deviation
        `noise`.
        """
        rng = np.random.default_rng(seed)
        low, high = factors
        stretches = rng.uniform(low, high, whole("n", n, 1))
        minima = np.array([self.stretched(factor) for factor in stretches])
        return minima + noise * rng.standard_normal(minima.shape)

    def imbalance(self, theta) -> np.ndarray:
        """``X^T X - Y^T Y``; shape (..., dim) gives (..., rank, rank). Gradient flow
        keeps it.
        """
        x, y = self.split(theta)
        return np.swapaxes(x, -1, -2) @ x - np.swapaxes(y, -1, -2) @ y

    def norm_gap(self, theta, kind: str = "frobenius") -> np.ndarray:
        """``|X| - |Y|`` in the norm "frobenius" or "spectral"; shape (..., dim) gives
        (...).
        """
        orders = {"frobenius": None, "spectral": 2}
        if kind not in orders:
            raise ValueError(
                f"kind: got {kind!r}; allowed are 'frobenius' and 'spectral'"
            )
        x, y = self.split(theta)
        order = orders[kind]
        size_x = np.linalg.norm(x, order, axis=(-2, -1))
        return size_x - np.linalg.norm(y, order, axis=(-2, -1))


class _GlobalMinima(Region):
    """The set of global minima, a manifold."""

    def __init__(self, landscape: MatrixFactorisation):
        self.landscape = landscape

    @property
    def point(self) -> np.ndarray:
        """One of the flattest, shape (dim,)."""
        return self.landscape.balanced()

    def distance(self, theta: np.ndarray) -> np.ndarray:
        """How far `theta` of shape (..., dim) is, to first order: the misfit over the
        size of the factors.
        """
        above = np.maximum(self.landscape.loss(theta) - self.landscape.lowest_loss, 0.0)
        size = np.sqrt(np.square(theta).sum(axis=-1))
        return np.sqrt(2 * above) / np.maximum(size, 1e-300)
