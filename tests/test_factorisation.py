"""Matrix factorisation against written-out formulas, closed forms, and the loops it
must run through.
"""

import numpy as np
import pytest
import sympy as sp
from cases import factorisation

from lrlib import ensemble, gradient_descent, normal, zoo
from lrlib.descent import stepping
from lrlib.descent.outcomes import sweep
from lrlib.landscapes.factorisation import MatrixFactorisation
from lrlib.theory.blog import balance_bound, balancing_rate

RNG = np.random.default_rng(11)
# n, m, rank
SHAPES = [(1, 1, 1), (2, 1, 1), (1, 3, 2), (2, 3, 2), (3, 2, 1), (2, 2, 3)]


def written_out(landscape):
    """The loss as a sympy expression of all coordinates, and the coordinates in the
    order of theta.
    """
    n, m = landscape.target.shape
    d = landscape.rank
    x, y = (
        sp.Matrix(rows, d, sp.symbols(f"{name}:{rows * d}"))
        for name, rows in (("x", n), ("y", m))
    )
    residual = sp.Matrix(landscape.target.tolist()) - x * y.T
    return sum(r**2 for r in residual) / 2, [*x, *y]


@pytest.mark.parametrize("n, m, rank", SHAPES)
def test_loss_gradient_and_hessian_are_those_of_the_written_out_formula(n, m, rank):
    landscape = factorisation(n, m, rank)
    loss, coordinates = written_out(landscape)
    forms = [
        loss,
        [loss.diff(c) for c in coordinates],
        sp.hessian(loss, coordinates).tolist(),
    ]
    evaluate = sp.lambdify(coordinates, forms, "numpy")
    for theta in RNG.normal(0.3, 1.2, (4, landscape.dim)):
        expected = [np.array(v, dtype=float) for v in evaluate(*theta)]
        for name, theirs in zip(("loss", "gradient", "hessian"), expected, strict=True):
            ours = getattr(landscape, name)(theta)
            np.testing.assert_allclose(
                ours, theirs, rtol=1e-12, atol=1e-12 * (1 + np.abs(theirs).max())
            )
        assert landscape.sharpness(theta) == pytest.approx(
            np.linalg.eigvalsh(expected[2])[-1], rel=1e-12
        )


@pytest.mark.parametrize("target", [1.0, -2.3, 0.0])
def test_one_entry_and_rank_one_is_the_scalar_formula(target):
    matrix = MatrixFactorisation(target)
    scalar = zoo.scalar_factorisation.with_parameters(target=target)
    theta = RNG.normal(0.2, 2.0, (50, 2))
    for name in ("loss", "gradient", "hessian", "sharpness"):
        np.testing.assert_allclose(
            getattr(matrix, name)(theta),
            getattr(scalar, name)(theta),
            rtol=1e-13,
            atol=1e-13,
        )
    start = [1.7, 0.4]
    orbits = [
        gradient_descent(landscape, start, lr=0.21, n_steps=60)
        for landscape in (matrix, scalar)
    ]
    np.testing.assert_allclose(*orbits, rtol=1e-12, atol=1e-12)


def test_shapes_of_batches():
    landscape = factorisation(3, 2, 2)
    theta = RNG.standard_normal((4, 5, landscape.dim))
    x, y = landscape.split(theta)
    assert x.shape == (4, 5, 3, 2) and y.shape == (4, 5, 2, 2)
    np.testing.assert_array_equal(landscape.join(x, y), theta)
    assert landscape.join(x[0, 0], y).shape == theta.shape
    tails = {"gradient": (10,), "hessian": (10, 10), "imbalance": (2, 2)}
    for name, tail in (
        tails
        | dict.fromkeys(["loss", "sharpness", "norm_gap", "minimum_sharpness"], ())
    ).items():
        values = getattr(landscape, name)(theta)
        assert values.shape == (4, 5, *tail)
        np.testing.assert_allclose(
            values[2, 3], getattr(landscape, name)(theta[2, 3]), rtol=1e-12, atol=1e-12
        )


def test_one_orbit_has_the_bits_of_its_row_in_the_ensemble():
    landscape = factorisation(3, 3, 2)
    starts = RNG.standard_normal((37, landscape.dim))
    runs = ensemble(landscape, starts, lr=0.05, n_steps=40, record=1)
    for i in (0, 20, 36):
        np.testing.assert_array_equal(
            gradient_descent(landscape, starts[i], lr=0.05, n_steps=40),
            runs.record[:, i],
        )
    step = runs.record[:-1] - 0.05 * landscape.gradient(runs.record[:-1])
    np.testing.assert_array_equal(step, runs.record[1:])
    assert (
        ensemble(
            landscape, starts, lr=0.05, n_steps=40, noise=normal(0.1), seed=3
        ).final.shape
        == starts.shape
    )


def test_outcomes_serve_it():
    """Global minima, the saddle at 0, a two-cycle, divergence: each by name."""
    scalar = MatrixFactorisation(1.0)
    starts = [[4.0, 0.2], [0.0, 0.0], [0.5, 1.4], [9.0, 9.0]]
    runs = ensemble(scalar, starts, lr=[0.15, 0.15, 1.2, 0.3], n_steps=4000)
    assert runs.outcome.tolist() == [
        "converged: global minimum",
        "converged: unnamed point",
        "periodic: 2",
        "diverged",
    ]
    # here the lowest loss is not 0
    deep = MatrixFactorisation(np.diag([1.0, 0.8, 0.3]), 2)
    assert deep.lowest_loss == pytest.approx(0.045)
    # the saddle that leaves the second singular value out
    wrong = np.diag([1.0, 0.8, 0.3])[:, [0, 2]] ** 0.5
    ends = ensemble(
        deep,
        [*RNG.standard_normal((6, 12)), np.zeros(12), deep.join(wrong, wrong)],
        lr=0.1,
        n_steps=4000,
    )
    assert (
        ends.outcome.tolist()
        == ["converged: global minimum"] * 6 + ["converged: unnamed point"] * 2
    )
    shares = sweep(scalar, [[4.0, 0.2], [1.2, 0.7]], [0.1, 0.9], n_steps=3000)
    assert shares["converged: global minimum"].tolist() == [1.0, 0.5] and shares[
        "diverged"
    ].tolist() == [0.0, 0.5]


def random_minimum(landscape) -> np.ndarray:
    x, y = landscape.split(landscape.balanced())
    change = np.random.default_rng(5).standard_normal((landscape.rank,) * 2)
    return landscape.join(x @ change, y @ np.linalg.inv(change).T)


@pytest.mark.parametrize(
    "n, m, rank", [(1, 1, 1), (4, 4, 1), (4, 5, 3), (5, 4, 4), (3, 3, 2)]
)
def test_sharpness_at_a_global_minimum_in_closed_form(n, m, rank):
    """Also where the rank leaves a residual; the balanced minimum is among the
    flattest.
    """
    landscape = factorisation(n, m, rank)
    assert landscape.sharpness(landscape.balanced()) == pytest.approx(
        landscape.lowest_sharpness, rel=1e-12
    )
    for theta in (
        random_minimum(landscape),
        landscape.stretched(3.0),
        landscape.stretched(0.2),
    ):
        assert np.abs(landscape.gradient(theta)).max() < 1e-11
        assert landscape.loss(theta) == pytest.approx(landscape.lowest_loss, abs=1e-12)
        assert landscape.minima["global minimum"].distance(theta) < 1e-6
        assert landscape.sharpness(theta) == pytest.approx(
            landscape.minimum_sharpness(theta), rel=1e-12
        )
        assert landscape.sharpness(theta) > landscape.lowest_sharpness
        gap = landscape.norm_gap(theta, "spectral")
        assert gap**2 <= landscape.sharpness(theta) - landscape.lowest_sharpness + 1e-12
        if rank == 1:
            assert gap**2 == pytest.approx(
                landscape.sharpness(theta) - landscape.lowest_sharpness, rel=1e-9
            )


def test_the_distance_to_the_minima_is_of_the_right_size():
    landscape = factorisation(4, 4, 2)
    direction = RNG.standard_normal(landscape.dim)
    direction /= np.linalg.norm(direction)
    for size in (1e-2, 1e-3, 1e-4):
        distance = landscape.minima["global minimum"].distance(
            landscape.balanced() + size * direction
        )
        assert 0.05 * size < distance < size


def test_imbalance_changes_at_second_order_only():
    """X'^T X' - Y'^T Y' gains lr^2 (Y^T R^T R Y - X^T R R^T X) in one step, exactly."""
    landscape = factorisation(3, 4, 2)
    lr = 0.07
    theta = RNG.standard_normal((9, landscape.dim))
    x, y = landscape.split(theta)
    by_x, by_y = landscape.split(landscape.gradient(theta))
    gained = np.swapaxes(by_x, -1, -2) @ by_x - np.swapaxes(by_y, -1, -2) @ by_y
    after = landscape.imbalance(theta - lr * landscape.gradient(theta))
    np.testing.assert_allclose(
        after, landscape.imbalance(theta) + lr**2 * gained, rtol=1e-12, atol=1e-12
    )
    assert np.abs(landscape.imbalance(landscape.balanced())).max() < 1e-14
    assert landscape.norm_gap(
        landscape.join(np.eye(3, 2), np.zeros((4, 2)))
    ) == pytest.approx(np.sqrt(2))
    assert (
        landscape.norm_gap(landscape.join(np.eye(3, 2), np.zeros((4, 2))), "spectral")
        == 1.0
    )


def test_bounds_for_rank_one():
    """The bound is the largest gap of a stable minimum: sharpness 2/lr means equality."""
    for target, factor in ((1.0, 2.0), (0.7, 5.0)):
        line = MatrixFactorisation(target * np.eye(3), 1)
        theta = line.stretched(factor)
        x, y = line.split(theta)
        lr = 2 / line.sharpness(theta)
        assert np.square(x - y).sum() == pytest.approx(
            balance_bound(lr, target), rel=1e-12
        )
        squares = np.square(theta).sum()
        smaller = min(4 / (squares + 4 * target), 1 / (3 * target))
        assert balancing_rate(x[:, 0], y[:, 0], target) == pytest.approx(smaller)
    assert (
        balancing_rate(np.ones((6, 2)), np.zeros((6, 2))).shape == (6,)
        and balance_bound(0.25) == 6.0
    )


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: MatrixFactorisation("a"), TypeError, "target: got 'a'"),
        (lambda: MatrixFactorisation([1.0, 2.0]), ValueError, "target: got shape"),
        (lambda: MatrixFactorisation([[np.nan]]), ValueError, "finite"),
        (lambda: MatrixFactorisation(1.0, 0), ValueError, "rank: got 0"),
        (lambda: MatrixFactorisation(1.0, 1.5), TypeError, "rank: got 1.5"),
        (
            lambda: MatrixFactorisation(1.0).loss([1.0, 2.0, 3.0]),
            ValueError,
            "theta: got shape",
        ),
        (
            lambda: MatrixFactorisation(np.eye(2)).join(
                np.ones((3, 1)), np.ones((2, 1))
            ),
            ValueError,
            "x: got shape",
        ),
        (
            lambda: MatrixFactorisation(1.0).stretched(-1.0),
            ValueError,
            "factor: got -1.0",
        ),
        (
            lambda: MatrixFactorisation(1.0).norm_gap([1.0, 2.0], "nuclear"),
            ValueError,
            "kind: got 'nuclear'",
        ),
        (
            lambda: ensemble(
                MatrixFactorisation(1.0), [[np.inf, 1.0]], lr=0.1, n_steps=1
            ),
            ValueError,
            "theta0s",
        ),
        (lambda: balancing_rate([1.0], [1.0], -1.0), ValueError, "product: got -1.0"),
    ],
)
def test_bad_input_names_argument_value_and_what_is_allowed(call, error, words):
    with pytest.raises(error, match="allowed") as caught:
        call()
    assert words in str(caught.value)


def test_a_diverged_trajectory_stays_finite():
    runs = ensemble(factorisation(2, 2, 2), np.full((3, 8), 50.0), lr=1.0, n_steps=50)
    assert (
        runs.outcome.tolist() == ["diverged"] * 3
        and np.isfinite(runs.final).all()
        and (runs.left > 0).all()
    )
    assert np.abs(runs.final).max() <= stepping.BOUND


def test_critical_points_and_their_lowest_curvature():
    landscape = factorisation(3, 4, 2)
    points, lowest = landscape.critical_points()
    assert (
        points.shape == (7, landscape.dim)
        and np.abs(landscape.gradient(points)).max() < 1e-13
    )
    np.testing.assert_allclose(
        np.linalg.eigvalsh(landscape.hessian(points))[:, 0], lowest, atol=1e-12
    )
    assert (
        landscape.loss(points[0]) == pytest.approx(landscape.lowest_loss)
        and lowest[0] == 0 > lowest[1:].max()
    )
