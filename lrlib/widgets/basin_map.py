"""`BasinMap`: where gradient descent ends, as a function of where it starts."""

from __future__ import annotations

import numpy as np
import traitlets

from ..descent.ensembles import Trajectories, ensemble, gradient_descent
from .landscape_frame import sources
from .plane import Plane, with_minima

RESOLUTIONS = (50, 100, 200, 400)
_PYTHON = """\
import numpy as np
from lrlib import {home}, ensemble

n = {{resolution}}
x = {x_low} + (np.arange(n) + 0.5) * (({x_high} - {x_low}) / n)
y = {y_low} + (np.arange(n) + 0.5) * (({y_high} - {y_low}) / n)
starts = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
runs = ensemble({landscape}, starts, lr={{lr}}, n_steps={{n_steps}})
runs.counts()
"""


def check_resolution(resolution: int) -> int:
    if resolution not in RESOLUTIONS:
        raise ValueError(
            f"resolution: got {resolution!r}; allowed are "
            f"{', '.join(map(str, RESOLUTIONS))}"
        )
    return resolution


def python_text(minima) -> str:
    """The template of "copy as Python"; other minima are part of it."""
    if minima is None:
        return _PYTHON
    named = f"dict({list(minima.items())!r})"  # braces would be filled in
    text = _PYTHON.replace("{landscape}", f"replace({{landscape}}, minima={named})")
    return "from dataclasses import replace\n" + text


class BasinMap(Plane):
    """The fates of all starts in the box, refined by a worker while the reader moves
    the learning rate.

    Parameters
    ----------
    lr, start
        Learning rate and chosen start of the first view; the map shows its trajectory.
    minima
        Named minima instead of the landscape's own, as for `Landscape`.
    overlay
        A pair (formula, name): the line where the formula in the coordinates and ``lr``
        is 0.
    resolution
        Starts along one side of the finest map: 50, 100, 200 or 400.
    n_steps, lr_range, bands, sharpness, ident, height
        As for `Descent1D`.
    """

    _esm = sources("fates.js", "basin_worker.js", "basin_map.js", dim=2)
    title = "Basins of gradient descent"

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
        minima=None,
        overlay=None,
        resolution=400,
        ident=None,
        height=None,
    ):
        check_resolution(resolution)
        super().__init__(
            with_minima(landscape, minima),
            lr=lr,
            start=start,
            overlay=overlay,
            python=python_text(minima),
            n_steps=n_steps,
            lr_range=lr_range,
            bands=bands,
            sharpness=sharpness,
            ident=ident,
            height=height,
            resolution=resolution,
        )

    @traitlets.validate("resolution")
    def _check_resolution(self, proposal):
        return check_resolution(proposal["value"])

    def starts(self, n: int | None = None) -> np.ndarray:
        """Centres of the cells, row by row from the lowest, shape (n * n, 2)."""
        n = n or self.resolution
        x, y = (
            low + (np.arange(n) + 0.5) * ((high - low) / n)
            for low, high in self.landscape.box
        )
        return np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)

    def runs(self, n: int | None = None) -> Trajectories:
        """The ensemble of the current state on n by n cells."""
        return ensemble(
            self.landscape, self.starts(n), lr=self.lr, n_steps=self.n_steps
        )

    def orbit(self) -> np.ndarray:
        """The trajectory from the chosen start, shape (n_steps + 1, 2)."""
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
