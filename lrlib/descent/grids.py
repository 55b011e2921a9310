"""Every start with every learning rate, as one ensemble."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..checks import finite_array, positive


@dataclass(frozen=True)
class Grid:
    """n starts at m learning rates each, ready for `ensemble` as m * n trajectories.

    Attributes
    ----------
    theta0s
        Shape (m * n, dim): the n starts at the first learning rate, then at the next.
    lr
        Shape (m * n,).
    shape
        (m, n).
    """

    theta0s: np.ndarray
    lr: np.ndarray
    shape: tuple[int, int]

    def fold(self, values) -> np.ndarray:
        """`values` of shape (m * n, ...) as (m, n, ...): axis 0 is the learning rate."""
        values = np.asarray(values)
        return values.reshape(*self.shape, *values.shape[1:])


def grid(starts, lrs, dim: int) -> Grid:
    """Each of the `starts` with each of the `lrs`.

    Parameters
    ----------
    starts
        Shape (n, dim), or (n,) where ``dim == 1``.
    lrs
        Learning rates above 0 of shape (m,), or a number; or shape (m, n), where each
        start has its own.

    Raises
    ------
    ValueError, TypeError
        For starts or learning rates of another shape or not finite, or ``lrs <= 0``.

    >>> both = grid([0.5, -0.5], [1.0, 2.0, 3.0], dim=1)
    >>> both.fold(both.lr).tolist()
    [[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]
    """
    starts = finite_array("starts", starts, dim, ndim=2)
    n = len(starts)
    lrs = np.atleast_1d(lrs)
    if lrs.shape[1:] not in ((), (n,)):
        raise ValueError(f"lrs: got shape {lrs.shape}; allowed are (m,) and (m, {n})")
    m = len(lrs)
    columns = lrs if lrs.ndim == 2 else lrs[:, None]
    rates = np.broadcast_to(columns, (m, n)).ravel()
    return Grid(
        theta0s=np.tile(starts, (m, 1)),
        lr=np.array(positive("lrs", rates, m * n)),
        shape=(m, n),
    )
