"""Long runs against closed forms: exponents, scans, cycles, thresholds, digits."""

import hashlib
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from cases import Numerical

from lrlib import Landscape, ensemble, gradient_descent, zoo
from lrlib.longrun import dynamics
from lrlib.theory.blog import doubling_thresholds, window

ROOT = Path(__file__).resolve().parents[1]
LINE = zoo.diagonal_factorisation
PLANE = zoo.scalar_factorisation


@pytest.mark.parametrize("lr", [0.3, 1.5, 2.0])
def test_exponent_of_a_parabola(lr):
    found = dynamics.lyapunov(zoo.quadratic, [0.7], lr=lr, n_steps=90)
    assert found[0] == pytest.approx(np.log(abs(1 - lr)), abs=1e-12)


def test_exponent_in_two_dimensions_is_the_largest():
    bowl = Landscape("x**2 + x*y/2 + 3*y**2", "x y", name="bowl", box=[(-1, 1)] * 2)
    expected = np.log(np.abs(1 - 0.1 * np.linalg.eigvalsh(bowl.hessian([0, 0])))).max()
    found = dynamics.lyapunov(bowl, [[0.3, 0.2], [-1, 0.5]], lr=0.1, n_steps=3000)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("lr, period", [(1.2, 2), (1.27, 4), (1.455, 3)])
def test_exponent_of_a_cycle_is_its_multiplier(lr, period):
    end = ensemble(LINE, [0.5], lr=lr, n_steps=4000).final[0]
    (multiplier,) = dynamics.multipliers(LINE, end, lr=lr, period=period)
    found = dynamics.lyapunov(LINE, [0.5], lr=lr, n_steps=12_000, burn_in=4000)
    assert found[0] == pytest.approx(np.log(abs(multiplier)) / period, abs=1e-9)


def test_exponent_at_the_blow_up_is_that_of_the_tripled_angle():
    """At lr 2 the map is conjugate to tripling an angle: log 3; rounding ends some
    orbits early, outside.
    """
    found = dynamics.lyapunov(
        LINE, np.linspace(0.1, 0.9, 40), lr=1.9999999, n_steps=20_000
    )
    kept = found[np.isfinite(found)]
    assert len(kept) > 20 and kept.mean() == pytest.approx(np.log(3), abs=0.01)


def test_exponent_equals_a_plain_loop():
    theta = np.array([0.5, 0.8])
    v = np.array([1.0, 0.5])
    total = 0.0
    for t in range(60):
        v = v - 1.7 * PLANE.hessian(theta) @ v
        total += np.log(np.linalg.norm(v)) * (t >= 10)
        v = v / np.linalg.norm(v)
        theta = theta - 1.7 * PLANE.gradient(theta)
    found = dynamics.lyapunov(PLANE, [[0.5, 0.8]], lr=1.7, n_steps=50, burn_in=10)
    assert found[0] == pytest.approx(total / 50, abs=1e-10)


@pytest.mark.parametrize("landscape", [PLANE, Numerical(PLANE)])
def test_the_first_step_is_measured_from_a_unit_vector(landscape):
    theta = np.array([0.5, 0.8])
    v = np.array([1.0, 0.5]) / np.linalg.norm([1.0, 0.5])
    expected = np.log(np.linalg.norm(v - 0.3 * PLANE.hessian(theta) @ v))
    found = dynamics.lyapunov(landscape, [theta], lr=0.3, n_steps=1, burn_in=0)
    assert found[0] == pytest.approx(expected, abs=1e-6)


def test_exponents_at_the_edges():
    assert dynamics.lyapunov(zoo.quadratic, [0.7], lr=1.0, n_steps=5)[0] == -np.inf
    assert dynamics.lyapunov(zoo.quadratic, [0.7], lr=3.0, n_steps=500)[0] == np.inf
    assert dynamics.lyapunov(LINE, np.empty((0, 1)), lr=0.1, n_steps=5).shape == (0,)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"lr": 0}, "lr: got 0"),
        ({"n_steps": 0}, "n_steps: got 0"),
        ({"burn_in": -1}, "burn_in: got -1"),
        ({"lr": [1, 2]}, "lr: got shape"),
        ({"theta0s": [np.nan]}, "theta0s: got"),
    ],
)
def test_bad_input_to_the_exponent(options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        dynamics.lyapunov(LINE, **{"theta0s": [0.5], "lr": 1.0, "n_steps": 9} | options)


@pytest.mark.parametrize(
    "landscape, starts, lr",
    [
        (zoo.quadratic, [1.0, -2.0], [0.5, 1.9]),
        (LINE, [0.5, 0.5, 0.5], [0.9, 1.2, 3.0]),
        (PLANE, [[0.5, 0.8]], 1.2),
    ],
)
def test_exponents_without_a_formula_agree(landscape, starts, lr):
    exact, found = (
        dynamics.lyapunov(f, starts, lr=lr, n_steps=200, burn_in=50)
        for f in (landscape, Numerical(landscape))
    )
    np.testing.assert_allclose(found, exact, atol=1e-4)


def test_exponent_of_chaos_without_a_formula():
    starts = np.linspace(0.2, 0.9, 20)
    exact, found = (
        dynamics.lyapunov(f, starts, lr=1.9, n_steps=4000)
        for f in (LINE, Numerical(LINE))
    )
    assert found.mean() == pytest.approx(exact.mean(), abs=0.02)


def test_a_landscape_without_formula_is_named():
    with pytest.raises(TypeError, match="allowed is a Landscape"):
        dynamics.extended_descent(Numerical(LINE), [0.5], lr=1.0, n_steps=3, digits=30)


def test_a_scan_holds_the_last_iterates():
    found = dynamics.bifurcation(
        PLANE, [[0.5, 1.4], [0.2, 0.3]], [0.9, 1.9], n_steps=40, keep=7
    )
    assert found.shape == (2, 2, 7, 2)
    for i, lr in enumerate((0.9, 1.9)):
        for j, start in enumerate(((0.5, 1.4), (0.2, 0.3))):
            orbit = gradient_descent(PLANE, start, lr=lr, n_steps=40)[-7:]
            expected = orbit if np.abs(orbit).max() < 3 else np.full_like(orbit, np.nan)
            np.testing.assert_array_equal(found[i, j], expected)
    assert np.isnan(dynamics.bifurcation(LINE, [0.5], [2.5], n_steps=99, keep=3)).all()
    assert (
        dynamics.bifurcation(LINE, [0.5], [1.5], n_steps=2, keep=3)[0, 0, 0, 0] == 0.5
    )
    for options in ({"keep": 0}, {"keep": 11}, {"n_steps": -1}, {"lrs": [0.0]}):
        with pytest.raises(ValueError, match="got"):
            dynamics.bifurcation(
                LINE,
                **{"starts": [0.5], "lrs": [1.0], "n_steps": 9, "keep": 3} | options,
            )


@pytest.mark.parametrize("lr", [1.1, 1.5, 1.9])
def test_two_cycles_in_closed_form(lr):
    """Either lr * x1 * x2 = 1, with multiplier 9 - 2 (1 + lr)^2, or x2 = -x1, with x1^2
    = 1 + 2 / lr.
    """
    found = dynamics.cycles(LINE, np.linspace(-2, 2, 200), lr=lr, period=2)
    values = np.sort(
        dynamics.multipliers(LINE, found[:, 0], lr=lr, period=2)[:, 0].real
    )
    symmetric = (1 + lr - 3 * lr * (1 + 2 / lr)) ** 2
    np.testing.assert_allclose(
        values, [*[9 - 2 * (1 + lr) ** 2] * 2, symmetric], atol=1e-9
    )
    product = np.sort(found[..., 0].prod(axis=1))
    np.testing.assert_allclose(
        product, np.sort([1 / lr, 1 / lr, -(1 + 2 / lr)]), atol=1e-9
    )


def test_cycles_of_the_plane():
    seeds = np.random.default_rng(5).uniform(-1.5, 1.5, (4000, 2))
    for period, number, mildest in ((2, 4, 7.82), (3, 12, 21.91923), (4, 28, 24.80755)):
        found = dynamics.cycles(PLANE, seeds, lr=1.9, period=period)
        sizes = np.abs(dynamics.multipliers(PLANE, found[:, 0], lr=1.9, period=period))
        assert found.shape == (number, period, 2) and sizes[
            :, 0
        ].min() == pytest.approx(mildest, abs=1e-4)
        assert (sizes[:, 0] > 1).all() and (np.diff(sizes, axis=1) <= 0).all()
    assert dynamics.cycles(zoo.quadratic, [0.3], lr=0.5, period=2).shape == (0, 2, 1)


def test_doubling_thresholds():
    found = doubling_thresholds(LINE, "balanced −", 6)
    expected = [1, 5**0.5 - 1, 1.2880317545, 1.2992279397, 1.3016289140, 1.3021432716]
    np.testing.assert_allclose(found, expected, atol=2e-10)
    with pytest.raises(ValueError, match="2 coordinates"):
        doubling_thresholds(PLANE, "balanced +", 2)
    with pytest.raises(ValueError, match="minimum: got 'left'"):
        doubling_thresholds(LINE, "left", 2)
    with pytest.raises(ValueError, match="n: got 12"):
        doubling_thresholds(LINE, "balanced +", 12)


def test_window_of_period_three():
    assert window(LINE, "balanced +", 3, 1.455) == pytest.approx(
        (1.4504410, 1.4608287), abs=1e-7
    )
    with pytest.raises(ValueError, match="lr: got 1.48"):
        window(LINE, "balanced +", 3, 1.48)


def test_extended_orbits_are_exact():
    """Against fractions: `lr` given as text is 19/10, not the double beside it."""
    x = Fraction("1.25")
    y = Fraction("1.05")
    lr = Fraction("1.9")
    orbit = dynamics.extended_descent(
        PLANE, ("1.25", "1.05"), lr="1.9", n_steps=4, digits=60
    )
    for row in orbit:
        assert all(
            abs(Fraction(str(v)) - w) < Fraction(1, 10**12)
            for v, w in zip(row, (x, y), strict=True)
        )
        e = 1 - x * y
        x, y = x + lr * e * y, y + lr * e * x
    rounded = dynamics.extended_descent(
        PLANE, (1.25, 1.05), lr=1.9, n_steps=0, digits=60
    )
    assert orbit.shape == (5, 2) and rounded[0, 1] != orbit[0, 1]


@pytest.mark.parametrize(
    "theta0, lr, error",
    [
        (("x", "1"), "1.9", TypeError),
        (("1",), "1.9", ValueError),
        (("1", "1"), "-1", ValueError),
    ],
)
def test_bad_input_to_extended_orbits(theta0, lr, error):
    with pytest.raises(error, match="theta0, lr: got"):
        dynamics.extended_descent(PLANE, theta0, lr=lr, n_steps=2, digits=30)


def test_digits_of_the_saddle_starts():
    """One wrong digit destroys the approach: the file is what it was, and what it says
    is true.
    """
    text = (ROOT / "lrlib" / "longrun" / "saddle_starts.csv").read_bytes()
    assert (
        hashlib.sha256(text).hexdigest()
        == "52b643adf3796fc45f7663ec1126c9f57ceb99b0f6fe5146b85866de7c4a014a"
    )
    starts = dynamics.saddle_starts()
    assert list(starts) == [2, 3, 4] and all(
        len(v) == 52 for start in starts.values() for v in start
    )
    cycle = dynamics.cycles(LINE, [0.459, 1.147], lr=1.9, period=2)[0].repeat(
        2, axis=-1
    )
    digits = starts[2]
    for wrong, least in (
        (digits, 5e-6),
        ((digits[0][:-22] + "0" * 22, digits[1]), 1e-3),
    ):
        orbit = dynamics.extended_descent(
            PLANE, wrong, lr="1.9", n_steps=100, digits=80
        )
        assert (dynamics.distance_to_cycle(orbit, cycle).min() < 5e-6) == (
            least == 5e-6
        )


def test_hessian_of_the_page_equals_numpy(node):
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (200, 2))
    row = (
        "(p) => data.sources.map((s, i) => [evaluate(s).hessian(...p.slice(0, 2 - "
        "i))].flat())"
    )
    body = f"return data.points.map({row});"
    found = node(
        body,
        {"points": points.tolist(), "sources": [PLANE.javascript, LINE.javascript]},
    )
    upper = PLANE.hessian(points)[:, [0, 0, 1], [0, 1, 1]]
    np.testing.assert_array_equal([row[0] for row in found], upper)
    np.testing.assert_array_equal(
        [row[1] for row in found], LINE.hessian(points[:, :1])[:, 0]
    )
