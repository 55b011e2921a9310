"""`SmoothedDescent`: noisy gradient descent sees the landscape's mean over the noise."""

from __future__ import annotations

import traitlets

from ..codegen import random
from .controls import Number, Seed, Start
from .on_landscape import OnLandscape

_NOISY = """\
import numpy as np
from lrlib import {home}, ensemble, uniform

starts = np.full((1000, 1), {start})
noise = uniform({sigma} / {lr})
runs = ensemble({landscape}, starts, lr={lr}, n_steps={n_steps}, noise=noise, seed={seed})
"""
_PLAIN = """\
from lrlib import {home}, ensemble

runs = ensemble({landscape}, [{start}], lr={lr}, n_steps={n_steps})
"""


class SmoothedDescent(OnLandscape):
    """A thousand runs of ``x - lr f'(x) - sigma U``, U in [-1, 1], and the loss that they see."""

    front = "smoothed_descent"
    title = "Noisy gradient descent"
    usual_steps = 100
    python = {"sigma": _NOISY, "": _PLAIN}
    start = Start()
    sigma = Number("Noise σ", 0.0, "sigma_max")
    seed = Seed(beside="sigma")
    sigma_max = traitlets.Float(1.0).tag(sync=True)

    @traitlets.default("_formulas")
    def _noise_formula(self) -> dict[str, str]:
        return {"noise": random.javascript()}
