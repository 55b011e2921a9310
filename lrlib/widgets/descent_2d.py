"""`Descent2D`: one trajectory on a landscape of two coordinates."""

from __future__ import annotations

from typing import Any

from ..landscapes.formula import Landscape
from .plane import OnPlane, sharpness_source

_PYTHON = """\
from lrlib import {home}, gradient_descent

orbit = gradient_descent({landscape}, {start}, lr={lr}, n_steps={n_steps})
"""


class Descent2D(OnPlane):
    """Gradient descent in the plane, with its loss and its sharpness at each step.

    Parameters
    ----------
    lr, start
        Learning rate and start of the first view; `start` inside the landscape's box.
    overlay
        A pair (formula, name): the line where the formula in the coordinates and ``lr`` is 0.
    n_steps, lr_range, bands, sharpness, ident, height
        As for `Descent1D`.
    """

    front = "descent_2d"
    title = "Gradient descent"
    python = {"": _PYTHON}
    usual_steps = 1000

    def __init__(self, landscape: Landscape, **options: Any):
        formulas = {"sharpness": sharpness_source(landscape)}
        super().__init__(landscape, formulas=formulas, **options)
