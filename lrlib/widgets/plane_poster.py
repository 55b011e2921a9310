"""Posters of the widgets for two coordinates; see `poster`."""

from __future__ import annotations

from itertools import groupby

import numpy as np

from .poster import SHOWN, _colour, _dots, _track

SIDE = 1000  # of the picture, in its own units
_CIVIDIS = (
    "#00224e",
    "#213d6b",
    "#414d6b",
    "#5f646e",
    "#7c7b78",
    "#9b9474",
    "#bbad6c",
    "#dcca56",
    "#fee838",
)


def _raster(codes: np.ndarray, colours) -> str:
    """Rows of equal cells as strokes, one path for each colour; `codes` of shape (n,
    n), lowest row first.
    """
    n = len(codes)
    paths = {}
    for j, row in enumerate(codes[::-1]):
        i = 0
        for code, run in groupby(row):
            length = len(list(run))
            paths[code] = paths.get(code, "") + f"M{i} {j}h{length}"
            i += length
    strokes = "".join(
        f'<path d="{d}" stroke="{colours[code]}"/>' for code, d in paths.items()
    )
    scale = f"scale({SIDE / n:.6g}) translate(0 .5)"
    return (
        f'<g transform="{scale}" style="vector-effect:none" class="lr-raster" '
        f'stroke-width="1.05">{strokes}</g>'
    )


def _points(widget, theta) -> list[tuple[int, int]]:
    """Places in the picture of points in the box, shape (n, 2)."""
    low, high = np.transpose(widget.landscape.box)
    share = (np.asarray(theta) - low) / (high - low)
    inside = ((share >= 0) & (share <= 1)).all(axis=1)
    return [(round(SIDE * x), round(SIDE * (1 - y))) for x, y in share[inside]]


def _orbit(widget, colour: str) -> str:
    orbit = widget.orbit()
    changed = np.flatnonzero(np.diff(orbit, axis=0).any(axis=1))
    points = _points(widget, orbit[: changed[-1] + 2 if changed.size else 1][-SHOWN:])
    start = _points(widget, [widget.start])
    dots = (
        _dots(points, 9, "var(--w-paper)") + _dots(points, 6, colour) if points else ""
    )
    return dots + _dots(start, 15, colour) + _dots(start, 10, "var(--w-paper)")


def _grid(widget, n: int) -> np.ndarray:
    x, y = (
        low + (np.arange(n) + 0.5) * ((high - low) / n)
        for low, high in widget.landscape.box
    )
    return np.stack(np.meshgrid(x, y), -1)


def _plane(picture: str, side: str, widget) -> str:
    svg = (
        f'<svg class="lr-poster" viewBox="0 0 {SIDE} {SIDE}" '
        'preserveAspectRatio="none" fill="none" '
        f'aria-hidden="true">{picture}</svg>'
    )
    rows = '<div class="lr-slider"></div>' * 2
    both = f'<div class="lr-stage">{svg}</div><div class="lr-side">{side}</div>'
    return f'<div class="lr-plane">{both}</div>{_track(widget, below=rows)}'


def _descent(widget) -> tuple[str, str]:
    low, high = widget._loss_range
    share = np.cbrt(
        np.clip((widget.landscape.loss(_grid(widget, 30)) - low) / (high - low), 0, 1)
    )
    codes = np.minimum((share * len(_CIVIDIS)).astype(int), len(_CIVIDIS) - 1)
    picture = _raster(codes, _CIVIDIS) + _orbit(widget, "var(--w-descent)")
    strips = '<div class="lr-strip"></div>' * 2
    return widget.outcome(), _plane(picture, strips, widget)


def _basins(widget) -> tuple[str, str]:
    labels = widget.runs(36).outcome.reshape(36, 36)
    minima = list(widget.landscape.minima)
    names = {label: f"var(--w-{_colour(label, minima)})" for label in np.unique(labels)}
    # as the map: sooner is fainter
    names |= {"diverged": "color-mix(in srgb, var(--w-unstable) 50%, var(--w-paper))"}
    picture = _raster(labels, names) + _orbit(widget, "currentColor")
    side = (
        '<div class="lr-legend"></div><p class="lr-key">&nbsp;</p><div '
        'class="lr-strip"></div>'
    )
    return widget.outcome(), _plane(picture, side, widget)


def parts(widget) -> tuple[str, tuple[str, str]]:
    """The class of the widget, its summary and its body."""
    if widget.resolution:
        return "lr-basin-map", _basins(widget)
    return "lr-descent-2d", _descent(widget)
