"""The range of losses that a picture of a landscape shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .formula import Landscape

Span = Sequence[tuple[float, float]]
SHOWN = 4  # quartiles on each side of the median that a picture shows beside a pole

# the search for a pole: its grids, each around the largest value of the one before
LEVELS = 8
GROWTH = 8
OFF = 0.381966  # of a cell, off the round numbers where poles like to be


def heights(landscape: Landscape, span: Span | None = None) -> tuple[float, float]:
    """Lowest and highest loss to draw over `span`, by default the landscape's box; steep
    edges and poles do not flatten the rest.

    ValueError where the loss is finite nowhere.
    """
    span = landscape.box if span is None else span
    losses = finite_losses(landscape, span)
    bottoms = [float(landscape.loss(box.lower)) for box in landscape.minima.values()]
    bottoms = [bottom for bottom in bottoms if np.isfinite(bottom)]
    if has_pole(landscape, span):
        lower, middle, upper = np.quantile(losses, [0.25, 0.5, 0.75])
        bottom = max(losses.min(), middle - SHOWN * (middle - lower))
        top = min(losses.max(), middle + SHOWN * (upper - middle))
        bottom = float(min([bottom, *bottoms]))
    else:
        bottom = float(min([losses.min(), *bottoms]))
        top = float(losses.max())
        usual = float(np.quantile(losses, 0.98))
        if top - bottom > 4 * (usual - bottom) > 0:
            top = bottom + 1.25 * (usual - bottom)
    return bottom, float(top) if top > bottom else bottom + 1.0


def finite_losses(landscape: Landscape, span: Span) -> np.ndarray:
    """The finite losses on a grid over `span`; ValueError where there are none."""
    losses = _on_grid(landscape, span, 4001 if landscape.dim == 1 else 161)
    losses = losses[np.isfinite(losses)]
    if not losses.size:
        raise ValueError(
            f"landscape: got {landscape.name}, whose loss is finite nowhere in "
            f"{tuple(map(tuple, span))}; allowed are boxes with finite losses"
        )
    return losses


def has_pole(landscape: Landscape, span: Span) -> bool:
    """Whether the loss goes off to infinity inside `span`: on grids that get finer around
    its largest value this grows again and again.
    """
    n = 401 if landscape.dim == 1 else 41
    for sign in (1, -1):
        ends = np.array(span, float)
        highest = []
        for _ in range(LEVELS):
            cells = (np.arange(n) + OFF) / n
            axes = [low + (high - low) * cells for low, high in ends]
            points = np.stack(np.meshgrid(*axes), -1).reshape(-1, landscape.dim)
            losses = sign * landscape.loss(points)
            losses[~np.isfinite(losses)] = -np.inf
            best = losses.argmax()
            highest.append(losses[best])
            # around it, a few cells wide
            cell = (ends[:, 1] - ends[:, 0]) / n
            ends = points[best][:, None] + 3 * cell[:, None] * [-1, 1]
            ends = np.clip(ends, *np.array(span, float).T[:, :, None])
        # a spike is resolved half way; a pole grows on
        middle, last = highest[LEVELS // 2], highest[-1]
        if middle > -np.inf and last > middle + GROWTH * abs(middle):
            return True
    return False


def _on_grid(landscape: Landscape, span: Span, n: int) -> np.ndarray:
    # a frozen coordinate is no axis of a picture: its ends and middle do
    counts = [n if i < landscape.moving else 3 for i in range(landscape.dim)]
    axes = [np.linspace(*ends, m) for ends, m in zip(span, counts, strict=True)]
    return landscape.loss(np.stack(np.meshgrid(*axes), -1)).ravel()
