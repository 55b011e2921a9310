"""[M]: thresholds of the one-dimensional toy, computed from its formula."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from ..checks import lookup
from ..landscapes.formula import Landscape
from .blog import stability_threshold


def trap_threshold(landscape: Landscape) -> float:
    """Up to here no step from above jumps over the plateau. [M, App. J]

    Outside, the map is ``theta * (1 - lr * curvature)``. The longest jump starts at the
    outer end of the region "trap", and it must not land beyond the inner end of the
    plateau.
    """
    edge = landscape.region("trap").upper[0]
    inner = landscape.region("plateau").lower[0]
    outside = landscape.region("initialisation").upper
    curvature = landscape.sharpness(outside)
    # edge * (1 - lr * curvature) = inner
    return float((1 - inner / edge) / curvature)


def escape_threshold(
    landscape: Landscape,
    minimum: str = "sharp minimum",
    well: str = "well",
) -> float:
    """From here on gradient descent leaves the well of a one-dimensional minimum. [M,
    Fig. 3]

    The step map folds the well at the point u with ``loss''(u) = 1 / lr``. Its image is
    the right end of the trapped interval, the image of that the left end; a crisis
    comes when the left end meets the barrier.
    """
    centre = lookup("minimum", minimum, landscape.minima).point[0]
    left = landscape.region(well).lower[0]

    def slope(x: float) -> float:
        return float(landscape.gradient(x)[0])

    # the barrier is the last place left of the minimum where the slope changes sign
    x = np.linspace(left, centre, 2001)[:-1]
    slopes = landscape.gradient(x[:, None])[:, 0]
    changes = np.diff(np.sign(slopes))
    last = np.flatnonzero(changes)[-1]
    barrier = brentq(slope, x[last], x[last + 1], xtol=1e-15)

    def left_end_above_barrier(lr: float) -> float:
        def excess_curvature(x: float) -> float:
            return landscape.hessian(x)[0, 0] - 1 / lr

        point = brentq(excess_curvature, barrier, centre, xtol=1e-15)
        for _ in range(2):
            point = point - lr * slope(point)
        return point - barrier

    stable = stability_threshold(float(landscape.sharpness(centre)))
    return brentq(left_end_above_barrier, stable, 2 * stable, xtol=1e-16)


def toy_1d_fates(landscape: Landscape) -> list[tuple[float, str, str]]:
    """The five fates on [M, App. J] by learning rate: (largest lr, kind, words)."""
    minima = landscape.minima
    sharp = float(landscape.sharpness(minima["sharp minimum"].point))
    wide = float(landscape.sharpness(minima["wide minimum"].point))
    return [
        (trap_threshold(landscape), "trapped", "trapped"),
        (stability_threshold(sharp), "stable", "settles"),
        (escape_threshold(landscape), "oscillating", "rattles"),
        (stability_threshold(wide), "escaping", "escapes"),
        (np.inf, "diverging", "diverges"),
    ]
