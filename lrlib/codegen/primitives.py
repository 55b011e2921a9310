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


class largest(sp.Function):
    """The largest of several, which sympy leaves alone: `Max` compares them at length.

    It is printed as selections between names, and has no derivative.
    """

    @classmethod
    def eval(cls, *several):
        return several[0] if len(several) == 1 else None


def stabilise(formula: sp.Expr) -> sp.Expr:
    """The same formula with `logcosh`, `softplus` and `sigmoid` where they stand in
    another form; to be done before differentiating, which keeps them.

    With numbers a, b > 0: ``log(a*exp(u) + a*exp(-u)) = log(2*a) + logcosh(u)``,
    ``log(a + b*exp(u)) = log(a) + softplus(u + log(b/a))``, powers of the same sum with a
    negative exponent, and ``exp(-u) * sigmoid(u) = sigmoid(-u)`` and ``1 -
    sigmoid(u) = sigmoid(-u)``. That keeps all digits of
    small values; what overflows is left to `overflow.tame`.
    """
    kinds = (sp.log, sp.Pow, sp.Mul, sp.Add, sp.sech, sp.csch, sp.coth)
    return formula.replace(lambda e: isinstance(e, kinds), _stable)


def _stable(e: sp.Expr) -> sp.Expr:
    if isinstance(e, sp.sech | sp.csch):
        return 1 / (sp.cosh if isinstance(e, sp.sech) else sp.sinh)(*e.args)
    if isinstance(e, sp.coth):
        return sp.cosh(*e.args) / sp.sinh(*e.args)
    if isinstance(e, sp.log):
        return _stable_log(e.args[0])
    if e.is_Add:
        return _complement(e)
    if e.is_Pow and e.exp.is_number and e.exp.is_negative:
        pair = _constant_and_exponential(e.base)
        if pair is not None:
            a, u = pair
            return a**e.exp * sigmoid(-u) ** -e.exp
    return _joined(e) if e.is_Mul else e


def _stable_log(e: sp.Expr) -> sp.Expr:
    """``log(e)`` of a formula whose parts are stable."""
    if isinstance(e, sp.cosh):
        return logcosh(e.args[0])
    if isinstance(e, sigmoid):
        return -softplus(-e.args[0])
    if e.is_Mul and all(factor.is_positive for factor in e.args):
        return sp.Add(*map(_stable_log, e.args))
    if e.is_Pow and e.base.is_positive:
        return e.exp * _stable_log(e.base)
    pair = _constant_and_exponential(e)
    if pair is not None:
        a, u = pair
        return sp.log(a) + softplus(u)
    terms = _exponentials(e)
    if len(terms) == 2:
        (a, u), (b, v) = terms
        if a == b and sp.expand(u + v) == 0:
            return sp.log(2 * a) + logcosh(u)
    return sp.log(e)


def _exponentials(e: sp.Expr) -> list[tuple[sp.Expr, sp.Expr]]:
    """`e` as a sum of two terms ``a * exp(u)`` with numbers a > 0; empty where it is
    none.
    """
    found = []
    for term in e.args if e.is_Add and len(e.args) == 2 else ():
        factor, rest = term.as_independent(sp.exp)
        if not (factor.is_number and factor.is_positive):
            return []
        if rest != 1 and not isinstance(rest, sp.exp):
            return []
        found.append((factor, rest.args[0] if rest != 1 else sp.S.Zero))
    return found


def _constant_and_exponential(e: sp.Expr) -> tuple[sp.Expr, sp.Expr] | None:
    """a and u with ``e = a * (1 + exp(u))`` and a number a > 0; None where there are
    none.
    """
    terms = sorted(_exponentials(e), key=lambda term: term[1] != 0)
    if len(terms) < 2 or terms[0][1] != 0:
        return None
    (a, _), (b, u) = terms
    return a, u + sp.log(b / a)


def _complement(e: sp.Add) -> sp.Expr:
    """``a * sigmoid(-u)`` for ``a - a * sigmoid(u)`` with a number a."""
    if len(e.args) == 2 and e.args[0].is_number:
        factor, rest = e.args[1].as_coeff_Mul()
        if isinstance(rest, sigmoid) and factor == -e.args[0]:
            return e.args[0] * sigmoid(-rest.args[0])
    return e


def _joined(product: sp.Mul) -> sp.Expr:
    """`product` without factors ``exp(-k*u) * sigmoid(u)**n``, k of at most n."""
    powers = product.as_powers_dict()
    (growth,) = [e.args[0] for e in product.args if isinstance(e, sp.exp)] or [None]
    for base, n in powers.items() if growth is not None else ():
        if not (isinstance(base, sigmoid) and n.is_Integer and n > 0):
            continue
        u = base.args[0]
        for k in range(1, min(int(n), 8) + 1):
            rest = sp.expand(growth + k * u)
            if rest.is_number:
                old = sp.exp(growth) * base**n
                return product / old * sp.exp(rest) * sigmoid(-u) ** k * base ** (n - k)
    return product


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
    return _extreme(isinstance(e, sp.Max), e.args)


def _extreme(largest: bool, several) -> sp.Expr:
    """The largest or smallest of several, as selections; by halves, for each selection
    names both of its sides more than once.
    """
    if len(several) == 1:
        return several[0]
    half = (len(several) + 1) // 2
    u = _extreme(largest, several[:half])
    v = _extreme(largest, several[half:])
    first, second = (u >= v, v > u) if largest else (u <= v, v < u)
    return sp.Piecewise((u, first), (v, second), evaluate=False)


def lower(e: sp.Expr) -> sp.Expr:
    """`e` in primitives that every dialect has."""
    kinds = (logcosh, softplus, sigmoid, sp.sign, sp.Heaviside, sp.Max, sp.Min)
    return e.replace(lambda s: isinstance(s, kinds), _lower) if e.has(*kinds) else e
