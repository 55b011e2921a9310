"""`BasinMap`: where gradient descent ends, as a function of where it starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets

from ..descent.ensembles import Trajectories, ensemble
from ..landscapes.formula import Landscape
from .plane import OnPlane, with_minima

RESOLUTIONS = (50, 100, 200, 400)
_PYTHON = """\
{preamble}import numpy as np
from lrlib import {home}, ensemble

n = {resolution}
x = {x_low} + (np.arange(n) + 0.5) * (({x_high} - {x_low}) / n)
y = {y_low} + (np.arange(n) + 0.5) * (({y_high} - {y_low}) / n)
starts = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
runs = ensemble({named}, starts, lr={lr}, n_steps={n_steps})
runs.counts()
"""


class BasinMap(OnPlane):
    """The fates of all starts in the box, refined by a worker while the learning rate moves.

    Parameters
    ----------
    lr, start
        Learning rate and chosen start of the first view; the map shows its trajectory.
    minima
        Named minima instead of the landscape's own, as for `Landscape`.
    overlay
        A pair (formula, name): the line where the formula in the coordinates and ``lr`` is 0.
    resolution
        Starts along one side of the finest map: 50, 100, 200 or 400.
    n_steps, lr_range, bands, sharpness, ident, height
        As for `Descent1D`.
    """

    front = "basin_map"
    title = "Basins of gradient descent"
    python = {"": _PYTHON}
    usual_steps = 1000
    resolution = traitlets.Int(RESOLUTIONS[-1]).tag(sync=True)

    def __init__(
        self,
        landscape: Landscape,
        *,
        minima: Mapping[str, Any] | None = None,
        **options: Any,
    ):
        named = landscape.expression
        preamble = ""
        if minima is not None:
            preamble = "from dataclasses import replace\n"
            named = f"replace({named}, minima=dict({list(minima.items())!r}))"
        landscape = with_minima(landscape, minima)
        (x_low, x_high), (y_low, y_high) = landscape.box
        super().__init__(
            landscape,
            words={
                "named": named,
                "preamble": preamble,
                "x_low": x_low,
                "x_high": x_high,
                "y_low": y_low,
                "y_high": y_high,
            },
            **options,
        )

    @traitlets.validate("resolution")
    def _check_resolution(self, proposal: dict) -> int:
        if proposal["value"] not in RESOLUTIONS:
            allowed = ", ".join(map(str, RESOLUTIONS))
            raise ValueError(
                f"resolution: got {proposal['value']!r}; allowed are {allowed}"
            )
        return proposal["value"]

    def starts(self, n: int | None = None) -> np.ndarray:
        """Centres of the cells, row by row from the lowest, shape (n * n, 2)."""
        n = n or self.resolution
        cells = np.arange(n) + 0.5
        sides = [low + cells * ((high - low) / n) for low, high in self.landscape.box]
        return np.stack(np.meshgrid(*sides), -1).reshape(-1, 2)

    def runs(self, n: int | None = None) -> Trajectories:
        """The ensemble of the current state on n by n cells."""
        return ensemble(
            self.landscape, self.starts(n), lr=self.lr, n_steps=self.n_steps
        )
