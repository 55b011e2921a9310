"""The base of the widgets on a landscape, whose formulas and limits are printed from Python."""

from __future__ import annotations

import math
from dataclasses import asdict

import traitlets

from ..checks import has_dim, positive, whole
from ..descent.outcomes import MAX_PERIOD, NEAR, WINDOW
from ..descent.stepping import BOUND, SETTLED
from .base import Widget
from .controls import Rate
from .landscape_frame import (
    LOSS_SCALES,
    MAX_STEPS,
    as_bands,
    check_bands,
    default_range,
    describe,
    home,
    loss_range,
)

LIMITS = {
    "bound": BOUND,
    "settled": SETTLED,
    "window": WINDOW,
    "maxPeriod": MAX_PERIOD,
    "near": NEAR,
}


class OnLandscape(Widget):
    """What the widgets on a landscape share: first of all a learning rate on a banded track."""

    dim = 1  # number of coordinates that it can show
    lr = Rate()
    lr_range = traitlets.List(traitlets.Float()).tag(sync=True)
    n_steps = traitlets.Int().tag(sync=True)
    sharpness = traitlets.Float(None, allow_none=True).tag(sync=True)
    loss_scale = traitlets.Enum(LOSS_SCALES).tag(sync=True)
    _landscape = traitlets.Dict().tag(sync=True)
    _loss_range = traitlets.List().tag(sync=True)
    _bands = traitlets.List().tag(sync=True)
    _limits = traitlets.Dict(LIMITS).tag(sync=True)

    def __init__(  # noqa: PLR0913 (one keyword for each trait of the widget)
        self,
        landscape,
        *,
        lr,
        n_steps,
        lr_range=None,
        bands=(),
        sharpness=None,
        loss_scale="linear",
        words=None,
        **traits,
    ):
        has_dim(landscape, self.dim)
        self.landscape = landscape
        if sharpness is not None:
            sharpness = float(positive("sharpness", sharpness))
        lr = float(positive("lr", lr))
        bands = as_bands(bands)
        ends = default_range(lr, bands, sharpness) if lr_range is None else lr_range
        low, high = map(float, ends)
        if not 0 < low < high < math.inf:
            allowed = "a pair 0 < low < high of finite numbers"
            raise ValueError(f"lr_range: got {lr_range!r}; allowed is {allowed}")
        self.bands = check_bands(bands, (low, high))
        if loss_scale not in LOSS_SCALES:
            allowed = ", ".join(LOSS_SCALES)
            raise ValueError(f"loss_scale: got {loss_scale!r}; allowed are {allowed}")
        place = {"landscape": landscape.expression, "home": home(landscape)}
        super().__init__(
            landscape.name,
            lr=lr,
            lr_range=[low, high],
            n_steps=whole("n_steps", n_steps, 1, MAX_STEPS),
            sharpness=sharpness,
            loss_scale=loss_scale,
            words=place | (words or {}),
            _landscape=describe(landscape),
            _loss_range=loss_range(landscape),
            _bands=[asdict(band) for band in bands],
            _sizes={"bands": len(bands), "fates": len(landscape.minima) + 4},
            **traits,
        )

    @traitlets.validate("n_steps")
    def _check_n_steps(self, proposal):
        return whole("n_steps", proposal["value"], 1, MAX_STEPS)
