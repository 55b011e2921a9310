"""Figures: functions of the axes, colours by meaning, output that follows the reader's theme."""

from __future__ import annotations

import html
import io
import itertools
import re

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

INK, PAPER, THRESHOLD = "#101418", "#fefefe", "#6b7078"
DESCENT, UNSTABLE, FLOW, NOISE = "#0072b2", "#d55e00", "#009e73", "#cc79a7"
_THEMED = {
    INK: "currentColor",
    "#000000": "currentColor",
    PAPER: "var(--pst-color-background, var(--jp-layout-color0, white))",
    DESCENT: "var(--lr-descent, #0072b2)",
    UNSTABLE: "var(--lr-unstable, #d55e00)",
    FLOW: "var(--lr-flow, #009e73)",
    NOISE: "var(--lr-noise, #cc79a7)",
    THRESHOLD: "var(--lr-threshold, #6b7078)",
}
_serial = itertools.count(1)


class Figure:
    """A finished figure as inline SVG: sharp at any size, its colours are the page's."""

    def __init__(self, figure, alt: str):
        self.alt = alt
        buffer, salt = io.StringIO(), f"lr{next(_serial)}"
        with matplotlib.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
            figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        plt.close(figure)
        self.svg = self._themed(buffer.getvalue(), salt)

    def _themed(self, svg: str, salt: str) -> str:
        svg = svg[svg.index("<svg") :]
        svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
        svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1), count=1)
        for colour, themed in _THEMED.items():
            svg = re.sub(colour, themed, svg, flags=re.I)
        names = re.findall(r'id="([^"]+)"', svg)
        for name in sorted(set(names), key=len, reverse=True):  # several figures share a page, ids must not
            used = f"#{name}" in svg
            new = f' id="{salt}-{name}"' if used else ""
            svg = svg.replace(f' id="{name}"', new).replace(f'"#{name}"', f'"#{salt}-{name}"')
            svg = svg.replace(f"url(#{name})", f"url(#{salt}-{name})")
        svg = re.sub(r'(?<= )(d|x|y|points|transform)="[^"]*"', lambda m: re.sub(r"(\.\d\d)\d+", r"\1", m[0]), svg)
        label = f'class="lr-svg" role="img" aria-label="{html.escape(self.alt)}" fill="currentColor"'
        return svg.replace("<svg", f"<svg {label}", 1)

    def _repr_html_(self) -> str:
        return f'<div class="lr-figure" role="group" aria-label="Figure" tabindex="0">{self.svg}</div>'

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"


def axes(columns: int = 1, height: float = 3.0, width: float = 7.0, **options):
    """Figure and axes in the book's style."""
    with plt.style.context("lrlib.book"):
        return plt.subplots(1, columns, figsize=(width, height), **options)


def show(figure, alt: str) -> Figure:
    """Close `figure` and hand it to the page; `alt` says in words what it shows."""
    with plt.style.context("lrlib.book"):
        return Figure(figure, alt)


def curve(ax, landscape, span=None, names: bool = True, root_scale: bool = False, n: int = 801):
    """The loss of a one-dimensional landscape as a line over a faint fill; its minima as dots.

    `root_scale` draws the square root of the loss, which shows small pits beside high walls.
    """
    low, high = span or landscape.box[0]
    x = np.linspace(low, high, n)
    x = np.unique(np.concatenate([x, *(np.linspace(m.lower[0], m.upper[0], 2) for m in landscape.minima.values())]))
    x = x[(x >= low) & (x <= high)]
    y = landscape.loss(x[:, None])
    ax.plot(x, y, color=INK, linewidth=1.2)
    floor = y.min() if root_scale else y.min() - 0.08 * np.ptp(y)
    ax.fill_between(x, y, floor, color=INK, alpha=0.05, linewidth=0)
    for i, (name, box) in enumerate(landscape.minima.items()):
        at = (box.lower[0] + box.upper[0]) / 2
        if low <= at <= high:
            face = INK if i == 0 else PAPER
            ax.plot(at, landscape.loss(at), "o", color=INK, markersize=6, markerfacecolor=face, clip_on=False, zorder=3)
            below = {"xytext": (0, -8), "textcoords": "offset points", "ha": "center", "va": "top", "fontsize": 9}
            ax.annotate(name.replace(" ", "\n") if names else "", (at, landscape.loss(at)), **below)
    ax.set(xlim=(low, high), xlabel=str(landscape.coordinates[0]), ylabel="loss")
    if root_scale:
        ax.set_yscale("function", functions=(lambda v: np.sqrt(np.maximum(v, 0)), np.square))
    if names:
        ax.spines["bottom"].set_position(("outward", 34))  # below the names of the minima
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


def thresholds(ax, values: dict[str, float], align: str = "center"):
    """Dashed vertical lines, named above their upper end."""
    for label, value in values.items():
        ax.axvline(value, color=INK, linestyle="--", linewidth=1)
        ax.annotate(label, (value, 1.02), xycoords=("data", "axes fraction"), ha=align, va="bottom", fontsize=9)
    return ax


_OTHERS = [(FLOW, 0.55, "///"), (THRESHOLD, 0.35, "..."), (FLOW, 0.3, "---"), (THRESHOLD, 0.6, "+++")]
_RESTLESS = {"periodic": (NOISE, 0.6, "xxx"), "bounded": (NOISE, 0.3, "ooo"), "diverged": (UNSTABLE, 0.75, "\\\\\\")}


def shares(ax, lrs, ends: dict[str, np.ndarray]):
    """What `outcomes.sweep` found, stacked against the learning rate; the first minimum on top.

    The hatch is the second cue beside the colour. Outcomes that never occur are left out.
    """
    first, *others = [k for k in ends if k not in _RESTLESS]
    styles = dict(zip(others, itertools.cycle(_OTHERS))) | {first: (DESCENT, 0.75, "")} | _RESTLESS
    order = [*reversed(others), "periodic", "bounded", first, "diverged"]
    base, keys = np.zeros(len(lrs)), []
    for label in (k for k in order if ends[k].any()):
        (colour, opacity, hatch), top = styles[label], base + ends[label]
        fill = {"step": "mid", "linewidth": 0}
        ax.fill_between(lrs, base, top, facecolor=colour, alpha=opacity, **fill)
        ax.fill_between(lrs, base, top, facecolor="none", edgecolor=colour, hatch=hatch, **fill)
        name = label.removeprefix("converged: ")
        keys.append(matplotlib.patches.Patch(facecolor=colour, alpha=opacity, hatch=hatch, label=name))
        base = top
    ax.set(xscale="log", xlim=(lrs[0], lrs[-1]), ylim=(0, 1), xlabel="learning rate", ylabel="share of starts")
    options = {"frameon": False, "fontsize": 9, "handlelength": 1.4, "columnspacing": 1.4}
    ax.figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), **options)
    return ax


def mask(ax, chosen: np.ndarray, x: np.ndarray, y: np.ndarray, color=DESCENT):
    """Cells where `chosen` (shape (len(y), len(x))) is true, as one small picture."""
    paint = matplotlib.colors.ListedColormap([(0, 0, 0, 0), color])
    ax.pcolormesh(x, y, chosen, cmap=paint, vmin=0, vmax=1, shading="nearest", rasterized=True)
    return ax


def histogram(ax, edges, shares, expected=None, color=DESCENT):
    """Shares of the bins as filled steps; `expected` shares as a line through their middles."""
    widths, middles = np.diff(edges), (edges[1:] + edges[:-1]) / 2
    ax.stairs(shares / widths, edges, fill=True, color=color, alpha=0.45)
    if expected is not None:
        ax.plot(middles, expected / widths, color=INK, linewidth=1.2)
    ax.set(xlabel="x", ylabel="visits", yticks=[])
    return ax
