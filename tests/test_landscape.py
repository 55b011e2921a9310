"""The public face of a landscape: shapes, parameters, regions, and what it says to bad
input.
"""

import numpy as np
import pytest
import sympy as sp
from cases import PLANE

from lrlib import Box, Landscape, zoo


def make(formula="x**2", coordinates="x", **options):
    return Landscape(
        formula, coordinates, **({"name": "case", "box": [(-1, 1)]} | options)
    )


def test_shapes_and_values():
    theta = np.random.default_rng(0).normal(size=(3, 4, 2))
    x = theta[..., 0]
    y = theta[..., 1]
    np.testing.assert_allclose(
        PLANE.loss(theta), 2.5 * (x - 0.3) ** 2 + x * y**3 / 2, rtol=1e-13, atol=1e-14
    )
    gradient = np.stack([5 * (x - 0.3) + y**3 / 2, 1.5 * x * y**2], -1)
    np.testing.assert_allclose(PLANE.gradient(theta), gradient, rtol=1e-12, atol=1e-13)
    hessian = np.stack(
        [np.stack([5 + 0 * x, 1.5 * y**2], -1), np.stack([1.5 * y**2, 3 * x * y], -1)],
        -2,
    )
    np.testing.assert_allclose(PLANE.hessian(theta), hessian, rtol=1e-13, atol=1e-14)
    assert PLANE.sharpness(theta).shape == (3, 4) and PLANE.loss([0.2, 0.7]).shape == ()
    assert PLANE.dim == 2 and PLANE.gradient([0.2, 0.7]).shape == (2,)


def test_sharpness_is_the_largest_eigenvalue_with_its_sign():
    saddle = make("x**2 - 5*y**2", "x y", box=[(-1, 1)] * 2)
    assert saddle.sharpness([0.3, 0.2]) == 2
    assert make("-3*x**2").sharpness([0.4]) == -6


def test_one_coordinate_needs_no_brackets_around_a_number():
    assert zoo.quadratic.loss(3.0) == 4.5 and zoo.quadratic.gradient(3.0).shape == (1,)


def test_text_and_sympy_give_the_same_landscape():
    x, a = sp.symbols("x a")
    built = make(a * sp.cos(x) ** 2, parameters={"a": 3})
    assert built.formula == make("a*cos(x)**2", parameters={"a": 3}).formula
    assert built.loss([0.4]) == pytest.approx(3 * np.cos(0.4) ** 2)


def test_parameters():
    stiff = PLANE.with_parameters(stiffness=7)
    assert stiff.loss([1.3, 0.0]) == pytest.approx(7.0) and PLANE.loss(
        [1.3, 0.0]
    ) == pytest.approx(2.5)
    assert (
        stiff.minima == PLANE.minima
        and stiff.regions == PLANE.regions
        and stiff.box == PLANE.box
    )
    again = eval(stiff.expression, {"Landscape": Landscape})
    assert again.loss([1.3, 0.7]) == stiff.loss([1.3, 0.7])
    assert "stiffness" in PLANE.latex and "2.5" not in PLANE.latex


# numbers that fifteen digits, or a quotient of doubles, would move
COPIED = {
    "rational": make("cos(x/a)", parameters={"a": sp.Rational(1, 49)}),
    "text": make("cos(x/a)", parameters={"a": "1/49"}),
    "root": make("cos(x/a)", parameters={"a": "sqrt(2)/7"}),
    "float": make("cos(a*x)", parameters={"a": 0.1 + 0.2}),
    "32 bits": make("cos(a*x)", parameters={"a": np.float32(0.1)}),
    "from Python": make(sp.Symbol("x") ** 2 * (1 / 3) + sp.cos(0.1 + 0.2)),
    "exact in a formula": make(sp.Symbol("x") ** 2 / 49 + sp.pi / 7),
    "many digits": make("0.12345678901234567890123*x**2/3"),
    "small": make(sp.Symbol("x") ** 2 * 1.2345678901234567e-19),
    "named": make(
        "a*x**2",
        minima={"tip": 0.0},
        regions={"right": (0.1 + 0.2, np.inf), "wide": (-1.0, 1.0)},
        parameters={"a": 3},
        source="ours",
    ),
}


@pytest.mark.parametrize("name", COPIED)
def test_copied_python_gives_the_same_landscape_bit_for_bit(name):
    original = COPIED[name]
    again = eval(original.expression, {"Landscape": Landscape})
    assert again == original and hash(again) == hash(original)
    points = np.linspace(-2.0, 2.0, 101)[:, None]
    for form in ("loss", "gradient", "hessian"):
        np.testing.assert_array_equal(
            getattr(again, form)(points), getattr(original, form)(points)
        )
    assert again.javascript == original.javascript


def test_every_reciprocal_is_copied_with_its_bits():
    for n in range(1, 400):
        bowl = zoo.multiscale_bowl.with_parameters(eps=sp.Rational(1, n))
        again = eval(bowl.expression, {"zoo": zoo})
        assert again == bowl
        text = zoo.multiscale_bowl.with_parameters(eps=f"1/{n}")
        assert text == bowl and text.expression == bowl.expression


def test_sums_and_products_over_whole_numbers_are_written_out():
    cases = {
        "Sum((x - k)**2, (k, 1, 5))": 46.45,
        "Product((x - k)**2, (k, 1, 2))": (0.7 * 1.7) ** 2,
        "Sum(Sum(x*k*j, (k, 1, j)), (j, 1, 2))": 0.3 * 7,
        "Sum(x*k*j, (k, 1, 2), (j, 1, 3))": 0.3 * 18,
        "x + Sum(a*x**k, (k, 0, 2))": 0.3 + 2 * (1 + 0.3 + 0.09),
    }
    for formula, value in cases.items():
        landscape = make(formula, parameters={"a": 2} if "a*" in formula else {})
        assert float(landscape.loss(0.3)) == pytest.approx(value, rel=1e-14)
        assert np.isfinite(landscape.gradient(0.3)).all()


@pytest.mark.parametrize(
    "formula",
    [
        "Sum(x**k, (k, 1, oo))",
        "Sum(x*k, (k, 1, 100000))",
        "Sum(x**k/k, (k, 1, a))",
        "Integral(exp(-(x - t)**4), (t, 0, 1))",
        "Limit(x*t, t, 1)",
        "LambertW(x**2 + 1)",
        "UnevaluatedExpr(x)**2",
    ],
)
def test_what_no_language_has_is_named(formula):
    landscape = make(formula, parameters={"a": 5} if "a)" in formula else {})
    for dialect in ("numpy", "javascript"):
        with pytest.raises(ValueError, match="formula: cannot print "):
            landscape.gradient_source(dialect)
    with pytest.raises(ValueError, match="formula: cannot print "):
        landscape.loss(0.3)


def test_boxes():
    corner = PLANE.region("corner")
    strip = PLANE.region("strip")
    assert strip == Box((-1.0, -2.0), (-0.5, 2.0)) and PLANE.region("point") == Box(
        (0.9, 0.8), (0.9, 0.8)
    )
    assert corner.distance(
        np.array([[0.2, 0.1], [0.7, 0.1], [0.05, 0.9]])
    ) == pytest.approx([0, 0.3, 0.4])


@pytest.mark.parametrize("dialect", ["numpy", "numba", "javascript", "c"])
def test_gradient_source_in_each_dialect(dialect):
    text = PLANE.gradient_source(dialect)
    assert (
        "gradient(" in text
        and "1.5" in text
        and text.count("return") == (0 if dialect == "c" else 1)
    )


@pytest.mark.parametrize(
    "names",
    [
        "E",
        "I S",
        "beta gamma",
        "r0 r1",
        "t0 t1",
        "n_0 g0",
        "theta1 theta0",
        "loss gradient",
        "lr scale",
        "orbit report",
    ],
)
def test_coordinates_may_have_names_that_something_else_has(names, node):
    first, *second = names.split()
    other = (second or ["0"])[0]
    box = [(-1, 1)] * len(names.split())
    named = make(f"({first} - 0.3)**2*({other} + 2) + {other}**3", names, box=box)
    plain = make(
        f"(x - 0.3)**2*({'y' if second else '0'} + 2) + {'y' if second else '0'}**3",
        "x y"[: 2 * len(box) - 1],
        box=box,
    )
    at = [0.77, -0.41][: len(box)]
    assert named.loss(at) == plain.loss(at)
    np.testing.assert_array_equal(named.gradient(at), plain.gradient(at))
    found = node(
        "const f = evaluate(data[0]); return [f.loss(...data[1]), "
        "...[f.gradient(...data[1])].flat()];",
        [named.javascript, at],
    )
    assert found == [plain.loss(at), *plain.gradient(at)]


@pytest.mark.parametrize(
    "call, parts",
    [
        (lambda: make("x**2 + q"), ["formula", "unknown symbol(s) q", "allowed are x"]),
        (
            lambda: make("x**2 + z + y", "x y", box=[(0, 1)] * 2),
            ["formula", " z;", "x, y"],
        ),
        (lambda: make("x**"), ["formula", "'x**'", "cannot read"]),
        (lambda: make(None), ["formula", "None", "sympy expression"]),
        (lambda: make("[x, 2]"), ["formula", "[x, 2]", "sympy expression"]),
        (
            lambda: make(coordinates="np"),
            ["coordinates", "'np'", "Python and JavaScript"],
        ),
        (lambda: make("Symbol('class')**2", "class"), ["coordinates", "'class'"]),
        (lambda: make("1", "new"), ["coordinates", "'new'"]),
        (lambda: make("1", "arguments"), ["coordinates", "'arguments'"]),
        (lambda: make("1", "2x"), ["coordinates", "'2x'"]),
        (lambda: make("1", "θ"), ["coordinates", "'θ'"]),
        (
            lambda: make("x", "x x", box=[(0, 1)] * 2),
            ["coordinates", "['x', 'x']", "distinct"],
        ),
        (lambda: make("x", "x", parameters={"x": 1}), ["coordinates", "distinct"]),
        (lambda: make("1", ""), ["coordinates", "distinct"]),
        (
            lambda: make("a*x", parameters={"a": "b"}),
            ["parameters['a']", "'b'", "finite real number"],
        ),
        (
            lambda: make("a*x", parameters={"a": float("nan")}),
            ["parameters['a']", "nan", "finite"],
        ),
        (
            lambda: make("a*x", parameters={"a": 1}).with_parameters(b=2),
            ["parameter", "'b'", "'a'"],
        ),
        (
            lambda: make("a*x", parameters={"a": 1}).with_parameters(a=float("inf")),
            ["parameters['a']", "inf", "finite"],
        ),
        (lambda: make(box=[(1, -1)]), ["box", "(1.0, -1.0)", "(low, high)"]),
        (lambda: make(box=[(-1, 1), (0, 2)]), ["box", "(0.0, 2.0)", "each of ['x']"]),
        (lambda: make(box=[(float("nan"), 1)]), ["box", "nan"]),
        (lambda: make(minima={"a": (1, 0)}), ["minima['a']", "(1, 0)", "1 coordinate"]),
        (lambda: make(regions={"a": float("nan")}), ["regions['a']", "nan"]),
        (
            lambda: make(minima={"a": (0.1, 0.2, 0.3)}),
            ["minima['a']", "(0.1, 0.2, 0.3)"],
        ),
        (
            lambda: zoo.mohtashami_toy_2d.loss([1.0, 2.0, 3.0]),
            ["theta", "(3,)", "(..., 2)"],
        ),
        (lambda: zoo.mohtashami_toy_2d.gradient(0.4), ["theta", "()", "(..., 2)"]),
        (lambda: zoo.quadratic.hessian("abc"), ["theta", "'abc'", "numbers"]),
        (lambda: zoo.quadratic.region("pit"), ["region", "'pit'", "'minimum'"]),
        (
            lambda: zoo.quadratic.gradient_source("fortran"),
            ["dialect", "'fortran'", "'javascript'"],
        ),
    ],
)
def test_bad_input(call, parts):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    for part in parts:
        assert part in str(caught.value)


def test_a_frozen_parameter_is_a_coordinate_that_stands_still():
    line = zoo.quadratic.with_frozen(curvature=(0.0, 3.0))
    assert (line.dim, line.moving, line.frozen) == (2, 1, ("curvature",))
    assert line.box == (*zoo.quadratic.box, (0.0, 3.0))
    assert line.minima["minimum"] == Box((0.0, 0.0), (0.0, 3.0))
    assert line.loss([2.0, 1.5]) == 3.0
    np.testing.assert_array_equal(line.gradient([2.0, 1.5]), [3.0, 0.0])
    np.testing.assert_array_equal(line.hessian([2.0, 1.5]), [[1.5, 0.0], [0.0, 0.0]])
    assert eval(line.expression) == line


def test_bad_frozen_parameters_are_refused():
    with pytest.raises(ValueError, match="parameter: got 'mass'"):
        zoo.quadratic.with_frozen(mass=(0, 1))
    with pytest.raises(ValueError, match="curvature: got"):
        zoo.quadratic.with_frozen(curvature=(1, 0))
    for frozen in (["x"], ["x", "y"], ["z"]):
        with pytest.raises(ValueError, match="frozen"):
            Landscape("x*y", "x y", name="f", box=[(0, 1)] * 2, frozen=frozen)
