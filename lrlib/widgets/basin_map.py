"""`BasinMap`: where gradient descent ends, as a function of where it starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from ..checks import lookup
from ..descent.ensembles import Trajectories, ensemble
from ..landscapes.formula import Landscape
from .controls import Interval
from .plane import OnPlane, with_minima

RESOLUTIONS = (50, 100, 200, 400, 800)
_PYTHON = """\
{preamble}import numpy as np
from lrlib import {home}, ensemble

n = {resolution}
x = {left} + (np.arange(n) + 0.5) * (({right} - {left}) / n)
y = {bottom} + (np.arange(n) + 0.5) * (({top} - {bottom}) / n)
starts = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
runs = ensemble({named}, starts, lr={lr}, n_steps={n_steps})
runs.counts()
"""


class BasinMap(OnPlane):
    """The fates of all starts in view, refined by a worker while the learning rate moves.

    Parameters
    ----------
    lr, start
        Learning rate and chosen start of the first view; the map shows its trajectory.
    view
        The part of the box that is shown first, a (low, high) pair for each coordinate;
        by default all of it. Readers zoom and move it.
    parameters
        A (low, high) range for each parameter of the landscape that gets a slider. They
        become frozen coordinates: the trait `start` has their values at its end.
    minima
        Named minima instead of the landscape's own, as for `Landscape`.
    overlay
        A pair (formula, name): the line where the formula in the coordinates and ``lr`` is 0.
    resolution
        Starts along one side of the finest map: 50, 100, 200, 400 (default) or 800.
    n_steps, lr_range, bands, sharpness, ident, height
        As for `Descent1D`.

    Raises
    ------
    ValueError
        For a start or a view outside the box, a range that does not hold the parameter's
        value, or a resolution that is not among those.
    """

    front = "basin_map"
    title = "Basins of gradient descent"
    python = {"": _PYTHON}
    usual_steps = 1000
    resolution = traitlets.Int(400).tag(sync=True)
    view_x = Interval("left", "right", lambda widget: widget.landscape.box[0])
    view_y = Interval("bottom", "top", lambda widget: widget.landscape.box[1])

    def __init__(
        self,
        landscape: Landscape,
        *,
        start: Sequence[float],
        view: Sequence[tuple[float, float]] | None = None,
        parameters: Mapping[str, tuple[float, float]] | None = None,
        minima: Mapping[str, Any] | None = None,
        **options: Any,
    ):
        named = landscape.expression
        preamble = ""
        if parameters:
            # holes for the values of the sliders
            holes = ", ".join(f"{name}={{{name}}}" for name in parameters)
            named = f"{named}.with_parameters({holes})"
        if minima is not None:
            preamble = "from dataclasses import replace\n"
            named = f"replace({named}, minima=dict({list(minima.items())!r}))"
        landscape = with_minima(landscape, minima)
        if parameters:
            values = [
                float(lookup("parameter", k, landscape.parameters)) for k in parameters
            ]
            landscape = landscape.with_frozen(**parameters)
            start = [*start, *values]
        view_x, view_y = landscape.box[:2] if view is None else view
        super().__init__(
            landscape,
            start=start,
            view_x=view_x,
            view_y=view_y,
            words={"named": named, "preamble": preamble},
            **options,
        )

    def check_dim(self, landscape: Landscape) -> None:
        """Frozen coordinates are sliders, not axes."""
        if landscape.moving != self.dim:
            super().check_dim(landscape)

    @traitlets.validate("resolution")
    def _check_resolution(self, proposal: dict) -> int:
        if proposal["value"] not in RESOLUTIONS:
            allowed = ", ".join(map(str, RESOLUTIONS))
            raise ValueError(
                f"resolution: got {proposal['value']!r}; allowed are {allowed}"
            )
        return proposal["value"]

    def starts(self, n: int | None = None) -> np.ndarray:
        """Centres of the cells in view, row by row from the lowest, shape (n * n, dim)."""
        n = n or self.resolution
        cells = np.arange(n) + 0.5
        views = self.view_x, self.view_y
        sides = [low + cells * ((high - low) / n) for low, high in views]
        places = np.stack(np.meshgrid(*sides), -1).reshape(-1, 2)
        frozen = self.start[self.dim :]
        return (
            np.column_stack([places, np.tile(frozen, (n * n, 1))]) if frozen else places
        )

    def runs(self, n: int | None = None) -> Trajectories:
        """The ensemble of the current state on n by n cells."""
        return ensemble(
            self.landscape, self.starts(n), lr=self.lr, n_steps=self.n_steps
        )
