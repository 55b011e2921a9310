"""The loop of gradient descent: ``theta - lr * (gradient + noise)``, many starts at once.

Formulas run in a compiled loop, every other landscape in numpy, with the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..codegen import loops
from ..codegen.random import unit
from ..landscapes.contract import Objective
from .noise import Noise

BOUND = 1e8  # a trajectory with a coordinate beyond this has diverged
SETTLED = 1e-8  # a pull (gradient plus noise) of at most this counts as none


@dataclass(frozen=True)
class Steps:
    """Where n trajectories ended, and the two notes that the loop took on the way.

    Attributes
    ----------
    final
        Shape (n, dim). Of a diverged trajectory, its last iterate within the bound.
    left
        Shape (n,): the step whose iterate left ``|theta| <= BOUND``, or 0.
    settled
        Shape (n,): the number of steps after which the pull stayed at most SETTLED, up
        to the number of steps.
    record
        Shape (n_records, n, dim); row k is step ``k * every``. No rows where none was
        asked for.
    """

    final: np.ndarray
    left: np.ndarray
    settled: np.ndarray
    record: np.ndarray


def advance(
    landscape: Objective,
    theta0s: np.ndarray,
    *,
    lr: np.ndarray,
    n_steps: int,
    noise: Noise | None = None,
    seed: int = 0,
    every: int = 0,
) -> Steps:
    """`n_steps` steps from every start; nothing is checked, see `ensemble` for that.

    `theta0s` of shape (n, dim) and `lr` of shape (n,), both floats. Every `every`-th
    iterate is recorded, the start included; none where it is 0.
    """
    n, dim = theta0s.shape
    theta = np.array(theta0s.T, order="C")
    # steps taken until the pull settled; -t where step t left the bound
    state = np.zeros(n, np.int64)
    rows = n_steps // every + 1 if every else 0
    record = np.empty((rows, dim, n))
    record[:1] = theta
    scale = noise.scale if noise else 0.0
    run = loop(landscape, noise)
    run(theta, lr, n_steps, BOUND, SETTLED, seed, 0, scale, state, record, every)
    return Steps(
        final=np.ascontiguousarray(theta.T),
        left=np.where(state < 0, -state, 0),
        settled=np.where(state < 0, n_steps, state),
        record=np.moveaxis(record, 1, 2)[:rows],
    )


def loop(landscape: Objective, noise: Noise | None):
    """The fastest loop that there is for `landscape`."""
    text = landscape.kernel_source(noise.kind if noise else None)
    if text is None:
        return numpy_loop(landscape.gradient, noise)
    return loops.compiled(text)


def numpy_loop(gradient, noise: Noise | None):
    """The same steps for any `gradient`; also the oracle of the compiled loop."""

    def run(  # noqa: PLR0913 (the signature of the compiled loop)
        theta, lr, n_steps, bound, settled, seed, first, scale, state, record, every
    ):
        index = first + np.arange(theta.shape[1])
        for t in range(n_steps):
            pull = gradient(theta.T).T
            if noise:
                pull = pull + scale * unit(noise.kind, seed, index, t, len(theta)).T
            with np.errstate(all="ignore"):
                after = theta - lr * pull
                alive = (state >= 0) & (np.abs(after) <= bound).all(axis=0)
                moved = np.where((np.abs(pull) > settled).any(axis=0), t + 1, state)
            state[:] = np.where(alive, moved, np.where(state >= 0, -(t + 1), state))
            theta[:] = np.where(alive, after, theta)
            if every and (t + 1) % every == 0:
                record[(t + 1) // every] = theta

    return run
