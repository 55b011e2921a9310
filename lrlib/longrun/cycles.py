"""Cycles of gradient descent, attracting or not, and their multipliers."""

from __future__ import annotations

import numpy as np

from ..checks import finite_array, positive, whole
from ..descent.stepping import BOUND


def _advance(landscape, theta, lr: float, period: int):
    """`period` steps from `theta` of shape (..., dim), and their derivative, shape
    (..., dim, dim).
    """
    one = derivative = np.eye(landscape.dim)
    with np.errstate(all="ignore"):
        for _ in range(period):
            derivative = (one - lr * landscape.hessian(theta)) @ derivative
            theta = theta - lr * landscape.gradient(theta)
    return theta, derivative


def multipliers(landscape, theta, *, lr: float, period: int) -> np.ndarray:
    """Eigenvalues of the derivative of `period` steps, largest modulus first; (...,
    dim) gives (..., dim).

    At a point of a cycle they say by how much a small error grows in one turn; the
    cycle attracts where all are below 1 in modulus.
    """
    theta = finite_array("theta", theta, landscape.dim)
    lr = float(positive("lr", lr))
    period = whole("period", period, 1)
    derivative = _advance(landscape, theta, lr, period)[1]
    values = np.linalg.eigvals(derivative)
    order = np.argsort(-np.abs(values), axis=-1, kind="stable")
    return np.take_along_axis(values, order, -1)


def refine_cycles(
    landscape, theta, *, lr: float, period: int, n_newton: int
) -> np.ndarray:
    """Newton's method for points that return after `period` steps.

    It starts from each row of `theta`, shape (n, dim), takes `n_newton` steps, and
    gives shape (n, dim); rows that do not return to within 1e-9 are NaN. TypeError for
    a landscape without a Hessian.
    """
    theta = np.array(theta, dtype=float)
    identity = np.eye(landscape.dim)
    for _ in range(n_newton):
        there, derivative = _advance(landscape, theta, lr, period)
        with np.errstate(all="ignore"):
            # of theta -> there - theta
            jacobian = derivative - identity
            singular = ~(np.abs(np.linalg.det(jacobian)) > 1e-14)
            jacobian[singular] = identity
            change = np.linalg.solve(jacobian, (there - theta)[..., None])[..., 0]
            theta = theta - change
            lost = singular | ~(np.abs(theta).max(axis=-1) <= BOUND)
            theta[lost] = np.nan
    gap = np.abs(_advance(landscape, theta, lr, period)[0] - theta).max(axis=-1)
    theta[~(gap <= 1e-9)] = np.nan
    return theta


def cycles(
    landscape, starts, *, lr: float, period: int, n_newton: int = 40
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
            away = np.abs(orbits[:, shorter] - orbits[:, 0]).max(axis=-1)
            exact &= away >= 1e-6
    # every point of a cycle finds it: keep one, from its first point on
    found = {}
    for cycle in orbits[exact]:
        first = min(range(period), key=lambda i: tuple(np.round(cycle[i], 6)))
        turned = np.roll(cycle, -first, axis=0)
        # + 0.0 makes -0.0 and 0.0 one key
        found.setdefault(tuple(np.round(turned[0], 6) + 0.0), turned)
    distinct = [found[key] for key in sorted(found)]
    return np.array(distinct).reshape(-1, period, dim)


def distance_to_cycle(orbit, cycle) -> np.ndarray:
    """Distance to the nearest point of `cycle` after each of its turns.

    `orbit` of shape (n, dim) and `cycle` of shape (period, dim) give shape
    (ceil(n / period),).
    """
    turns = np.asarray(orbit)[:: len(cycle), None].astype(float) - cycle
    return np.linalg.norm(turns, axis=-1).min(axis=1)
