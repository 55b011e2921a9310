"""Thresholds of the learning rate, computed from a landscape's formula."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from ..checks import has_dim, lookup, positive, whole
from ..longrun.dynamics import bifurcation, closed, cycles, multipliers


def stability_threshold(sharpness: float) -> float:
    """``2 / sharpness``: above it a minimum repels gradient descent. [B, Thm]"""
    return 2.0 / float(positive("sharpness", sharpness))


def smoothness(landscape, span=None, n: int = 20_001) -> float:
    """Largest ``|loss''|`` of a one-dimensional landscape on `span` (default: its box).

    The best of `n` grid points, polished; meant for a curvature that is continuous on
    `span`.
    """
    low, high = span or landscape.box[0]
    x = np.linspace(low, high, n)
    size = np.abs(landscape.hessian(x[:, None])[:, 0, 0])
    best = int(size.argmax())
    around = x[max(best - 1, 0)], x[min(best + 1, n - 1)]
    found = minimize_scalar(
        lambda v: -abs(landscape.hessian(v)[0, 0]),
        bounds=around,
        options={"xatol": 1e-12},
    )
    return max(float(size[best]), -float(found.fun))


def trap_threshold(landscape) -> float:
    """Up to here no step from above jumps over the plateau. [M, App. J]

    Outside, the map is ``theta * (1 - lr * curvature)``. The longest jump starts at the
    outer end of the region "trap", and it must not land beyond the inner end of the
    plateau.
    """
    edge = landscape.region("trap").upper[0]
    inner = landscape.region("plateau").lower[0]
    curvature = landscape.sharpness(landscape.region("initialisation").upper)
    return float((1 - inner / edge) / curvature)


def escape_threshold(
    landscape, minimum: str = "sharp minimum", well: str = "well"
) -> float:
    """From here on gradient descent leaves the well of a one-dimensional minimum. [M,
    Fig. 3]

    The step map folds the well at the point u with ``loss''(u) = 1 / lr``. Its image is
    the right end of the trapped interval, the image of that the left end; a crisis
    comes when the left end meets the barrier.
    """
    centre = lookup("minimum", minimum, landscape.minima).lower[0]
    x = np.linspace(landscape.region(well).lower[0], centre, 2001)[:-1]
    slope = landscape.gradient(x[:, None])[:, 0]
    last = np.flatnonzero(np.diff(np.sign(slope)))[-1]
    barrier = brentq(
        lambda v: float(landscape.gradient(v)[0]), x[last], x[last + 1], xtol=1e-15
    )

    def left_end_above_barrier(lr: float) -> float:
        point = brentq(
            lambda v: landscape.hessian(v)[0, 0] - 1 / lr, barrier, centre, xtol=1e-15
        )
        for _ in range(2):
            point = point - lr * float(landscape.gradient(point)[0])
        return point - barrier

    stable = stability_threshold(landscape.sharpness(centre))
    return brentq(left_end_above_barrier, stable, 2 * stable, xtol=1e-16)


def toy_1d_fates(landscape) -> list[tuple[float, str, str]]:
    """The five fates on [M, App. J] by learning rate: (largest lr, kind, words)."""
    sharp, wide = (
        landscape.sharpness(landscape.minima[m].lower)
        for m in ("sharp minimum", "wide minimum")
    )
    return [
        (trap_threshold(landscape), "trapped", "trapped"),
        (stability_threshold(sharp), "stable", "settles"),
        (escape_threshold(landscape), "oscillating", "rattles"),
        (stability_threshold(wide), "escaping", "escapes"),
        (np.inf, "diverging", "diverges"),
    ]


def doubling_thresholds(landscape, minimum: str, n: int) -> np.ndarray:
    """Learning rates at which a minimum, then its cycles of period 2, 4, ... lose
    stability, shape (n,).

    For a landscape of one coordinate. Entry k is the root of ``multiplier + 1`` along
    the cycle of period ``2**k``; entry 0 is ``2 / sharpness``. At most 9: beyond,
    rounding blurs the multiplier.
    """
    has_dim(landscape, 1)
    centre = np.array(lookup("minimum", minimum, landscape.minima).lower)
    n = whole("n", n, 1, 9)

    def excess(lr: float, period: int) -> float:
        # Beyond its threshold the cycle still lies midway between two points of the
        # doubled one.
        after = bifurcation(
            landscape, centre[None] + 0.01, lr, n_steps=20_000, keep=period + 1
        )[0, 0]
        middle = closed(landscape, (after[:1] + after[-1:]) / 2, lr, period, 6)
        return (
            float(multipliers(landscape, middle[0], lr=lr, period=period)[0].real) + 1.0
        )

    found = [2.0 / float(landscape.sharpness(centre))]
    while len(found) < n:
        period = 2 ** len(found)
        last = found[-1]
        # the first gap is not known
        gap = (last - found[-2]) / 4.669 if len(found) > 1 else 0.1 * last
        low = last + 0.5 * gap
        high = last + gap
        while excess(high, period) > 0:
            low = high
            high = high + 0.2 * gap
        found.append(brentq(excess, low, high, args=(period,), xtol=1e-15, rtol=1e-14))
    return np.array(found)


def window(landscape, minimum: str, period: int, lr: float) -> tuple[float, float]:
    """Learning rates around `lr` between which a cycle attracts, in one coordinate: its
    birth and its doubling.

    At `lr` the start just above the named minimum must settle on the cycle. At birth a
    pair of cycles appears, found by bisection; the upper end is where the multiplier
    reaches -1.
    """
    centre = lookup("minimum", minimum, landscape.minima).lower[0]
    seeds = bifurcation(landscape, [centre + 0.01], lr, n_steps=20_000, keep=period)[
        0, 0
    ]
    seeds = (seeds + np.linspace(-0.05, 0.05, 41)).reshape(-1, 1)

    def least(lr: float) -> float:
        found = cycles(landscape, seeds, lr=lr, period=period)
        return (
            multipliers(landscape, found[:, 0], lr=lr, period=period).real.min()
            if len(found)
            else np.nan
        )

    if not -1 < least(lr) < 1:
        raise ValueError(
            f"lr: got {lr}; allowed is one at which a cycle of period {period} attracts"
        )
    ends = []
    for outside in (0.98 * lr, 1.02 * lr):
        inside = lr
        for _ in range(40):
            middle = (inside + outside) / 2
            # NaN is outside
            inside, outside = (
                (middle, outside) if -1 < least(middle) else (inside, middle)
            )
        ends.append((inside + outside) / 2)
    return ends[0], ends[1]


def balance_bound(lr, product: float = 1.0):
    """``2/lr - 2 product``: at a limit of gradient descent ``|x - y|^2`` is no larger.
    [B, Popular Conjecture 2]

    For factors of rank one, x and y, of ``product`` times the identity. A limit has
    sharpness ``|x|^2 + |y|^2``, at most 2/lr for almost every start, and ``x . y =
    product``. Below 0 no minimum is stable. `lr` may be an array.
    """
    return 2.0 / np.asarray(lr, dtype=float) - 2.0 * product


def balancing_rate(x, y, product: float = 1.0):
    """Learning rate up to which factors of ``product`` times the identity converge, for
    almost every start.

    The smaller of ``4 / (|x|^2 + |y|^2 + 4 product)`` and ``1 / (3 product)``, for
    starts x and y of shape (..., n). Wang et al. (2022), cited by [B] and [W]; the
    second constant is as we recall it.
    """
    squares = sum(np.square(np.asarray(v, dtype=float)).sum(axis=-1) for v in (x, y))
    product = float(positive("product", product))
    return np.minimum(4.0 / (squares + 4.0 * product), 1.0 / (3.0 * product))
