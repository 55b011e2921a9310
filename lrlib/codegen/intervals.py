"""Interval arithmetic behind the dialect "intervals": rigorous, by python-flint's arb.

An interval is kept by its two ends, exact numbers of `PRECISION` bits that every
operation rounds outwards. Functions are bounded piece by piece where they are monotone,
so that an interval is as narrow as the ends allow; what is lost is only that a formula
may name a coordinate twice. Where a formula has no value somewhere in the interval (a
logarithm of negative numbers, a division by an interval around 0, no piece), the result
is `EVERYTHING`, and stays it whatever is done to it.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import cache, wraps

import flint
from flint import arb

from . import printer

PRECISION = 128
_INFINITE = arb.pos_inf()


class Truth:
    """What is known of a condition: whether it can hold, and whether it can fail."""

    def __init__(self, can_hold: bool, can_fail: bool):
        self.can_hold = bool(can_hold)
        self.can_fail = bool(can_fail)

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.can_hold and other.can_hold, self.can_fail or other.can_fail)

    def __or__(self, other: Truth) -> Truth:
        return ~(~self & ~other)

    def __invert__(self) -> Truth:
        return Truth(self.can_fail, self.can_hold)


def _down(value: arb) -> arb:
    """The lower end of a ball; minus infinity where there is none."""
    return -_INFINITE if value.is_nan() else value.lower()


def _up(value: arb) -> arb:
    return _INFINITE if value.is_nan() else value.upper()


def _least(values) -> arb:
    values = list(values)
    found = values[0]
    for value in values[1:]:
        if value < found:
            found = value
    return found


def _most(values) -> arb:
    return -_least(-value for value in values)


def _product(a: arb, b: arb) -> arb:
    """Of two ends, where 0 times infinity is 0: no point of the interval is infinite."""
    return arb(0) if a == 0 or b == 0 else a * b


def _strict(operation):
    """`operation`, but `EVERYTHING` where an operand has no bounds."""

    @wraps(operation)
    def checked(*operands):
        if any(u.is_unbounded for u in operands):
            return EVERYTHING
        return operation(*operands)

    return checked


@dataclass(frozen=True, eq=False)
class Interval:
    """All numbers from `lower` to `upper`."""

    lower: arb
    upper: arb

    @property
    def is_point(self) -> bool:
        return bool(self.lower == self.upper)

    @property
    def is_unbounded(self) -> bool:
        return bool(self.lower == -_INFINITE and self.upper == _INFINITE)

    def __neg__(self) -> Interval:
        return Interval(-self.upper, -self.lower)

    def __add__(self, other: Interval) -> Interval:
        return Interval(_down(self.lower + other.lower), _up(self.upper + other.upper))

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    @_strict
    def __mul__(self, other: Interval) -> Interval:
        products = [
            _product(a, b)
            for a in (self.lower, self.upper)
            for b in (other.lower, other.upper)
        ]
        return Interval(_least(map(_down, products)), _most(map(_up, products)))

    @_strict
    def __truediv__(self, other: Interval) -> Interval:
        if other.lower <= 0 and other.upper >= 0:
            return EVERYTHING
        inverse = Interval(_down(1 / other.upper), _up(1 / other.lower))
        return self * inverse

    def __lt__(self, other: Interval) -> Truth:
        return Truth(self.lower < other.upper, self.upper >= other.lower)

    def __le__(self, other: Interval) -> Truth:
        return Truth(self.lower <= other.upper, self.upper > other.lower)

    def __gt__(self, other: Interval) -> Truth:
        return other < self

    def __ge__(self, other: Interval) -> Truth:
        return other <= self

    # a comparison may be undecided: the answer is no bool
    def __eq__(self, other: Interval) -> Truth:  # type: ignore[override]
        apart = self.lower > other.upper or self.upper < other.lower
        same = self.is_point and other.is_point and self.lower == other.lower
        return Truth(not apart, not same)

    def __ne__(self, other: Interval) -> Truth:  # type: ignore[override] # as above
        return ~(self == other)


EVERYTHING = Interval(-_INFINITE, _INFINITE)
INFINITY = Interval(_INFINITE, _INFINITE)
TRUE = Truth(True, False)
FALSE = Truth(False, True)
_ZERO = Interval(arb(0), arb(0))
_ONE = Interval(arb(1), arb(1))


def _ball(value: arb) -> Interval:
    return Interval(_down(value), _up(value))


def hull(a: Interval, b: Interval) -> Interval:
    """The smallest interval around both."""
    return Interval(_least([a.lower, b.lower]), _most([a.upper, b.upper]))


def select(condition: Truth, yes: Interval, no: Interval) -> Interval:
    """One of the two, or both where the condition is open."""
    if not condition.can_fail:
        return yes
    return hull(yes, no) if condition.can_hold else no


def ratio(p: int, q: int) -> Interval:
    return _ball(arb(p) / q)


# -- functions that rise everywhere


def _rising(value, least=-_INFINITE, most=_INFINITE):
    """A function by its balls at points; `least` and `most` are bounds of its values."""

    @_strict
    def bounded(u: Interval) -> Interval:
        return Interval(
            _most([_down(value(u.lower)), least]), _least([_up(value(u.upper)), most])
        )

    return bounded


def _exponential(u: arb) -> arb:
    if u == -_INFINITE:
        return arb(0)
    return _INFINITE if u == _INFINITE else u.exp()


def _log_of_one_plus_exp(u: arb) -> arb:
    return (u if u > 0 else arb(0)) + _exponential(-abs(u)).log1p()


def _logistic(u: arb) -> arb:
    decay = _exponential(-abs(u))
    return (1 if u >= 0 else decay) / (1 + decay)


def _limited(value, limit):
    """`value`, with its limit at infinity (the other one is its negative)."""

    def with_limits(u: arb) -> arb:
        if u.is_finite():
            return value(u)
        return limit() if u > 0 else -limit()

    return with_limits


exp = _rising(_exponential, least=arb(0))
expm1 = _rising(lambda u: _exponential(u) - 1 if abs(u) > 1 else u.expm1(), arb(-1))
sinh = _rising(_limited(arb.sinh, arb.pos_inf))
asinh = _rising(_limited(arb.asinh, arb.pos_inf))
tanh = _rising(_limited(arb.tanh, lambda: arb(1)), arb(-1), arb(1))
atan = _rising(_limited(arb.atan, lambda: arb.pi() / 2))
softplus = _rising(_log_of_one_plus_exp, least=arb(0))
sigmoid = _rising(_logistic, arb(0), arb(1))
floor = _rising(arb.floor)
ceiling = _rising(arb.ceil)


# -- functions that are even


@_strict
def Abs(u: Interval) -> Interval:
    if u.lower >= 0:
        return u
    if u.upper <= 0:
        return -u
    return Interval(arb(0), _most([-u.lower, u.upper]))


def _log_cosh(u: arb) -> arb:
    """Of a number of at least 0; the far form cancels near 0."""
    if u < 1:
        return (2 * (u / 2).sinh() ** 2).log1p()
    return u + _exponential(-2 * u).log1p() - arb(2).log()


@_strict
def cosh(u: Interval) -> Interval:
    return _rising(_limited(arb.cosh, arb.pos_inf))(Abs(u))


@_strict
def logcosh(u: Interval) -> Interval:
    return _rising(_log_cosh)(Abs(u))


# -- functions with a domain


def _within(value, low, high):
    """A rising function of [low, high]; None: no end."""

    def bounded(u: Interval) -> Interval:
        outside = (low is not None and u.lower < low) or (
            high is not None and u.upper > high
        )
        return EVERYTHING if outside else _rising(value)(u)

    return bounded


def _logarithm(u: arb) -> arb:
    if u == 0:
        return -_INFINITE
    return u.log() if u.is_finite() else _INFINITE


log = _within(_logarithm, 0, None)
log1p = _within(lambda u: u.log1p() if u > -1 else -_INFINITE, -1, None)
sqrt = _within(lambda u: u.sqrt() if u.is_finite() else u, 0, None)
asin = _within(arb.asin, -1, 1)
acosh = _within(lambda u: u.acosh() if u.is_finite() else u, 1, None)
atanh = _within(lambda u: u.atanh() if abs(u) < 1 else u * _INFINITE, -1, 1)


def acos(u: Interval) -> Interval:
    return _ball(arb.pi() / 2) - asin(u)


# -- functions that repeat themselves


def _integer(exact: arb) -> int:
    """The integer that `exact` is; ValueError where it is none."""
    found = exact.unique_fmpz()
    if found is None:
        raise ValueError(f"exact: got {exact}; allowed is an integer")
    return int(found)


def _turns(u: Interval, offset: arb) -> range | None:
    """The whole k for which ``(k + offset) * pi`` may lie in `u`; None for many."""
    if not (u.lower.is_finite() and u.upper.is_finite()):
        return None
    first = _down((u.lower / arb.pi() - offset).lower().ceil())
    last = _up((u.upper / arb.pi() - offset).upper().floor())
    if last - first > 2:
        return None
    return range(_integer(first), _integer(last) + 1)


def _wave(u: Interval, value, offset: arb) -> Interval:
    """Cosine, or the same moved: largest at even, least at odd k."""
    turns = _turns(u, offset)
    if turns is None:
        return Interval(arb(-1), arb(1))
    ends = [value(u.lower), value(u.upper)]
    lower = _least(map(_down, ends))
    upper = _most(map(_up, ends))
    peaks = {k % 2 for k in turns}
    return Interval(
        arb(-1) if 1 in peaks else _most([lower, arb(-1)]),
        arb(1) if 0 in peaks else _least([upper, arb(1)]),
    )


@_strict
def cos(u: Interval) -> Interval:
    return _wave(u, arb.cos, arb(0))


@_strict
def sin(u: Interval) -> Interval:
    return _wave(u, arb.sin, arb(0.5))


@_strict
def tan(u: Interval) -> Interval:
    poles = _turns(u, arb(0.5))
    return EVERYTHING if poles is None or len(poles) else _rising(arb.tan)(u)


@_strict
def atan2(y: Interval, x: Interval) -> Interval:
    """Both signs where the box touches the cut, the negative half of the axis."""
    if x.lower <= 0 and y.lower <= 0 and y.upper >= 0:
        return hull(_ball(arb.pi()), -_ball(arb.pi()))
    corners = [
        _ball(arb.atan2(b, a)) for a in (x.lower, x.upper) for b in (y.lower, y.upper)
    ]
    found = corners[0]
    for corner in corners[1:]:
        found = hull(found, corner)
    return found


# -- selections


def sign(u: Interval) -> Interval:
    return _rising(arb.sgn)(u)


@_strict
def Heaviside(u: Interval, middle: Interval) -> Interval:
    return select(u > _ZERO, _ONE, select(u < _ZERO, _ZERO, middle))


@_strict
def Max(*several: Interval) -> Interval:
    return Interval(_most(u.lower for u in several), _most(u.upper for u in several))


def Min(*several: Interval) -> Interval:
    return -Max(*(-u for u in several))


# -- powers


@_strict
def pow(base: Interval, exponent: Interval) -> Interval:
    if exponent.is_point and exponent.lower.is_integer():
        return _whole_power(base, _integer(exponent.lower))
    if base.lower > 0:
        return exp(exponent * log(base))
    if base.lower < 0 or exponent.lower <= 0:
        return EVERYTHING  # a root of a negative number, or a division by 0
    largest = _ZERO if base.upper == 0 else exp(exponent * log(_ball(base.upper)))
    return Interval(arb(0), largest.upper)


def _whole_power(base: Interval, n: int) -> Interval:
    if n < 0:
        return _ONE / _whole_power(base, -n)
    if n % 2 == 0:
        base = Abs(base)
    return _rising(lambda u: u**n)(base)


# -- numbers


class _Constants:
    """What the printer writes for sympy's numbers, at the precision of the moment."""

    known = {
        "Pi": arb.pi,
        "Exp1": arb.const_e,
        "EulerGamma": arb.const_euler,
        "Catalan": arb.const_catalan,
        "GoldenRatio": lambda: (1 + arb(5).sqrt()) / 2,
    }


def __getattr__(name: str) -> Interval:
    if name not in _Constants.known:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _ball(_Constants.known[name]())


# -- what a landscape asks for


@cache
def _function(coordinates, formulas):
    space = {"iv": sys.modules[__name__]}
    exec(printer.function("enclose", coordinates, formulas, "intervals"), space)
    return space["enclose"]


def _double(value: arb, towards: float) -> float:
    """The nearest double that is not on the other side."""
    found = float(value)
    while arb(found) > value if towards < 0 else arb(found) < value:
        found = math.nextafter(found, towards)
    return found


def enclose(coordinates, formulas, lower, upper) -> tuple[list[float], list[float]]:
    """Lower and upper bounds of the values of each formula where every coordinate is
    between `lower` and `upper`.
    """
    with flint.ctx.workprec(PRECISION):
        box = [Interval(arb(a), arb(b)) for a, b in zip(lower, upper, strict=True)]
        found = _function(coordinates, tuple(formulas))(*box)
        found = found if isinstance(found, tuple) else (found,)
        return (
            [_double(u.lower, -math.inf) for u in found],
            [_double(u.upper, math.inf) for u in found],
        )
