"""Gradient descent: one trajectory, one with noise, or an ensemble."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ..checks import finite_array, positive, whole
from ..landscapes.contract import Objective, objective
from .noise import Noise, noise_or_none
from .outcomes import Outcomes, check_label, decide
from .stepping import Steps, advance

MAX_BYTES = 10**9  # recording more than this is refused


@dataclass(frozen=True)
class Trajectories:
    """Where n trajectories ended and what they did.

    Attributes
    ----------
    landscape, n_steps, noise
        What was descended, for how long and with which noise, or None.
    lr
        Shape (n,).
    steps
        What the loop gave; its arrays are also attributes of this object.
    """

    landscape: Objective
    lr: np.ndarray
    n_steps: int
    noise: Noise | None
    steps: Steps

    @property
    def final(self) -> np.ndarray:
        """Ends, shape (n, dim); of a diverged one, its last iterate within the bound."""
        return self.steps.final

    @property
    def left(self) -> np.ndarray:
        """The step whose iterate left ``|theta| <= BOUND``, or 0; shape (n,)."""
        return self.steps.left

    @property
    def settled(self) -> np.ndarray:
        """Steps after which the pull stayed at most SETTLED, up to `n_steps`; (n,)."""
        return self.steps.settled

    @property
    def record(self) -> np.ndarray:
        """Shape (n_records, n, dim); row k is step ``k * record``. No rows where none was
        asked for.
        """
        return self.steps.record

    @cached_property
    def outcomes(self) -> Outcomes:
        """Kind, detail and step of every outcome as arrays of shape (n,)."""
        return decide(
            self.landscape,
            self.steps,
            lr=self.lr,
            n_steps=self.n_steps,
            noise=self.noise,
        )

    @cached_property
    def outcome(self) -> np.ndarray:
        """Labels such as ``"converged: sharp minimum"``, see `lrlib.outcomes`."""
        return self.outcomes.labels(self.landscape.minima)

    @property
    def step(self) -> np.ndarray:
        """The step at which the outcome was decided, see `lrlib.outcomes`."""
        return self.outcomes.step

    def counts(self) -> dict[str, int]:
        """How many trajectories have which outcome, most frequent first."""
        labels, numbers = np.unique(self.outcome, return_counts=True)
        order = np.argsort(-numbers, kind="stable")
        return {str(labels[i]): int(numbers[i]) for i in order}

    def fraction(self, label: str) -> float:
        """Share of the trajectories with this outcome; 0 for one that none has.

        ValueError for a label that no trajectory of this landscape can have.
        """
        check_label(label, self.landscape.minima)
        return float(np.mean(self.outcome == label))


def ensemble(
    landscape: Objective,
    theta0s: ArrayLike,
    *,
    lr: ArrayLike,
    n_steps: int,
    noise: Noise | None = None,
    seed: int = 0,
    record: int | None = None,
) -> Trajectories:
    """Run ``theta - lr * (gradient + noise)`` from every start.

    Parameters
    ----------
    landscape
        A `Landscape`, or any other `Objective`.
    theta0s
        Starts of shape (n, dim); shape (n,) where ``dim == 1``.
    lr
        Learning rate above 0, one for all or shape (n,).
    n_steps
        At least 0.
    noise, seed
        Trajectory i at step t feels noise that depends on (seed, i, t) only.
    record
        Keep every `record`-th iterate, row 0 included; memory is independent of
        `n_steps` without it.

    Raises
    ------
    ValueError, TypeError
        For starts of another shape or not finite, ``lr <= 0``, ``n_steps < 0``, a seed
        outside 32 bits, a recording above MAX_BYTES (the message says its size).
    """
    landscape = objective(landscape)
    theta0s = finite_array("theta0s", theta0s, landscape.dim, ndim=2)
    n, dim = theta0s.shape
    lr = np.broadcast_to(positive("lr", lr, n), n).astype(float)
    n_steps = whole("n_steps", n_steps, 0)
    seed = whole("seed", seed, 0, 2**32 - 1)
    noise = noise_or_none(noise)
    every = 0 if record is None else whole("record", record, 1)
    size = 8 * (n_steps // every + 1) * n * dim if every else 0
    if size > MAX_BYTES:
        raise ValueError(
            f"record: got {record}, which keeps {size / 1e9:.1f} GB; allowed is at "
            f"most {MAX_BYTES / 1e9:.0f} GB"
        )
    steps = advance(
        landscape,
        theta0s,
        lr=lr,
        n_steps=n_steps,
        noise=noise,
        seed=seed,
        every=every,
    )
    return Trajectories(landscape, lr, n_steps, noise, steps)


def gradient_descent(
    landscape: Objective, theta0: ArrayLike, *, lr: float, n_steps: int
) -> np.ndarray:
    """The orbit ``theta[t+1] = theta[t] - lr * gradient(theta[t])``.

    Its shape is (n_steps + 1, dim). Row 0 is `theta0`, of shape (dim,) or a number
    where ``dim == 1``. From the step that leaves ``|theta| <= BOUND`` on, the orbit
    repeats its last row within the bound. Raises as `ensemble`.

    >>> from lrlib import gradient_descent, zoo
    >>> gradient_descent(zoo.quadratic, 1.0, lr=2.0, n_steps=3).ravel().tolist()
    [1.0, -1.0, 1.0, -1.0]
    """
    return sgd(landscape, theta0, lr=lr, n_steps=n_steps, noise=None)


def sgd(
    landscape: Objective,
    theta0: ArrayLike,
    *,
    lr: float,
    n_steps: int,
    noise: Noise | None,
    seed: int = 0,
) -> np.ndarray:
    """As `gradient_descent`, with additive `noise` on the gradient.

    It is trajectory 0 of the ensemble with this seed.
    """
    theta0 = finite_array("theta0", theta0, objective(landscape).dim, ndim=1)
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
