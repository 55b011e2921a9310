"""One formula, several languages: a printer whose operand order is the same in every
dialect.

Rational formulas (``+ - * /``, ``sqrt``, comparisons) therefore agree bit for bit
between numpy, numba, JavaScript and C; formulas with ``exp``, ``cos``, ... agree to
rounding, because each language has its own last bit for those.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy.printing.codeprinter import CodePrinter, PrintMethodNotImplementedError

from ..checks import named
from .primitives import lower

_MATHS = (
    "sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh exp log log1p expm1 "
    "floor"
).split()


@dataclass(frozen=True)
class Dialect:
    """How one language spells what differs between languages."""

    name: str
    module: str  # prefix of mathematical functions
    select: str
    assign: str
    logic: dict
    nan: str
    infinity: str
    constants: tuple[str, str]
    spelling: dict  # functions whose name differs

    def function(self, name: str) -> str:
        return self.spelling.get(name, self.module + name)


_NUMPY_NAMES = {
    f"a{f}": f"np.arc{f}" for f in "sin cos tan sinh cosh tanh atan2 tan2".split()
}
_NUMPY_NAMES |= {
    "atan2": "np.arctan2",
    "abs": "np.abs",
    "ceiling": "np.ceil",
    "pow": "np.power",
}
_C_LOGIC = {"and": "&&", "or": "||", "not": "!"}
DIALECTS = {
    "numpy": Dialect(
        "numpy",
        "np.",
        "np.where({}, {}, {})",
        "{} = {}",
        {"and": "&", "or": "|", "not": "~"},
        "np.nan",
        "np.inf",
        ("True", "False"),
        _NUMPY_NAMES,
    ),
    "numba": Dialect(
        "numba",
        "math.",
        "({1} if {0} else {2})",
        "{} = {}",
        {"and": "and", "or": "or", "not": "not "},
        "np.nan",
        "np.inf",
        ("True", "False"),
        {"abs": "abs", "floor": "np.floor", "ceiling": "np.ceil"},
    ),
    "javascript": Dialect(
        "javascript",
        "Math.",
        "({} ? {} : {})",
        "const {} = {};",
        _C_LOGIC,
        "NaN",
        "Infinity",
        ("true", "false"),
        {"ceiling": "Math.ceil"},
    ),
    "c": Dialect(
        "c",
        "",
        "({} ? {} : {})",
        "const double {} = {};",
        _C_LOGIC,
        "NAN",
        "INFINITY",
        ("1", "0"),
        {"abs": "fabs", "ceiling": "ceil"},
    ),
}


class Printer(CodePrinter):
    """Prints one lowered expression; numbers as shortest round-trip doubles."""

    language = "lrlib"
    reserved_words: set = set()

    def __init__(self, dialect: Dialect):
        super().__init__({"strict": True, "error_on_reserved": False})
        self.dialect = dialect
        self._operators = dialect.logic
        names = [*_MATHS, "atan2"]
        self.known_functions = {n: dialect.function(n) for n in names}
        self.known_functions |= {
            "Abs": dialect.function("abs"),
            "ceiling": dialect.function("ceiling"),
        }

    def _number(self, e):
        return repr(float(e))

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
        return self.dialect.constants[0]

    def _print_BooleanFalse(self, e):
        return self.dialect.constants[1]

    # integer powers above 1 are products by now, see `_Tape.power`
    def _print_Pow(self, e):
        if e.exp == sp.S.Half:
            return f"{self.dialect.function('sqrt')}({self._print(e.base)})"
        if e.exp == -1:
            return f"(1.0/({self._print(e.base)}))"
        return (
            f"{self.dialect.function('pow')}({self._print(e.base)}, "
            f"{self._print(e.exp)})"
        )

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
        return self.dialect.select.format(*map(self._print, e.args))

    def _print_Piecewise(self, e):
        text = self.dialect.nan  # outside every piece there is no value
        for value, condition in reversed(e.args):
            value = self._print(value)
            text = (
                value
                if condition == sp.true
                else self.dialect.select.format(self._print(condition), value, text)
            )
        return text


class _Tape:
    """Straight-line form: shared terms once, integer powers as products, selections of
    names.
    """

    def __init__(self, expressions, taken):
        self.names = sp.numbered_symbols("t", exclude=taken, real=True)
        self.lines: list[tuple[sp.Symbol, sp.Expr]] = []
        self.known: dict[sp.Expr, sp.Symbol] = {}
        shared, outputs = sp.cse(
            [lower(e) for e in expressions], symbols=self.names, order="canonical"
        )
        # kept whole: languages differ in the type of a stored condition
        conditions = {}
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

    def straighten(self, e):
        if e.is_Atom or isinstance(e, sp.logic.boolalg.Boolean) and not e.args:
            return e
        if isinstance(e, sp.Piecewise):
            return self.select(e)
        args = [self.straighten(a) for a in e.args]
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


def statements(names, expressions, dialect: str, taken=()) -> list[str]:
    """Straight-line assignments that give `names` the values of `expressions`."""
    rules = named("dialect", dialect, DIALECTS)
    printer = Printer(rules)
    taken = set(taken).union(*(e.free_symbols for e in expressions))
    tape = _Tape(expressions, taken)
    pairs = tape.lines + list(zip(names, tape.outputs, strict=True))
    return [
        rules.assign.format(name, _print_or_name(printer, value, tape.lines))
        for name, value in pairs
    ]


def _print_or_name(printer: Printer, value: sp.Expr, lines) -> str:
    try:
        return printer._print(value)
    except PrintMethodNotImplementedError:
        culprit = _culprit(printer, value)
        for symbol, meaning in reversed(lines):
            culprit = culprit.xreplace({symbol: meaning})
        raise ValueError(
            (
                f"formula: cannot print {culprit} as {printer.dialect.name}; known "
                "functions are "
            )
            + ", ".join(
                sorted(
                    [
                        *printer.known_functions,
                        "sqrt",
                        "Max",
                        "Min",
                        "sign",
                        "Heaviside",
                        "Piecewise",
                    ]
                )
            )
            + ", logcosh, softplus, sigmoid"
        ) from None


def _culprit(printer: Printer, value: sp.Expr) -> sp.Expr:
    """The smallest sub-expression that cannot be printed."""
    for part in value.args:
        try:
            printer._print(part)
        except PrintMethodNotImplementedError:
            return _culprit(printer, part)
    return value


def function(name: str, arguments, expressions, dialect: str) -> str:
    """Source of ``name(*arguments)`` that returns one value, or a sequence of several."""
    # a coordinate may be called r0
    free = sp.numbered_symbols("r", exclude=arguments, real=True)
    results = [str(next(free)) for _ in expressions]
    body = statements(results, expressions, dialect, taken=arguments)
    head = ", ".join(map(str, arguments))
    if dialect == "javascript":
        value = results[0] if len(results) == 1 else f"[{', '.join(results)}]"
        return (
            "\n  ".join([f"function {name}({head}) {{", *body, f"return {value};"])
            + "\n}"
        )
    if dialect == "c":
        head = ", ".join(f"double {a}" for a in arguments) + ", double *out"
        stores = [f"out[{i}] = {r};" for i, r in enumerate(results)]
        return (
            "\n  ".join([f"static inline void {name}({head}) {{", *body, *stores])
            + "\n}"
        )
    return "\n    ".join(
        [f"def {name}({head}):", *body, f"return {', '.join(results)}"]
    )
