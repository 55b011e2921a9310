"""`Descent2D`: one trajectory on a landscape of two coordinates."""

from __future__ import annotations

import numpy as np

from ..descent.ensembles import ensemble, gradient_descent
from .landscape_frame import sources
from .plane import Plane

_PYTHON = """\
from lrlib import {home}, gradient_descent

orbit = gradient_descent({landscape}, {{start}}, lr={{lr}}, n_steps={{n_steps}})
"""


class Descent2D(Plane):
    """Gradient descent in the plane, with its loss and its sharpness at each step.

    Parameters
    ----------
    lr, start
        Learning rate and start of the first view; `start` inside the landscape's box.
    overlay
        A pair (formula, name): the line where the formula in the coordinates and ``lr``
        is 0.
    n_steps, lr_range, bands, sharpness, ident, height
        As for `Descent1D`.
    """

    _esm = sources("walking.js", "descent_2d.js", dim=2)
    title = "Gradient descent"

    def __init__(  # noqa: PLR0913 (one keyword for each trait of the widget)
        self,
        landscape,
        *,
        lr,
        start,
        n_steps=1000,
        lr_range=None,
        bands=(),
        sharpness=None,
        overlay=None,
        ident=None,
        height=None,
    ):
        super().__init__(
            landscape,
            lr=lr,
            start=start,
            overlay=overlay,
            python=_PYTHON,
            n_steps=n_steps,
            lr_range=lr_range,
            bands=bands,
            sharpness=sharpness,
            ident=ident,
            height=height,
        )

    def orbit(self) -> np.ndarray:
        """The trajectory of the current state, shape (n_steps + 1, 2)."""
        return gradient_descent(
            self.landscape, self.start, lr=self.lr, n_steps=self.n_steps
        )

    def outcome(self) -> str:
        """What it does, as in `lrlib.outcomes`."""
        return str(
            ensemble(
                self.landscape, [self.start], lr=self.lr, n_steps=self.n_steps
            ).outcome[0]
        )
