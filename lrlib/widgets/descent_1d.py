"""`Descent1D`: one trajectory on a landscape of one coordinate."""

from __future__ import annotations

from typing import Any

import traitlets

from ..codegen import random
from ..descent.noise import Noise
from ..landscapes.formula import Landscape
from .controls import Number, Seed, Start, within
from .on_landscape import OneOrbit

_PLAIN = """\
from lrlib import {home}, gradient_descent

orbit = gradient_descent({landscape}, {start}, lr={lr}, n_steps={n_steps})
"""
_NOISY = """\
from lrlib import {home}, sgd, {kind}

orbit = sgd({landscape}, {start}, lr={lr}, n_steps={n_steps}, noise={kind}({noise}), seed={seed})
"""


class Descent1D(OneOrbit):
    """Gradient descent under the reader's hand.

    Parameters
    ----------
    lr, start
        Learning rate and starting point of the first view; `start` inside the landscape's box.
    noise, noise_max, seed
        `noise` as for `lrlib.sgd`; the slider appears where `noise_max` is given.
    lr_range
        Ends of the learning-rate track; by default around the bands.
    bands
        `Band` objects in increasing order: the page's thresholds on the track.
    sharpness
        Where given, the learning rate is shown as a multiple of 2/sharpness too.
    loss_scale
        "sqrt" lets shallow wells show beside high walls.
    ident
        Key in links, unique in a page; by default ``descent-1d-`` and the landscape's name.
    """

    front = "descent_1d"
    title = "Gradient descent"
    python = {"noise": _NOISY, "": _PLAIN}
    start = Start()
    noise = Number("Noise", 0.0, "noise_max")
    seed = Seed(beside="noise")
    noise_max = traitlets.Float(0.0).tag(sync=True)
    _noise_kind = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        landscape: Landscape,
        *,
        start: float,
        noise: Noise | None = None,
        noise_max: float | None = None,
        **options: Any,
    ):
        if noise is not None and not isinstance(noise, Noise):
            allowed = "None, uniform(half_width) and normal(std)"
            raise TypeError(f"noise: got {noise!r}; allowed are {allowed}")
        kind, scale = (noise.kind, noise.scale) if noise else ("uniform", 0.0)
        if noise_max is None:
            noise_max = scale
        super().__init__(
            landscape,
            start=start,
            noise=scale,
            noise_max=within("noise_max", noise_max, scale, float("inf")),
            formulas={"noise": random.javascript()} if noise_max else {},
            words={"kind": kind},
            _noise_kind=kind,
            **options,
        )

    def _call(self) -> dict[str, Any]:
        noise = Noise(self._noise_kind, self.noise) if self.noise else None
        return super()._call() | {"noise": noise, "seed": self.seed}
