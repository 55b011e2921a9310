"""[B]: thresholds of the learning rate, computed from a landscape's formula."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar

from ..checks import has_dim, lookup, positive, whole
from ..landscapes.contract import Objective
from ..landscapes.formula import Landscape
from ..longrun.cycles import cycles, multipliers, refine_cycles
from ..longrun.scans import bifurcation


def stability_threshold(sharpness: float) -> float:
    """``2 / sharpness``: above it a minimum repels gradient descent. [B, Thm]"""
    return 2.0 / float(positive("sharpness", sharpness))


def smoothness(
    landscape: Landscape,
    span: tuple[float, float] | None = None,
    n: int = 20_001,
) -> float:
    """Largest ``|loss''|`` of a one-dimensional landscape on `span` (default: its box).

    The best of `n` grid points, polished; meant for a curvature that is continuous on
    `span`.
    """
    low, high = span or landscape.box[0]
    x = np.linspace(low, high, n)
    curvature = landscape.hessian(x[:, None])[:, 0, 0]
    size = np.abs(curvature)
    best = int(size.argmax())
    before = x[max(best - 1, 0)]
    after = x[min(best + 1, n - 1)]

    def minus_size(v: float) -> float:
        return -abs(landscape.hessian(v)[0, 0])

    found = minimize_scalar(
        minus_size,
        bounds=(before, after),
        options={"xatol": 1e-12},
    )
    return max(float(size[best]), -float(found.fun))


def doubling_thresholds(landscape: Objective, minimum: str, n: int) -> np.ndarray:
    """Learning rates at which a minimum, then its cycles of period 2, 4, ... lose
    stability, shape (n,).

    For a landscape of one coordinate. Entry k is the root of ``multiplier + 1`` along
    the cycle of period ``2**k``; entry 0 is ``2 / sharpness``. At most 9: beyond,
    rounding blurs the multiplier.
    """
    has_dim(landscape, 1)
    centre = lookup("minimum", minimum, landscape.minima).point
    n = whole("n", n, 1, 9)

    def excess(lr: float, period: int) -> float:
        # Beyond its threshold the cycle still lies midway between two points of the
        # doubled one.
        after = bifurcation(
            landscape,
            centre[None] + 0.01,
            lr,
            n_steps=20_000,
            keep=period + 1,
        )[0, 0]
        middle = (after[:1] + after[-1:]) / 2
        points = refine_cycles(
            landscape,
            middle,
            lr=lr,
            period=period,
            n_newton=6,
        )
        largest = multipliers(landscape, points[0], lr=lr, period=period)[0]
        return float(largest.real) + 1.0

    found = [stability_threshold(float(landscape.sharpness(centre)))]
    while len(found) < n:
        period = 2 ** len(found)
        last = found[-1]
        if len(found) > 1:
            # Feigenbaum's constant
            gap = (last - found[-2]) / 4.669
        else:
            gap = 0.1 * last
        low = last + 0.5 * gap
        high = last + gap
        while excess(high, period) > 0:
            low = high
            high = high + 0.2 * gap
        threshold = brentq(
            excess,
            low,
            high,
            args=(period,),
            xtol=1e-15,
            rtol=1e-14,
        )
        found.append(threshold)
    return np.array(found)


def window(
    landscape: Objective,
    minimum: str,
    period: int,
    lr: float,
) -> tuple[float, float]:
    """Learning rates around `lr` between which a cycle attracts, in one coordinate: its
    birth and its doubling.

    At `lr` the start just above the named minimum must settle on the cycle. At birth a
    pair of cycles appears, found by bisection; the upper end is where the multiplier
    reaches -1.
    """
    centre = lookup("minimum", minimum, landscape.minima).point[0]
    iterates = bifurcation(
        landscape,
        [centre + 0.01],
        lr,
        n_steps=20_000,
        keep=period,
    )
    orbit = iterates[0, 0]
    # also beside the cycle, for its neighbours at other learning rates
    beside = np.linspace(-0.05, 0.05, 41)
    seeds = (orbit + beside).reshape(-1, 1)

    def attracts(lr: float) -> bool:
        found = cycles(landscape, seeds, lr=lr, period=period)
        if not len(found):
            return False
        turned = multipliers(landscape, found[:, 0], lr=lr, period=period)
        least = turned.real.min()
        return bool(-1 < least < 1)

    if not attracts(lr):
        raise ValueError(
            f"lr: got {lr}; allowed is one at which a cycle of period {period} attracts"
        )
    ends = []
    for outside in (0.98 * lr, 1.02 * lr):
        inside = lr
        for _ in range(40):
            middle = (inside + outside) / 2
            if attracts(middle):
                inside = middle
            else:
                outside = middle
        ends.append((inside + outside) / 2)
    return ends[0], ends[1]


def balance_bound(lr: ArrayLike, product: float = 1.0) -> np.ndarray:
    """``2/lr - 2 product``: at a limit of gradient descent ``|x - y|^2`` is no larger.
    [B, Popular Conjecture 2]

    For factors of rank one, x and y, of ``product`` times the identity. A limit has
    sharpness ``|x|^2 + |y|^2``, at most 2/lr for almost every start, and ``x . y =
    product``. Below 0 no minimum is stable. `lr` may be an array.
    """
    largest_sharpness = 2.0 / np.asarray(lr, dtype=float)
    return largest_sharpness - 2.0 * product


def balancing_rate(
    x: ArrayLike,
    y: ArrayLike,
    product: float = 1.0,
) -> np.ndarray:
    """Learning rate up to which factors of ``product`` times the identity converge, for
    almost every start.

    The smaller of ``4 / (|x|^2 + |y|^2 + 4 product)`` and ``1 / (3 product)``, for
    starts x and y of shape (..., n). Wang et al. (2022), cited by [B] and [W]; the
    second constant is as we recall it.
    """
    product = float(positive("product", product))
    x_square = np.square(x, dtype=float).sum(axis=-1)
    y_square = np.square(y, dtype=float).sum(axis=-1)
    squares = x_square + y_square
    first = 4.0 / (squares + 4.0 * product)
    second = 1.0 / (3.0 * product)
    return np.minimum(first, second)
