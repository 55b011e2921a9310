"""Formulas of exponentials in a form that overflows only where their value does.

Every expression is a scale times a rest, ``e = exp(M) * S``, in which S neither grows
nor dies as exponentials do: ``exp(u)`` has M = u, a product adds the M of its factors, a
power multiplies its own, and a sum takes the largest M and divides by it. So quotients
lose their common scale before it is computed, and a logarithm is ``M + log(S)``. Both are
identities for every real argument; no form of a formula is looked for.

This is done when a formula is printed, after all differentiation: the selections it
brings in have no derivatives. What comes before, `primitives.stabilise`, is only for
accuracy.
"""

from __future__ import annotations

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from .primitives import largest, logcosh, sigmoid, softplus

# terms of a sum up to which what is small beside the largest one keeps all its digits
CHAINED = 6


def tame(e: sp.Expr) -> sp.Expr:
    """`e` without quotients and logarithms of what overflows before they do.

    >>> x = sp.Symbol("x", real=True)
    >>> tame(sp.exp(x) / (1 + sp.exp(2 * x)) + x).subs(x, 800.0)  # exp(1600) overflows
    800.000000000000
    """
    if not _grows(e):
        return e
    if isinstance(e, sp.log):
        return _log(e.args[0])
    if (e.is_Mul or e.is_Pow) and _may_lose_scale(e):
        size, rest = _split(e)
        return sp.exp(size) * rest
    return _with_parts(e)


def _grows(e: sp.Basic) -> bool:
    if e.has(sp.exp, sp.cosh, sp.sinh, sigmoid):
        return True
    return any(_is_exponential(power) for power in e.atoms(sp.Pow))


def _is_exponential(power: sp.Pow) -> bool:
    """Whether it is an exponential of another base, such as ``2**x``."""
    return bool(power.base.is_positive and power.base.is_number and power.exp.args) or (
        power.base.is_number and power.base.is_positive and power.exp.is_Symbol
    )


def _with_parts(e: sp.Basic) -> sp.Basic:
    """`e` with its arguments tamed."""
    if not e.args:
        return e
    parts = [tame(part) if _grows(part) else part for part in e.args]
    return e if tuple(parts) == e.args else e.func(*parts)


def _may_lose_scale(e: sp.Expr) -> bool:
    """Whether scales may cancel, or a power shrink one, before a double holds it."""
    if e.is_Pow:
        if _is_exponential(e):
            return False
        if e.exp.is_Integer and e.exp > 0:
            return False
        return _split(e.base)[0] != 0
    scaled = [factor for factor in e.args if _split(factor)[0] != 0]
    return len(scaled) > 1 and not all(map(_is_small, scaled))


def _is_small(factor: sp.Expr) -> bool:
    """Whether it is a power of a sigmoid that stays below 1."""
    base, n = factor.as_base_exp()
    return isinstance(base, sigmoid) and bool(n.is_positive)


def _split(e: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """M and S with ``e = exp(M) * S``."""
    u = e.args[0] if e.args else e
    if not _grows(e):
        return sp.S.Zero, e
    if isinstance(e, sp.exp):
        return u, sp.S.One
    if isinstance(e, sp.cosh):
        return sp.Abs(u), (1 + sp.exp(-2 * sp.Abs(u))) / 2
    if isinstance(e, sp.sinh):
        return sp.Abs(u), -sp.sign(u) * expm1(-2 * sp.Abs(u)) / 2
    if isinstance(e, sigmoid):
        return -largest(-u, 0), 1 / (1 + sp.exp(-sp.Abs(u)))
    if isinstance(e, sp.Abs):
        size, rest = _split(u)
        return size, sp.Abs(rest)
    if e.is_Pow:
        return _split_power(e)
    if e.is_Mul:
        sizes, rests = zip(*map(_split, e.args), strict=True)
        return sp.Add(*sizes), sp.Mul(*rests)
    if e.is_Add:
        return _split_sum(e)
    return sp.S.Zero, tame(e)


def _split_power(e: sp.Pow) -> tuple[sp.Expr, sp.Expr]:
    if _is_exponential(e):
        return e.exp * sp.log(e.base), sp.S.One
    size, rest = _split(e.base)
    if size == 0:
        return sp.S.Zero, _with_parts(e)
    return e.exp * size, rest**e.exp


def _split_sum(e: sp.Add) -> tuple[sp.Expr, sp.Expr]:
    parts = [_split(part) for part in e.args]
    sizes = list(dict.fromkeys(size for size, _ in parts))
    if sizes == [0]:
        return sp.S.Zero, sp.Add(*(rest for _, rest in parts))
    size = largest(*sizes)
    return size, sp.Add(*(rest * sp.exp(own - size) for own, rest in parts))


def _log(e: sp.Expr) -> sp.Expr:
    """``log(e)``."""
    if isinstance(e, sp.cosh):
        return logcosh(e.args[0])
    if isinstance(e, sigmoid):
        return -softplus(-e.args[0])
    if e.is_Mul and all(factor.is_positive for factor in e.args):
        return sp.Add(*map(_log, e.args))
    if e.is_Pow and e.base.is_positive:
        return tame(e.exp) * _log(e.base)
    if e.is_Add and len(e.args) <= CHAINED:
        parts = [_split(part) for part in e.args]
        if all(rest.is_number and rest.is_positive for _, rest in parts):
            return _log_of_sum([size + sp.log(rest) for size, rest in parts])
    size, rest = _split(e)
    return size + sp.log(rest)


def _log_of_sum(exponents: list[sp.Expr]) -> sp.Expr:
    """The logarithm of the sum of their exponentials: the largest one, and what the
    others add to it.
    """
    tops = exponents[:1]
    rest = sp.S.Zero
    for u in exponents[1:]:
        above = u - largest(*tops)
        rest = rest * sp.exp(-largest(above, 0)) + sp.exp(-sp.Abs(above))
        tops.append(u)
    return largest(*tops) + log1p(rest)
