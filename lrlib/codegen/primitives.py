"""Functions that stay finite where their textbook form overflows, and what languages
disagree on.

Formulas are rewritten to these before they are differentiated, and from these to what
every language has before they are printed.
"""

from __future__ import annotations

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p  # noqa: F401  (formulas may use both)


class logcosh(sp.Function):
    """``log(cosh(u))``, finite for every finite ``u``."""

    def fdiff(self, argindex=1):
        return sp.tanh(self.args[0])

    def lowered(self):
        size = sp.Abs(self.args[0])
        near = log1p(2 * sp.sinh(size / 2) ** 2)  # the far form cancels near 0
        far = size + log1p(sp.exp(-2 * size)) - sp.log(2)
        return sp.Piecewise((near, size < 1), (far, True))


class softplus(sp.Function):
    """``log(1 + exp(u))``, finite for every finite ``u``."""

    def fdiff(self, argindex=1):
        return sigmoid(self.args[0])

    def lowered(self):
        u = self.args[0]
        return sp.Piecewise((u, u > 0), (0, True)) + log1p(sp.exp(-sp.Abs(u)))


class sigmoid(sp.Function):
    """``1 / (1 + exp(-u))``, never 0/0."""

    def fdiff(self, argindex=1):
        return self * sigmoid(-self.args[0])

    def lowered(self):
        decay = sp.exp(-sp.Abs(self.args[0]))
        return sp.Piecewise(
            (1 / (1 + decay), self.args[0] >= 0), (decay / (1 + decay), True)
        )


def stabilise(formula: sp.Expr) -> sp.Expr:
    """Replace patterns that overflow; to be done before differentiating."""

    def is_one_plus_exp(e):
        return e.is_Add and len(e.args) == 2 and sp.S.One in e.args and e.has(sp.exp)

    def exponent(e):
        (rest,) = [a for a in e.args if a != 1]
        return rest.exp if isinstance(rest, sp.exp) else None

    def rewrite(e):
        if isinstance(e, sp.log) and isinstance(e.args[0], sp.cosh):
            return logcosh(e.args[0].args[0])
        if (
            isinstance(e, sp.log)
            and is_one_plus_exp(e.args[0])
            and exponent(e.args[0]) is not None
        ):
            return softplus(exponent(e.args[0]))
        if (
            e.is_Pow
            and e.exp == -1
            and is_one_plus_exp(e.base)
            and exponent(e.base) is not None
        ):
            return sigmoid(-exponent(e.base))
        return e

    return formula.replace(lambda e: isinstance(e, sp.log) or e.is_Pow, rewrite)


def almost_everywhere(derivative: sp.Expr) -> sp.Expr:
    """The derivative without what lives on a null set: Dirac terms, slopes of steps."""
    steps = (sp.floor, sp.ceiling, sp.sign, sp.Heaviside)

    def is_step(e):
        if isinstance(e, sp.Subs):  # its inside has been replaced by now
            return e.expr.is_zero or is_step(e.expr)
        return isinstance(e, sp.Derivative) and isinstance(e.expr, steps)

    return derivative.replace(is_step, lambda e: sp.S.Zero).replace(
        sp.DiracDelta, lambda *_: sp.S.Zero
    )


def _lower(e: sp.Expr) -> sp.Expr:
    """Rewrite what languages disagree on as selections that they agree on (NaN stays
    NaN).
    """
    if hasattr(e, "lowered"):
        return lower(e.lowered())
    u, *rest = e.args
    if isinstance(e, sp.sign):
        return sp.Piecewise((1, u > 0), (-1, u < 0), (u, True))
    if isinstance(e, sp.Heaviside):
        return sp.Piecewise(
            (1, u > 0), (0, u < 0), (rest[0] if rest else sp.S.Half, sp.Eq(u, 0))
        )
    for v in rest:  # Max, Min
        first, second = (u >= v, v > u) if isinstance(e, sp.Max) else (u <= v, v < u)
        u = sp.Piecewise((u, first), (v, second), evaluate=False)
    return u


def lower(e: sp.Expr) -> sp.Expr:
    """`e` in primitives that every dialect has."""
    kinds = (logcosh, softplus, sigmoid, sp.sign, sp.Heaviside, sp.Max, sp.Min)
    return e.replace(lambda s: isinstance(s, kinds), _lower) if e.has(*kinds) else e
