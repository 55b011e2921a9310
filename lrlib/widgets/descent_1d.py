"""`Descent1D`: one trajectory on a landscape of one coordinate."""

from __future__ import annotations

import traitlets

from ..checks import whole
from ..codegen import random as noise_module
from ..codegen.random import Noise
from ..descent.ensembles import ensemble, sgd
from .frame import within
from .landscape_frame import LandscapeFrame, home, sources

_PLAIN = """\
from lrlib import {home}, gradient_descent

orbit = gradient_descent({landscape}, {{start}}, lr={{lr}}, n_steps={{n_steps}})
"""
_NOISY = """\
from lrlib import {home}, sgd, {kind}

noise = {kind}({{noise}})
orbit = sgd({landscape}, {{start}}, lr={{lr}}, n_steps={{n_steps}}, noise=noise, seed={{seed}})
"""


class Descent1D(LandscapeFrame):
    """Gradient descent under the reader's hand.

    Parameters
    ----------
    lr, start
        Learning rate and starting point of the first view; `start` inside the
        landscape's box.
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
        Key in links, unique in a page; by default ``descent-1d-`` and the landscape's
        name.
    """

    _esm = sources("orbit.js", "walking.js", "descent_1d.js")
    title = "Gradient descent"
    start = traitlets.Float().tag(sync=True)
    noise = traitlets.Float(0.0).tag(sync=True)
    noise_max = traitlets.Float(0.0).tag(sync=True)
    seed = traitlets.Int(0).tag(sync=True)
    _noise_kind = traitlets.Unicode("uniform").tag(sync=True)
    _noise_javascript = traitlets.Unicode("").tag(sync=True)

    def __init__(  # noqa: PLR0913 (one keyword for each trait of the widget)
        self,
        landscape,
        *,
        lr,
        start,
        noise=None,
        seed=0,
        n_steps=2000,
        lr_range=None,
        noise_max=None,
        bands=(),
        sharpness=None,
        loss_scale="linear",
        ident=None,
        height=None,
    ):
        if noise is not None and not isinstance(noise, Noise):
            raise TypeError(
                f"noise: got {noise!r}; allowed are None, uniform(half_width) and "
                "normal(std)"
            )
        kind, scale = (noise.kind, noise.scale) if noise else ("uniform", 0.0)
        noise_max = (
            scale
            if noise_max is None
            else within("noise_max", noise_max, scale, float("inf"))
        )
        start = within("start", start, *landscape.box[0])
        seed = whole("seed", seed, 0, 2**32 - 1)
        place = {
            "landscape": landscape.expression,
            "home": home(landscape),
            "kind": kind,
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
            start=start,
            noise=scale,
            noise_max=noise_max,
            seed=seed,
            _noise_kind=kind,
            _noise_javascript=noise_module.javascript() if noise_max else "",
            _python={"plain": _PLAIN.format(**place), "noisy": _NOISY.format(**place)},
            _defaults={"lr": lr, "start": start}
            | ({"noise": scale, "seed": seed} if noise_max else {}),
        )

    @traitlets.validate("start")
    def _check_start(self, proposal):
        return within("start", proposal["value"], *self.landscape.box[0])

    @traitlets.validate("noise")
    def _check_noise(self, proposal):
        return (
            within("noise", proposal["value"], 0.0, self.noise_max)
            if self.noise_max
            else proposal["value"]
        )

    @traitlets.validate("seed")
    def _check_seed(self, proposal):
        return whole("seed", proposal["value"], 0, 2**32 - 1)

    def _call(self) -> dict:
        noise = Noise(self._noise_kind, self.noise) if self.noise else None
        return {
            "lr": self.lr,
            "n_steps": self.n_steps,
            "noise": noise,
            "seed": self.seed,
        }

    def orbit(self):
        """The trajectory of the current state, shape (n_steps + 1, 1)."""
        return sgd(self.landscape, self.start, **self._call())

    def outcome(self) -> str:
        """What it does, as in `lrlib.outcomes`."""
        return str(ensemble(self.landscape, [self.start], **self._call()).outcome[0])

    def python_call(self) -> str:
        """What "copy as Python" gives."""
        template = self._python["noisy" if self.noise else "plain"]
        values = ("lr", "start", "noise", "seed", "n_steps")
        return template.format(**{name: getattr(self, name) for name in values})
