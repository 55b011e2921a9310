"""Gradient descent: one trajectory, one with noise, or an ensemble; checked wrappers of
compiled loops.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..checks import finite_array, lookup, positive, whole
from ..codegen import loops
from ..codegen.random import Noise, unit

BOUND = 1e8  # a trajectory with a coordinate beyond this has diverged
SETTLED = 1e-8  # a pull (gradient plus noise) of at most this counts as none
MAX_BYTES = 10**9  # recording more than this is refused


@dataclass(frozen=True)
class Trajectories:
    """Where n trajectories ended and what they did; all arrays have n entries.

    Attributes
    ----------
    final
        Shape (n, dim). Of a diverged trajectory, its last iterate within the bound.
    left
        Step whose iterate left ``|theta| <= BOUND``, or 0.
    settled
        Number of steps after which the pull stayed at most SETTLED; up to `n_steps`.
    record
        Shape (n_records, n, dim) if recording was asked for; row k is step ``k *
        record``.
    """

    landscape: object
    lr: np.ndarray
    n_steps: int
    noise: Noise | None
    final: np.ndarray
    left: np.ndarray
    settled: np.ndarray
    record: np.ndarray | None = None

    @cached_property
    def _decided(self):
        from .outcomes import decide

        return decide(self)

    @property
    def outcome(self) -> np.ndarray:
        """Labels such as ``"converged: sharp minimum"``, see `lrlib.outcomes`."""
        return self._decided.labels

    @property
    def step(self) -> np.ndarray:
        """The step at which the outcome was decided, see `lrlib.outcomes`."""
        return self._decided.step

    def counts(self) -> dict[str, int]:
        """How many trajectories have which outcome, most frequent first."""
        labels, numbers = np.unique(self.outcome, return_counts=True)
        return {
            str(labels[i]): int(numbers[i]) for i in np.argsort(-numbers, kind="stable")
        }

    def fraction(self, label: str) -> float:
        """Share of the trajectories with this outcome; 0 for one that none has.

        Raises
        ------
        ValueError
            For a label that no trajectory of this landscape can have.
        """
        allowed = [f"converged: {k}" for k in [*self.landscape.minima, "unnamed point"]]
        if label not in [*allowed, "bounded", "diverged"] and not re.fullmatch(
            r"periodic: [1-9]\d*", label
        ):
            lookup(
                "label",
                label,
                dict.fromkeys([*allowed, "periodic: 2", "bounded", "diverged"]),
            )
        return float(np.mean(self.outcome == label))


def _check_noise(noise) -> Noise | None:
    if noise is not None and not isinstance(noise, Noise):
        raise TypeError(
            f"noise: got {noise!r}; allowed are None, uniform(half_width) and normal(std)"
        )
    return noise


def ensemble(
    landscape,
    theta0s,
    *,
    lr,
    n_steps: int,
    noise=None,
    seed: int = 0,
    record: int | None = None,
):
    """Run ``theta - lr * (gradient + noise)`` from every start.

    Parameters
    ----------
    theta0s
        Starts of shape (n, dim); shape (n,) where ``dim == 1``.
    lr
        Learning rate above 0, one for all or shape (n,).
    noise, seed
        Trajectory i at step t feels noise that depends on (seed, i, t) only.
    record
        Keep every `record`-th iterate, row 0 included; memory is independent of
        `n_steps` without it.

    Returns
    -------
    Trajectories

    Raises
    ------
    ValueError, TypeError
        For starts of another shape or not finite, ``lr <= 0``, ``n_steps < 0``, a seed
        outside 32 bits, a recording above MAX_BYTES (the message says its size).
    """
    theta0s = finite_array("theta0s", theta0s, landscape.dim, ndim=2)
    n, dim = theta0s.shape
    lr = np.broadcast_to(positive("lr", lr, n), n).astype(float)
    n_steps = whole("n_steps", n_steps, 0)
    seed = whole("seed", seed, 0, 2**32 - 1)
    noise = _check_noise(noise)
    every = 0 if record is None else whole("record", record, 1)
    rows = 0 if record is None else n_steps // every + 1
    if 8 * rows * n * dim > MAX_BYTES:
        raise ValueError(
            f"record: got {record}, which keeps {8e-9 * rows * n * dim:.1f} GB; "
            f"allowed is at most {MAX_BYTES / 1e9:.0f} GB"
        )
    theta = np.array(theta0s.T, order="C")
    state = np.zeros(n, np.int64)
    kept = np.empty((rows, dim, n))
    kept[:1] = theta
    run = _loop(landscape, noise)
    run(
        theta,
        lr,
        n_steps,
        BOUND,
        SETTLED,
        seed,
        0,
        noise.scale if noise else 0.0,
        state,
        kept,
        every,
    )
    return Trajectories(
        landscape,
        lr,
        n_steps,
        noise,
        final=np.ascontiguousarray(theta.T),
        left=np.where(state < 0, -state, 0),
        settled=np.where(state < 0, n_steps, state),
        record=np.moveaxis(kept, 1, 2) if rows else None,
    )


def _loop(landscape, noise):
    if hasattr(landscape, "kernel_source"):
        return loops.compiled(landscape.kernel_source(noise.kind if noise else None))
    return _numpy_loop(landscape.gradient, noise)


def _numpy_loop(gradient, noise):
    """The same steps for anything with a `gradient`; also the oracle of the compiled
    loop.
    """

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


def gradient_descent(landscape, theta0, *, lr: float, n_steps: int) -> np.ndarray:
    """The orbit ``theta[t+1] = theta[t] - lr * gradient(theta[t])``, shape (n_steps +
    1, dim).

    Row 0 is `theta0`, of shape (dim,) or a number where ``dim == 1``. From the step
    that leaves ``|theta| <= BOUND`` on, the orbit repeats its last row within the
    bound.

    >>> from lrlib import gradient_descent, zoo
    >>> gradient_descent(zoo.quadratic, 1.0, lr=2.0, n_steps=3).ravel().tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    return sgd(landscape, theta0, lr=lr, n_steps=n_steps, noise=None)


def sgd(
    landscape, theta0, *, lr: float, n_steps: int, noise, seed: int = 0
) -> np.ndarray:
    """As `gradient_descent`, with additive `noise` on the gradient: trajectory 0 of the
    ensemble.
    """
    theta0 = finite_array("theta0", theta0, landscape.dim, ndim=1)
    runs = ensemble(
        landscape,
        theta0[None],
        lr=float(positive("lr", lr)),
        n_steps=n_steps,
        noise=noise,
        seed=seed,
        record=1,
    )
    return runs.record[:, 0]
