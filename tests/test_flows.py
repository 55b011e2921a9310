"""Flows and modified fields against closed forms, high orders, and what they must do
when they blow up.
"""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from cases import Numerical

from lrlib import (
    Landscape,
    flow_error,
    gradient_descent,
    gradient_flow,
    modified_field,
    modified_flow,
    zoo,
)
from lrlib.descent.flows import modified_source
from lrlib.descent.stepping import BOUND

QUARTIC = ["1", "3/2", "7/2", "39/4", "59/2", "1849/20", "5831/20", "254061/280"]
HILL = Landscape("-x**4 / 4", "x", name="hill", box=[(-2, 2)], source="test")


def hessian(landscape):
    f = landscape.loss_formula
    x = landscape.coordinates
    return sp.hessian(f, x), sp.Matrix(landscape.gradient_formula)


@pytest.mark.parametrize("curvature", [1, 4, sp.Rational(7, 3)])
def test_quadratic_gives_the_series_of_the_logarithm(curvature):
    landscape = zoo.quadratic.with_parameters(curvature=curvature)
    (x,) = landscape.coordinates
    rate = sp.log(1 - sp.Symbol("lr") * curvature) / sp.Symbol("lr")
    lr = sp.Symbol("lr")
    series = sp.series(rate, lr, 0, 6).removeO()
    for j, (term,) in enumerate(modified_field(landscape, 5)):
        assert sp.expand(term - series.coeff(lr, j) * x) == 0


def test_quartic_has_the_coefficients_of_the_specification():
    (x,) = zoo.quartic.coordinates
    found = [
        -term.coeff(x, 3 + 2 * j)
        for j, (term,) in enumerate(modified_field(zoo.quartic, 7))
    ]
    assert [Fraction(int(c.p), int(c.q)) for c in found] == [
        Fraction(text) for text in QUARTIC
    ]
    assert all(
        len(sp.Add.make_args(term)) == 1 for (term,) in modified_field(zoo.quartic, 7)
    )


@pytest.mark.parametrize(
    "landscape",
    [
        zoo.tilted_factorisation,
        zoo.scalar_factorisation,
        zoo.cosine_well,
        zoo.square_root_bowl,
    ],
)
def test_orders_one_and_two_in_closed_form(landscape):
    """F_1 = -H g / 2 and F_2 = -H H g / 3 - T[g, g] / 12 with the third derivative T."""
    H, g = hessian(landscape)
    x = landscape.coordinates
    third = [
        sum(
            H[i, j].diff(x[k]) * g[j] * g[k]
            for j in range(len(x))
            for k in range(len(x))
        )
        for i in range(len(x))
    ]
    wanted = [-g, -H * g / 2, -H * H * g / 3 - sp.Matrix(third) / 12]
    for term, closed in zip(modified_field(landscape, 2), wanted, strict=True):
        assert all(sp.simplify(a - b) == 0 for a, b in zip(term, closed, strict=True))


@pytest.mark.parametrize(
    "landscape, start",
    [
        (zoo.cosine_well, 0.6),
        (zoo.square_root_bowl, 0.4),
        (zoo.runaway, 2.3),
        (zoo.tilted_factorisation, [1.3, 0.2]),
    ],
)
@pytest.mark.parametrize("order", range(4))
def test_one_step_misses_by_two_powers_more_than_the_order(landscape, start, order):
    """An oracle that knows nothing of the recurrence: the flow for the time lr against
    the step itself.
    """
    misses = []
    for lr in (0.1, 0.05):
        flow = modified_flow(
            landscape, start, lr=lr, order=order, times=[lr], rtol=1e-13, atol=1e-15
        )
        misses.append(
            np.abs(
                flow.path[-1] - gradient_descent(landscape, start, lr=lr, n_steps=1)[-1]
            ).max()
        )
    assert misses[0] > 1e-11 and np.log2(misses[0] / misses[1]) == pytest.approx(
        order + 2, abs=0.35
    )


def test_the_second_order_has_no_potential_in_two_coordinates():
    x, y = zoo.scalar_factorisation.coordinates
    curls = [
        sp.expand(b.diff(x) - a.diff(y))
        for a, b in modified_field(zoo.scalar_factorisation, 2)
    ]
    assert curls[:2] == [0, 0]
    assert sp.expand(curls[2] - (x**2 - y**2) * (x**2 + y**2) * (1 - x * y) / 3) == 0


def test_flows_in_closed_form():
    times = np.linspace(0, 3, 13)
    assert gradient_flow(zoo.quadratic, 0.7, times=times).path[:, 0] == pytest.approx(
        0.7 * np.exp(-times), rel=1e-11
    )
    assert gradient_flow(zoo.quartic, 2.0, times=times).path[:, 0] == pytest.approx(
        2 / np.sqrt(1 + 8 * times), rel=1e-11
    )
    for order in range(4):
        rate = sum(0.3**j / (j + 1) for j in range(order + 1))
        flow = modified_flow(zoo.quadratic, -0.7, lr=0.3, order=order, times=times)
        assert flow.path[:, 0] == pytest.approx(-0.7 * np.exp(-rate * times), rel=1e-11)
        assert flow.outcome == "bounded" and flow.left is None


def test_the_error_is_the_largest_distance_from_the_steps():
    """Against the factors of the four regimes on x^2/2, and an infinite error after a
    blow-up.
    """
    for lr in (0.1, 0.5, 1.5, 2.1):
        for order in range(4):
            factor = np.exp(-sum(lr ** (j + 1) / (j + 1) for j in range(order + 1)))
            exact = np.abs((1 - lr) ** np.arange(31) - factor ** np.arange(31)).max()
            assert flow_error(
                zoo.quadratic, 1.0, lr=lr, order=order, n_steps=30
            ) == pytest.approx(exact, abs=1e-10)
    assert flow_error(HILL, 1.0, lr=0.1, order=0, n_steps=9) == np.inf
    assert (
        flow_error(zoo.tilted_factorisation, [1.5, 0.3], lr=0.01, order=2, n_steps=100)
        < 1e-6
    )


def test_order_zero_is_the_gradient_flow():
    times = [0.0, 0.4, 1.0]
    ours = modified_flow(
        zoo.tilted_factorisation, [1.5, 0.3], lr=0.2, order=0, times=times
    )
    assert ours.path == pytest.approx(
        gradient_flow(zoo.tilted_factorisation, [1.5, 0.3], times=times).path, abs=1e-11
    )
    assert ours.path.shape == (3, 2)


def test_a_landscape_without_a_formula_has_a_flow_and_no_modified_one():
    bowl = Landscape("x**2/2 + y**2", "x y", name="bowl", box=[(-1, 1)] * 2)
    path = gradient_flow(Numerical(bowl), [1.0, 1.0], times=[1.0]).path
    assert path[0] == pytest.approx([math.exp(-1), math.exp(-2)], rel=1e-11)
    with pytest.raises(TypeError, match="landscape: got numerical_bowl; allowed is"):
        modified_field(Numerical(bowl), 1)


def test_blow_up_is_an_outcome():
    """x' = x^3 from 1 is infinite at time 1/2; x' = x leaves the bound at time
    log(BOUND).
    """
    times = np.linspace(0, 1, 11)
    flow = gradient_flow(HILL, 1.0, times=times)
    assert flow.outcome == "diverged" and flow.left == pytest.approx(0.5, abs=1e-9)
    assert np.isfinite(flow.path).all() and (np.diff(flow.path[:, 0]) >= 0).all()
    assert flow.path[:5, 0] == pytest.approx(1 / np.sqrt(1 - 2 * times[:5]), rel=1e-10)
    slow = gradient_flow(
        zoo.quadratic.with_parameters(curvature=-1), 1.0, times=[1.0, 40.0]
    )
    assert slow.outcome == "diverged" and slow.left == pytest.approx(
        math.log(BOUND), rel=1e-9
    )
    assert slow.path[:, 0] == pytest.approx([math.e, BOUND], rel=1e-9)


def test_a_start_is_a_path_too():
    assert gradient_flow(zoo.quadratic, 2.0, times=[0.0]).path.tolist() == [[2.0]]


@pytest.mark.parametrize(
    "landscape", [zoo.quartic, zoo.tilted_factorisation, zoo.cosine_well]
)
def test_printed_terms_agree_with_the_symbolic_ones(landscape, node):
    points = np.random.default_rng(5).uniform(-1.4, 1.7, (20, landscape.dim))
    symbolic = sp.lambdify(
        landscape.coordinates,
        [v for field in modified_field(landscape, 3) for v in field],
    )
    wanted = np.array([symbolic(*point) for point in points], float)
    space = {"np": np}
    exec(modified_source(landscape, 3, "numpy"), space)
    numpy = np.array([space["terms"](*point) for point in points])
    body = "const f = evaluate(data.source); return data.points.map((p) => f(...p));"
    page = np.array(
        node(
            body,
            {
                "source": modified_source(landscape, 3, "javascript"),
                "points": points.tolist(),
            },
        )
    )
    np.testing.assert_allclose(numpy, wanted, rtol=1e-12, atol=1e-13)
    if landscape.loss_formula.is_polynomial():
        np.testing.assert_array_equal(page, numpy)  # only + - * /: the same bits
    np.testing.assert_allclose(page, numpy, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"times": [1.0, 0.5]}, "times: got"),
        ({"times": [-1.0]}, "times: got"),
        ({"times": []}, "times: got"),
        ({"times": [np.nan]}, "times: got"),
        ({"theta0": np.inf}, "theta0: got"),
        ({"theta0": [1.0, 2.0]}, "theta0: got shape"),
        ({"lr": 0.0}, r"lr: got 0\.0; allowed"),
        ({"order": -1}, "order: got -1; allowed is an integer of at least 0"),
        ({"rtol": -1.0}, "rtol: got"),
    ],
)
def test_bad_values_are_named(changes, message):
    call = {"theta0": 1.0, "lr": 0.1, "order": 1, "times": [1.0]} | changes
    with pytest.raises(ValueError, match=message):
        modified_flow(zoo.quadratic, call.pop("theta0"), **call)


def test_bad_orders_are_named():
    with pytest.raises(TypeError, match=r"order: got 1\.5"):
        modified_field(zoo.quadratic, 1.5)
    with pytest.raises(ValueError, match="dialect: got 'fortran'"):
        modified_source(zoo.quadratic, 1, "fortran")
