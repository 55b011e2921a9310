"""Lyapunov exponents: how fast two neighbouring orbits part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from ..checks import finite_array, positive, whole
from ..codegen import loops, printer
from ..descent.stepping import BOUND
from ..landscapes.contract import Formulas, Objective, objective

# to a neighbour: larger than rounding, smaller than what bends a gradient
_GAP = 1e-7
_EXPONENT = """\
import math
import numpy as np
from numba import njit, prange

BLOCK = 1


@THREADED@


@SERIAL@
"""


_ORBITS = """\
@njit(parallel=@PARALLEL@, cache=True, error_model="numpy")
def @NAME@(theta, lr, n_steps, burn_in, bound, out):
    for i in @RANGE@(lr.size):
        rate = lr[i]
        total = 0.0
        inside = True
        @START@
        for t in range(burn_in + n_steps):
            @STEP@
            if t >= burn_in:
                total += math.log(size)
            # a step that flattens every direction leaves none to follow: keep the last
            if size > 0.0:
                @TURN@
            @MOVE@
            inside = @INSIDE@
            if not inside:
                break
        out[i] = total / n_steps if inside else np.inf
"""


def _first_direction(dim: int) -> np.ndarray:
    """The unit vector that is carried along: no symmetry of a formula keeps it."""
    v = 1 / np.arange(1.0, dim + 1)
    return v / np.linalg.norm(v)


def _exponent_source(symbols: Formulas) -> str:
    """Text of the loop, with the printed gradient and Hessian in it."""
    dim = len(symbols.coordinates)
    axes = range(dim)
    inner = [sp.Symbol(f"theta{i}", real=True) for i in axes]
    renamed = zip(symbols.coordinates, inner, strict=True)
    put_in = dict(renamed)
    gradient = [g.xreplace(put_in) for g in symbols.gradient_formula]
    hessian = [h.xreplace(put_in) for h in symbols.hessian_formula]
    names = [f"g{i}" for i in axes]
    # row by row, upper triangle only, as the formulas come
    names += [f"h{i}_{j}" for i in axes for j in axes if i <= j]
    step = printer.statements(names, gradient + hessian, "numba", taken=inner)
    for i in axes:
        # the Hessian is symmetric: below the diagonal its upper entry stands
        entries = [f"h{min(i, j)}_{max(i, j)}" for j in axes]
        terms = [f"{h} * v{j}" for j, h in enumerate(entries)]
        row = " + ".join(terms)
        step.append(f"w{i} = v{i} - rate * ({row})")
    squared = [f"w{i} * w{i}" for i in axes]
    squares = " + ".join(squared)
    step.append(f"size = math.sqrt({squares})")
    load = [f"theta{i} = theta[i, {i}]" for i in axes]
    direction = _first_direction(dim).tolist()
    aim = [f"v{i} = {v!r}" for i, v in enumerate(direction)]
    parts: dict[str, Any] = {
        "START": [*load, *aim],
        "STEP": step,
        "TURN": [f"v{i} = w{i} / size" for i in axes],
        "MOVE": [f"theta{i} -= rate * g{i}" for i in axes],
    }
    bounded = [f"abs(theta{i}) <= bound" for i in axes]
    inside = " and ".join(bounded)
    parts["INSIDE"] = inside
    return loops.fill(
        _EXPONENT,
        THREADED=loops.with_threads(_ORBITS, **parts),
        SERIAL=loops.without_threads(_ORBITS, **parts),
    )


def _neighbour_loop(gradient: Callable[[np.ndarray], np.ndarray]) -> Callable:
    """The same for any `gradient`.

    Its difference to a neighbour's stands for the Hessian times v; for a mean over
    examples that takes a fifth of the time of its Hessian.
    """

    def run(
        theta: np.ndarray,
        lr: np.ndarray,
        n_steps: int,
        burn_in: int,
        bound: float,
        out: np.ndarray,
    ) -> None:
        n, dim = theta.shape
        rate = lr[:, None]
        v = np.tile(_GAP * _first_direction(dim), (n, 1))
        total = np.zeros(n)
        inside = np.ones(n, bool)
        for t in range(burn_in + n_steps):
            with np.errstate(all="ignore"):
                pulls = gradient(np.concatenate([theta, theta + v]))
                here = pulls[:n]
                beside = pulls[n:]
                w = v - rate * (beside - here)
                length = np.linalg.norm(w, axis=1, keepdims=True)
                size = length / _GAP
                if t >= burn_in:
                    total += np.log(size[:, 0])
                v = np.where(size > 0, w / size, v)
                theta = theta - rate * here
                near = np.abs(theta) <= bound
                inside &= near.all(axis=1)
        out[:] = np.where(inside, total / n_steps, np.inf)

    return run


def lyapunov(
    landscape: Objective,
    theta0s: ArrayLike,
    *,
    lr: ArrayLike,
    n_steps: int,
    burn_in: int = 1000,
) -> np.ndarray:
    """Largest Lyapunov exponent per step along the orbits from `theta0s`, shape (n,).

    The mean of ``log |(I - lr * hessian) v|`` over `n_steps` steps after `burn_in`,
    where the unit vector v is carried along. Positive: chaos; negative: a cycle or a
    point attracts; ``-inf`` where an iterate hits a direction's fold exactly; ``inf``
    where the orbit leaves ``|theta| <= BOUND``.

    Parameters
    ----------
    landscape
        A `Landscape`, whose Hessian is compiled into the loop; or any other
        `Objective`, such as a mean over examples, where differences of the gradient
        over 1e-7 replace the Hessian.
    theta0s
        Starts of shape (n, dim); shape (n,) where ``dim == 1``.
    lr
        Learning rate above 0, one for all or shape (n,).

    Raises
    ------
    ValueError, TypeError
        As `lrlib.ensemble`; ``n_steps < 1`` or ``burn_in < 0``.
    """
    dim = objective(landscape).dim
    starts = finite_array("theta0s", theta0s, dim, ndim=2)
    n = len(starts)
    rates = np.broadcast_to(positive("lr", lr, n), n).astype(float)
    n_steps = whole("n_steps", n_steps, 1)
    burn_in = whole("burn_in", burn_in, 0)
    out = np.empty(n)
    if landscape.formulas is None:
        run = _neighbour_loop(landscape.gradient)
    else:
        run = loops.compiled(_exponent_source(landscape.formulas))
    run(starts, rates, n_steps, burn_in, BOUND, out)
    return out
