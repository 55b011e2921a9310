"""What gradient descent does in the long run: Lyapunov exponents, bifurcation scans,
cycles and their multipliers.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import sympy as sp

from ..checks import finite_array, positive, whole
from ..codegen import loops, printer
from ..descent.ensembles import BOUND, ensemble
from ..descent.grids import grid

_SADDLES = Path(__file__).with_name("saddle_starts.csv")
_GAP = 1e-7  # to a neighbour: larger than rounding, smaller than what bends a gradient
_EXPONENT = """\
import math
import numpy as np
from numba import njit, prange


@njit(parallel=True, cache=True, error_model="numpy")
def run(theta, lr, n_steps, burn_in, bound, out):
    for i in prange(lr.size):
        rate, total, inside = lr[i], 0.0, True
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


def _exponent_source(landscape) -> str:
    """The loop that carries a direction along an orbit, with the printed gradient and
    Hessian in it.
    """
    axes = range(landscape.dim)
    inner = [sp.Symbol(f"theta{i}", real=True) for i in axes]
    pairs = [f"h{i}_{j}" for i in axes for j in axes if i <= j]
    put_in = dict(zip(landscape.coordinates, inner, strict=True))
    formulas = [
        f.xreplace(put_in)
        for f in (*landscape.gradient_formula, *landscape.hessian_formula)
    ]
    step = printer.statements(
        [*(f"g{i}" for i in axes), *pairs], formulas, "numba", taken=inner
    )
    for i in axes:
        row = " + ".join(f"h{min(i, j)}_{max(i, j)} * v{j}" for j in axes)
        step.append(f"w{i} = v{i} - rate * ({row})")
    step.append("size = math.sqrt(" + " + ".join(f"w{i} * w{i}" for i in axes) + ")")
    parts = {
        "START": [f"theta{i}, v{i} = theta[i, {i}], {1 / (1 + i)}" for i in axes],
        "STEP": step,
        "TURN": [f"v{i} = w{i} / size" for i in axes],
        "MOVE": [f"theta{i} -= rate * g{i}" for i in axes],
    }
    text = _EXPONENT.replace(
        "@INSIDE@", " and ".join(f"abs(theta{i}) <= bound" for i in axes)
    )
    for name, lines in parts.items():
        indent = text[: text.index(f"@{name}@")].rsplit("\n", 1)[1]
        text = text.replace(f"@{name}@", f"\n{indent}".join(lines))
    return text


def _neighbour_loop(gradient):
    """The same for anything with a `gradient`: its difference to a neighbour's stands
    for the Hessian times v.

    For a mean over examples that takes a fifth of the time of its Hessian.
    """

    def run(theta, lr, n_steps, burn_in, bound, out):
        (n, dim), rate = theta.shape, lr[:, None]
        v = np.tile(1 / np.arange(1.0, dim + 1), (n, 1))
        total = np.zeros(n)
        inside = np.ones(n, bool)
        v *= _GAP / np.linalg.norm(v, axis=1, keepdims=True)
        for t in range(burn_in + n_steps):
            with np.errstate(all="ignore"):
                pulls = gradient(np.concatenate([theta, theta + v]))
                w = v - rate * (pulls[n:] - pulls[:n])
                size = np.linalg.norm(w, axis=1) / _GAP
                total += np.log(size) * (t >= burn_in)
                v = np.where(size[:, None] > 0, w / size[:, None], v)
                theta = theta - rate * pulls[:n]
                inside &= (np.abs(theta) <= bound).all(axis=1)
        out[:] = np.where(inside, total / n_steps, np.inf)

    return run


def lyapunov(
    landscape, theta0s, *, lr, n_steps: int, burn_in: int = 1000
) -> np.ndarray:
    """Largest Lyapunov exponent per step along the orbits from `theta0s`, shape (n,).

    The mean of ``log |(I - lr * hessian) v|`` over `n_steps` steps after `burn_in`,
    where the unit vector v is carried along. Positive: chaos; negative: a cycle or a
    point attracts; ``-inf`` where an iterate hits a direction's fold exactly; ``inf``
    where the orbit leaves ``|theta| <= BOUND``.

    Parameters
    ----------
    landscape
        A `Landscape`, whose Hessian is compiled into the loop; or anything with ``dim``
        and a ``gradient``, such as a mean over examples, whose differences over 1e-7
        replace the Hessian.
    theta0s
        Starts of shape (n, dim); shape (n,) where ``dim == 1``.
    lr
        Learning rate above 0, one for all or shape (n,).

    Raises
    ------
    ValueError, TypeError
        As `lrlib.ensemble`; ``n_steps < 1`` or ``burn_in < 0``.
    """
    theta0s = finite_array("theta0s", theta0s, landscape.dim, ndim=2)
    lr = np.broadcast_to(positive("lr", lr, len(theta0s)), len(theta0s)).astype(float)
    n_steps = whole("n_steps", n_steps, 1)
    burn_in = whole("burn_in", burn_in, 0)
    out = np.empty(len(theta0s))
    formulas = hasattr(landscape, "hessian_formula")
    run = (
        loops.compiled(_exponent_source(landscape))
        if formulas
        else _neighbour_loop(landscape.gradient)
    )
    run(theta0s, lr, n_steps, burn_in, BOUND, out)
    return out


def bifurcation(landscape, starts, lrs, *, n_steps: int, keep: int) -> np.ndarray:
    """The last `keep` of `n_steps` iterates at each learning rate, shape (m, n, keep,
    dim).

    `lrs` of shape (m,), `starts` of shape (n, dim), or (n,) where ``dim == 1``. NaN
    where an orbit left ``|theta| <= BOUND``. ``keep`` is from 1 to ``n_steps + 1``.
    """
    plan = grid(starts, lrs, landscape.dim)
    n_steps = whole("n_steps", n_steps, 0)
    keep = whole("keep", keep, 1, n_steps + 1)
    before = ensemble(landscape, plan.theta0s, lr=plan.lr, n_steps=n_steps + 1 - keep)
    last = ensemble(landscape, before.final, lr=plan.lr, n_steps=keep - 1, record=1)
    orbits = np.moveaxis(last.record, 0, 1)
    orbits[(before.left > 0) | (last.left > 0)] = np.nan
    return plan.fold(orbits)


def _advance(landscape, theta, lr: float, period: int):
    """`period` steps from `theta` of shape (..., dim), and their derivative, shape
    (..., dim, dim).
    """
    one = derivative = np.eye(landscape.dim)
    with np.errstate(all="ignore"):
        for _ in range(period):
            derivative = (one - lr * landscape.hessian(theta)) @ derivative
            theta = theta - lr * landscape.gradient(theta)
    return theta, derivative


def multipliers(landscape, theta, *, lr: float, period: int) -> np.ndarray:
    """Eigenvalues of the derivative of `period` steps, largest modulus first; (...,
    dim) gives (..., dim).

    At a point of a cycle they say by how much a small error grows in one turn; the
    cycle attracts where all are below 1 in modulus.
    """
    theta = finite_array("theta", theta, landscape.dim)
    lr = float(positive("lr", lr))
    period = whole("period", period, 1)
    values = np.linalg.eigvals(_advance(landscape, theta, lr, period)[1])
    return np.take_along_axis(
        values, np.argsort(-np.abs(values), axis=-1, kind="stable"), -1
    )


def closed(landscape, theta, lr: float, period: int, n_newton: int) -> np.ndarray:
    """Newton's method for points that return after `period` steps, from each row of
    `theta`; rows that fail are NaN.
    """
    for _ in range(n_newton):
        there, derivative = _advance(landscape, theta, lr, period)
        with np.errstate(all="ignore"):
            jacobian = derivative - np.eye(landscape.dim)
            singular = ~(np.abs(np.linalg.det(jacobian)) > 1e-14)
            jacobian[singular] = np.eye(landscape.dim)
            theta = (
                theta - np.linalg.solve(jacobian, (there - theta)[..., None])[..., 0]
            )
            theta[singular | ~(np.abs(theta).max(axis=-1) <= BOUND)] = np.nan
    gap = np.abs(_advance(landscape, theta, lr, period)[0] - theta).max(axis=-1)
    theta[~(gap <= 1e-9)] = np.nan
    return theta


def cycles(
    landscape, starts, *, lr: float, period: int, n_newton: int = 40
) -> np.ndarray:
    """Distinct cycles of exactly this period that Newton's method finds, attracting or
    not.

    `starts` of shape (n, dim), or (n,) where ``dim == 1``; the result has shape (m,
    period, dim), each cycle from its first point in the order of the coordinates.
    Whether all were found is not known: try more starts.
    """
    theta = finite_array("starts", starts, landscape.dim, ndim=2).copy()
    lr = float(positive("lr", lr))
    period = whole("period", period, 1)
    theta = closed(landscape, theta, lr, period, whole("n_newton", n_newton, 1))
    theta = theta[np.isfinite(theta).all(axis=-1)]
    orbit = []
    for _ in range(period):
        orbit.append(theta)
        theta = theta - lr * landscape.gradient(theta)
    orbits = np.stack(orbit, axis=1)
    shorter = [q for q in range(1, period) if period % q == 0]
    repeats = [np.abs(orbits[:, q] - orbits[:, 0]).max(axis=-1) < 1e-6 for q in shorter]
    found = {}
    for cycle in orbits[~np.any(repeats, axis=0)] if shorter else orbits:
        first = min(range(period), key=lambda i: tuple(np.round(cycle[i], 6)))
        turned = np.roll(cycle, -first, axis=0)
        found.setdefault(tuple(np.round(turned[0], 6) + 0.0), turned)
    return np.array([found[key] for key in sorted(found)]).reshape(
        -1, period, landscape.dim
    )


def distances(orbit, cycle) -> np.ndarray:
    """Distance to the nearest point of a cycle, shape (period, dim), after each turn of
    an orbit, shape (n, dim).
    """
    turns = np.asarray(orbit)[:: len(cycle), None].astype(float) - cycle
    return np.linalg.norm(turns, axis=-1).min(axis=1)


def extended_descent(landscape, theta0, *, lr, n_steps: int, digits: int) -> np.ndarray:
    """The orbit of gradient descent in `digits` decimal digits: mpmath numbers, shape
    (n_steps + 1, dim).

    `theta0` (of length dim) and `lr` are best given as text: a double such as 1.9 is
    already rounded.
    """
    import mpmath

    digits = whole("digits", digits, 15, 10_000)
    n_steps = whole("n_steps", n_steps, 0)
    if not hasattr(landscape, "gradient_formula"):
        raise TypeError(
            f"landscape: got {landscape!r}; allowed is a Landscape, which is "
            "written as a formula"
        )
    gradient = sp.lambdify(landscape.coordinates, landscape.gradient_formula, "mpmath")
    with mpmath.workdps(digits):
        try:
            theta = [mpmath.mpf(v) for v in theta0]
            rate = mpmath.mpf(lr)
        except (TypeError, ValueError):
            raise TypeError(
                f"theta0, lr: got {theta0!r}, {lr!r}; allowed are numbers, also as text"
            ) from None
        if len(theta) != landscape.dim or not rate > 0:
            raise ValueError(
                f"theta0, lr: got {theta0!r}, {lr!r}; allowed are {landscape.dim} "
                "numbers; one above 0"
            )
        orbit = [theta]
        for _ in range(n_steps):
            orbit.append(
                [
                    v - rate * g
                    for v, g in zip(orbit[-1], gradient(*orbit[-1]), strict=True)
                ]
            )
    return np.array(orbit, dtype=object)


def saddle_starts() -> dict[int, tuple[str, str]]:
    """Starts, 50 digits each, that approach saddle cycles of `zoo.scalar_factorisation`
    at lr 1.9, by period.

    They lie on the stable manifolds of the cycles, and were found by iterating
    backwards at 150 digits.
    """
    with _SADDLES.open(encoding="utf-8", newline="") as lines:
        return {
            int(row["period"]): (row["x"], row["y"]) for row in csv.DictReader(lines)
        }
