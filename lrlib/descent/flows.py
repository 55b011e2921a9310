"""Flows beside gradient descent: the gradient flow, and the modified flows of backward
error analysis.

Gradient descent with learning rate ``lr`` is the time-`lr` map of the formal vector
field ``F_0 + lr * F_1 + lr**2 * F_2 + ...``. Cut off after ``lr**order``, that field is
the modified flow of this order; order 0 is the gradient flow. The terms come from the
formula, see `modified_field`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import factorial
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from sympy.polys.polyerrors import CoercionFailed

from ..checks import finite_array, positive, whole
from ..codegen import printer
from ..codegen.primitives import almost_everywhere
from ..landscapes.contract import Objective, formulas, objective
from .ensembles import gradient_descent
from .stepping import BOUND

# default tolerances of DOP853, near the best that doubles allow
RTOL = 1e-12
ATOL = 1e-14


@dataclass(frozen=True)
class Flow:
    """A solution of an ordinary differential equation at given times.

    Attributes
    ----------
    times
        Shape (n,).
    path
        Shape (n, dim); finite. After a blow-up the rows repeat the last state that was
        reached.
    left
        Time at which the solution left ``|theta| <= BOUND`` or became too fast for time
        steps in double precision; None if it did neither.
    """

    times: np.ndarray
    path: np.ndarray
    left: float | None

    @property
    def outcome(self) -> str:
        """What it did, "diverged" or "bounded", as in `lrlib.outcomes`."""
        return "bounded" if self.left is None else "diverged"


def gradient_flow(
    landscape: Objective,
    theta0: ArrayLike,
    *,
    times: ArrayLike,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Flow:
    """``theta' = -gradient(theta)`` from `theta0` at time 0, by the Runge-Kutta method
    DOP853.

    Parameters
    ----------
    landscape
        Any `Objective`.
    theta0
        Shape (dim,), or a number where ``dim == 1``.
    times
        Increasing times from 0 on, shape (n,).
    rtol, atol
        Tolerances of one step.

    Raises
    ------
    ValueError, TypeError
        For a start or times that are not finite, of another shape, negative or out of
        order.
    """
    dim = objective(landscape).dim

    def field(theta: np.ndarray) -> np.ndarray:
        return -landscape.gradient(theta)

    return _solve(field, dim, theta0, times, rtol, atol)


def modified_flow(
    landscape: Objective,
    theta0: ArrayLike,
    *,
    lr: float,
    order: int,
    times: ArrayLike,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> Flow:
    """As `gradient_flow`, for the modified field of gradient descent up to
    ``lr**order``.

    Gradient descent after k steps is compared with the flow at time ``k * lr``.

    >>> import numpy as np
    >>> from lrlib import modified_flow, zoo
    >>> flow = modified_flow(zoo.quadratic, 1.0, lr=0.1, order=1, times=[0.0, 0.1])
    >>> bool(np.isclose(flow.path[1, 0], np.exp(-0.1 * (1 + 0.1 / 2))))
    True
    """
    lr = float(positive("lr", lr))
    order = whole("order", order, 0)
    terms = _compiled(modified_source(landscape, order, "numpy"))
    dim = landscape.dim
    powers = lr ** np.arange(order + 1)

    def field(theta: np.ndarray) -> np.ndarray:
        return powers @ np.asarray(terms(*theta), float).reshape(order + 1, dim)

    return _solve(field, dim, theta0, times, rtol, atol)


def flow_error(
    landscape: Objective,
    theta0: ArrayLike,
    *,
    lr: float,
    order: int,
    n_steps: int,
    rtol: float = RTOL,
    atol: float = ATOL,
) -> float:
    """Largest distance, in the maximum norm, of the modified flow from the first
    `n_steps` of gradient descent.

    inf where the flow blows up before they end.

    >>> from lrlib import zoo
    >>> round(flow_error(zoo.quadratic, 1.0, lr=0.5, order=0, n_steps=1), 4)  # exp(-1/2) - 1/2
    0.1065
    """
    orbit = gradient_descent(landscape, theta0, lr=lr, n_steps=n_steps)
    times = lr * np.arange(n_steps + 1)
    flow = modified_flow(
        landscape, theta0, lr=lr, order=order, times=times, rtol=rtol, atol=atol
    )
    return float(np.abs(flow.path - orbit).max()) if flow.left is None else np.inf


def modified_field(landscape: Objective, order: int) -> list[tuple[sp.Expr, ...]]:
    """The terms ``F_0 ... F_order`` of the modified field, each a tuple of `dim`
    expressions.

    The flow of ``F = sum lr**j F_j`` for the time `lr` is ``sum_k lr**k D**(k-1) F /
    k!`` added to the identity, where D is the derivative along F. It must equal ``-lr *
    gradient``. So `F_0` is ``-gradient``, and the power ``lr**(n+1)`` gives `F_n` from
    the terms before it: what the brackets with k >= 2 contribute, with the opposite
    sign. (Recurrence as in Hairer, Lubich and Wanner, Geometric numerical integration,
    chapter IX.)

    Raises
    ------
    ValueError, TypeError
        For an `order` that is no integer of at least 0, or a landscape that is not
        written as a formula.
    """
    symbols = formulas(landscape)
    order = whole("order", order, 0)
    return list(_modified(symbols.coordinates, symbols.gradient_formula, order))


def modified_source(landscape: Objective, order: int, dialect: str) -> str:
    """Text of ``terms(*coordinates)``: the components of F_0, then of F_1, and so on."""
    symbols = formulas(landscape)
    order = whole("order", order, 0)
    return _printed(symbols.coordinates, symbols.gradient_formula, order, dialect)


@cache
def _modified(
    coordinates: Sequence[sp.Symbol], gradient: Sequence[sp.Expr], order: int
) -> tuple[tuple[sp.Expr, ...], ...]:
    along, force, read = _algebra(coordinates, gradient)
    # (k, m): coefficient of lr**m in D**(k-1) F
    fields = [force]
    brackets = {(1, 0): force}
    for n in range(1, order + 1):
        total = [0 * v for v in force]
        for k in range(2, n + 2):
            m = n + 1 - k
            parts = [along(fields[j], brackets[k - 1, m - j]) for j in range(m + 1)]
            bracket = [sum(part[1:], part[0]) for part in zip(*parts, strict=True)]
            brackets[k, m] = bracket
            pairs = zip(total, bracket, strict=True)
            total = [a - b / factorial(k) for a, b in pairs]
        brackets[1, n] = total
        fields.append(total)
    return tuple(tuple(read(v) for v in field) for field in fields)


def _algebra(
    coordinates: Sequence[sp.Symbol], gradient: Sequence[sp.Expr]
) -> tuple[Callable, list, Callable]:
    """(derivative along a field, minus the gradient, back to sympy); exact polynomials
    are fast.
    """
    ring, *names = sp.ring(coordinates, sp.QQ)
    try:
        force = [-ring.from_expr(g) for g in gradient]
    except (ValueError, CoercionFailed):  # no polynomial
        names = coordinates
        force = [-g for g in gradient]

    def along(field: list, values: list) -> list:
        return [
            sum((v.diff(c) * f for c, f in zip(names, field, strict=True)), 0 * v)
            for v in values
        ]

    def read(value: Any) -> sp.Expr:
        if names is coordinates:
            return almost_everywhere(sp.expand(value))
        return value.as_expr()

    return along, force, read


@cache
def _printed(
    coordinates: Sequence[sp.Symbol],
    gradient: Sequence[sp.Expr],
    order: int,
    dialect: str,
) -> str:
    components = [v for field in _modified(coordinates, gradient, order) for v in field]
    return printer.function("terms", coordinates, components, dialect)


@cache
def _compiled(source: str) -> Callable:
    space: dict[str, Any] = {"np": np}
    exec(source, space)
    return space["terms"]


def _check_times(times: ArrayLike) -> np.ndarray:
    column = np.reshape(times, (-1, 1)) if np.ndim(times) == 1 else times
    array = finite_array("times", column, 1, ndim=2)[:, 0]
    if not array.size or array[0] < 0 or (np.diff(array) <= 0).any():
        raise ValueError(
            f"times: got {array.tolist()}; allowed are increasing numbers from 0 on"
        )
    return array


def _solve(
    field: Callable[[np.ndarray], np.ndarray],
    dim: int,
    theta0: ArrayLike,
    times: ArrayLike,
    rtol: float,
    atol: float,
) -> Flow:
    theta0 = finite_array("theta0", theta0, dim, ndim=1)
    times = _check_times(times)
    rtol = float(positive("rtol", rtol))
    atol = float(positive("atol", atol))

    def leaves(t: float, theta: np.ndarray) -> float:
        return np.abs(theta).max() - BOUND

    leaves.terminal = True  # type: ignore[attr-defined] # how scipy wants it
    with np.errstate(all="ignore"):
        found = solve_ivp(
            lambda t, theta: field(theta),
            (0.0, max(times[-1], ATOL)),
            theta0,
            method="DOP853",
            dense_output=True,
            rtol=rtol,
            atol=atol,
            events=leaves,
        )
        # later than a blow-up: where it was last seen
        path = found.sol(np.minimum(times, found.t[-1])).T
    return Flow(times, path, None if found.status == 0 else float(found.t[-1]))
