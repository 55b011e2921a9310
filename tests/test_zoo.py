"""Every landscape of the zoo against high precision, and what it says of itself."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from cases import KINKS, ZOO, generic_points

from lrlib import Landscape, zoo

# on walls that are 1e-5 wide, and between them
EDGE_POINTS = [[8.4000037], [8.4000081], [8.5931], [8.5999948]]
PLATEAUS = {"plateau"}
FLAT = {"quartic", "scalar_factorisation"}  # some curvature at the minimum is zero
every_landscape = pytest.mark.parametrize("landscape", ZOO.values(), ids=list(ZOO))


def exactly(landscape, theta, orders) -> float:
    """Partial derivative of the formula as it was written, by mpmath's differences at
    60 digits.
    """
    values = {sp.Symbol(k, real=True): v for k, v in landscape.parameters.items()}
    with mpmath.workdps(60):
        written = sp.lambdify(
            landscape.coordinates, landscape.formula.subs(values), "mpmath"
        )
        point = tuple(mpmath.mpf(float(v)) for v in theta)
        return float(
            mpmath.diff(written, point, orders) if any(orders) else written(*point)
        )


def unit(dim: int, i: int) -> tuple:
    return tuple(int(i == j) for j in range(dim))


@every_landscape
def test_loss_and_gradient_to_high_precision(landscape):
    points = generic_points(landscape, 12)
    if landscape.name == "mohtashami_toy_1d":
        points = np.vstack([points, EDGE_POINTS])
    for theta in points:
        loss = exactly(landscape, theta, (0,) * landscape.dim)
        slope = [
            exactly(landscape, theta, unit(landscape.dim, i))
            for i in range(landscape.dim)
        ]
        size = max(np.abs(slope))
        # there 1 - 1e5 * (x - 8.4) cancels
        on_an_edge = KINKS.get(landscape.name) and size > 1e7
        np.testing.assert_allclose(
            landscape.loss(theta),
            loss,
            rtol=1e-12,
            atol=1e-6 if on_an_edge else 1e-12 * size,
        )
        np.testing.assert_allclose(
            landscape.gradient(theta), slope, rtol=1e-12, atol=1e-12 * (1 + size)
        )


@every_landscape
def test_hessian_to_high_precision(landscape):
    (theta,) = generic_points(landscape, 1)
    dim = landscape.dim
    second = [
        [
            exactly(landscape, theta, tuple(np.add(unit(dim, i), unit(dim, j))))
            for j in range(dim)
        ]
        for i in range(dim)
    ]
    np.testing.assert_allclose(landscape.hessian(theta), second, rtol=1e-12, atol=1e-11)


def named_minima():
    for key, landscape in ZOO.items():
        yield from (
            pytest.param(landscape, name, id=f"{key}: {name}")
            for name in landscape.minima
        )


@pytest.mark.parametrize("landscape, name", list(named_minima()))
def test_a_named_minimum_is_one(landscape, name):
    box = landscape.minima[name]
    centre = box.point
    if name in PLATEAUS:
        inside = np.linspace(np.add(box.lower, 1e-9), np.subtract(box.upper, 1e-9), 7)
        assert (landscape.gradient(inside) == 0).all() and (
            landscape.loss(inside) == 0
        ).all()
        assert (
            landscape.loss(np.subtract(box.lower, 2e-6))
            > 0
            < landscape.loss(np.add(box.upper, 2e-6))
        )
        return
    assert box.lower == box.upper
    sharpness = landscape.sharpness(centre)
    lowest = np.linalg.eigvalsh(landscape.hessian(centre)).min()
    assert lowest == 0 if landscape.name in FLAT else lowest > 0
    # within 1e-9 of the true place
    assert np.abs(landscape.gradient(centre)).max() <= 1e-9 * sharpness
    around = centre + 1e-3 * np.random.default_rng(3).standard_normal(
        (50, landscape.dim)
    )
    above = (
        np.greater_equal if landscape.dim > 1 and landscape.name in FLAT else np.greater
    )
    assert above(landscape.loss(around), landscape.loss(centre)).all()


@every_landscape
def test_what_a_landscape_says_of_itself(landscape):
    low, high = np.transpose(landscape.box)
    for named in [*landscape.minima.values(), *landscape.regions.values()]:
        assert (low <= named.lower).all() and (named.upper <= high).all()
    assert landscape.latex.strip() and landscape.source
    again = eval(landscape.expression, {"zoo": zoo})
    assert (
        again.formula == landscape.formula and again.parameters == landscape.parameters
    )
    assert again.minima == landscape.minima and again.regions == landscape.regions


def test_names_in_the_module_are_the_names_of_the_landscapes():
    assert all(
        landscape.name == name
        for name, landscape in vars(zoo).items()
        if isinstance(landscape, Landscape)
    )


@pytest.mark.parametrize("edge_slope, jump", [(1e5, 0.0), (1e4, 0.9)])
def test_edges_of_the_toy_meet_the_plateau_only_with_slope_1e5(edge_slope, jump):
    toy = zoo.mohtashami_toy_1d.with_parameters(edge_slope=edge_slope)
    for x in (2.0, 3.0, 8.4, 8.6):
        below, above = toy.loss([[x - 1e-11], [x + 1e-11]])
        assert abs(above - below) < 1e-2
    for x, wall in ((8.40001, 7056 / 5), (8.59999, 7396 / 5)):
        below, above = toy.loss([[x - 1e-11], [x + 1e-11]])
        assert abs(below - above) == pytest.approx(jump * wall, abs=1e-2)


def test_numbers_of_the_sources():
    """Sharpness 2040 of the pit, 40 of the wide valley; the well of the two-dimensional
    toy.
    """
    toy = zoo.mohtashami_toy_1d
    plane = zoo.mohtashami_toy_2d
    assert (
        toy.sharpness(2.5) == 2040
        and toy.sharpness(0.3) == 40
        and toy.loss(9.7) == pytest.approx(20 * 9.7**2)
    )
    assert plane.loss([3.3, -0.4]) == pytest.approx(3.3**2 + 0.4**2)
    assert plane.loss([1.4, 1.7]) == pytest.approx(
        1.4**2 + 1.7**2 - 200 * 0.4 * 0.7 * 0.6 * 0.3
    )
    assert (
        zoo.square_root_bowl.sharpness(0.0) == 1 and zoo.cosine_well.sharpness(0.0) == 1
    )
