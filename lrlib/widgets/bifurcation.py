"""`Bifurcation`: where gradient descent is in the long run, at every learning rate."""

from __future__ import annotations

import numpy as np
import traitlets

from ..checks import whole
from ..descent.ensembles import ensemble, gradient_descent
from ..longrun import dynamics
from .frame import within
from .landscape_frame import LandscapeFrame, home, sources

_PYTHON = """\
import numpy as np
from lrlib import {home}, dynamics, gradient_descent

landscape, starts = {landscape}, [{{start}}, {{mirror}}]
lrs = np.linspace({{low}}, {{high}}, 1000)
iterates = dynamics.bifurcation(landscape, starts, lrs, n_steps={{n_steps}}, keep={{keep}})
exponents = dynamics.lyapunov(landscape, np.full(1000, {{start}}), lr=lrs, n_steps={{n_steps}})
orbit = gradient_descent(landscape, {{start}}, lr={{lr}}, n_steps={{n_steps}})
"""


def check_view(name: str, pair, low: float, high: float) -> list[float]:
    """A pair of numbers in [low, high], the first below the second."""
    try:
        first, second = pair
    except (TypeError, ValueError):
        raise TypeError(
            f"{name}: got {pair!r}; allowed is a pair from {low!r} to {high!r}"
        ) from None
    first, second = (within(name, end, low, high) for end in (first, second))
    if not first < second:
        raise ValueError(
            f"{name}: got {(first, second)!r}; allowed is a pair with its first "
            "number below its second"
        )
    return [first, second]


class Bifurcation(LandscapeFrame):
    """The bifurcation diagram of a landscape of one coordinate, computed in the page,
    with the Lyapunov exponent.

    Parameters
    ----------
    lr_range
        Learning rates of the diagram, and ends of the track.
    start
        Its orbit is drawn, and in a second colour that of ``-start``; inside the box,
        as is ``-start``.
    lr
        The learning rate that is marked; by default the middle of `lr_range`.
    n_steps, keep
        Steps at each learning rate, and how many of the last iterates are drawn.
    bands, sharpness, ident
        As for `Descent1D`.
    """

    _esm = sources("scan.js", "diagram.js", "bifurcation.js")
    title = "Bifurcation diagram of gradient descent"
    start = traitlets.Float().tag(sync=True)
    keep = traitlets.Int().tag(sync=True)
    view_lr = traitlets.List(traitlets.Float()).tag(sync=True)
    view_theta = traitlets.List(traitlets.Float()).tag(sync=True)

    def __init__(  # noqa: PLR0913 (one keyword for each trait of the widget)
        self,
        landscape,
        *,
        lr_range,
        start,
        lr=None,
        n_steps=2000,
        keep=400,
        bands=(),
        sharpness=None,
        ident=None,
        height=None,
    ):
        low, high = lr_range
        box = list(landscape.box[0])
        start = within("start", start, max(box[0], -box[1]), min(box[1], -box[0]))
        lr = (low + high) / 2 if lr is None else lr
        n_steps = whole("n_steps", n_steps, 1)
        place = {"landscape": landscape.expression, "home": home(landscape)}
        super().__init__(
            landscape,
            lr=lr,
            n_steps=n_steps,
            lr_range=lr_range,
            bands=bands,
            sharpness=sharpness,
            loss_scale="linear",
            ident=ident,
            height=height,
            start=start,
            keep=whole("keep", keep, 1, n_steps),
            view_lr=[float(low), float(high)],
            view_theta=box,
            _python={"plain": _PYTHON.format(**place)},
            _defaults={
                "lr": lr,
                "start": start,
                "low": low,
                "high": high,
                "bottom": box[0],
                "top": box[1],
            },
        )

    @traitlets.validate("start")
    def _check_start(self, proposal):
        return within("start", proposal["value"], *self.landscape.box[0])

    @traitlets.validate("keep")
    def _check_keep(self, proposal):
        return whole("keep", proposal["value"], 1, self.n_steps)

    @traitlets.validate("view_lr")
    def _check_view_lr(self, proposal):
        return check_view("view_lr", proposal["value"], *self.lr_range)

    @traitlets.validate("view_theta")
    def _check_view_theta(self, proposal):
        return check_view("view_theta", proposal["value"], *self.landscape.box[0])

    def diagram(self, n: int = 1000) -> tuple[np.ndarray, np.ndarray]:
        """Learning rates of the view, shape (n,), and the iterates drawn at them, shape
        (n, 2, keep).
        """
        lrs = np.linspace(*self.view_lr, n)
        options = {"n_steps": self.n_steps, "keep": self.keep}
        return lrs, dynamics.bifurcation(
            self.landscape, [self.start, -self.start], lrs, **options
        )[..., 0]

    def orbit(self) -> np.ndarray:
        """The trajectory at the marked learning rate, shape (n_steps + 1, 1)."""
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

    def python_call(self) -> str:
        """What "copy as Python" gives."""
        (low, high), names = self.view_lr, ("lr", "start", "n_steps", "keep")
        values = {name: getattr(self, name) for name in names}
        return self._python["plain"].format(
            low=low, high=high, mirror=-self.start, **values
        )

    def poster_parts(self) -> tuple[str, str, str]:
        """Class, summary and pictures of the poster: the diagram at 90 learning rates."""
        from .poster import SIZE, _dots, _picture, _track

        lrs, found = self.diagram(90)
        (low, high), (bottom, top) = self.view_lr, self.view_theta
        drawn = ""
        for branch, colour in ((1, "var(--w-noise)"), (0, "var(--w-descent)")):
            values = found[:, branch, -9::3]
            rows = np.nan_to_num(SIZE * (top - values) / (top - bottom), nan=-1)
            columns = np.broadcast_to(
                SIZE * (lrs[:, None] - low) / (high - low), rows.shape
            )
            inside = (rows >= 0) & (rows <= SIZE)
            points = np.rint(np.stack([columns[inside], rows[inside]], -1)).astype(int)
            drawn += _dots(map(tuple, points.tolist()), 3, colour)
        slider = '<div class="lr-slider"></div>'
        body = (
            f'{_picture(drawn)}<div class="lr-strip"></div>{_track(self, below=slider)}'
        )
        return "lr-bifurcation", self.outcome(), body
