"""Bands: a page's thresholds on the learning-rate track."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

KINDS = ("trapped", "stable", "oscillating", "escaping", "diverging")


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

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind: got {self.kind!r}; allowed are {', '.join(KINDS)}")
        if self.upper is not None and not self.upper > 0:
            raise ValueError(
                f"upper: got {self.upper!r}; allowed are learning rates above 0, "
                "inf and None"
            )
        if self.upper is not None and math.isinf(self.upper):
            object.__setattr__(self, "upper", None)


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
    inner = [edge for edge in edges if edge is not None]
    ends = [lr_range[0], *inner, lr_range[1]]
    if bands and not all(a < b for a, b in pairwise(ends)):
        raise ValueError(
            f"bands: got the ends {inner}; allowed are increasing ends "
            f"inside lr_range {lr_range}"
        )
    return bands


def default_range(
    lr: float, bands: list[Band], sharpness: float | None
) -> tuple[float, float]:
    """A range around the thresholds that the page names, or around `lr`."""
    marks = [lr, *(band.upper for band in bands if band.upper)]
    if sharpness:
        marks.append(2 / sharpness)
    return (float(f"{min(marks) / 3:.1e}"), float(f"{max(marks) * 2.5:.1e}"))
