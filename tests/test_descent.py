"""The compiled loops against the plain one, closed forms, early stops, and bad input."""

import numpy as np
import pytest
from cases import CUBIC, Funnel

from lrlib import Landscape, ensemble, gradient_descent, normal, sgd, uniform, zoo
from lrlib.codegen import loops
from lrlib.descent import stepping

SADDLE = Landscape(
    "(x**2 - y)**2/3 + Max(x, y)*x - y**3/8", "x y", name="saddle", box=[(-2, 2)] * 2
)
TOY_1D = zoo.mohtashami_toy_1d
TOY_2D = zoo.mohtashami_toy_2d
RATIONAL = [TOY_1D, TOY_2D, zoo.square_root_bowl, CUBIC, SADDLE]


def run_both(landscape, lr, noise, n_steps, every, n=1500, seed=21):
    """(theta, state, record) after the compiled loop, and after the same steps in
    numpy.
    """
    rng = np.random.default_rng(8)
    results = []
    low, high = np.transpose(landscape.box)
    starts = rng.uniform(low, high, (n, landscape.dim)).T * 1.1
    lrs = lr * rng.uniform(0.5, 1.5, n)
    kind, scale = (noise.kind, noise.scale) if noise else (None, 0.0)
    oracle = stepping.numpy_loop(landscape.gradient, noise)
    for loop in (loops.compiled(landscape.kernel_source(kind)), oracle):
        theta = np.array(starts, order="C")
        state = np.zeros(n, np.int64)
        record = np.zeros((n_steps // every + 1 if every else 0, landscape.dim, n))
        loop(
            theta,
            lrs,
            n_steps,
            stepping.BOUND,
            stepping.SETTLED,
            seed,
            40,
            scale,
            state,
            record,
            every,
        )
        results.append((theta, state, record))
    return results


NOISY = [
    (TOY_1D, uniform(0.4), 0),
    (TOY_1D, uniform(30.0), 7),
    (TOY_2D, normal(2.0), 0),
    (TOY_2D, normal(2.0), 3),
]


@pytest.mark.parametrize(
    "landscape, noise, every",
    [*((v, None, every) for v in RATIONAL for every in (0, 7)), *NOISY],
    ids=lambda v: getattr(v, "name", None) or getattr(v, "kind", None),
)
def test_the_compiled_loop_equals_numpy_bit_for_bit(landscape, noise, every):
    lr = {
        "mohtashami_toy_1d": 1.5e-3,
        "mohtashami_toy_2d": 0.02,
        "square_root_bowl": 3.3,
        "cubic": 1.6,
        "saddle": 0.7,
    }
    compiled, plain = run_both(landscape, lr[landscape.name], noise, 203, every)
    for ours, oracle in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(ours, oracle)
    if landscape is SADDLE:
        # some diverged, some did not
        assert (compiled[1] < 0).any() and (compiled[1] > 0).any()


def test_one_orbit_is_a_row_of_the_ensemble():
    toy = zoo.mohtashami_toy_2d
    starts = np.array([[3.2, 3.9], [1.4, -1.3], [0.3, 0.2]])
    runs = ensemble(
        toy, starts, lr=0.03, n_steps=25, noise=normal(1.5), seed=6, record=1
    )
    assert runs.record.shape == (26, 3, 2)
    np.testing.assert_array_equal(
        sgd(toy, starts[0], lr=0.03, n_steps=25, noise=normal(1.5), seed=6),
        runs.record[:, 0],
    )
    plain = ensemble(toy, starts, lr=0.03, n_steps=25, record=1)
    for i, start in enumerate(starts):
        np.testing.assert_array_equal(
            gradient_descent(toy, start, lr=0.03, n_steps=25), plain.record[:, i]
        )
    np.testing.assert_array_equal(runs.record[-1], runs.final)
    assert ensemble(toy, starts, lr=0.03, n_steps=25, record=10).record.shape == (
        3,
        3,
        2,
    )


def test_steps_are_what_the_formula_says():
    orbit = gradient_descent(zoo.cosine_well, 0.77, lr=0.6, n_steps=40)[:, 0]
    np.testing.assert_allclose(
        orbit[1:], orbit[:-1] - 0.6 * np.sin(orbit[:-1]), rtol=1e-14, atol=1e-300
    )
    assert orbit[0] == 0.77


def test_each_start_has_its_own_learning_rate():
    lrs = np.array([0.3, 1.7, 1.99])
    runs = ensemble(zoo.quadratic, [1.3, -0.4, 2.0], lr=lrs, n_steps=9)
    np.testing.assert_allclose(
        runs.final[:, 0], np.array([1.3, -0.4, 2.0]) * (1 - lrs) ** 9, rtol=1e-13
    )


@pytest.mark.parametrize("start", [0.37, -2.0, 5e7])
def test_divergence_is_an_outcome_with_its_step(start):
    """At lr = 2.1 the parabola multiplies by -1.1 at each step."""
    first = int(np.ceil(np.log(1e8 / abs(start)) / np.log(1.1)))
    runs = ensemble(zoo.quadratic, [start], lr=2.1, n_steps=400)
    assert (
        runs.left == [first] and runs.outcome == ["diverged"] and runs.step == [first]
    )
    orbit = gradient_descent(zoo.quadratic, start, lr=2.1, n_steps=400)
    assert np.isfinite(orbit).all() and np.abs(orbit).max() <= stepping.BOUND
    np.testing.assert_allclose(
        orbit[:first, 0], start * (-1.1) ** np.arange(first), rtol=1e-12
    )
    assert (orbit[first:] == orbit[first - 1]).all() and runs.final[0] == orbit[-1]


def test_overflow_and_holes_diverge_too():
    steep = Landscape("exp(x**2)", "x", name="steep", box=[(-2, 2)])
    assert (
        ensemble(steep, [3.0, 30.0], lr=1.0, n_steps=20).outcome.tolist()
        == ["diverged"] * 2
    )
    hole = Landscape("Piecewise((x**2, x > 1))", "x", name="hole", box=[(0, 3)])
    runs = ensemble(hole, [2.5], lr=0.4, n_steps=20)  # 2.5, 0.5, then no gradient
    assert runs.outcome == ["diverged"] and runs.left == [2] and runs.final == 0.5


@pytest.mark.parametrize("n_steps", [100, 127, 1000, 1003])
@pytest.mark.parametrize(
    "landscape, lr",
    [
        (zoo.quadratic, 1.0),
        (zoo.quadratic, 2.0),
        (CUBIC, 0.4),
        (CUBIC, 1.2),
        (zoo.mohtashami_toy_1d, 9e-4),
        (zoo.square_root_bowl, 2.5),
    ],
)
def test_stopping_early_changes_nothing(landscape, lr, n_steps):
    """Runs that record every step never stop early; those that do not may, at an exact
    repetition.
    """
    starts = np.linspace(*landscape.box[0], 64)
    quick, full = (
        ensemble(landscape, starts, lr=lr, n_steps=n_steps, record=r) for r in (None, 1)
    )
    for name in ("final", "left", "settled", "outcome", "step"):
        np.testing.assert_array_equal(
            getattr(quick, name), getattr(full, name), err_msg=name
        )


def test_the_callers_arrays_are_not_changed():
    starts = np.array([[1.0], [2.0]])
    lrs = np.array([0.1, 0.2])
    for record in (None, 1):
        ensemble(TOY_1D, starts, lr=lrs, n_steps=9, noise=uniform(0.1), record=record)
    theta = starts[0]
    gradient_descent(zoo.quadratic, theta, lr=0.3, n_steps=3)
    zoo.quadratic.gradient(starts)
    assert starts.ravel().tolist() == [1.0, 2.0] and lrs.tolist() == [0.1, 0.2]


def test_a_landscape_needs_no_formula():
    funnel = Funnel()
    starts = np.random.default_rng(2).normal(size=(6, 5))
    runs = ensemble(funnel, starts, lr=0.5, n_steps=400)
    assert runs.counts() == {"converged: unnamed point": 6}
    np.testing.assert_allclose(runs.final, np.tile(funnel.centre, (6, 1)), atol=1e-7)
    orbit = gradient_descent(funnel, starts[0], lr=0.5, n_steps=3)
    np.testing.assert_array_equal(
        orbit[1], starts[0] - 0.5 * funnel.gradient(starts[0])
    )
    assert ensemble(funnel, starts, lr=3.0, n_steps=400).counts() == {"periodic: 2": 6}
    noisy = ensemble(funnel, starts, lr=0.5, n_steps=400, noise=normal(0.1), seed=1)
    assert noisy.counts() == {"bounded": 6} and not np.array_equal(
        noisy.final, runs.final
    )


def test_nothing_to_do():
    runs = ensemble(zoo.quadratic, np.empty((0, 1)), lr=0.1, n_steps=5, record=1)
    assert (
        runs.final.shape == (0, 1)
        and runs.record.shape == (6, 0, 1)
        and runs.counts() == {}
    )
    assert gradient_descent(zoo.quadratic, 0.7, lr=0.1, n_steps=0).tolist() == [[0.7]]


def call(**changes):
    given = {"theta0s": [1.0, 2.0], "lr": 0.1, "n_steps": 5} | changes
    return ensemble(
        changes.pop("landscape", zoo.quadratic),
        **{k: v for k, v in given.items() if k != "landscape"},
    )


@pytest.mark.parametrize(
    "changes, parts",
    [
        ({"theta0s": [[1.0, 2.0]]}, ["theta0s", "(1, 2)", "(n, 1)"]),
        ({"theta0s": 1.0}, ["theta0s", "()", "(n, 1)"]),
        (
            {"theta0s": [0.4, 0.1], "landscape": zoo.mohtashami_toy_2d},
            ["theta0s", "(2,)", "(n, 2)"],
        ),
        ({"theta0s": [1.0, float("nan")]}, ["theta0s", "nan", "finite"]),
        ({"theta0s": [float("-inf")]}, ["theta0s", "-inf", "finite"]),
        ({"theta0s": ["left"]}, ["theta0s", "'left'", "numbers"]),
        ({"lr": 0}, ["lr", "got 0", "above 0"]),
        ({"lr": -0.5}, ["lr", "got -0.5", "above 0"]),
        ({"lr": float("nan")}, ["lr", "got nan", "above 0"]),
        ({"lr": float("inf")}, ["lr", "got inf", "finite"]),
        ({"lr": [0.1, 0.2, 0.3]}, ["lr", "(3,)", "(2,)"]),
        ({"lr": [0.1, -0.2]}, ["lr", "got -0.2", "above 0"]),
        ({"lr": "fast"}, ["lr", "'fast'", "positive number"]),
        ({"n_steps": -1}, ["n_steps", "got -1", "at least 0"]),
        ({"n_steps": 2.5}, ["n_steps", "got 2.5", "integer"]),
        ({"n_steps": True}, ["n_steps", "got True", "integer"]),
        ({"seed": -3}, ["seed", "got -3", "4294967295"]),
        ({"seed": 2**32}, ["seed", "got 4294967296", "4294967295"]),
        ({"noise": 0.3}, ["noise", "got 0.3", "uniform(half_width)"]),
        ({"noise": uniform}, ["noise", "normal(std)"]),
        ({"record": 0}, ["record", "got 0", "at least 1"]),
        (
            {"theta0s": np.zeros(60_000), "n_steps": 10_000, "record": 2},
            ["record", "got 2", "2.4 GB", "at most 1 GB"],
        ),
    ],
)
def test_bad_input_to_an_ensemble(changes, parts):
    with pytest.raises((ValueError, TypeError)) as caught:
        call(**changes)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "theta0, options, parts",
    [
        ([1.0, 2.0], {}, ["theta0", "(2,)", "(1,)"]),
        ([[1.0]], {}, ["theta0", "(1, 1)", "(1,)"]),
        (float("nan"), {}, ["theta0", "nan", "finite"]),
        (1.0, {"lr": [0.1, 0.2]}, ["lr", "(2,)", "a number"]),
        (1.0, {"lr": 0.0}, ["lr", "0.0", "above 0"]),
        (1.0, {"n_steps": -2}, ["n_steps", "-2", "at least 0"]),
    ],
)
def test_bad_input_to_one_trajectory(theta0, options, parts):
    with pytest.raises((ValueError, TypeError)) as caught:
        gradient_descent(zoo.quadratic, theta0, **({"lr": 0.1, "n_steps": 5} | options))
    for part in parts:
        assert part in str(caught.value)


def test_memory_does_not_grow_with_the_number_of_steps():
    import tracemalloc

    def peak(n_steps):
        tracemalloc.start()
        ensemble(CUBIC, np.linspace(-1.2, 1.2, 2000), lr=1.9, n_steps=n_steps)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(10)
    assert peak(20_000) < 1.2 * peak(200)
