"""Formulas of exponentials are right wherever their value is a double, however far out:
any log-sum-exp, quotient and power, against 60 digits.
"""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from parity import EVALUATE, in_numba

from lrlib import Landscape, ensemble

EPS = 2.0**-52
FAR = [-1e6, -5e4, -900.0, -800.0, -400.0, -40.0, -0.3, 0.7, 38.0, 350.0, 801.0, 3e4]


def make(formula):
    return Landscape(formula, "x", name="case", box=[(-1, 1)])


def exactly(expression, x, at):
    """The value with 60 digits, and more where exponentials cancel; None where it is no
    double.
    """
    with mpmath.workdps(60):
        try:
            value = sp.lambdify(x, expression, "mpmath")(mpmath.mpf(at))
        except (ZeroDivisionError, OverflowError, ValueError):
            return None
        return float(value) if abs(value) < 1e300 else None


def check(formula, steepest):
    """Loss, gradient and Hessian of a formula whose exponents are at most `steepest`
    times x.

    The last bit of an exponent u is worth ``EPS * |u|`` of its exponential: that, times
    what a few operations lose, is the criterion.
    """
    landscape = make(formula)
    x = landscape.coordinates[0]
    forms = [landscape.loss, landscape.gradient, landscape.hessian]
    for order, form in enumerate(forms):
        expression = landscape.formula.diff(x, order) if order else landscape.formula
        for at in FAR:
            exact = exactly(expression, x, at)
            if exact is None:
                continue
            found = form(at).item()
            lost = 1000 * EPS * (1 + steepest * abs(at)) * steepest**order
            assert abs(found - exact) <= lost * (1 + abs(exact)), (order, at)


slopes = st.integers(-4, 4).filter(bool)
weights = st.sampled_from(["1", "2", "1/3", "5"])


@st.composite
def sums(draw):
    """A sum of two to four exponentials of multiples of x, or of hyperbolic cosines."""
    terms = [f"exp({draw(slopes)}*x)"]
    for _ in range(draw(st.integers(1, 3))):
        k = draw(slopes)
        kind = draw(st.sampled_from(["exp({}*x)", "exp({}*x)", "cosh({}*x)", "1"]))
        terms.append(f"{draw(weights)}*{kind.format(k)}")
    return " + ".join(terms)


@st.composite
def members(draw):
    """A logarithm of such a sum, or a quotient of powers of two that stays bounded."""
    top = draw(sums())
    below = draw(sums())
    return draw(
        st.sampled_from(
            [
                f"log({top})",
                f"log({draw(weights)}*({top}))/2 + x**2/1000",
                f"log(({top})/({below}))",
                f"log(sqrt({top}))*tanh(x)",
                f"1/({top})",
                f"({top})/({top} + {below})",
                f"({top})**2/({top} + {below})**2",
                f"sqrt(({top})/({top} + {below}))",
                f"-log(({top})/({top} + {below}))",
            ]
        )
    )


@settings(max_examples=25, deadline=None)
@given(members())
def test_logarithms_and_quotients_of_sums_of_exponentials(formula):
    check(formula, steepest=8)


NAMED = [
    "log(2*cosh(x))",
    "log(3*cosh(2*x)**2)",
    "log(exp(x) + exp(-x))",
    "log(1 + exp(x) + exp(2*x))",
    "log(2**x + 3**(-x))",
    "exp(x)/(1 + exp(x))",
    "(1/(1 + exp(-x)))**2",
    "exp(x)/(1 + exp(x))**2",
    "sigmoid(x)**3/sigmoid(2*x)",
    "x/(1 + exp(-x))",
    "x*tanh(log(1 + exp(x)))",
    "-log(1 - 1/(1 + exp(-x)))",
    "log(sech(x)) + coth(x + 1/3)",
    "1/cosh(x)**2",
    "(exp(x) - exp(-x))/(exp(x) + exp(-x))",
    "x*sinh(x)/cosh(x)**2",
    "log(exp(-(x - 1)**2/1000) + exp(-(x + 1)**2/1000))",
    "log(x**2 + exp(x))",
]


@pytest.mark.parametrize("formula", NAMED)
def test_families_by_name(formula):
    # two Gaussians far out have the exponents x**2
    check(formula, steepest=4 if "1000" not in formula else 4000)


def test_every_language_is_safe(node):
    points = np.array(FAR)[:, None]
    made = [make(formula) for formula in NAMED]
    jobs = [{"source": m.javascript, "points": points.tolist()} for m in made]
    found = node(EVALUATE, jobs)
    for landscape, rows in zip(made, found, strict=True):
        ours = np.column_stack([landscape.loss(points), landscape.gradient(points)])
        assert np.isfinite(ours).all()
        # each language has its own last bit of exp
        assert np.allclose(rows, ours, rtol=1e-9, atol=1e-12)
        assert np.allclose(in_numba(landscape, points), ours, rtol=1e-9, atol=1e-12)


def test_a_descent_far_out_is_the_same_in_every_form():
    for formula in ("log(2*cosh(x))", "log(cosh(x))", "log(exp(x) + exp(-x)) - 3"):
        runs = ensemble(make(formula), [800.0], lr=1600.0, n_steps=100)
        assert runs.outcome == ["periodic: 2"]


def test_a_sum_of_two_hundred_terms_is_printed_once():
    terms = " + ".join(f"exp({k}*x/100)" for k in range(1, 201))
    landscape = make(f"log({terms})")
    assert landscape.loss(1e4) == pytest.approx(2e4, rel=1e-12)
    assert landscape.gradient(1e4) == pytest.approx(2.0, rel=1e-12)
    assert math.isclose(landscape.loss(0.0), math.log(200), rel_tol=1e-12)
