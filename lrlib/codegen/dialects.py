"""What differs between the languages of `printer`: one class for each of them."""

from __future__ import annotations

import sympy as sp


class Dialect:
    """How one language spells an expression, an assignment and a function.

    Attributes
    ----------
    prefix
        Stands before the names of mathematical functions.
    spelling
        Functions whose name is not `prefix` and sympy's name.
    logic
        The words for "and", "or", "not".
    words
        Names that a printed function uses for itself, or that the language keeps: an
        argument of such a name is spelled with an underscore.
    lowers
        Whether formulas are first rewritten to what every language has: selections,
        and products for integer powers.
    """

    name: str
    prefix: str
    nan: str
    infinity: str
    true: str
    false: str
    logic: dict[str, str]
    spelling: dict[str, str] = {}
    words: frozenset[str] = frozenset()
    lowers = True
    functions: tuple[str, ...] = ()  # beyond those that every dialect has

    def function(self, name: str) -> str:
        """The language's name of a mathematical function."""
        return self.spelling.get(name, self.prefix + name)

    def number(self, value: sp.Expr) -> str:
        """The shortest text that gives the nearest double back."""
        return repr(float(value))

    def select(self, condition: str, yes: str, no: str) -> str:
        """An expression that is `yes` where the condition holds, otherwise `no`."""
        return f"({condition} ? {yes} : {no})"

    def assign(self, name: str, value: str) -> str:
        """The first assignment to a name that holds a double."""
        return f"{name} = {value}"

    def assign_whole(self, name: str, value: str) -> str:
        """The first assignment to a name that holds an integer or a truth value."""
        return self.assign(name, value)

    def store(self, place: str, value: str) -> str:
        """An assignment to a place that exists."""
        return f"{place} = {value}"

    def power(self, base: str, exponent: str) -> str:
        return f"{self.function('pow')}({base}, {exponent})"

    def spelled(self, names) -> list[str]:
        """Arguments of these distinct names, as the language accepts them."""
        taken = set(names)
        found = []
        for name in names:
            spelled = name
            while spelled in self.words or (spelled != name and spelled in taken):
                spelled += "_"
            taken.add(spelled)
            found.append(spelled)
        return found

    def define(self, name: str, arguments, body, results) -> str:
        """A function of this body that returns the results."""
        head = f"def {name}({', '.join(arguments)}):"
        return "\n    ".join([head, *body, f"return {', '.join(results)}"])

    # -- 32-bit words, for the random numbers

    right_shift = ">>"

    def word(self, value: str) -> str:
        """An unsigned word of 32 bits."""
        return f"np.uint32({value})"

    def word_constant(self, value: int) -> str:
        return self.word(str(value))

    def double(self, word: str) -> str:
        """A word as a double."""
        return f"np.float64({word})"


class _Python(Dialect):
    nan = "np.nan"
    infinity = "np.inf"
    true = "True"
    false = "False"


class Numpy(_Python):
    """Arrays; every selection computes both sides."""

    name = "numpy"
    prefix = "np."
    logic = {"and": "&", "or": "|", "not": "~"}
    spelling = {
        "asin": "np.arcsin",
        "acos": "np.arccos",
        "atan": "np.arctan",
        "asinh": "np.arcsinh",
        "acosh": "np.arccosh",
        "atanh": "np.arctanh",
        "atan2": "np.arctan2",
        "ceiling": "np.ceil",
        "pow": "np.power",
    }
    words = frozenset({"np", "__debug__"})

    def select(self, condition, yes, no):
        return f"np.where({condition}, {yes}, {no})"


class Numba(_Python):
    """Scalars, compiled."""

    name = "numba"
    prefix = "math."
    logic = {"and": "and", "or": "or", "not": "not "}
    spelling = {"abs": "abs", "floor": "np.floor", "ceiling": "np.ceil"}
    words = frozenset({"np", "math", "abs", "__debug__"})

    def select(self, condition, yes, no):
        return f"({yes} if {condition} else {no})"


class JavaScript(Dialect):
    """Scalars, in the page."""

    name = "javascript"
    prefix = "Math."
    nan = "NaN"
    infinity = "Infinity"
    true = "true"
    false = "false"
    logic = {"and": "&&", "or": "||", "not": "!"}
    spelling = {"ceiling": "Math.ceil"}
    words = frozenset({"Math", "NaN", "Infinity", "debugger"})
    right_shift = ">>>"  # the unsigned one

    def assign(self, name, value):
        return f"const {name} = {value};"

    def store(self, place, value):
        return f"{place} = {value};"

    def define(self, name, arguments, body, results):
        value = results[0] if len(results) == 1 else f"[{', '.join(results)}]"
        head = f"function {name}({', '.join(arguments)}) {{"
        return "\n  ".join([head, *body, f"return {value};"]) + "\n}"

    def word(self, value):
        return f"(({value}) >>> 0)"

    def word_constant(self, value):
        return str(value)

    def double(self, word):
        return f"({word})"


class C(Dialect):
    """Scalars, for comparison."""

    name = "c"
    prefix = ""
    nan = "NAN"
    infinity = "INFINITY"
    true = "1"
    false = "0"
    logic = JavaScript.logic
    spelling = {"abs": "fabs", "ceiling": "ceil"}

    def assign(self, name, value):
        return f"const double {name} = {value};"

    def assign_whole(self, name, value):
        return f"const int64_t {name} = {value};"

    def store(self, place, value):
        return f"{place} = {value};"

    def spelled(self, names):
        """All with an underscore: nobody knows what headers and compilers define."""
        return [f"{name}_" for name in names]

    def define(self, name, arguments, body, results):
        head = ", ".join(f"double {a}" for a in arguments)
        stores = [self.store(f"out[{i}]", r) for i, r in enumerate(results)]
        lines = [f"static inline void {name}({head}, double *out) {{", *body, *stores]
        return "\n  ".join(lines) + "\n}"


class Intervals(_Python):
    """Enclosures: every name holds an `intervals.Interval`, every condition is true,
    false or open.
    """

    name = "intervals"
    prefix = "iv."
    nan = "iv.EVERYTHING"  # where there is no value, nothing is known
    infinity = "iv.INFINITY"
    true = "iv.TRUE"
    false = "iv.FALSE"
    logic = Numpy.logic
    words = frozenset({"iv", "__debug__"})
    # as they are: a rewriting would forget that its parts belong together
    lowers = False
    functions = (
        "logcosh",
        "softplus",
        "sigmoid",
        "sign",
        "Heaviside",
        "Max",
        "Min",
    )
    spelling = {"abs": "iv.Abs"}

    def number(self, value):
        if value.is_Rational or value.is_Float:
            exact = sp.Rational(value)
            return f"iv.ratio({exact.p}, {exact.q})"
        return f"iv.{type(value).__name__}"

    def select(self, condition, yes, no):
        return f"iv.select({condition}, {yes}, {no})"


DIALECTS = {d.name: d for d in (Numpy(), Numba(), JavaScript(), C(), Intervals())}
