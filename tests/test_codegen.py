"""The printer: what it says of what it cannot print, and random formulas against thirty
digits.
"""

import math
import re
import shutil
import subprocess
from functools import cache

import mpmath
import numba
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from running_error import Undecided, value_and_error

from lrlib import Landscape
from lrlib.codegen import loops, printer, random
from lrlib.codegen.primitives import logcosh, sigmoid, softplus

X, Y = sp.symbols("x y", real=True)
EPSILON = 2.0**-52
# The same formulas every time; shrinking them would take minutes of sympy.
QUIET = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def make(formula, coordinates="x y"):
    return Landscape(
        formula, coordinates, name="case", box=[(-2, 2)] * len(coordinates.split())
    )


# -- what cannot be printed


@pytest.mark.parametrize(
    "formula, culprit",
    [
        ("x + 3*gamma(x**2 + y)", "gamma("),
        ("cos(x)*besselj(0, y - 1)", "besselj(0, "),
        ("exp(erf(x))*y", "erf(x)"),
        ("x + f(y)*x", "f(y)"),
        ("x*sqrt(-1) + y", "I"),
        ("Sum(y**k, (k, 1, 3))*0 + zeta(x)", "zeta(x)"),
        ("x + Integral(sin(y)/y, y)", "Integral("),
    ],
)
@pytest.mark.parametrize("dialect", printer.DIALECTS)
def test_what_cannot_be_printed_is_named(formula, culprit, dialect):
    x_and_y = make(formula)
    with pytest.raises(ValueError) as caught:
        printer.function("loss", x_and_y.coordinates, [x_and_y.loss_formula], dialect)
    assert "formula: cannot print " in str(caught.value) and culprit in str(
        caught.value
    )
    assert f" as {dialect};" in str(caught.value) and "logcosh" in str(caught.value)


def test_the_error_reaches_whoever_evaluates():
    with pytest.raises(ValueError, match=r"cannot print gamma\(x\) as numpy"):
        make("gamma(x) + y").loss([0.3, 0.4])
    with pytest.raises(
        ValueError, match=r"cannot print Derivative\(Mod\(.*, 2\), .*\) as javascript"
    ):
        make("Mod(x, 2) + y").javascript  # noqa: B018


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"dialect": "fortran"}, "dialect: got 'fortran'; allowed are 'numba', 'c'"),
        (
            {"dialect": "javascript"},
            "dialect: got 'javascript'; allowed are 'numba', 'c'",
        ),
        (
            {"noise_kind": "gaussian"},
            "noise_kind: got 'gaussian'; allowed are None, 'uniform', 'normal'",
        ),
        (
            {"noise_kind": ""},
            "noise_kind: got ''; allowed are None, 'uniform', 'normal'",
        ),
        (
            {"dialect": "c", "noise_kind": "normal"},
            "noise_kind: got 'normal'; allowed are None",
        ),
    ],
)
def test_loops_that_cannot_be_written_are_named(changes, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make("x**2 + y**2").kernel_source(**{"noise_kind": None} | changes)


def test_unknown_dialects_are_named():
    with pytest.raises(
        ValueError,
        match="dialect: got 'fortran'; allowed are 'numpy', 'numba', 'javascript', 'c', "
        "'intervals'",
    ):
        printer.statements(["r"], [X], "fortran")


# -- the form of what is printed


def test_every_dialect_has_the_same_lines():
    """Operand for operand: only the spelling of an assignment differs."""
    formulas = make("(x - 3)**5/7 + x*y**2/(1 + x**2) - 0.1*x*y").gradient_formula
    numpy, numba, javascript, c = (
        printer.statements(["r0", "r1"], formulas, d)
        for d in ("numpy", "numba", "javascript", "c")
    )
    assert (
        numpy
        == numba
        == [line[len("const ") : -1] for line in javascript]
        == [line[len("const double ") : -1] for line in c]
    )


def test_integer_powers_are_products():
    text = "\n".join(printer.statements(["r"], [X**7 - 2 / X**3], "javascript"))
    assert "pow" not in text and "**" not in text


def test_half_integer_powers_are_products_and_roots():
    text = "\n".join(
        printer.statements(
            ["r"],
            [sum((1 + X**2) ** sp.Rational(k, 2) for k in (-5, -3, -1, 1, 3, 5))],
            "c",
        )
    )
    assert "pow" not in text and text.count("sqrt") >= 1


def test_numbers_are_the_nearest_doubles():
    (line,) = printer.statements(
        ["r"], [sp.Rational(1, 3) + sp.Float("0.1", 30) * X + sp.pi * X], "numpy"
    )
    assert repr(1 / 3) in line and "0.1*x" in line and repr(np.pi) in line


def test_outside_every_piece_there_is_no_value():
    made = make("Piecewise((x**2, x < -1), (3*x, x > 1))", "x")
    assert made.loss([[-2.0], [0.4], [1.5]]).tolist()[::2] == [4.0, 4.5]
    assert (
        np.isnan(made.loss([0.4]))
        and np.isnan(made.gradient([0.4]))
        and made.gradient([1.5]) == 3
    )


# -- names


# What a reader's formula itself needs, and what sympy's own reader writes into it.
KEPT = {"Max", "exp", "Integer", "Float", "Symbol", "Function"}


def words() -> list[str]:
    """Every word of the templates and of the texts that are printed, as a name."""
    texts = [
        loops._NUMBA,
        loops._BLOCKS,
        loops._C,
        loops._JAVASCRIPT,
        random.javascript(),
    ]
    made = make("Max(x*y, 1)**3 + exp(x)*y")
    texts += [made.gradient_source(dialect) for dialect in printer.DIALECTS]
    texts += [made.kernel_source("normal"), made.kernel_source(None, "c")]
    found = {w for text in texts for w in re.findall(r"[A-Za-z_]\w*", text)}
    found |= {"theta1", "lr", "linux", "M_PI", "debugger", "NAN", "__debug__", "_"}
    return sorted(found - KEPT)


def renamed(names):
    """The same landscape with other coordinates, or None where these are refused."""
    x, y = names
    try:
        return make(f"exp({x}/3)*{y} + ({x}*{y} + 1)**3/7 + {x}", f"{x} {y}")
    except ValueError as error:
        assert str(error).startswith(("coordinates: got", "formula: got"))
        return None


PLAIN = renamed(("x", "y"))
AT = np.random.default_rng(6).uniform(-2, 2, (20, 2))


@cache
def all_renamed():
    """Each word once, beside its neighbour in the alphabet; without what is refused."""
    found = words()
    pairs = [*zip(found[::2], found[1::2], strict=False), ("abs", "abs_"), ("x_", "x")]
    return [made for made in map(renamed, pairs) if made is not None]


def test_no_name_changes_a_number_in_python():
    """Every word of the templates as a coordinate: refused, or the same bits."""
    for made in all_renamed():
        np.testing.assert_array_equal(made.loss(AT), PLAIN.loss(AT))
        np.testing.assert_array_equal(made.gradient(AT), PLAIN.gradient(AT))
    assert len(all_renamed()) > 60


def test_no_name_changes_a_number_in_javascript(node):
    sources = [made.javascript for made in all_renamed()]
    body = """const values = (s) => {
        const f = evaluate(s);
        return data.at.map((p) => [f.loss(...p), ...f.gradient(...p), f.dim]);
      };
      const first = JSON.stringify(values(data.sources[0]));
      return data.sources.filter((s) => JSON.stringify(values(s)) !== first);"""
    assert (
        node(body, {"sources": [PLAIN.javascript, *sources], "at": AT.tolist()}) == []
    )


@pytest.mark.parametrize("names", ["abs y", "out linux"])
def test_no_name_changes_a_number_when_compiled(names, tmp_path):
    """Numba's and C's functions; operands stand in the order of the coordinates."""
    made = renamed(names.split())
    space = {"math": math, "np": np}
    exec(made.gradient_source("numba"), space)
    compiled = numba.njit(error_model="numpy")(space["gradient"])
    expected = PLAIN.gradient(AT)
    np.testing.assert_allclose([compiled(*p) for p in AT], expected, rtol=1e-14)
    if shutil.which("gcc"):
        source = tmp_path / "case.c"
        source.write_text(f"#include <math.h>\n{made.gradient_source('c')}\n")
        subprocess.run(["gcc", "-fsyntax-only", "-Wall", source], check=True)


def test_names_of_any_order_give_the_same_bits():
    """ "y x" as "x y": operands are sorted by their place, not by their name."""
    formula = "({0} + {1} + {2})**3 + {0}*{1}*{2}/7"
    orders = ["a b c", "c b a", "t0 r0 theta0", "theta2 theta0 theta1", "g0 n_1 row0"]
    at = np.random.default_rng(2).normal(size=(50, 3))
    found = [
        make(formula.format(*names.split()), names).gradient(at) for names in orders
    ]
    for values in found[1:]:
        np.testing.assert_array_equal(values, found[0])


@pytest.mark.parametrize("name", ["DIM", "BLOCK", "STRIDE", "DETERMINISTIC", "BODY"])
def test_no_hole_of_a_template_is_filled_in_a_formula(name):
    """Fault 30: `function loss(1)`."""
    made = Landscape(f"{name}**2/2", name, name="case", box=[(-1, 1)])
    assert f"function loss({name})" in made.javascript
    assert "@" not in made.javascript
    assert made.gradient([0.25]) == 0.25


# -- random formulas


def numbers():
    return st.sampled_from([-3, -2, -1, 1, 2, 5]).map(sp.Integer) | st.sampled_from(
        ["1/3", "-7/4", "0.1", "-2.3"]
    ).map(sp.S)


def grown(inner):
    """One operation on smaller formulas."""
    one = [
        sp.Abs,
        sp.tanh,
        sp.cos,
        logcosh,
        softplus,
        sigmoid,
        lambda u: sp.sqrt(1 + u**2),
        lambda u: sp.exp(-(u**2)),
        lambda u: 1 / (2 + u**2),
        lambda u: u**2,
        lambda u: u**3,
        lambda u: sp.sqrt(1 + u**2) ** 3,
    ]
    two = [
        lambda u, v: u + v,
        lambda u, v: u - v,
        lambda u, v: u * v,
        sp.Max,
        sp.Min,
        lambda u, v: sp.Piecewise((u, u < v), (v - 1, True)),
        lambda u, v: sp.Piecewise((u, (u > 0) & (v < 1)), (u * v, True)),
    ]
    varying = inner.filter(lambda u: u.free_symbols)
    return st.builds(lambda f, u: f(u), st.sampled_from(one), varying) | st.builds(
        lambda f, u, v: f(u, v), st.sampled_from(two), inner, inner
    )


formulas = st.recursive(
    st.sampled_from([X, Y]) | numbers(), grown, max_leaves=6
).filter(lambda e: e.free_symbols)
coordinates = st.integers(-199, 199).map(lambda k: k / 89 + 1e-3)
points = st.tuples(coordinates, coordinates)


def compare(formula, values, at):
    """`values` of a formula at points, against the formula in thirty digits."""
    for value, (x, y) in zip(values, at, strict=True):
        with mpmath.workdps(30):
            try:
                exact, error = value_and_error(
                    formula, {X: mpmath.mpf(x), Y: mpmath.mpf(y)}
                )
            except Undecided:  # a condition hangs on the last bit
                continue
        assert abs(value - exact) <= 4 * EPSILON * error + 1e-300, (
            f"{formula} at {(x, y)}: {value}, exactly {exact}"
        )


@settings(QUIET, max_examples=100)
@given(formulas, st.lists(points, min_size=3, max_size=3))
def test_numpy_computes_the_formula(formula, at):
    made = make(formula)
    assume(all(g.is_finite is not False for g in made.gradient_formula))
    compare(made.loss_formula, made.loss(at), at)
    for partial, values in zip(made.gradient_formula, made.gradient(at).T, strict=True):
        compare(partial, values, at)


@settings(QUIET, max_examples=100)
@given(formulas, points)
def test_the_gradient_is_the_derivative(formula, at):
    made = make(formula)
    with mpmath.workdps(30):
        h = mpmath.mpf(10) ** -10
        where = {X: mpmath.mpf(at[0]), Y: mpmath.mpf(at[1])}
        for symbol, partial in zip((X, Y), made.gradient_formula, strict=True):
            try:
                sides = [
                    value_and_error(
                        made.formula, where | {symbol: where[symbol] + s}, 1e-8
                    )[0]
                    for s in (h, -h)
                ]
                exact, size = value_and_error(partial, where, 1e-8)
            except Undecided:  # a kink is near
                continue
            assert abs((sides[0] - sides[1]) / (2 * h) - exact) <= 1e-8 * (1 + size), (
                f"d/d{symbol} of {formula} at {at}"
            )


@settings(QUIET, max_examples=2)
@given(
    st.lists(formulas, min_size=25, max_size=25),
    st.lists(points, min_size=4, max_size=4),
)
def test_javascript_computes_the_formula(node, several, at):
    made = [make(f) for f in several]
    body = """return data.sources.map((s) => {
      const f = evaluate(s);
      return data.at.map((p) => [f.loss(...p), ...f.gradient(...p)]);
    });"""
    for landscape, rows in zip(
        made,
        node(body, {"sources": [m.javascript for m in made], "at": at}),
        strict=True,
    ):
        for formula, values in zip(
            (landscape.loss_formula, *landscape.gradient_formula),
            np.array(rows).T,
            strict=True,
        ):
            compare(formula, values, at)
