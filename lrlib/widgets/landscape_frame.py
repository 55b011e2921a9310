"""What the widgets on a landscape are given, checked, and what a page needs of it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

KINDS = ("trapped", "stable", "oscillating", "escaping", "diverging")
LOSS_SCALES = ("linear", "sqrt")
MAX_STEPS = 100_000  # a page computes them between two frames


@dataclass(frozen=True)
class Band:
    """A stretch of the learning-rate track that ends at `upper`; None or inf for the
    last.

    >>> Band(0.05, "escaping", "always leaves")
    Band(upper=0.05, kind='escaping', label='always leaves')
    """

    upper: float | None
    kind: str
    label: str

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind: got {self.kind!r}; allowed are {', '.join(KINDS)}")
        if self.upper is not None and not self.upper > 0:
            raise ValueError(
                f"upper: got {self.upper!r}; allowed are learning rates above 0, "
                "inf and None"
            )
        if self.upper is not None and math.isinf(self.upper):
            object.__setattr__(self, "upper", None)


def check_dim(landscape, dim: int) -> None:
    if landscape.dim != dim:
        allowed = "is one coordinate" if dim == 1 else f"are {dim} coordinates"
        raise ValueError(
            f"landscape: got {landscape.name} of {landscape.dim} coordinates; "
            f"allowed {allowed}"
        )


def as_bands(bands: Sequence[Band | tuple]) -> list[Band]:
    """Bands may be given as plain (upper, kind, label)."""
    for band in bands:
        if not isinstance(band, Band | tuple) or (
            isinstance(band, tuple) and len(band) != 3
        ):
            raise TypeError(
                f"bands: got {band!r}; allowed are Band objects and (upper, kind, label)"
            )
    return [band if isinstance(band, Band) else Band(*band) for band in bands]


def check_bands(bands: list[Band], lr_range: tuple[float, float]) -> list[Band]:
    """The bands, if they are in order, inside the track, and only the last has no end."""
    edges = [band.upper for band in bands]
    if bands and (edges[-1] is not None or None in edges[:-1]):
        raise ValueError(
            f"bands: got the ends {edges}; allowed is None or inf for the last "
            "band and only for it"
        )
    edges = [lr_range[0], *edges[:-1], lr_range[1]]
    if bands and not all(a < b for a, b in zip(edges, edges[1:], strict=False)):
        raise ValueError(
            f"bands: got the ends {edges[1:-1]}; allowed are increasing ends "
            f"inside lr_range {lr_range}"
        )
    return bands


def default_range(
    lr: float, bands: list[Band], sharpness: float | None
) -> tuple[float, float]:
    """A range around the thresholds that the page names, or around `lr`."""
    marks = (
        [lr]
        + [b.upper for b in bands if b.upper]
        + ([2 / sharpness] if sharpness else [])
    )
    return (float(f"{min(marks) / 3:.1e}"), float(f"{max(marks) * 2.5:.1e}"))


def loss_range(landscape) -> list[float]:
    """Lowest and highest loss to draw: over the box, but steep edges do not flatten the
    rest.
    """
    n = 4001 if landscape.dim == 1 else 161
    losses = landscape.loss(
        np.stack(np.meshgrid(*(np.linspace(*ends, n) for ends in landscape.box)), -1)
    ).ravel()
    losses = losses[np.isfinite(losses)]
    bottoms = [float(landscape.loss(box.lower)) for box in landscape.minima.values()]
    bottom = float(min([losses.min(), *bottoms]))
    top = float(losses.max())
    usual = float(np.quantile(losses, 0.98))
    if top - bottom > 4 * (usual - bottom) > 0:
        top = bottom + 1.25 * (usual - bottom)
    return [bottom, top if top > bottom else bottom + 1.0]


def describe(landscape) -> dict:
    """What the page needs of a landscape."""
    minima = [
        {"name": k, "lower": list(b.lower), "upper": list(b.upper)}
        for k, b in landscape.minima.items()
    ]
    names = [str(c) for c in landscape.coordinates]
    box = [list(ends) for ends in landscape.box]
    return {
        "name": landscape.name,
        "coordinates": names,
        "box": box,
        "minima": minima,
        "javascript": landscape.javascript,
    }


def home(landscape) -> str:
    """What a call must import for the landscape's expression: "zoo" or "Landscape"."""
    return re.match(r"\w+", landscape.expression)[0]
