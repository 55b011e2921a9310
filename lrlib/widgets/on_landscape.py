"""The base of the widgets on a landscape, whose formulas and limits are printed from Python."""

from __future__ import annotations

import math
import re
from dataclasses import asdict

import numpy as np
import traitlets

from ..checks import has_dim, positive, whole
from ..descent.outcomes import MAX_PERIOD, NEAR, WINDOW
from ..descent.stepping import BOUND, SETTLED
from .bands import as_bands, check_bands, default_range
from .base import Widget
from .controls import Rate

LOSS_SCALES = ("linear", "sqrt")
MAX_STEPS = 100_000  # a page computes them between two frames
LIMITS = {
    "bound": BOUND,
    "settled": SETTLED,
    "window": WINDOW,
    "maxPeriod": MAX_PERIOD,
    "near": NEAR,
}


def loss_range(landscape) -> list[float]:
    """Lowest and highest loss to draw: over the box, but steep edges do not flatten the
    rest.
    """
    n = 4001 if landscape.dim == 1 else 161
    losses = landscape.loss(
        np.stack(np.meshgrid(*(np.linspace(*ends, n) for ends in landscape.box)), -1)
    ).ravel()
    losses = losses[np.isfinite(losses)]
    bottoms = [float(landscape.loss(box.lower)) for box in landscape.minima.values()]
    bottom = float(min([losses.min(), *bottoms]))
    top = float(losses.max())
    usual = float(np.quantile(losses, 0.98))
    if top - bottom > 4 * (usual - bottom) > 0:
        top = bottom + 1.25 * (usual - bottom)
    return [bottom, top if top > bottom else bottom + 1.0]


def describe(landscape) -> dict:
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
        "box": box,
        "minima": minima,
        "javascript": landscape.javascript,
    }


def home(landscape) -> str:
    """What a call must import for the landscape's expression: "zoo" or "Landscape"."""
    return re.match(r"\w+", landscape.expression)[0]


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
