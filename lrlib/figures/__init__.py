"""Figures: functions of the axes, colours by meaning, output that follows the reader's
theme.
"""

from .line import ORDERS, curve, dots, flows, histogram, mask, shares, steps, thresholds
from .output import (
    DESCENT,
    FLOW,
    INK,
    NOISE,
    PAPER,
    THRESHOLD,
    UNSTABLE,
    Figure,
    axes,
    show,
)
from .plane import approach, contours, exponents, hyperbola, path, scan, zero_set
from .runs import training

__all__ = [
    "DESCENT",
    "FLOW",
    "Figure",
    "INK",
    "NOISE",
    "ORDERS",
    "PAPER",
    "THRESHOLD",
    "UNSTABLE",
    "approach",
    "axes",
    "contours",
    "curve",
    "dots",
    "exponents",
    "flows",
    "histogram",
    "hyperbola",
    "mask",
    "path",
    "scan",
    "shares",
    "show",
    "steps",
    "thresholds",
    "training",
    "zero_set",
]
