"""One formula, several languages: a printer whose operand order is the same in every
dialect.

Rational formulas (``+ - * /``, ``sqrt``, comparisons) therefore agree bit for bit
between numpy, numba, JavaScript and C; formulas with ``exp``, ``cos``, ... agree to
rounding, because each language has its own last bit for those.
"""

from __future__ import annotations

import sympy as sp
from sympy.printing.codeprinter import CodePrinter, PrintMethodNotImplementedError

from ..checks import lookup
from .dialects import DIALECTS, Dialect
from .overflow import tame
from .primitives import largest, lower

_MATHS = (
    "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp log log1p expm1 "
    "floor"
).split()
_SELECTIONS = ("sqrt", "Max", "Min", "sign", "Heaviside", "Piecewise")
# what formulas are made of; functions are looked up by name
_KINDS = (
    sp.Symbol,
    sp.Number,
    sp.NumberSymbol,
    sp.zoo.func,
    sp.Add,
    sp.Mul,
    sp.Pow,
    sp.core.function.Application,
    sp.core.relational.Relational,
    sp.logic.boolalg.Boolean,
)
_STABLE = ("logcosh", "softplus", "sigmoid")


class Printer(CodePrinter):
    """Prints one lowered expression; numbers as shortest round-trip doubles."""

    language = "lrlib"
    reserved_words: set = set()

    def __init__(self, dialect: Dialect, spelled: dict[sp.Symbol, str]):
        super().__init__({"strict": True, "error_on_reserved": False})
        self.dialect = dialect
        self.spelled = spelled
        self._operators = dialect.logic
        names = [*_MATHS, "atan2", *dialect.functions]
        self.known_functions = {n: dialect.function(n) for n in names}
        self.known_functions |= {
            "Abs": dialect.function("abs"),
            "ceiling": dialect.function("ceiling"),
        }

    def _print(self, expr, **options):
        # sympy's own printer has a text for most of what it knows, in Python at best
        if isinstance(expr, sp.Basic) and not isinstance(expr, _KINDS):
            return self._print_not_supported(expr)
        return super()._print(expr, **options)

    def _number(self, e):
        return self.dialect.number(e)

    def _print_Symbol(self, e):
        return self.spelled.get(e, e.name)

    _print_Integer = _print_Float = _print_Rational = _print_NumberSymbol = _number
    _print_Zero = _print_One = _print_NegativeOne = _print_Half = _number
    _print_Pi = _print_Exp1 = _print_EulerGamma = _print_GoldenRatio = (
        _print_Catalan
    ) = _number

    def _print_Infinity(self, e):
        return self.dialect.infinity

    def _print_NegativeInfinity(self, e):
        return f"(-{self.dialect.infinity})"

    def _print_NaN(self, e):
        return self.dialect.nan

    _print_ComplexInfinity = _print_NaN
    _print_ImaginaryUnit = _print_Subs = _print_Derivative = (
        CodePrinter._print_not_supported
    )

    def _print_BooleanTrue(self, e):
        return self.dialect.true

    def _print_BooleanFalse(self, e):
        return self.dialect.false

    # integer powers above 1 are products by now, see `_Tape.power`
    def _print_Pow(self, e):
        if e.exp == sp.S.Half:
            return f"{self.dialect.function('sqrt')}({self._print(e.base)})"
        if e.exp == -1:
            one = self.dialect.number(sp.S.One)
            return f"({one}/({self._print(e.base)}))"
        return self.dialect.power(self._print(e.base), self._print(e.exp))

    def _print_exp(self, e):
        return f"{self.dialect.function('exp')}({self._print(e.exp)})"

    def _print_Relational(self, e):
        operator = {"Equality": "==", "Unequality": "!="}.get(
            type(e).__name__, e.rel_op
        )
        return f"({self._print(e.lhs)} {operator} {self._print(e.rhs)})"

    def _junction(self, e, operator):
        parts = sorted(e.args, key=sp.default_sort_key)
        return (
            "("
            + f" {self.dialect.logic[operator]} ".join(map(self._print, parts))
            + ")"
        )

    def _print_And(self, e):
        return self._junction(e, "and")

    def _print_Or(self, e):
        return self._junction(e, "or")

    def _print_Not(self, e):
        return f"({self.dialect.logic['not']}{self._print(e.args[0])})"

    def _print_Xor(self, e):
        return self._print(sp.to_dnf(e))

    def _print_ITE(self, e):
        return self.dialect.select(*map(self._print, e.args))

    def _print_Piecewise(self, e):
        text = self.dialect.nan  # outside every piece there is no value
        for value, condition in reversed(e.args):
            value = self._print(value)
            if condition == sp.true:
                text = value
            else:
                text = self.dialect.select(self._print(condition), value, text)
        return text


class _Tape:
    """Straight-line form: shared terms once, integer powers as products, selections of
    names.
    """

    def __init__(self, expressions, taken, dialect: Dialect):
        self.names = sp.numbered_symbols("t", exclude=taken, real=True)
        self.lines: list[tuple[sp.Symbol, sp.Expr]] = []
        self.known: dict[sp.Expr, sp.Symbol] = {}
        self.lowers = dialect.lowers
        if self.lowers:
            expressions = [lower(tame(e)) for e in expressions]
        shared, outputs = sp.cse(expressions, symbols=self.names, order="canonical")
        # kept whole: languages differ in the type of a stored condition
        conditions: dict[sp.Symbol, sp.Expr] = {}
        for symbol, value in shared:
            value = value.xreplace(conditions)
            if isinstance(value, sp.logic.boolalg.Boolean):
                conditions[symbol] = value
            else:
                self.lines.append((symbol, self.straighten(value)))
        self.outputs = [self.straighten(e.xreplace(conditions)) for e in outputs]

    def name(self, e):
        if e.is_Atom:
            return e
        if e not in self.known:
            self.known[e] = next(self.names)
            self.lines.append((self.known[e], e))
        return self.known[e]

    def power(self, base, n: int):
        """Symbol of ``base**n`` by repeated squaring, the same products in every
        language.
        """
        if n == 1:
            return base
        left = self.power(base, n - n // 2)
        right = self.power(base, n // 2)
        return self.name(sp.Mul(left, right, evaluate=False))

    def select(self, e: sp.Piecewise):
        """One choice between two names a line, the last piece first; outside every
        piece NaN.
        """
        chosen = sp.nan
        for value, condition in reversed(e.args):
            value = self.straighten(value)
            if condition == sp.true:
                chosen = value
            else:
                pair = (
                    (self.name(value), self.straighten(condition)),
                    (self.name(chosen), True),
                )
                chosen = sp.Piecewise(*pair, evaluate=False)
        return chosen

    def largest(self, several):
        """The largest of these, one choice between two names a line."""
        first, *rest = map(self.name, several)
        for other in rest:
            pair = ((other, other > first), (first, True))
            first = self.name(sp.Piecewise(*pair, evaluate=False))
        return first

    def straighten(self, e):
        if not e.args or not self.lowers:
            return e
        if isinstance(e, sp.Piecewise):
            return self.select(e)
        args = [self.straighten(a) for a in e.args]
        if isinstance(e, largest):
            return self.largest(args)
        if e.is_Pow and e.exp.is_Rational and e.exp.q <= 2 and abs(e.exp) > 1:
            whole = self.power(self.name(args[0]), abs(e.exp.p) // e.exp.q)
            size = (
                whole
                if e.exp.q == 1
                else self.name(
                    sp.Mul(whole, sp.sqrt(self.name(args[0])), evaluate=False)
                )
            )
            return size if e.exp > 0 else sp.Pow(size, -1, evaluate=False)
        if e.is_Pow and e.exp == sp.Rational(-1, 2):
            return sp.Pow(self.name(sp.sqrt(args[0])), -1, evaluate=False)
        return (
            e.func(*args, evaluate=False)
            if isinstance(e, sp.Add | sp.Mul)
            else e.func(*args)
        )


def statements(names, expressions, dialect: str, taken=(), arguments=None) -> list[str]:
    """Straight-line assignments that give `names` the values of `expressions`.

    Temporary names avoid `taken` and the symbols of the expressions. `arguments` maps a
    symbol to what it stands for, named in errors, and to the name it is printed under.
    """
    rules = lookup("dialect", dialect, DIALECTS)
    arguments = arguments or {}
    printer = Printer(rules, {s: spelled for s, (_, spelled) in arguments.items()})
    taken = {str(name) for name in taken}.union(printer.spelled.values())
    taken = taken.union(*({s.name for s in e.free_symbols} for e in expressions))
    tape = _Tape(expressions, [sp.Symbol(name, real=True) for name in taken], rules)
    named_so = {symbol: real for symbol, (real, _) in arguments.items()}
    pairs = [*tape.lines, *zip(names, tape.outputs, strict=True)]
    return [
        rules.assign(str(name), _print_or_name(printer, value, tape.lines, named_so))
        for name, value in pairs
    ]


def _print_or_name(printer: Printer, value: sp.Expr, lines, named_so) -> str:
    try:
        return printer._print(value)
    except PrintMethodNotImplementedError:
        culprit = _culprit(printer, value)
    for symbol, meaning in reversed(lines):
        culprit = culprit.xreplace({symbol: meaning})
    culprit = culprit.xreplace(named_so)
    known = [*printer.known_functions, *_SELECTIONS, *_STABLE]
    raise ValueError(
        f"formula: cannot print {culprit} as {printer.dialect.name}; known functions "
        f"are {', '.join(dict.fromkeys(known))}"
    )


def _culprit(printer: Printer, value: sp.Expr) -> sp.Expr:
    """The smallest sub-expression that cannot be printed."""
    for part in value.args:
        if isinstance(part, sp.Tuple):  # the limits of a sum say nothing alone
            continue
        try:
            printer._print(part)
        except PrintMethodNotImplementedError:
            return _culprit(printer, part)
    return value


def function(name: str, arguments, expressions, dialect: str) -> str:
    """Source of ``name(*arguments)`` that returns one value, or a sequence of several.

    What it computes does not depend on what the arguments are called: it is written
    with ``theta0``, ``theta1``, ... as the compiled loops are, and only spelled with
    the arguments' own names.
    """
    rules = lookup("dialect", dialect, DIALECTS)
    inner = inner_names(len(arguments))
    put_in = dict(zip(arguments, inner, strict=True))
    heads = rules.spelled([str(a) for a in arguments])
    avoid = [sp.Symbol(h, real=True) for h in heads]
    free = sp.numbered_symbols("r", exclude=avoid, real=True)
    results = [str(next(free)) for _ in expressions]
    body = statements(
        results,
        [e.xreplace(put_in) for e in expressions],
        dialect,
        taken=results,
        arguments=dict(zip(inner, zip(arguments, heads, strict=True), strict=True)),
    )
    return rules.define(name, heads, body, results)


def inner_names(dim: int) -> list[sp.Symbol]:
    """The symbols ``theta0``, ``theta1``, ... that stand for coordinates of any name."""
    return [sp.Symbol(f"theta{i}", real=True) for i in range(dim)]
