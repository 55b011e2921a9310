"""`Bifurcation`: where gradient descent is in the long run, at every learning rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..checks import has_dim
from ..landscapes.formula import Landscape
from ..longrun import dynamics
from .controls import Count, Interval, Start, within
from .on_landscape import OneOrbit

_PYTHON = """\
import numpy as np
from lrlib import {home}, dynamics, gradient_descent

landscape, start = {landscape}, {start}
lrs = np.linspace({low}, {high}, 1000)
starts = [start, -start]
iterates = dynamics.bifurcation(landscape, starts, lrs, n_steps={n_steps}, keep={keep})
exponents = dynamics.lyapunov(landscape, np.full(1000, start), lr=lrs, n_steps={n_steps})
orbit = gradient_descent(landscape, start, lr={lr}, n_steps={n_steps})
"""


class Bifurcation(OneOrbit):
    """The bifurcation diagram of a landscape of one coordinate, computed in the page,
    with the Lyapunov exponent.

    Parameters
    ----------
    lr_range
        Learning rates of the diagram, and ends of the track.
    start
        Its orbit is drawn, and in a second colour that of ``-start``; inside the box,
        as is ``-start``.
    lr
        The learning rate that is marked; by default the middle of `lr_range`.
    n_steps, keep
        Steps at each learning rate, and how many of the last iterates are drawn.
    bands, sharpness, ident
        As for `Descent1D`.
    """

    front = "bifurcation"
    title = "Bifurcation diagram of gradient descent"
    python = {"": _PYTHON}
    start = Start(row=True)
    view_lr = Interval("low", "high", lambda widget: widget.lr_range)
    view_theta = Interval("bottom", "top", lambda widget: widget.landscape.box[0])
    keep = Count(1, "n_steps", 400)

    def __init__(
        self,
        landscape: Landscape,
        *,
        lr_range: Sequence[float],
        start: float,
        lr: float | None = None,
        **options: Any,
    ):
        low, high = map(float, lr_range)
        has_dim(landscape, self.dim)
        bottom, top = map(float, landscape.box[0])
        super().__init__(
            landscape,
            lr=(low + high) / 2 if lr is None else lr,
            lr_range=(low, high),
            start=within("start", start, max(bottom, -top), min(top, -bottom)),
            view_lr=[low, high],
            view_theta=[bottom, top],
            **options,
        )

    def diagram(self, n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
        """Learning rates of the view, shape (n,), and the iterates drawn at them, shape
        (n, 2, keep).
        """
        low, high = self.view_lr
        lrs = np.linspace(low, high, n)
        starts = [self.start, -self.start]
        call = {"n_steps": self.n_steps, "keep": self.keep}
        return lrs, dynamics.bifurcation(self.landscape, starts, lrs, **call)[..., 0]
