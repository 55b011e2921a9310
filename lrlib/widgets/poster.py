"""The poster: what stands in a page until the widget is mounted, and where there is no
JavaScript.

It has the frame's own classes, so that it has the frame's height at every width; its
pictures are SVGs that stretch with the page, in the theme's colours.
"""

from __future__ import annotations

from html import escape
from itertools import groupby

import numpy as np

from ..descent.flows import modified_flow

SIZE = 1000  # of a picture, in its own units
SHOWN = 120  # iterates in a picture, the newest
FLOW_DASHES = ("2 4", "", "9 4", "10 4 2 4")  # as in flow_vs_descent.js


def poster(widget) -> str:
    """HTML of at most 8 kB for the default state of a widget."""
    if hasattr(widget, "poster_parts"):  # a widget may bring its own
        name, summary, body = widget.poster_parts()
    else:
        from .plane_poster import parts

        name, (summary, body) = parts(widget)
    return _framed(widget, name, summary, body)


def flow_poster(widget) -> str:
    """As `poster`, for a `FlowVsDescent`."""
    low, high = widget.landscape.box[0]

    def points(times, values):
        return [
            (round(SIZE * t / widget.time), round(SIZE * (high - v) / (high - low)))
            for t, v in zip(times, values, strict=True)
            if low <= v <= high
        ]

    times = np.linspace(0, widget.time, 121)
    lines = ""
    for order in widget.orders:
        flow = modified_flow(
            widget.landscape,
            widget.start,
            lr=widget.lr,
            order=order,
            times=times,
            rtol=1e-6,
        )
        style = (
            'stroke="var(--w-flow)" stroke-width="2" '
            f'stroke-dasharray="{FLOW_DASHES[order]}"'
        )
        lines += f'<path d="{_path(points(times, flow.path[:, 0]))}" {style}/>'
    orbit = widget.orbit()[:SHOWN, 0]
    dots = points(widget.lr * np.arange(len(orbit)), orbit)
    picture = _picture(
        lines
        + _dots(dots, 8, "var(--w-descent)")
        + _dots(dots[:1], 13, "var(--w-descent)")
    )
    body = f'{picture}<div class="lr-strip"></div><div class="lr-toggles"></div>'
    body += _track(widget, below='<div class="lr-slider"></div>')
    return _framed(widget, "lr-flow-vs-descent", "gradient descent and its flows", body)


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
    """The colour of an outcome, as outcomes.js has it."""
    settled = dict(
        zip(
            (f"converged: {name}" for name in minima),
            ("descent", "stable", "trapped"),
            strict=False,
        )
    )
    other = {"periodic": "oscillating", "bounded": "wandering", "diverged": "unstable"}
    return settled.get(label) or other.get(label.split(":")[0], "elsewhere")
