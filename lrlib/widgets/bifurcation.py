"""`Bifurcation`: where gradient descent is in the long run, at every learning rate."""

from __future__ import annotations

import numpy as np
import traitlets

from ..checks import has_dim, whole
from ..descent.ensembles import ensemble, gradient_descent
from ..longrun import dynamics
from .controls import Interval, Start, within
from .on_landscape import OnLandscape

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


class Bifurcation(OnLandscape):
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
    keep = traitlets.Int().tag(sync=True)

    def __init__(
        self, landscape, *, lr_range, start, lr=None, n_steps=2000, keep=400, **options
    ):
        low, high = map(float, lr_range)
        has_dim(landscape, self.dim)
        bottom, top = map(float, landscape.box[0])
        n_steps = whole("n_steps", n_steps, 1)
        super().__init__(
            landscape,
            lr=(low + high) / 2 if lr is None else lr,
            lr_range=(low, high),
            start=within("start", start, max(bottom, -top), min(top, -bottom)),
            n_steps=n_steps,
            keep=whole("keep", keep, 1, n_steps),
            view_lr=[low, high],
            view_theta=[bottom, top],
            **options,
        )

    @traitlets.validate("keep")
    def _check_keep(self, proposal):
        return whole("keep", proposal["value"], 1, self.n_steps)

    def diagram(self, n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
        """Learning rates of the view, shape (n,), and the iterates drawn at them, shape
        (n, 2, keep).
        """
        lrs = np.linspace(*self.view_lr, n)
        options = {"n_steps": self.n_steps, "keep": self.keep}
        return lrs, dynamics.bifurcation(
            self.landscape, [self.start, -self.start], lrs, **options
        )[..., 0]

    def orbit(self) -> np.ndarray:
        """The trajectory at the marked learning rate, shape (n_steps + 1, 1)."""
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
