"""The poster: what stands in a page until the widget is mounted, and where there is no
JavaScript.

It has the frame's own classes, so that it has the frame's height at every width; its
pictures are SVGs that stretch with the page, in the theme's colours.
"""

from __future__ import annotations

from html import escape
from itertools import accumulate, groupby

import numpy as np

SIZE = 1000  # of a picture, in its own units


def poster(widget) -> str:
    """HTML of at most 8 kB for the default state of a widget."""
    if hasattr(widget, "poster_parts"):  # a widget may bring its own
        name, summary, body = widget.poster_parts()
    else:
        name, (summary, body) = "lr-outcome-bars", _outcomes(widget)
    return _framed(widget, name, summary, body)


def _framed(widget, name: str, summary: str, body: str) -> str:
    style = ";".join(f"--{key}:{value}" for key, value in widget.poster_sizes().items())
    head = (
        '<div class="lr-head"><p class="lr-note"></p><p '
        f'class="lr-chip">{escape(summary)}</p></div>'
    )
    return (
        f'<div class="lr-widget {name}" style="{style}" role="img" '
        f'aria-label="{escape(widget._title)}">'
        f'<div class="lr-frame">{head}{body}</div></div>'
    )


class _Scale:
    """Coordinates of a picture, as canvas.js has them."""

    def __init__(self, widget):
        self.landscape = widget.landscape
        self.low, self.high = widget.landscape.box[0]
        self.bottom, self.top = widget._loss_range
        self.power = 0.5 if widget.loss_scale == "sqrt" else 1.0

    def points(self, theta) -> list[tuple[int, int]]:
        """Corners of the curve at these thetas, (0, 0) at the upper left."""
        theta = np.asarray(theta, float)
        x = (theta - self.low) / (self.high - self.low)
        share = (self.landscape.loss(theta[:, None]) - self.bottom) / (
            self.top - self.bottom
        )
        y = 1 - np.clip(np.nan_to_num(share, nan=1.0), 0, 1.06) ** self.power
        inside = (x >= 0) & (x <= 1)
        return [
            (round(SIZE * a), round(SIZE * b))
            for a, b in zip(x[inside], y[inside], strict=True)
        ]


def _path(points) -> str:
    """A broken line, without the corners that lie on it."""
    points = [point for point, _ in groupby(points)]
    kept = points[:1]
    for here, after in zip(points[1:], points[2:], strict=False):
        (ax, ay), (bx, by) = (
            (here[0] - kept[-1][0], here[1] - kept[-1][1]),
            (after[0] - here[0], after[1] - here[1]),
        )
        if ax * by != ay * bx:
            kept.append(here)
    return "M" + "L".join(f"{x} {y}" for x, y in [*kept, *points[-1:]])


def _dots(points, width: float, colour: str, opacity: float = 1.0) -> str:
    """Round at any stretch of the picture: lines of no length with round ends."""
    path = "".join(f"M{x} {y}h0" for x, y in dict.fromkeys(points))
    return (
        f'<path d="{path}" stroke="{colour}" stroke-width="{width}" '
        f'stroke-linecap="round" opacity="{opacity}"/>'
    )


def _curve(scale: _Scale) -> str:
    grid = np.linspace(scale.low, scale.high, 241)
    edges = [
        end[0] + s
        for b in scale.landscape.minima.values()
        for end in (b.lower, b.upper)
        for s in (-1e-4, 0, 1e-4)
    ]
    points = scale.points(np.unique(np.concatenate([grid, edges])))
    path = _path(points)
    return (
        f'<path d="{path}V1060H0z" fill="var(--w-wash)" stroke="none"/>'
        f'<path d="{path}" stroke="currentColor" stroke-width="1.6" '
        'stroke-linejoin="round"/>'
    )


def _minima(scale: _Scale) -> str:
    middles = [(b.lower[0] + b.upper[0]) / 2 for b in scale.landscape.minima.values()]
    points = scale.points(middles)
    return _dots(points, 10, "currentColor") + (
        _dots(points[1:], 7, "var(--w-paper)") if points[1:] else ""
    )


def _picture(content: str, below: str = "") -> str:
    # the strokes keep their width although the picture stretches
    return (
        f'<div class="lr-stage"><svg class="lr-poster" viewBox="0 0 {SIZE} '
        f'{SIZE}" preserveAspectRatio="none" '
        f'fill="none" aria-hidden="true">{content}</svg>{below}</div>'
    )


def _track(widget, above: str = "", below: str = "") -> str:
    """The controls: read-out, track, and the places of what stands above and below it."""
    low, high = widget.lr_range
    edges = [low, *(b.upper for b in widget.bands[:-1]), high]
    shares = 100 * np.log(np.divide(edges, low)) / np.log(high / low)
    spans = "".join(
        (
            f'<span class="lr-band" data-kind="{band.kind}" '
            f'style="left:{a:.2f}%;width:{b - a:.2f}%"></span>'
        )
        for band, a, b in zip(widget.bands, shares, shares[1:], strict=False)
    )
    times = (
        f" = {widget.lr * widget.sharpness / 2:.3g} × 2/λ" if widget.sharpness else ""
    )
    labels = '<div class="lr-labels"></div>' if widget.bands else ""
    return (
        '<div class="lr-controls"><div class="lr-track"><div '
        'class="lr-track-head"><b>Learning rate</b>'
        f'<span class="lr-readout">{widget.lr:.3g}{times}</span></div>{above}'
        '<div class="lr-rail-box"><div '
        f'class="lr-rail">{spans}</div></div>{labels}</div>{below}'
        '<div class="lr-actions"></div></div>'
    )


def _colour(label: str, minima: list[str]) -> str:
    """The colour that fates.js gives to an outcome."""
    settled = dict(
        zip(
            (f"converged: {name}" for name in minima),
            ("descent", "stable", "trapped"),
            strict=False,
        )
    )
    other = {"periodic": "oscillating", "bounded": "wandering", "diverged": "unstable"}
    return settled.get(label) or other.get(label.split(":")[0], "elsewhere")


def _stripes(colours: list[str]) -> str:
    """A row of starts side by side, at most 64 of them."""
    colours = colours[:: -(-len(colours) // 64)]
    runs = [(colour, len(list(run))) for colour, run in groupby(colours)]
    ends = [0, *accumulate(100 * n / len(colours) for _, n in runs)]
    stops = ",".join(
        f"var(--w-{c}) {a:.3g}% {b:.3g}%"
        for (c, _), a, b in zip(runs, ends, ends[1:], strict=False)
    )
    return (
        '<div class="lr-starts" '
        f'style="background:linear-gradient(90deg,{stops})"></div>'
    )


def _outcomes(widget) -> tuple[str, str]:
    scale = _Scale(widget)
    low, high = widget.interval
    runs = widget.runs()
    colours = [_colour(label, list(widget.landscape.minima)) for label in runs.outcome]
    order = [
        "descent",
        "stable",
        "trapped",
        "elsewhere",
        "oscillating",
        "wandering",
        "unstable",
    ]
    starts = _stripes(colours) + _stripes(sorted(colours, key=order.index))
    x0, x1 = (
        round(SIZE * (end - scale.low) / (scale.high - scale.low))
        for end in (low, high)
    )
    under = _path(scale.points(np.linspace(low, high, 40)))
    interval = f'<path d="{under}L{x1} 1060H{x0}z" fill="var(--w-rule)"/>'
    picture = _picture(_curve(scale) + interval + _minima(scale), starts)
    (label, count), *_ = runs.counts().items()
    history = '<div class="lr-history"></div>'
    body = f'{picture}<div class="lr-legend"></div>{_track(widget, above=history)}'
    return f"{100 * count / widget.n_starts:.3g} % {label}", body
