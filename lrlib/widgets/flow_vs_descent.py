"""`FlowVsDescent`: gradient descent beside the flows that backward error analysis gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from ..checks import positive, whole
from ..descent.flows import flow_error, modified_source
from ..landscapes.formula import Landscape
from .controls import Toggles, Upright
from .on_landscape import OneOrbit

MAX_SHOWN = 2000  # steps of gradient descent in the picture
# of the orders, as in `lrlib.figures.ORDERS`
DASHES: tuple[list[int], ...] = ([2, 4], [], [9, 4], [10, 4, 2, 4])
_PYTHON = """\
import numpy as np
from lrlib import {home}, flow_error, gradient_descent, modified_flow

lr, start, orders = {lr}, {start}, {orders}
n_steps = int({time} / lr + 1e-9)
orbit = gradient_descent({landscape}, start, lr=lr, n_steps=n_steps)
times = lr * np.arange(n_steps + 1)
flows = [modified_flow({landscape}, start, lr=lr, order=p, times=times) for p in orders]
errors = [flow_error({landscape}, start, lr=lr, order=p, n_steps=n_steps) for p in orders]
"""


def check_orders(orders: Sequence[int]) -> list[int]:
    """Different orders from 0 to 3, in increasing order."""
    checked = [whole("orders", order, 0, 3) for order in orders]
    if not checked or checked != sorted(set(checked)):
        allowed = "different orders from 0 to 3, the smallest first"
        raise ValueError(f"orders: got {orders!r}; allowed are {allowed}")
    return checked


def describe_flow(order: int) -> dict:
    """What its line is called, and how it is dashed."""
    name = f"order {order}" if order else "gradient flow"
    return {"name": name, "order": order, "dash": DASHES[order]}


class FlowVsDescent(OneOrbit):
    """Gradient descent as dots over modified flows as lines, one coordinate against time.

    Parameters
    ----------
    lr, start
        Learning rate and starting point of the first view; `start` inside the landscape's box,
        which is the vertical range of the picture.
    orders
        Orders of the flows, 0 (the gradient flow) to 3; each has a button that hides it.
    time
        Right end of the picture; at most `MAX_SHOWN` steps of the smallest learning rate.
    lr_range, bands, sharpness, ident, height
        As for `Descent1D`.
    """

    front = "flow_vs_descent"
    title = "Gradient descent and its flows"
    python = {"": _PYTHON}
    start = Upright()
    shown = Toggles("Flows", "_flows")
    orders = traitlets.List(traitlets.Int()).tag(sync=True)
    time = traitlets.Float().tag(sync=True)
    _flows: traitlets.List = traitlets.List().tag(sync=True)

    def __init__(
        self,
        landscape: Landscape,
        *,
        orders: Sequence[int] = (0, 1, 2, 3),
        time: float = 12.6,
        **options: Any,
    ):
        kept = check_orders(orders)
        terms = modified_source(landscape, max(1, *kept), "javascript")
        super().__init__(
            landscape,
            orders=kept,
            time=float(positive("time", time)),
            shown=2 ** len(kept) - 1,
            n_steps=MAX_SHOWN,
            formulas={"terms": f"({terms})"},
            _flows=[describe_flow(order) for order in kept],
            **options,
        )
        least = self.lr_range[0]
        if time > MAX_SHOWN * least:
            allowed = f"at most {MAX_SHOWN} times {least!r}, the smallest lr"
            raise ValueError(f"time: got {self.time}; allowed is {allowed}")

    def steps(self) -> int:
        """How many steps of gradient descent the picture holds."""
        return int(self.time / self.lr + 1e-9)

    def orbit(self) -> np.ndarray:
        """These steps, shape (steps + 1, 1)."""
        return self._from_start(n_steps=self.steps(), record=1).record[:, 0]

    def errors(self) -> list[float]:
        """Largest distance of each flow from the steps; inf after a blow-up before they end."""
        call = {"lr": self.lr, "n_steps": self.steps()}
        return [
            flow_error(self.landscape, self.start, order=p, **call) for p in self.orders
        ]
