"""The base of the widgets for two coordinates: a start to drag, an overlay, the sharpness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp
import traitlets

from ..checks import has_dim
from ..codegen import printer
from ..landscapes.formula import Landscape
from .controls import Point
from .on_landscape import OneOrbit


def overlay_source(landscape: Landscape, overlay: object) -> tuple[str, str]:
    """JavaScript of ``overlay(*coordinates, lr)`` and its name; the page draws where it
    is 0.
    """
    if overlay is None:
        return "", ""
    if not (
        isinstance(overlay, tuple)
        and len(overlay) == 2
        and all(isinstance(part, str) for part in overlay)
    ):
        raise TypeError(
            f"overlay: got {overlay!r}; allowed are None and a pair (formula, "
            "name) of texts"
        )
    arguments = [*landscape.coordinates, sp.Symbol("lr", real=True)]
    formula = sp.sympify(overlay[0], locals={str(a): a for a in arguments})
    if unknown := formula.free_symbols - set(arguments):
        raise ValueError(
            f"overlay: unknown symbol(s) {unknown}; allowed are {arguments}"
        )
    return printer.function("overlay", arguments, [formula], "javascript"), overlay[1]


def sharpness_source(landscape: Landscape) -> str:
    """JavaScript of the largest eigenvalue of the Hessian of two coordinates."""
    has_dim(landscape, 2)
    xx, xy, yy = landscape.hessian_formula
    largest = (xx + yy) / 2 + sp.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    return printer.function("sharpness", landscape.coordinates, [largest], "javascript")


def with_minima(landscape: Landscape, minima: Mapping[str, Any] | None) -> Landscape:
    """`landscape` with other named minima, given as for `Landscape`."""
    has_dim(landscape, 2)
    if minima is None:
        return landscape
    regions = {name: (box.lower, box.upper) for name, box in landscape.regions.items()}
    return replace(landscape, minima=dict(minima), regions=regions)


class OnPlane(OneOrbit):
    """What the widgets of two coordinates share: a start to drag, and a line over the picture."""

    dim = 2
    start = Point()
    _overlay_name = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        landscape: Landscape,
        *,
        overlay: tuple[str, str] | None = None,
        formulas: dict[str, str] | None = None,
        **options: Any,
    ):
        formula, name = overlay_source(landscape, overlay)
        formulas = (formulas or {}) | ({"overlay": formula} if formula else {})
        super().__init__(landscape, formulas=formulas, _overlay_name=name, **options)
