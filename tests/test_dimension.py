"""Dimensions of edges: by boxes on curves whose dimension is known, by expansion on maps
whose dimension is known.
"""

import numpy as np
import pytest

from lrlib import ensemble, zoo
from lrlib.longrun.dimension import (
    below_weierstrass,
    edge_dimension,
    expansion_dimension,
)
from lrlib.theory.liang import preimages


def disc(points):
    return (points**2).sum(axis=1) < 1


def test_a_circle_is_a_line_at_all_scales():
    sides, found = edge_dimension(disc, [(-1.3, 1.2)] * 2, n_levels=20, keep=400)
    np.testing.assert_allclose(sides, 2.5 / 32 / 2 ** np.arange(1, 21))
    assert found.mean() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("dimension", [1.2, 1.5])
def test_a_rough_graph_is_counted_a_little_low_and_better_with_more_points(dimension):
    def mean(samples):
        _, found = edge_dimension(
            lambda p: below_weierstrass(p, dimension, n_waves=18),
            [(-1.9, 2.1), (-2.5, 2.5)],
            n_levels=12,
            samples=samples,
            keep=300,
        )
        return found[2:].mean()

    coarse = mean(3)
    fine = mean(17)
    assert coarse < fine < dimension + 0.02
    assert fine > dimension - 0.08


def test_an_edge_along_the_sides_of_boxes_is_found():
    """Only boxes below it have points on both sides of a line that belongs to the set."""
    _, found = edge_dimension(lambda p: p[:, 1] < 0.5, [(0, 1)] * 2, n_levels=6)
    np.testing.assert_allclose(found, 1, atol=1e-12)


def test_where_there_is_no_edge_it_says_so():
    with pytest.raises(ValueError, match="no edge was seen"):
        edge_dimension(lambda p: p[:, 0] < 9, [(0, 1)] * 2, n_levels=3)
    for bad in ({"n_levels": 0}, {"n_levels": 41}, {"samples": 1}, {"keep": 0}):
        (name,) = bad
        with pytest.raises(ValueError, match=name):
            edge_dimension(disc, [(-1, 1)] * 2, **{"n_levels": 3} | bad)
    with pytest.raises(ValueError, match="dimension"):
        below_weierstrass([[0, 0]], 2.0)


def copies(*maps, n):
    """Derivatives of the inverse of n steps of linear contractions, all words."""
    words = np.eye(2)[None]
    for _ in range(n):
        words = np.concatenate(
            [words @ np.linalg.inv(np.array(m, float)) for m in maps]
        )
    return words


@pytest.mark.parametrize(
    ("maps", "dimension"),
    [
        # the Sierpinski triangle
        ([np.eye(2) / 2] * 3, np.log(3) / np.log(2)),
        # a graph over three columns whose heights shrink by 0.8 (Bedford 1989)
        ([np.diag([1 / 3, 0.8])] * 3, 1 + np.log(3 * 0.8) / np.log(3)),
        # columns of different heights: the mean of the heights counts
        (
            [np.diag([1 / 3, h]) for h in (0.9, 0.7, 0.5)],
            1 + np.log(0.9 + 0.7 + 0.5) / np.log(3),
        ),
    ],
)
def test_expansion_of_maps_whose_dimension_is_known(maps, dimension):
    found = expansion_dimension(copies(*maps, n=3), copies(*maps, n=4))
    assert found == pytest.approx(dimension, abs=1e-9)


def test_expansion_refuses_what_does_not_expand():
    with pytest.raises(ValueError, match="growth"):
        expansion_dimension([2 * np.eye(2)], [4 * np.eye(2)])
    with pytest.raises(ValueError, match="shape"):
        expansion_dimension(np.eye(2), [np.eye(2)])


@pytest.mark.parametrize("penalty", [0.0, 0.1, 0.4, 0.7])
@pytest.mark.parametrize("lr", [0.1, 0.5, 0.95])
def test_one_step_carries_preimages_to_their_points(lr, penalty):
    factors = zoo.regularised_factorisation.with_parameters(penalty=penalty)
    drawn = np.random.default_rng(1).uniform(-6, 6, (300, 2))
    found, parent = preimages(drawn, lr=lr, penalty=penalty)
    back = found - lr * factors.gradient(found)
    np.testing.assert_allclose(back, drawn[parent], rtol=1e-6, atol=1e-6)
    assert (np.diff(parent) >= 0).all()
    numbers = np.bincount(parent, minlength=300)
    assert set(numbers) <= {1, 3, 5}


def test_a_start_is_among_the_preimages_of_its_image():
    factors = zoo.regularised_factorisation.with_parameters(penalty=0.3)
    starts = np.random.default_rng(2).uniform(-3, 3, (200, 2))
    images = starts - 0.6 * factors.gradient(starts)
    found, parent = preimages(images, lr=0.6, penalty=0.3)
    distance = np.full(200, np.inf)
    np.minimum.at(distance, parent, np.abs(found - starts[parent]).max(axis=1))
    assert distance.max() < 1e-6


def test_preimages_refuse_a_penalty_that_folds_the_step():
    with pytest.raises(ValueError, match="lr \\* penalty"):
        preimages([[1, 1]], lr=2.0, penalty=0.5)
    with pytest.raises(ValueError, match="points"):
        preimages([1, 1], lr=0.5)


def test_the_frozen_penalty_is_the_penalty():
    """One compiled loop for all penalties takes the steps, bit for bit, of one for each."""
    rng = np.random.default_rng(3)
    starts = rng.uniform(-4, 4, (500, 2))
    frozen = zoo.regularised_factorisation.with_frozen(penalty=(0.0, 1.0))
    alone = zoo.regularised_factorisation.with_parameters(penalty=0.37)
    one = ensemble(alone, starts, lr=0.5, n_steps=200)
    longer = np.column_stack([starts, np.full(500, 0.37)])
    two = ensemble(frozen, longer, lr=0.5, n_steps=200)
    np.testing.assert_array_equal(one.left, two.left)
    np.testing.assert_array_equal(one.final, two.final[:, :2])
    assert (one.outcome == two.outcome).all()
    for penalty in (0.0, 0.1, 1.0):
        alone = zoo.regularised_factorisation.with_parameters(penalty=penalty)
        longer = np.column_stack([starts, np.full(500, penalty)])
        slopes = frozen.gradient(longer)
        np.testing.assert_array_equal(slopes[:, :2], alone.gradient(starts))
        np.testing.assert_array_equal(slopes[:, 2], 0)
