"""The base of the widgets for two coordinates: a start to drag, an overlay, the printed
sharpness.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp
import traitlets

from ..checks import finite_array
from ..codegen import printer
from .frame import within
from .landscape_frame import LandscapeFrame, check_dim, home


def check_start(landscape, start) -> list[float]:
    """A point inside the landscape's box."""
    point = finite_array("start", start, landscape.dim, ndim=1).tolist()
    names = map(str, landscape.coordinates)
    return [
        within(f"start {n}", v, *ends)
        for n, v, ends in zip(names, point, landscape.box, strict=True)
    ]


def overlay_source(landscape, overlay) -> tuple[str, str]:
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


def sharpness_source(landscape) -> str:
    """JavaScript of the largest eigenvalue of the Hessian of two coordinates."""
    xx, xy, yy = landscape.hessian_formula
    largest = (xx + yy) / 2 + sp.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    return printer.function("sharpness", landscape.coordinates, [largest], "javascript")


def with_minima(landscape, minima):
    """`landscape` with other named minima, given as for `Landscape`."""
    check_dim(landscape, 2)
    if minima is None:
        return landscape
    regions = {name: (box.lower, box.upper) for name, box in landscape.regions.items()}
    return replace(landscape, minima=dict(minima), regions=regions)


class Plane(LandscapeFrame):
    """What the widgets of two coordinates share; see `BasinMap` and `Descent2D`."""

    dim = 2
    start = traitlets.List(traitlets.Float()).tag(sync=True)
    resolution = traitlets.Int(0).tag(sync=True)
    _formulas = traitlets.Dict().tag(sync=True)
    _overlay_name = traitlets.Unicode().tag(sync=True)

    def __init__(self, landscape, *, lr, start, overlay, python, **options):
        check_dim(landscape, self.dim)
        start = check_start(landscape, start)
        formula, name = overlay_source(landscape, overlay)
        (x_low, x_high), (y_low, y_high) = landscape.box
        place = {"x_low": x_low, "x_high": x_high, "y_low": y_low, "y_high": y_high}
        text = python.format(
            landscape=landscape.expression, home=home(landscape), **place
        )
        super().__init__(
            landscape,
            lr=lr,
            start=start,
            loss_scale="linear",
            _python={"plain": text},
            _formulas={"overlay": formula, "sharpness": sharpness_source(landscape)},
            _overlay_name=name,
            _defaults={"lr": lr}
            | dict(zip(map(str, landscape.coordinates), start, strict=True)),
            **options,
        )

    @traitlets.validate("start")
    def _check_start(self, proposal):
        return check_start(self.landscape, proposal["value"])

    def python_call(self) -> str:
        """What "copy as Python" gives."""
        values = ("lr", "start", "n_steps", "resolution")
        return self._python["plain"].format(
            **{name: getattr(self, name) for name in values}
        )
