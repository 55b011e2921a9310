"""`FlowVsDescent`: gradient descent beside the flows that backward error analysis
gives.
"""

from __future__ import annotations

import numpy as np
import traitlets

from ..checks import positive, whole
from ..descent.ensembles import ensemble, gradient_descent
from ..descent.flows import flow_error, modified_source
from .frame import within
from .landscape_frame import LandscapeFrame, home, sources

MAX_SHOWN = 2000  # steps of gradient descent in the picture
_PYTHON = """\
import numpy as np
from lrlib import {home}, flow_error, gradient_descent, modified_flow

lr, start, n_steps, orders = {{lr}}, {{start}}, {{n_steps}}, {orders}
orbit = gradient_descent({landscape}, start, lr=lr, n_steps=n_steps)
times = lr * np.arange(n_steps + 1)
flows = [modified_flow({landscape}, start, lr=lr, order=p, times=times) for p in orders]
errors = [flow_error({landscape}, start, lr=lr, order=p, n_steps=n_steps) for p in orders]
"""


def check_orders(orders) -> list[int]:
    """Different orders from 0 to 3, in increasing order."""
    checked = [whole("orders", order, 0, 3) for order in orders]
    if not checked or checked != sorted(set(checked)):
        raise ValueError(
            f"orders: got {orders!r}; allowed are different orders from 0 to 3, "
            "the smallest first"
        )
    return checked


class FlowVsDescent(LandscapeFrame):
    """Gradient descent as dots over modified flows as lines, one coordinate against
    time.

    Parameters
    ----------
    lr, start
        Learning rate and starting point of the first view; `start` inside the
        landscape's box, which is the vertical range of the picture.
    orders
        Orders of the flows, 0 (the gradient flow) to 3; each has a button that hides
        it.
    time
        Right end of the picture; at most `MAX_SHOWN` steps of the smallest learning
        rate.
    lr_range, bands, sharpness, ident
        As for `Descent1D`.
    """

    _esm = sources("flow.js", "flow_vs_descent.js")
    title = "Gradient descent and its flows"
    start = traitlets.Float().tag(sync=True)
    shown = traitlets.Int().tag(sync=True)  # bit i: flow i is drawn
    orders = traitlets.List(traitlets.Int()).tag(sync=True)
    time = traitlets.Float().tag(sync=True)
    _terms = traitlets.Unicode().tag(sync=True)

    def __init__(  # noqa: PLR0913 (one keyword for each trait of the widget)
        self,
        landscape,
        *,
        lr,
        start,
        orders=(0, 1, 2, 3),
        time=12.6,
        lr_range=None,
        bands=(),
        sharpness=None,
        ident=None,
        height=None,
    ):
        orders = check_orders(orders)
        time = float(positive("time", time))
        place = {
            "landscape": landscape.expression,
            "home": home(landscape),
            "orders": tuple(orders),
        }
        everything = 2 ** len(orders) - 1
        terms = modified_source(landscape, max(1, *orders), "javascript")
        super().__init__(
            landscape,
            lr=lr,
            n_steps=MAX_SHOWN,
            lr_range=lr_range,
            bands=bands,
            sharpness=sharpness,
            loss_scale="linear",
            ident=ident,
            height=height,
            start=within("start", start, *landscape.box[0]),
            orders=orders,
            time=time,
            shown=everything,
            _terms=f"({terms})",
            _python={"plain": _PYTHON.format(**place)},
            _defaults={"lr": lr, "start": start, "shown": everything},
        )
        if time > MAX_SHOWN * self.lr_range[0]:
            raise ValueError(
                f"time: got {time}; allowed is at most {MAX_SHOWN} times "
                f"{self.lr_range[0]!r}, the smallest lr"
            )

    @traitlets.validate("start")
    def _check_start(self, proposal):
        return within("start", proposal["value"], *self.landscape.box[0])

    @traitlets.validate("shown")
    def _check_shown(self, proposal):
        return (
            whole("shown", proposal["value"], 0, 2 ** len(self.orders) - 1)
            if self.orders
            else proposal["value"]
        )

    def steps(self) -> int:
        """How many steps of gradient descent the picture holds."""
        return int(self.time / self.lr + 1e-9)

    def orbit(self) -> np.ndarray:
        """These steps, shape (steps + 1, 1)."""
        return gradient_descent(
            self.landscape, self.start, lr=self.lr, n_steps=self.steps()
        )

    def outcome(self) -> str:
        """What gradient descent does in the end, as in `lrlib.outcomes`."""
        return str(
            ensemble(
                self.landscape, [self.start], lr=self.lr, n_steps=self.n_steps
            ).outcome[0]
        )

    def errors(self) -> list[float]:
        """Largest distance of each flow from the steps; inf where the flow blows up
        before they end.
        """
        call = {"lr": self.lr, "n_steps": self.steps()}
        return [
            flow_error(self.landscape, self.start, order=p, **call) for p in self.orders
        ]

    def python_call(self) -> str:
        """What "copy as Python" gives."""
        return self._python["plain"].format(
            lr=self.lr, start=self.start, n_steps=self.steps()
        )

    def poster_sizes(self) -> dict[str, int]:
        return {"bands": len(self.bands), "orders": len(self.orders)}

    @traitlets.default("_poster")
    def _make_poster(self):
        from .poster import flow_poster

        return flow_poster(self)
