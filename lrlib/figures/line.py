"""Pictures of one coordinate, and of numbers against the step or the learning rate."""

from __future__ import annotations

import itertools

import matplotlib
import numpy as np

from ..descent.ensembles import gradient_descent
from ..descent.flows import modified_flow
from ..landscapes.heights import finite_losses, has_pole, heights
from .output import DESCENT, FLOW, INK, NOISE, PAPER, THRESHOLD, UNSTABLE

ORDERS = (":", "-", "--", "-.")  # of the flows: dash tells the order


def curve(
    ax, landscape, span=None, names: bool = True, root_scale: bool = False, n: int = 801
):
    """The loss of a one-dimensional landscape as a line over a faint fill; its minima
    as dots.

    `root_scale` draws the square root of the loss, which shows small pits beside high
    walls.
    """
    low, high = span or landscape.box[0]
    x = np.linspace(low, high, n)
    x = np.unique(
        np.concatenate(
            [
                x,
                *(
                    np.linspace(m.lower[0], m.upper[0], 2)
                    for m in landscape.minima.values()
                ),
            ]
        )
    )
    x = x[(x >= low) & (x <= high)]
    finite_losses(landscape, [(low, high)])
    y = landscape.loss(x[:, None])
    y = np.where(np.isfinite(y), y, np.nan)  # a gap
    lowest, highest = np.nanmin(y), np.nanmax(y)
    if has_pole(landscape, [(low, high)]):
        lowest, highest = heights(landscape, [(low, high)])
        ax.set_ylim(lowest, highest)
    ax.plot(x, y, color=INK, linewidth=1.2)
    floor = lowest if root_scale else lowest - 0.08 * (highest - lowest)
    ax.fill_between(x, y, floor, color=INK, alpha=0.05, linewidth=0)
    for i, (name, box) in enumerate(landscape.minima.items()):
        at = (box.lower[0] + box.upper[0]) / 2
        if low <= at <= high:
            face = INK if i == 0 else PAPER
            ax.plot(
                at,
                landscape.loss(at),
                "o",
                color=INK,
                markersize=6,
                markerfacecolor=face,
                clip_on=False,
                zorder=3,
            )
            below = {
                "xytext": (0, -8),
                "textcoords": "offset points",
                "ha": "center",
                "va": "top",
                "fontsize": 9,
            }
            ax.annotate(
                name.replace(" ", "\n") if names else "",
                (at, landscape.loss(at)),
                **below,
            )
    ax.set(xlim=(low, high), xlabel=str(landscape.coordinates[0]), ylabel="loss")
    if root_scale:
        ax.set_yscale(
            "function", functions=(lambda v: np.sqrt(np.maximum(v, 0)), np.square)
        )
    if names:
        # below the names of the minima
        ax.spines["bottom"].set_position(("outward", 34))
    return ax


def dots(ax, landscape, orbit, color=DESCENT, **options):
    """The iterates of a one-dimensional orbit on the loss; the start is the large one."""
    loss = landscape.loss(orbit)
    ax.plot(orbit[1:, 0], loss[1:], "o", color=color, markersize=3.5, **options)
    ax.plot(orbit[0, 0], loss[0], "o", color=color, markersize=8)
    return ax


def steps(ax, values, color=DESCENT, **options):
    """One number for each step, as dots."""
    ax.plot(np.arange(len(values)), values, "o", color=color, markersize=3.5, **options)
    ax.set(xlabel="step")
    return ax


def flows(ax, landscape, start: float, *, lr: float, time: float, orders=(0, 1)):
    """Gradient descent as dots over its modified flows of these orders, until `time`;
    one coordinate.
    """
    times = np.linspace(0, time, 200)
    for order in orders:
        path = modified_flow(landscape, start, lr=lr, order=order, times=times).path
        ax.plot(times, path, ORDERS[order], color=FLOW)
    orbit = gradient_descent(landscape, start, lr=lr, n_steps=int(time / lr))
    ax.plot(
        lr * np.arange(len(orbit)),
        orbit,
        "o",
        color=DESCENT,
        markersize=3.5 if len(orbit) < 40 else 2,
    )
    ax.set(xlabel="time")
    return ax


def thresholds(ax, values: dict[str, float], align: str = "center"):
    """Dashed vertical lines, named above their upper end."""
    for label, value in values.items():
        ax.axvline(value, color=INK, linestyle="--", linewidth=1)
        ax.annotate(
            label,
            (value, 1.02),
            xycoords=("data", "axes fraction"),
            ha=align,
            va="bottom",
            fontsize=9,
        )
    return ax


_OTHERS = [
    (FLOW, 0.55, "///"),
    (THRESHOLD, 0.35, "..."),
    (FLOW, 0.3, "---"),
    (THRESHOLD, 0.6, "+++"),
]
_RESTLESS = {
    "periodic": (NOISE, 0.6, "xxx"),
    "bounded": (NOISE, 0.3, "ooo"),
    "diverged": (UNSTABLE, 0.75, "\\\\\\"),
}


def shares(ax, lrs, ends: dict[str, np.ndarray]):
    """What `outcomes.sweep` found, stacked against the learning rate; the first minimum
    on top.

    The hatch is the second cue beside the colour. Outcomes that never occur are left
    out.
    """
    first, *others = [k for k in ends if k not in _RESTLESS]
    styles = (
        dict(zip(others, itertools.cycle(_OTHERS)))
        | {first: (DESCENT, 0.75, "")}
        | _RESTLESS
    )
    order = [*reversed(others), "periodic", "bounded", first, "diverged"]
    base = np.zeros(len(lrs))
    keys = []
    for label in (k for k in order if ends[k].any()):
        (colour, opacity, hatch), top = styles[label], base + ends[label]
        fill = {"step": "mid", "linewidth": 0}
        ax.fill_between(lrs, base, top, facecolor=colour, alpha=opacity, **fill)
        ax.fill_between(
            lrs, base, top, facecolor="none", edgecolor=colour, hatch=hatch, **fill
        )
        name = label.removeprefix("converged: ")
        keys.append(
            matplotlib.patches.Patch(
                facecolor=colour, alpha=opacity, hatch=hatch, label=name
            )
        )
        base = top
    ax.set(
        xscale="log",
        xlim=(lrs[0], lrs[-1]),
        ylim=(0, 1),
        xlabel="learning rate",
        ylabel="share of starts",
    )
    options = {
        "frameon": False,
        "fontsize": 9,
        "handlelength": 1.4,
        "columnspacing": 1.4,
    }
    ax.figure.legend(
        handles=keys, loc="outside lower center", ncols=len(keys), **options
    )
    return ax


def mask(  # noqa: PLR0913 (a picture of cells has this much)
    ax,
    chosen: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    color=DESCENT,
    strength: np.ndarray | float = 1.0,
):
    """Cells where `chosen` (shape (len(y), len(x))) is true, as one small picture.

    `strength`, of the same shape and from 0 to 1, is how much of the colour covers the
    paper there.
    """
    colours = [(*matplotlib.colors.to_rgb(color), alpha) for alpha in (0, 1)]
    paint = matplotlib.colors.LinearSegmentedColormap.from_list("strength", colours)
    covered = np.where(chosen, strength, 0.0)
    ax.pcolormesh(
        x, y, covered, cmap=paint, vmin=0, vmax=1, shading="nearest", rasterized=True
    )
    return ax


def histogram(ax, edges, shares, expected=None, color=DESCENT):
    """Shares of the bins as filled steps; `expected` shares as a line through their
    middles.
    """
    widths = np.diff(edges)
    middles = (edges[1:] + edges[:-1]) / 2
    ax.stairs(shares / widths, edges, fill=True, color=color, alpha=0.45)
    if expected is not None:
        ax.plot(middles, expected / widths, color=INK, linewidth=1.2)
    ax.set(xlabel="x", ylabel="visits", yticks=[])
    return ax
