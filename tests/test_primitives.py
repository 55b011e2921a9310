"""Functions that stay finite where their textbook form overflows, in every language,
against mpmath.
"""

import math

import mpmath
import numba
import numpy as np
import pytest

from lrlib import Landscape

SIZES = np.r_[0.0, np.geomspace(1e-9, 1e3, 41), 1 - 1e-12, 1.0, 0.37, 709.5, 745.3]
POINTS = np.r_[-SIZES, SIZES][:, None]


def logistic(u):
    return 1 / (1 + mpmath.exp(-u))


FORMS = {  # text: (value, derivative) by mpmath
    "logcosh(x)": (lambda u: mpmath.log(mpmath.cosh(u)), mpmath.tanh),
    "log(cosh(x))": (lambda u: mpmath.log(mpmath.cosh(u)), mpmath.tanh),
    "softplus(x)": (lambda u: mpmath.log1p(mpmath.exp(u)), logistic),
    "log(1 + exp(x))": (lambda u: mpmath.log1p(mpmath.exp(u)), logistic),
    "log(exp(-x) + 1)": (
        lambda u: mpmath.log1p(mpmath.exp(-u)),
        lambda u: -logistic(-u),
    ),
    "sigmoid(x)": (logistic, lambda u: logistic(u) * logistic(-u)),
    "1/(1 + exp(-x))": (logistic, lambda u: logistic(u) * logistic(-u)),
    "1/(1 + exp(x))": (lambda u: logistic(-u), lambda u: -logistic(u) * logistic(-u)),
}
TINY = 1e-300  # below this doubles lose digits


def landscape(text: str) -> Landscape:
    return Landscape(text, "x", name="case", box=[(-1, 1)])


def exact(text: str) -> np.ndarray:
    with mpmath.workdps(60):
        rows = [
            [float(f(mpmath.mpf(u))) for f in FORMS[text]]
            for u in POINTS[:, 0].tolist()
        ]
    return np.array(rows)


@pytest.mark.parametrize("text", FORMS)
def test_numpy_keeps_every_digit(text):
    made = landscape(text)
    found = np.column_stack([made.loss(POINTS), made.gradient(POINTS)])
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, exact(text), rtol=1e-12, atol=TINY)


@pytest.mark.parametrize("text", ["logcosh(x)", "softplus(x)", "sigmoid(x)"])
def test_numba_keeps_every_digit(text):
    space = {"math": math, "np": np}
    exec(landscape(text).gradient_source("numba"), space)
    gradient = numba.njit(error_model="numpy")(space["gradient"])
    found = [gradient(u) for u in POINTS[:, 0]]
    np.testing.assert_allclose(found, exact(text)[:, 1], rtol=1e-12, atol=TINY)


def test_javascript_keeps_every_digit(node):
    body = """return data.sources.map((s) => {
      const f = evaluate(s);
      return data.points.map((x) => [f.loss(x), ...[f.gradient(x)].flat()]);
    });"""
    found = node(
        body,
        {
            "sources": [landscape(t).javascript for t in FORMS],
            "points": POINTS[:, 0].tolist(),
        },
    )
    for text, values in zip(FORMS, found, strict=True):
        np.testing.assert_allclose(
            values, exact(text), rtol=1e-12, atol=TINY, err_msg=text
        )


def test_patterns_are_found_inside_a_formula():
    """3 log cosh(2x - y) + x log(1 + exp(5 y)), far out, where the textbook form is
    infinite.
    """
    made = Landscape(
        "3*log(cosh(2*x - y)) + x*log(1 + exp(5*y))",
        "x y",
        name="case",
        box=[(-1, 1)] * 2,
    )
    at = np.array([900.0, 400.0])
    assert made.loss(at) == pytest.approx(
        3 * (1400 - math.log(2)) + 900 * 2000, rel=1e-14
    )
    np.testing.assert_allclose(made.gradient(at), [6 + 2000, -3 + 4500], rtol=1e-14)


def test_nan_stays_nan_and_infinity_is_in_order():
    for text in FORMS:
        assert (
            np.isnan(landscape(text).loss([np.nan]))
            and np.isnan(landscape(text).gradient([np.nan])).all()
        )
    assert landscape("softplus(x)").loss([[np.inf], [-np.inf]]).tolist() == [np.inf, 0]
    assert landscape("sigmoid(x)").loss([[np.inf], [-np.inf]]).tolist() == [1, 0]


@pytest.mark.parametrize(
    "text, at, value",
    [
        ("sign(x - 0.3)", [0.3, 0.31, 0.29], [0, 1, -1]),
        ("Heaviside(x - 0.3)", [0.3, 0.31, 0.29], [0.5, 1, 0]),
        ("Heaviside(x - 0.3, 1)", [0.3, 0.31, 0.29], [1, 1, 0]),
        ("Max(x, 0.3, -x)", [0.31, 0.2, -0.7], [0.31, 0.3, 0.7]),
        ("Min(x, 0.3, -x)", [0.31, 0.2, -0.7], [-0.31, -0.2, -0.7]),
    ],
)
def test_selections(text, at, value):
    np.testing.assert_array_equal(landscape(text).loss(np.array(at)[:, None]), value)
    assert np.isnan(landscape(text).loss([np.nan]))


@pytest.mark.parametrize(
    "text, slope",
    [
        ("x*floor(x**2)", 2.0),
        ("floor(3*x)*x**2", 12.0),
        ("ceiling(x)*sign(x)*x", 2.0),
        ("Heaviside(x)*x", 1.0),
    ],
)
def test_steps_are_flat_almost_everywhere(text, slope):
    assert landscape(text).gradient([1.5]) == slope
