"""The base of the widgets on a landscape, whose formulas and limits are printed from Python."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import traitlets

from ..checks import has_dim, positive
from ..descent.ensembles import Trajectories, ensemble
from ..descent.outcomes import MAX_PERIOD, NEAR, WINDOW
from ..descent.stepping import BOUND, SETTLED
from ..landscapes.formula import Landscape
from ..landscapes.heights import heights
from .bands import Band, as_bands, check_bands, default_range
from .base import Widget
from .controls import Count, Rate

LOSS_SCALES = ("linear", "sqrt")
MAX_STEPS = 100_000  # a page computes them between two frames
LIMITS = {
    "bound": BOUND,
    "settled": SETTLED,
    "window": WINDOW,
    "maxPeriod": MAX_PERIOD,
    "near": NEAR,
}


def describe(landscape: Landscape) -> dict:
    """What the page needs of a landscape."""
    minima = [
        {"name": k, "lower": list(b.lower), "upper": list(b.upper)}
        for k, b in landscape.minima.items()
    ]
    names = [str(c) for c in landscape.coordinates]
    box = [list(ends) for ends in landscape.box]
    return {
        "name": landscape.name,
        "coordinates": names,
        "moving": landscape.moving,
        "box": box,
        "minima": minima,
        "javascript": landscape.javascript,
    }


def home(landscape: Landscape) -> str:
    """What a call must import for the landscape's expression: "zoo" or "Landscape"."""
    return re.split(r"\W", landscape.expression, maxsplit=1)[0]


class OnLandscape(Widget):
    """What the widgets on a landscape share: first of all a learning rate on a banded track."""

    dim = 1  # number of coordinates that it can show
    usual_steps = 2000
    lr = Rate()
    lr_range = traitlets.List(traitlets.Float()).tag(sync=True)
    n_steps = Count(1, MAX_STEPS)
    sharpness = traitlets.Float(None, allow_none=True).tag(sync=True)
    loss_scale = traitlets.Enum(LOSS_SCALES).tag(sync=True)
    _landscape = traitlets.Dict().tag(sync=True)
    _loss_range: traitlets.List = traitlets.List().tag(sync=True)
    _bands: traitlets.List = traitlets.List().tag(sync=True)
    _limits = traitlets.Dict(LIMITS).tag(sync=True)

    def __init__(  # noqa: PLR0913 (one keyword for each trait of the widget)
        self,
        landscape: Landscape,
        *,
        lr: float,
        n_steps: int | None = None,
        lr_range: Sequence[float] | None = None,
        bands: Sequence[Band | tuple] = (),
        sharpness: float | None = None,
        loss_scale: str = "linear",
        words: dict[str, Any] | None = None,
        **traits: Any,
    ):
        self.check_dim(landscape)
        self.landscape = landscape
        if sharpness is not None:
            sharpness = float(positive("sharpness", sharpness))
        lr = float(positive("lr", lr))
        checked = as_bands(bands)
        ends = default_range(lr, checked, sharpness) if lr_range is None else lr_range
        low, high = map(float, ends)
        if not 0 < low < high < math.inf:
            allowed = "a pair 0 < low < high of finite numbers"
            raise ValueError(f"lr_range: got {lr_range!r}; allowed is {allowed}")
        self.bands = check_bands(checked, (low, high))
        if loss_scale not in LOSS_SCALES:
            allowed = ", ".join(LOSS_SCALES)
            raise ValueError(f"loss_scale: got {loss_scale!r}; allowed are {allowed}")
        place = {"landscape": landscape.expression, "home": home(landscape)}
        super().__init__(
            landscape.name,
            lr=lr,
            lr_range=[low, high],
            n_steps=self.usual_steps if n_steps is None else n_steps,
            sharpness=sharpness,
            loss_scale=loss_scale,
            words=place | (words or {}),
            _landscape=describe(landscape),
            _loss_range=list(heights(landscape)),
            _bands=[asdict(band) for band in self.bands],
            _sizes={"bands": len(self.bands), "fates": len(landscape.minima) + 4},
            **traits,
        )

    def check_dim(self, landscape: Landscape) -> None:
        """ValueError unless the widget can show so many coordinates."""
        has_dim(landscape, self.dim)


class OneOrbit(OnLandscape):
    """What the widgets share that follow the orbit of one `start`, which they declare."""

    def _call(self) -> dict[str, Any]:
        """The current state, as `lrlib.ensemble` takes it."""
        return {"lr": self.lr, "n_steps": self.n_steps}

    def _from_start(self, **options: Any) -> Trajectories:
        return ensemble(self.landscape, [self.start], **self._call() | options)

    def orbit(self) -> np.ndarray:
        """The trajectory of the current state, shape (n_steps + 1, dim)."""
        return self._from_start(record=1).record[:, 0]

    def outcome(self) -> str:
        """What it does in the end, as in `lrlib.outcomes`."""
        return str(self._from_start().outcome[0])
