"""A landscape: a loss on R^d, written once as a formula; every other form is derived
from it.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike
from sympy.printing.str import StrPrinter

from ..checks import lookup
from ..codegen import loops, primitives, printer
from .contract import Box, Objective

_PREDEFINED = {
    n: getattr(primitives, n)
    for n in ("logcosh", "softplus", "sigmoid", "log1p", "expm1")
}
_RESERVED = frozenset(  # beyond Python's own
    "np math Math NaN Infinity arguments eval null true false this super new "
    "delete typeof void instanceof "
    "var let const function return if else for do while switch case default "
    "break continue throw try catch finally "
    "enum export extends static implements interface package private protected "
    "public double float int".split()
)


MOST_TERMS = 1000  # of a sum that is written out


def _number(name: str, value: object) -> sp.Expr:
    """`value` as a finite real number, exact where it is."""
    try:
        number = sp.sympify(value)
    except sp.SympifyError:
        number = None
    if not (
        isinstance(number, sp.Expr)
        and number.is_number
        and number.is_finite
        and number.is_real
    ):
        raise ValueError(f"{name}: got {value!r}; allowed is a finite real number")
    return _doubles(number)


def _doubles(e: sp.Expr) -> sp.Expr:
    """`e` with its decimal numbers as the doubles that they stand for.

    sympy keeps as many digits as were written; a copy that is printed and read again
    would then round elsewhere than its original.
    """
    rounded = {x: sp.Float(float(x)) for x in e.atoms(sp.Float)}
    # what no double holds stays as it is
    return e.xreplace({x: y for x, y in rounded.items() if x != y and y.is_finite})


class _Text(StrPrinter):
    """A formula as text that `Landscape` reads back to the same one, bit for bit."""

    def _print_Float(self, e: sp.Float) -> str:
        # sympy prints 15 digits, which is not enough to tell doubles apart
        return repr(float(e)) if np.isfinite(float(e)) else super()._print_Float(e)


def _literal(value: sp.Expr) -> str:
    """Python text of a parameter's value: a number where that is exact, else a text."""
    if value.is_Integer:
        return str(value)
    text = _Text().doprint(value)
    return text if value.is_Float else repr(text)


def _calls(values: Mapping[str, sp.Expr]) -> str:
    """Keyword arguments that give these parameters."""
    return ", ".join(f"{k}={_literal(v)}" for k, v in values.items())


def _named(boxes: Mapping[str, Box]) -> str:
    """Python text of named boxes."""

    def ends(box: Box) -> str:
        lower, upper = (p[0] if len(p) == 1 else p for p in (box.lower, box.upper))
        text = repr(lower if lower == upper else (lower, upper))
        return re.sub(r"\binf\b", "float('inf')", text)

    inside = ", ".join(f"{name!r}: {ends(box)}" for name, box in boxes.items())
    return f"{{{inside}}}"


def _read(formula: object, names: dict) -> sp.Expr:
    """`formula` as a sympy expression; what is in `names` means that, whatever sympy
    calls so.
    """
    try:
        read = sp.sympify(formula, locals=names)
    # SympifyError is a ValueError
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"formula: got {formula!r}, which sympy cannot read: {error}"
        ) from error
    if not isinstance(read, sp.Expr):
        raise TypeError(
            f"formula: got {formula!r}; allowed is a sympy expression or text "
            "that gives one"
        )
    return _written_out(read)


def _written_out(e: sp.Basic) -> sp.Basic:
    """`e` with the terms of its sums and the factors of its products over whole numbers;
    those that are too many, or not known, stay as they are.
    """
    kinds = (sp.Sum, sp.Product)
    if not e.has(*kinds):
        return e
    if not isinstance(e, kinds):
        return e.func(*map(_written_out, e.args))
    *inner, (index, *ends) = e.limits
    known = len(ends) == 2 and all(end.is_Integer for end in ends)
    if not known or ends[1] - ends[0] >= MOST_TERMS:
        return e
    one = e.func(e.function, *inner) if inner else e.function
    values = range(int(ends[0]), int(ends[1]) + 1)
    parts = [_written_out(one.subs(index, value)) for value in values]
    return sp.Add(*parts) if isinstance(e, sp.Sum) else sp.Mul(*parts)


def _boxes(kind: str, given: Mapping | None, dim: int) -> dict[str, Box]:
    given = given or {}
    return {name: Box.of(f"{kind}[{name!r}]", v, dim) for name, v in given.items()}


@dataclass(frozen=True)
class Landscape(Objective):
    """A loss written once.

    Parameters
    ----------
    formula
        sympy expression, or text that sympy reads (``logcosh``, ``softplus``,
        ``sigmoid`` included).
    coordinates
        Names in the order of `theta`, ``"x"`` or ``"x y"``.
    box
        Plotting range, a (low, high) pair for each coordinate.
    minima, regions
        Named `Box`es, points or (lower, upper) pairs; the first minimum is the desired
        one.
    parameters
        Values of the formula's other symbols, see `with_parameters`.
    frozen
        Names of the last coordinates that stand still, see `with_frozen`.
    expression
        Python text that gives this landscape back; shown by "copy as Python".

    Raises
    ------
    ValueError
        For a symbol that is neither a coordinate nor a parameter, a name that no
        language accepts, frozen names that are not the last coordinates, or a box of
        the wrong shape; at first use, for a formula that cannot be printed.
    """

    formula: Any
    coordinates: Any
    name: str
    box: Sequence[tuple[float, float]]
    minima: Mapping[str, Any] = field(default_factory=dict)
    regions: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    expression: str = field(default="", compare=False)
    frozen: Sequence[str] = ()

    def __post_init__(self) -> None:
        names = (
            self.coordinates.split()
            if isinstance(self.coordinates, str)
            else [str(c) for c in self.coordinates]
        )
        for c in names:
            if (
                not c.isidentifier()
                or not c.isascii()
                or keyword.iskeyword(c)
                or c in _RESERVED
            ):
                raise ValueError(
                    f"coordinates: got {c!r}; allowed are names that Python and "
                    "JavaScript accept"
                )
        values = {
            k: _number(f"parameters[{k!r}]", v)
            for k, v in (self.parameters or {}).items()
        }
        if not names or len({*names, *values}) < len(names) + len(values):
            raise ValueError(
                f"coordinates: got {names} with parameters {list(values)}; "
                "allowed are distinct names"
            )
        known = {n: sp.Symbol(n, real=True) for n in [*names, *values]}
        formula = _read(self.formula, _PREDEFINED | known)
        formula = formula.xreplace(
            {s: known.get(s.name, s) for s in formula.free_symbols}
        )
        formula = _doubles(formula)
        if unknown := sorted(
            s.name for s in formula.free_symbols if s.name not in known
        ):
            raise ValueError(
                f"formula: unknown symbol(s) {', '.join(unknown)}; allowed are "
                f"{', '.join(known)}"
            )
        put = partial(object.__setattr__, self)  # frozen, but still being made
        put("formula", formula)
        put("coordinates", tuple(known[n] for n in names))
        put("parameters", values)
        put("frozen", tuple(self.frozen))
        if self.frozen and list(self.frozen) != names[max(1, self.moving) :]:
            raise ValueError(
                f"frozen: got {self.frozen!r}; allowed are the last of the coordinates "
                f"{', '.join(names)}, but not all"
            )
        put("minima", _boxes("minima", self.minima, self.dim))
        put("regions", _boxes("regions", self.regions, self.dim))
        put("box", tuple((float(a), float(b)) for a, b in self.box))
        if len(self.box) != self.dim or not all(
            -np.inf < a < b < np.inf for a, b in self.box
        ):
            raise ValueError(
                f"box: got {self.box}; allowed is one (low, high) pair for each of {names}"
            )
        put("expression", self.expression or self._construction())

    def _construction(self) -> str:
        names = " ".join(map(str, self.coordinates))
        extra = ""
        if self.minima:
            extra += f", minima={_named(self.minima)}"
        if self.regions:
            extra += f", regions={_named(self.regions)}"
        if self.parameters:
            extra += f", parameters=dict({_calls(self.parameters)})"
        if self.source:
            extra += f", source={self.source!r}"
        if self.frozen:
            extra += f", frozen={self.frozen!r}"
        formula = _Text().doprint(self.formula)
        return (
            f"Landscape({formula!r}, {names!r}, name={self.name!r}, "
            f"box={self.box}{extra})"
        )

    def __hash__(self) -> int:
        # what equal landscapes share; the fields that are left out are mappings
        return hash((self.formula, self.coordinates, self.name, self.box, self.source))

    def __getstate__(self) -> dict:
        # derived forms are compiled modules, which cannot travel; they are made again
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @property
    def dim(self) -> int:  # type: ignore[override] # derived, not set
        return len(self.coordinates)

    @property
    def moving(self) -> int:
        """Number of coordinates that descent moves: all but the frozen ones."""
        return self.dim - len(self.frozen)

    def with_parameters(self, **values: Any) -> Landscape:
        """The same landscape with other parameter values: numbers, or text such as
        ``"1/49"`` that stands for an exact one.
        """
        exact = {}
        for name, value in values.items():
            lookup("parameter", name, self.parameters)
            exact[name] = _number(f"parameters[{name!r}]", value)
        return replace(
            self,
            parameters={**self.parameters, **exact},
            expression=f"{self.expression}.with_parameters({_calls(exact)})",
        )

    def with_frozen(self, **ranges: tuple[float, float]) -> Landscape:
        """The same landscape with these parameters as further coordinates that no step moves.

        A start then says the values: one compiled loop, and one function in a page,
        serves them all.

        Parameters
        ----------
        ranges
            For each parameter its (low, high) pair in the box; named minima and regions
            hold for all values in it.

        Raises
        ------
        ValueError
            For a name that is no parameter, or ends that are not finite and increasing.

        >>> from lrlib import zoo
        >>> line = zoo.quadratic.with_frozen(curvature=(0.0, 3.0))
        >>> line.gradient([2.0, 1.5]).tolist()
        [3.0, 0.0]
        """
        ends = []
        for name, pair in ranges.items():
            lookup("parameter", name, self.parameters)
            first, last = map(float, pair)
            if not -np.inf < first < last < np.inf:
                allowed = "a (low, high) pair of finite numbers, low below high"
                raise ValueError(f"{name}: got {pair!r}; allowed is {allowed}")
            ends.append((first, last))
        low = [first for first, _ in ends]
        high = [last for _, last in ends]
        others = {k: v for k, v in self.parameters.items() if k not in ranges}

        def longer(boxes: Mapping[str, Any]) -> dict:
            return {k: ((*b.lower, *low), (*b.upper, *high)) for k, b in boxes.items()}

        given = ", ".join(f"{k}={pair}" for k, pair in zip(ranges, ends, strict=True))
        return replace(
            self,
            coordinates=[*map(str, self.coordinates), *ranges],
            box=[*self.box, *ends],
            minima=longer(self.minima),
            regions=longer(self.regions),
            parameters=others,
            frozen=[*self.frozen, *ranges],
            expression=f"{self.expression}.with_frozen({given})",
        )

    def region(self, name: str) -> Box:
        """The named region or minimum."""
        return lookup("region", name, {**self.regions, **self.minima})

    # -- symbolic forms

    @property
    def formulas(self) -> Landscape:
        return self

    @cached_property
    def loss_formula(self) -> sp.Expr:
        """The formula with parameter values put in, safe against overflow."""
        symbols = {sp.Symbol(k, real=True): v for k, v in self.parameters.items()}
        return primitives.stabilise(self.formula.subs(symbols))

    @cached_property
    def gradient_formula(self) -> tuple[sp.Expr, ...]:
        """Slopes along the coordinates, 0 along the frozen ones."""
        return tuple(self._slope(self.loss_formula, i) for i in range(self.dim))

    @cached_property
    def hessian_formula(self) -> tuple[sp.Expr, ...]:
        """Row by row, upper triangle only."""
        d = self.dim
        pairs = [(self.gradient_formula[i], j) for i in range(d) for j in range(i, d)]
        return tuple(self._slope(*pair) for pair in pairs)

    def _slope(self, formula: sp.Expr, i: int) -> sp.Expr:
        if i >= self.moving:
            return sp.Integer(0)
        return primitives.almost_everywhere(formula.diff(self.coordinates[i]))

    @property
    def latex(self) -> str:
        """LaTeX of the formula, parameters by name."""
        names = {
            sp.Symbol(k, real=True): rf"\mathrm{{{k.replace('_', ' ')}}}".replace(
                " ", r"\ "
            )
            for k in self.parameters
        }
        return sp.latex(self.formula, symbol_names=names)

    # -- numerical forms

    def gradient_source(self, dialect: str) -> str:
        """Text of ``gradient(*coordinates)`` in "numpy", "numba", "javascript" or "c"."""
        return printer.function(
            "gradient", self.coordinates, self.gradient_formula, dialect
        )

    @cached_property
    def javascript(self) -> str:
        """Expression that evaluates to ``{dim, loss, gradient, hessian, descend,
        report}``, see `kernels`.
        """
        return loops.javascript(
            self.coordinates,
            self.loss_formula,
            self.gradient_formula,
            self.hessian_formula,
        )

    def kernel_source(self, noise_kind: str | None, dialect: str = "numba") -> str:
        """Text of the compiled ensemble loop, see `loops.source`; printed once: that
        takes longer than a short run.
        """
        key = noise_kind, dialect
        if key not in self._kernel_texts:
            self._kernel_texts[key] = loops.source(
                self.coordinates, self.gradient_formula, noise_kind, dialect
            )
        return self._kernel_texts[key]

    @cached_property
    def _kernel_texts(self) -> dict:
        return {}

    @cached_property
    def _numpy(self) -> dict:
        forms = {
            "loss": [self.loss_formula],
            "gradient": self.gradient_formula,
            "hessian": self.hessian_formula,
        }
        space = {"np": np}
        for name, formulas in forms.items():
            exec(printer.function(name, self.coordinates, formulas, "numpy"), space)
        return space

    def _evaluate(self, name: str, theta: ArrayLike) -> np.ndarray:
        theta = self._points(theta)
        with np.errstate(all="ignore"):
            values = self._numpy[name](*np.moveaxis(theta, -1, 0))
        values = values if isinstance(values, tuple) else (values,)
        return np.stack(
            [np.broadcast_to(v, theta.shape[:-1]).astype(float) for v in values],
            axis=-1,
        )

    def loss(self, theta: ArrayLike) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (...)."""
        return self._evaluate("loss", theta)[..., 0]

    def gradient(self, theta: ArrayLike) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (..., dim)."""
        return self._evaluate("gradient", theta)

    def hessian(self, theta: ArrayLike) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (..., dim, dim)."""
        upper = self._evaluate("hessian", theta)
        full = np.empty((*upper.shape[:-1], self.dim, self.dim))
        rows, columns = np.triu_indices(self.dim)
        full[..., rows, columns] = full[..., columns, rows] = upper
        return full

    # -- rigorous bounds

    def enclose_loss(self, box: Any) -> tuple[float, float]:
        """Bounds of the loss over a box, proved by interval arithmetic.

        Parameters
        ----------
        box
            A `Box`, or a (lower, upper) pair of points; numbers where ``dim == 1``.

        Returns
        -------
        tuple of float
            A (lower, upper) pair; infinite where the formula has no value somewhere in
            the box, or none that could be bounded.

        Raises
        ------
        ValueError
            For a box of another shape or upside down.

        >>> from lrlib import zoo
        >>> zoo.cosine_well.enclose_loss((-1.0, 4.0))
        (-1.0, 1.0)
        """
        (lower,), (upper,) = self._enclose([self.loss_formula], box)
        return lower, upper

    def enclose_gradient(self, box: Any) -> Box:
        """As `enclose_loss`, of the gradient: the box of its `dim` components.

        At a kink it holds the slopes on both sides; a jump of the loss has no slope.

        >>> from lrlib import zoo
        >>> zoo.quadratic.enclose_gradient((-1.0, 2.0))
        Box(lower=(-1.0,), upper=(2.0,))
        """
        lower, upper = self._enclose(self.gradient_formula, box)
        return Box(tuple(lower), tuple(upper))

    def _enclose(
        self, formulas: Sequence[sp.Expr], box: Any
    ) -> tuple[list[float], list[float]]:
        from ..codegen import intervals  # python-flint takes its time to load

        box = Box.of("box", box, self.dim)
        return intervals.enclose(self.coordinates, formulas, box.lower, box.upper)
