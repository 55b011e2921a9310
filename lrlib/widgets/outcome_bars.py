"""`OutcomeBars`: what fraction of an ensemble of starts ends where."""

from __future__ import annotations

import numpy as np
import traitlets

from ..checks import whole
from ..descent.ensembles import Trajectories, ensemble
from .frame import within
from .landscape_frame import LandscapeFrame, home, sources

_PYTHON = """\
import numpy as np
from lrlib import {home}, ensemble

starts = np.linspace({{low}}, {{high}}, {{n_starts}})
runs = ensemble({landscape}, starts, lr={{lr}}, n_steps={{n_steps}})
runs.counts()
"""


def check_interval(landscape, starts) -> list[float]:
    """A pair (low, high) inside the box, or the name of a region or minimum of the
    landscape.
    """
    if isinstance(starts, str):
        box = landscape.region(starts)
        starts = (box.lower[0], box.upper[0])
    try:
        low, high = starts
    except (TypeError, ValueError):
        raise TypeError(
            f"starts: got {starts!r}; allowed is a pair (low, high) or the name of a region"
        ) from None
    low, high = (within("starts", end, *landscape.box[0]) for end in (low, high))
    if not low < high:
        raise ValueError(f"starts: got {(low, high)!r}; allowed is low < high")
    return [low, high]


class OutcomeBars(LandscapeFrame):
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

    _esm = sources("fates.js", "history.js", "outcome_bars.js")
    title = "Outcomes of gradient descent"
    interval = traitlets.List(traitlets.Float()).tag(sync=True)
    n_starts = traitlets.Int().tag(sync=True)

    def __init__(  # noqa: PLR0913 (one keyword for each trait of the widget)
        self,
        landscape,
        starts,
        *,
        lr,
        n_steps=2000,
        lr_range=None,
        bands=(),
        n_starts=1000,
        sharpness=None,
        loss_scale="linear",
        ident=None,
        height=None,
    ):
        low, high = check_interval(landscape, starts)
        python = {
            "plain": _PYTHON.format(
                landscape=landscape.expression, home=home(landscape)
            )
        }
        super().__init__(
            landscape,
            lr=lr,
            n_steps=n_steps,
            lr_range=lr_range,
            bands=bands,
            sharpness=sharpness,
            loss_scale=loss_scale,
            ident=ident,
            height=height,
            interval=[low, high],
            n_starts=whole("n_starts", n_starts, 2, 10_000),
            _python=python,
            _defaults={"lr": lr, "low": low, "high": high},
        )

    @traitlets.validate("interval")
    def _check_interval(self, proposal):
        return check_interval(self.landscape, proposal["value"])

    @traitlets.validate("n_starts")
    def _check_n_starts(self, proposal):
        return whole("n_starts", proposal["value"], 2, 10_000)

    def starts(self) -> np.ndarray:
        """The starting points of the current state, shape (n_starts,)."""
        return np.linspace(*self.interval, self.n_starts)

    def runs(self) -> Trajectories:
        """The ensemble of the current state."""
        return ensemble(self.landscape, self.starts(), lr=self.lr, n_steps=self.n_steps)

    def python_call(self) -> str:
        """What "copy as Python" gives."""
        low, high = self.interval
        return self._python["plain"].format(
            low=low, high=high, lr=self.lr, n_steps=self.n_steps, n_starts=self.n_starts
        )
