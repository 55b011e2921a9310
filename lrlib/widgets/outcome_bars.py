"""`OutcomeBars`: what fraction of an ensemble of starts ends where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..descent.ensembles import Trajectories, ensemble
from ..landscapes.formula import Landscape
from .controls import Count, Starts
from .on_landscape import OnLandscape

_PYTHON = """\
import numpy as np
from lrlib import {home}, ensemble

starts = np.linspace({low}, {high}, {n_starts})
runs = ensemble({landscape}, starts, lr={lr}, n_steps={n_steps})
runs.counts()
"""


class OutcomeBars(OnLandscape):
    """The fates of an ensemble as bars, live while the learning rate slides.

    Parameters
    ----------
    starts
        Interval (low, high) of the starting points, or the name of a region of the
        landscape.
    n_starts
        Number of equally spaced starts, both ends included.
    lr, n_steps, lr_range, bands, sharpness, loss_scale, ident
        As for `Descent1D`.
    """

    front = "outcome_bars"
    title = "Outcomes of gradient descent"
    python = {"": _PYTHON}
    interval = Starts()
    n_starts = Count(2, 10_000, 1000)

    def __init__(
        self, landscape: Landscape, starts: Sequence[float] | str, **options: Any
    ):
        super().__init__(landscape, interval=starts, **options)

    def starts(self) -> np.ndarray:
        """The starting points of the current state, shape (n_starts,)."""
        low, high = self.interval
        return np.linspace(low, high, self.n_starts)

    def runs(self) -> Trajectories:
        """The ensemble of the current state."""
        return ensemble(self.landscape, self.starts(), lr=self.lr, n_steps=self.n_steps)
