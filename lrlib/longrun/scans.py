"""Where orbits are after many steps, for many learning rates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..checks import whole
from ..descent.ensembles import ensemble
from ..descent.grids import grid
from ..landscapes.contract import Objective


def bifurcation(
    landscape: Objective,
    starts: ArrayLike,
    lrs: ArrayLike,
    *,
    n_steps: int,
    keep: int,
) -> np.ndarray:
    """The last `keep` of `n_steps` iterates at each learning rate, shape (m, n, keep,
    dim).

    `lrs` of shape (m,), `starts` of shape (n, dim), or (n,) where ``dim == 1``. NaN
    where an orbit left ``|theta| <= BOUND``. ``keep`` is from 1 to ``n_steps + 1``.
    """
    plan = grid(starts, lrs, landscape.dim)
    n_steps = whole("n_steps", n_steps, 0)
    keep = whole("keep", keep, 1, n_steps + 1)
    before = ensemble(
        landscape,
        plan.theta0s,
        lr=plan.lr,
        n_steps=n_steps + 1 - keep,
    )
    last = ensemble(
        landscape,
        before.final,
        lr=plan.lr,
        n_steps=keep - 1,
        record=1,
    )
    orbits = np.moveaxis(last.record, 0, 1)
    diverged = (before.left > 0) | (last.left > 0)
    orbits[diverged] = np.nan
    return plan.fold(orbits)
