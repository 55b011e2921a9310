"""Cycles of gradient descent, attracting or not, and their multipliers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..checks import finite_array, positive, whole
from ..descent.stepping import BOUND
from ..landscapes.contract import Objective


def _advance(
    landscape: Objective, theta: np.ndarray, lr: float, period: int
) -> tuple[np.ndarray, np.ndarray]:
    """`period` steps from `theta` of shape (..., dim), and their derivative, shape
    (..., dim, dim).
    """
    one = derivative = np.eye(landscape.dim)
    with np.errstate(all="ignore"):
        for _ in range(period):
            step = one - lr * landscape.hessian(theta)
            derivative = step @ derivative
            theta = theta - lr * landscape.gradient(theta)
    return theta, derivative


def multipliers(
    landscape: Objective,
    theta: ArrayLike,
    *,
    lr: float,
    period: int,
) -> np.ndarray:
    """Eigenvalues of the derivative of `period` steps, largest modulus first; (...,
    dim) gives (..., dim).

    At a point of a cycle they say by how much a small error grows in one turn; the
    cycle attracts where all are below 1 in modulus.
    """
    points = finite_array("theta", theta, landscape.dim)
    lr = float(positive("lr", lr))
    period = whole("period", period, 1)
    _, derivative = _advance(landscape, points, lr, period)
    values = np.linalg.eigvals(derivative)
    order = np.argsort(-np.abs(values), axis=-1, kind="stable")
    return np.take_along_axis(values, order, -1)


def refine_cycles(
    landscape: Objective,
    theta: ArrayLike,
    *,
    lr: float,
    period: int,
    n_newton: int,
) -> np.ndarray:
    """Newton's method for points that return after `period` steps.

    It starts from each row of `theta`, shape (n, dim), takes `n_newton` steps, and
    gives shape (n, dim); rows that do not return to within 1e-9 are NaN. TypeError for
    a landscape without a Hessian.
    """
    points = np.array(theta, dtype=float)
    identity = np.eye(landscape.dim)
    for _ in range(n_newton):
        there, derivative = _advance(landscape, points, lr, period)
        with np.errstate(all="ignore"):
            # the root of theta -> there - theta, whose Jacobian this is
            jacobian = derivative - identity
            determinant = np.linalg.det(jacobian)
            singular = ~(np.abs(determinant) > 1e-14)
            jacobian[singular] = identity
            gap = (there - points)[..., None]
            change = np.linalg.solve(jacobian, gap)[..., 0]
            points = points - change
            size = np.abs(points).max(axis=-1)
            # a comparison with NaN is false
            lost = singular | ~(size <= BOUND)
            points[lost] = np.nan
    there, _ = _advance(landscape, points, lr, period)
    missed_by = np.abs(there - points).max(axis=-1)
    points[~(missed_by <= 1e-9)] = np.nan
    return points


def cycles(
    landscape: Objective,
    starts: ArrayLike,
    *,
    lr: float,
    period: int,
    n_newton: int = 40,
) -> np.ndarray:
    """Distinct cycles of exactly this period that Newton's method finds, attracting or
    not.

    `starts` of shape (n, dim), or (n,) where ``dim == 1``; the result has shape (m,
    period, dim), each cycle from its first point in the order of the coordinates.
    Whether all were found is not known: try more starts.
    """
    dim = landscape.dim
    starts = finite_array("starts", starts, dim, ndim=2)
    lr = float(positive("lr", lr))
    period = whole("period", period, 1)
    n_newton = whole("n_newton", n_newton, 1)
    theta = refine_cycles(landscape, starts, lr=lr, period=period, n_newton=n_newton)
    theta = theta[np.isfinite(theta).all(axis=-1)]
    orbit = []
    for _ in range(period):
        orbit.append(theta)
        theta = theta - lr * landscape.gradient(theta)
    orbits = np.stack(orbit, axis=1)
    # a point of a shorter cycle returns after `period` steps as well
    exact = np.ones(len(orbits), bool)
    for shorter in range(1, period):
        if period % shorter == 0:
            move = orbits[:, shorter] - orbits[:, 0]
            away = np.abs(move).max(axis=-1)
            exact &= away >= 1e-6
    # every point of a cycle finds it: keep one, from its first point on
    found: dict[tuple[float, ...], np.ndarray] = {}
    for cycle in orbits[exact]:
        # + 0.0 makes -0.0 and 0.0 one key
        rounded = np.round(cycle, 6) + 0.0
        keys = [tuple(point) for point in rounded]
        first = keys.index(min(keys))
        turned = np.roll(cycle, -first, axis=0)
        found.setdefault(keys[first], turned)
    distinct = [found[key] for key in sorted(found)]
    return np.array(distinct).reshape(-1, period, dim)


def distance_to_cycle(orbit: ArrayLike, cycle: ArrayLike) -> np.ndarray:
    """Distance to the nearest point of `cycle` after each of its turns.

    `orbit` of shape (n, dim) and `cycle` of shape (period, dim) give shape
    (ceil(n / period),).
    """
    points = np.asarray(cycle)
    period = len(points)
    once_a_turn = np.asarray(orbit)[::period].astype(float)
    apart = once_a_turn[:, None] - points
    distances = np.linalg.norm(apart, axis=-1)
    return distances.min(axis=1)
