"""`OutcomeBars`: what fraction of an ensemble of starts ends where."""

from __future__ import annotations

import numpy as np
import traitlets

from ..checks import whole
from ..descent.ensembles import Trajectories, ensemble
from .controls import Starts
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
    n_starts = traitlets.Int().tag(sync=True)

    def __init__(self, landscape, starts, *, n_steps=2000, n_starts=1000, **options):
        super().__init__(
            landscape, interval=starts, n_steps=n_steps, n_starts=n_starts, **options
        )

    @traitlets.validate("n_starts")
    def _check_n_starts(self, proposal):
        return whole("n_starts", proposal["value"], 2, 10_000)

    def starts(self) -> np.ndarray:
        """The starting points of the current state, shape (n_starts,)."""
        return np.linspace(*self.interval, self.n_starts)

    def runs(self) -> Trajectories:
        """The ensemble of the current state."""
        return ensemble(self.landscape, self.starts(), lr=self.lr, n_steps=self.n_steps)
