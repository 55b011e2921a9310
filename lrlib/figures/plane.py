"""Pictures of two coordinates, and of what orbits do in the long run."""

from __future__ import annotations

import matplotlib
import numpy as np

from ..checks import has_dim
from ..landscapes.heights import finite_losses, has_pole, heights
from .output import DESCENT, FLOW, INK, PAPER, THRESHOLD, UNSTABLE


def contours(ax, landscape, span=None, n: int = 161, levels: int = 14):
    """The loss of a two-dimensional landscape as a filled field in cividis; its minima
    as dots.

    The levels crowd at the bottom, where the loss is flat. `span` is one (low, high)
    pair for each coordinate; by default the landscape's box.
    """
    has_dim(landscape, 2)
    (x_low, x_high), (y_low, y_high) = span or landscape.box
    x = np.linspace(x_low, x_high, n)
    y = np.linspace(y_low, y_high, n)
    loss = landscape.loss(np.stack(np.meshgrid(x, y), -1))
    finite = finite_losses(landscape, ((x_low, x_high), (y_low, y_high)))
    lowest, highest = finite.min(), finite.max()
    if has_pole(landscape, ((x_low, x_high), (y_low, y_high))):
        lowest, highest = heights(landscape, ((x_low, x_high), (y_low, y_high)))
    bounds = lowest + (highest - lowest) * np.linspace(0, 1, levels) ** 3
    bands = np.searchsorted(bounds[1:-1], loss)
    # a picture, not 26,000 shapes
    ax.pcolormesh(x, y, bands, cmap="cividis", shading="nearest", rasterized=True)
    for box in landscape.minima.values():
        at = np.mean([box.lower, box.upper], axis=0)
        if x_low <= at[0] <= x_high and y_low <= at[1] <= y_high:
            ax.plot(*at, "o", color=INK, markersize=6, markeredgecolor=PAPER, zorder=3)
    x_name, y_name = map(str, landscape.coordinates)
    ax.set(
        xlim=(x_low, x_high),
        ylim=(y_low, y_high),
        aspect="equal",
        xlabel=x_name,
        ylabel=y_name,
    )
    return ax


def path(ax, orbit, color=DESCENT, **options):
    """The iterates of a two-dimensional orbit with a halo of paper; the start is the
    large one.
    """
    halo = {
        "markeredgecolor": "white",
        "markeredgewidth": 0.8,
        "linestyle": "none",
    } | options
    ax.plot(orbit[1:, 0], orbit[1:, 1], "o", color=color, markersize=5, **halo)
    ax.plot(*orbit[0], "o", color=color, markersize=9, **halo)
    return ax


def zero_set(ax, function, span: float, color=INK, n: int = 241):
    """The line where ``function(x, y)`` of two arrays is 0, within ``|x|, |y| <=
    span``.
    """
    x, y = np.meshgrid(*[np.linspace(-span, span, n)] * 2)
    ax.contour(x, y, function(x, y), levels=[0], colors=color, linewidths=1.3)


def scan(ax, lrs, values, span: tuple[float, float], color=DESCENT, n: int = 240):
    """Where orbits are at each learning rate, the denser the darker; `values` of shape
    (len(lrs), keep).
    """
    edges = np.linspace(*span, n + 1)
    counts = np.array([np.histogram(row, edges)[0] for row in values])
    opacity = np.minimum(1, 0.25 + 3 * np.sqrt(counts.T / values.shape[1])) * (
        counts.T > 0
    )
    ends = [(*matplotlib.colors.to_rgb(color), alpha) for alpha in (0, 1)]
    paint = matplotlib.colors.LinearSegmentedColormap.from_list("scan", ends)
    middles = (edges[1:] + edges[:-1]) / 2
    options = {"vmin": 0, "vmax": 1, "shading": "nearest", "rasterized": True}
    ax.pcolormesh(lrs, middles, opacity, cmap=paint, **options)
    ax.set(xlabel="learning rate", ylim=span)
    return ax


def hyperbola(ax, target: float = 1.0, box: float = 2.0):
    """The minima ``x * y = target`` of the scalar factorisation, in the square ``|x|,
    |y| <= box``.
    """
    x = np.geomspace(abs(target) / box, box, 200)
    for sign in (1, -1):
        ax.plot(sign * x, sign * target / x, color=FLOW, linewidth=1)
    ax.set(xlim=(-box, box), ylim=(-box, box), aspect="equal", xlabel="x", ylabel="y")
    return ax


def exponents(ax, lrs, values):
    """Lyapunov exponents against the learning rate; chaos, where they are positive, is
    filled.
    """
    ax.axhline(0, color=THRESHOLD, linewidth=1)
    ax.fill_between(lrs, 0, values, where=values > 0, color=UNSTABLE, linewidth=0)
    ax.plot(lrs, values, color=INK, linewidth=0.6)
    ax.set(ylim=(-2, 1.3), xlabel="learning rate", ylabel="exponent")
    return ax


def approach(ax, orbit, cycle, color=DESCENT):
    """An orbit in the plane that runs into a cycle: the start hollow, the cycle's
    points large.
    """
    ax.plot(*orbit.T, "-", color=color, linewidth=0.5, alpha=0.7)
    ax.plot(*cycle.T, "o", color=color, markersize=5)
    ax.plot(*orbit[0], "o", color=color, markersize=5, markerfacecolor=PAPER)
