"""What rounding can do to a formula: its value to many digits, with a bound in units of
the last bit.

Each operation adds the rounding of its own result to the errors of its operands,
multiplied by how steep it is there. A printed formula may reorder sums and products; a
factor covers that.
"""

import mpmath
import sympy as sp

from lrlib.codegen.primitives import logcosh, sigmoid, softplus

SLACK = 1e-13  # a comparison closer than this, relative, may go either way in doubles


class Undecided(Exception):
    """A condition or a kink is too close to call."""


def _logistic(u):
    return 1 / (1 + mpmath.exp(-u))


FUNCTIONS = {  # value, slope
    sp.tanh: (mpmath.tanh, lambda u: mpmath.sech(u) ** 2),
    sp.cos: (mpmath.cos, mpmath.sin),
    sp.sin: (mpmath.sin, mpmath.cos),
    sp.exp: (mpmath.exp, mpmath.exp),
    sp.sinh: (mpmath.sinh, mpmath.cosh),
    sp.cosh: (mpmath.cosh, mpmath.sinh),
    sp.log: (mpmath.log, lambda u: 1 / u),
    logcosh: (lambda u: mpmath.log(mpmath.cosh(u)), mpmath.tanh),
    softplus: (lambda u: mpmath.log1p(mpmath.exp(u)), _logistic),
    sigmoid: (_logistic, lambda u: _logistic(u) * _logistic(-u)),
}


def value_and_error(e, where: dict, slack: float = SLACK):
    """Value of `e`, and how far doubles may be from it in units of 2**-52."""
    if e in where:
        return where[e], mpmath.mpf(0)
    if e.is_Atom:
        value = mpmath.mpf(sp.N(e, 40)) if e.is_finite else mpmath.nan
        return value, abs(value)
    if isinstance(e, sp.Piecewise):
        branch = next((v for v, c in e.args if _holds(c, where, slack)), sp.nan)
        return value_and_error(branch, where, slack)
    if isinstance(e, sp.sign | sp.Heaviside):
        (value, error) = value_and_error(e.args[0], where, slack)
        _far_from_zero(value, error, slack)
        return mpmath.sign(value) if isinstance(e, sp.sign) else mpmath.mpf(
            value > 0
        ), mpmath.mpf(0)
    parts = [value_and_error(a, where, slack) for a in e.args]
    return _combined(e, [v for v, _ in parts], [r for _, r in parts], slack)


def _combined(e, values, errors, slack):
    if e.is_Add:
        return mpmath.fsum(values), mpmath.fsum(errors) + len(values) * mpmath.fsum(
            map(abs, values)
        )
    if e.is_Mul:
        value = mpmath.fprod(values)
        others = [
            mpmath.fprod(values[:i] + values[i + 1 :]) for i in range(len(values))
        ]
        return value, sum(
            abs(o) * r for o, r in zip(others, errors, strict=True)
        ) + len(values) * abs(value)
    if e.is_Pow and not isinstance(e, sp.exp):
        (base, n), (error, _) = values, errors
        slope = n * mpmath.power(base, n - 1) if base else mpmath.mpf(n == 1)
        return mpmath.power(base, n), abs(slope) * error + (abs(n) + 2) * abs(
            mpmath.power(base, n)
        )
    if isinstance(e, sp.Abs):
        _far_from_zero(values[0], errors[0], slack)
        return abs(values[0]), errors[0]
    if isinstance(e, sp.Max | sp.Min):
        chosen = (max if isinstance(e, sp.Max) else min)(values)
        for value, error in zip(values, errors, strict=True):
            if value != chosen:
                _far_from_zero(
                    value - chosen, error + errors[values.index(chosen)], slack
                )
        return chosen, errors[values.index(chosen)]
    value, slope = (f(values[0]) for f in FUNCTIONS[e.func])
    return value, abs(slope) * errors[0] + 4 * abs(value) + (
        4 * abs(slope * values[0]) if e.func in (logcosh, softplus) else 0
    )


def _far_from_zero(value, error, slack) -> None:
    if abs(value) <= max(slack, 1e-14 * error):
        raise Undecided


def _holds(condition, where, slack) -> bool:
    if condition in (sp.true, sp.false):
        return bool(condition)
    if isinstance(condition, sp.And | sp.Or | sp.Not):
        parts = [_holds(a, where, slack) for a in condition.args]
        return {sp.And: all, sp.Or: any, sp.Not: lambda p: not p[0]}[condition.func](
            parts
        )
    if isinstance(condition, sp.ITE):
        return _holds(
            condition.args[1 if _holds(condition.args[0], where, slack) else 2],
            where,
            slack,
        )
    value, error = value_and_error(condition.lhs - condition.rhs, where, slack)
    _far_from_zero(value, error, slack)
    return bool(condition.func(sp.Float(value, 30), 0))
