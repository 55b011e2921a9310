"""One set of cases for every landscape, whatever it is made of."""

import copy
import pickle
import re

import numpy as np
import pytest
from cases import EVERY, PLANE, WITH_FORMULAS, Funnel, generic_points

from lrlib import Box, Landscape, Objective, ensemble, gradient_descent, zoo
from lrlib.descent import stepping
from lrlib.landscapes.contract import Region, formulas, objective
from lrlib.longrun import dynamics

every_landscape = pytest.mark.parametrize("landscape", EVERY.values(), ids=list(EVERY))
every_formula = pytest.mark.parametrize(
    "landscape", WITH_FORMULAS.values(), ids=list(WITH_FORMULAS)
)
H = 1e-5  # half the width of a central difference


def has_hessian(landscape) -> bool:
    return type(landscape).hessian is not Objective.hessian


def slopes(function, points) -> np.ndarray:
    """Central differences along every coordinate, as a last axis."""
    steps = H * np.eye(points.shape[-1])
    pairs = [(function(points + s), function(points - s)) for s in steps]
    return np.stack([(ahead - behind) / (2 * H) for ahead, behind in pairs], -1)


@every_landscape
def test_it_says_what_it_is(landscape):
    assert objective(landscape) is landscape
    assert landscape.dim >= 1
    assert isinstance(landscape.dim, int)
    assert landscape.name.isidentifier()
    assert all(isinstance(v, Region) for v in landscape.minima.values())


@every_landscape
def test_shapes_follow_the_points(landscape):
    points = generic_points(landscape, 24)
    tails = {"loss": (), "gradient": (landscape.dim,)}
    if has_hessian(landscape):
        tails |= {"hessian": (landscape.dim, landscape.dim), "sharpness": ()}
    for name, tail in tails.items():
        function = getattr(landscape, name)
        values = function(points)
        assert values.shape == (24, *tail)
        assert values.dtype == float
        folded = points.reshape(2, 3, 4, landscape.dim)
        np.testing.assert_array_equal(function(folded).reshape(values.shape), values)
        assert function(points[:0]).shape == (0, *tail)
        alone = function(points[7])
        assert alone.shape == tail
        np.testing.assert_allclose(alone, values[7], rtol=1e-12, atol=1e-12)


@every_landscape
def test_gradient_is_the_slope_of_the_loss(landscape):
    points = generic_points(landscape)
    gradient = landscape.gradient(points)
    size = 1 + np.abs(gradient).max()
    found = slopes(landscape.loss, points)
    np.testing.assert_allclose(gradient, found, atol=1e-6 * size)


@every_landscape
def test_hessian_is_symmetric_and_the_slope_of_the_gradient(landscape):
    points = generic_points(landscape)
    if not has_hessian(landscape):
        with pytest.raises(TypeError, match=f"landscape: got {landscape.name}"):
            landscape.hessian(points)
        return
    hessian = landscape.hessian(points)
    size = 1 + np.abs(hessian).max()
    found = slopes(landscape.gradient, points)
    np.testing.assert_allclose(hessian, found, atol=1e-6 * size)
    np.testing.assert_allclose(hessian, np.swapaxes(hessian, -1, -2), atol=1e-14 * size)
    largest = np.linalg.eigvalsh(hessian).max(-1)
    np.testing.assert_array_equal(landscape.sharpness(points), largest)


@every_landscape
def test_named_minima_are_stationary(landscape):
    for name, minimum in landscape.minima.items():
        if landscape is PLANE:
            continue  # its names are for the tests of regions
        point = minimum.point
        assert point.shape == (landscape.dim,)
        assert minimum.distance(point) <= 1e-7
        far = minimum.distance(point + 1e3)
        assert far > 1
        size = 1 + landscape.sharpness(point)
        assert np.abs(landscape.gradient(point)).max() <= 1e-9 * size, name


@every_landscape
@pytest.mark.parametrize("name", ["loss", "gradient"])
def test_bad_points_are_named(landscape, name):
    function = getattr(landscape, name)
    wide = landscape.dim + 1
    with pytest.raises(ValueError, match=re.escape(f"theta: got shape ({wide},)")):
        function(np.zeros(wide))
    with pytest.raises(TypeError, match="theta: got 'abc'; allowed are numbers"):
        function("abc")
    assert np.isnan(function(np.full((1, landscape.dim), np.nan))).all()


@every_landscape
def test_the_callers_points_are_not_changed(landscape):
    points = generic_points(landscape, 3)
    kept = points.copy()
    landscape.loss(points)
    landscape.gradient(points)
    np.testing.assert_array_equal(points, kept)


@every_landscape
def test_every_loop_takes_it(landscape):
    starts = generic_points(landscape, 5)
    runs = ensemble(landscape, starts, lr=1e-3, n_steps=20, record=1)
    assert runs.record.shape == (21, 5, landscape.dim)
    pull = landscape.gradient(runs.record[:-1])
    expected = runs.record[:-1] - 1e-3 * pull
    inside = runs.left == 0
    np.testing.assert_allclose(
        runs.record[1:, inside], expected[:, inside], rtol=1e-12, atol=1e-12
    )
    orbit = gradient_descent(landscape, starts[2], lr=1e-3, n_steps=20)
    np.testing.assert_array_equal(orbit, runs.record[:, 2])
    assert sum(runs.counts().values()) == 5
    if landscape.formulas is None:  # of formulas, test_dynamics.py compiles some
        exponents = dynamics.lyapunov(landscape, starts, lr=1e-3, n_steps=20)
        assert exponents.shape == (5,)


@every_formula
def test_the_compiled_loop_steps_like_numpy(landscape):
    starts = generic_points(landscape)
    lr = np.full(len(starts), 1e-3)
    compiled = stepping.advance(landscape, starts, lr=lr, n_steps=20)
    theta = np.array(starts.T, order="C")
    state = np.zeros(len(starts), np.int64)
    none = np.empty((0, *theta.shape))
    limits = (stepping.BOUND, stepping.SETTLED)
    run = stepping.numpy_loop(landscape.gradient, None)
    run(theta, lr, 20, *limits, 0, 0, 0.0, state, none, 0)
    np.testing.assert_allclose(compiled.final, theta.T, rtol=1e-11, atol=1e-11)


@every_landscape
def test_symbols_are_given_or_refused(landscape):
    if landscape.formulas is not None:
        assert len(formulas(landscape).gradient_formula) == landscape.dim
        return
    assert landscape.kernel_source(None) is None
    with pytest.raises(TypeError, match=f"landscape: got {landscape.name}; allowed"):
        formulas(landscape)


@every_landscape
def test_it_can_be_sent_to_another_process(landscape):
    points = generic_points(landscape, 3)
    gradient = landscape.gradient(points)
    for twin in (pickle.loads(pickle.dumps(landscape)), copy.deepcopy(landscape)):
        np.testing.assert_array_equal(twin.gradient(points), gradient)
        assert list(twin.minima) == list(landscape.minima)
    runs = ensemble(landscape, points, lr=1e-3, n_steps=5)
    again = pickle.loads(pickle.dumps(runs))
    assert again.counts() == runs.counts()


@every_formula
def test_equal_landscapes_hash_alike(landscape):
    twin = copy.deepcopy(landscape)
    assert twin is not landscape
    assert twin == landscape
    assert hash(twin) == hash(landscape)
    assert len({landscape, twin, zoo.quadratic, Funnel()}) >= 2


def test_other_parameters_make_another_landscape():
    stiff = PLANE.with_parameters(stiffness=7)
    assert stiff != PLANE
    again = stiff.with_parameters(stiffness=2.5)
    assert again == PLANE
    assert hash(again) == hash(PLANE)


class Duck:
    """It looks like a landscape and does not keep the contract."""

    dim = 1
    name = "duck"
    minima = {}

    def gradient(self, theta):
        return theta


@pytest.mark.parametrize(
    "call",
    [
        lambda f: ensemble(f, [1.0], lr=0.1, n_steps=3),
        lambda f: gradient_descent(f, 1.0, lr=0.1, n_steps=3),
        lambda f: dynamics.lyapunov(f, [1.0], lr=0.1, n_steps=3),
        lambda f: formulas(f),
    ],
)
def test_what_does_not_keep_the_contract_is_refused(call):
    with pytest.raises(TypeError, match="landscape: got .*Duck.*; allowed is"):
        call(Duck())


def test_a_subclass_must_define_loss_and_gradient():
    with pytest.raises(TypeError, match="gradient"):
        type("Half", (Objective,), {"loss": lambda self, theta: 0.0})()


# -- boxes


def test_a_box_may_be_given_as_such():
    box = Box((0.2,), (0.4,))
    landscape = Landscape(
        "x**2", "x", name="case", box=[(-1, 1)], minima={"a": box, "b": 0.5}
    )
    assert landscape.minima == {"a": box, "b": Box((0.5,), (0.5,))}
    assert box.point == pytest.approx([0.3])
    assert Box(0.2, 0.4) == box
    with pytest.raises(ValueError, match=r"regions\['c'\]: got Box"):
        Landscape("x", "x", name="c", box=[(0, 1)], regions={"c": Box((0, 0), (1, 1))})


@pytest.mark.parametrize(
    "lower, upper, words",
    [
        ((0.0, 1.0), (1.0, 0.5), "lower, upper: got (0.0, 1.0), (1.0, 0.5)"),
        ((0.0,), (1.0, 0.5), "upper: got 2 coordinates"),
        ((float("nan"),), (1.0,), "lower, upper: got (nan,)"),
    ],
)
def test_bad_ends_of_a_box_are_named(lower, upper, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Box(lower, upper)
