"""The page of the exact basin: a change of 1 % turns each of its claims red."""

import numpy as np
import pytest

from lrlib import ensemble, figures, zoo


@pytest.mark.parametrize("target, lr", [(1.0, 0.8), (2.5, 0.3), (0.4, 4.0), (1.0, 1.9)])
def test_the_ellipse_with_any_target(target, lr):
    """Bounded exactly inside, for targets that the page scales away."""
    starts = np.random.default_rng(4).uniform(-1.2, 1.2, (4000, 2)) * 2 / np.sqrt(lr)
    x, y = starts.T
    inside = lr * (x**2 + y**2) + lr**2 * target * (target - x * y) < 4
    runs = ensemble(
        zoo.scalar_factorisation.with_parameters(target=target),
        starts,
        lr=lr,
        n_steps=4000,
    )
    assert 300 < inside.sum() < 3000
    np.testing.assert_array_equal(runs.left == 0, inside)


def test_contours_and_paths_are_drawn():
    fig, ax = figures.axes()
    figures.path(
        figures.contours(ax, zoo.scalar_factorisation),
        np.array([[1.0, 2.0], [0.5, 0.5], [1.0, 1.0]]),
    )
    figures.zero_set(ax, lambda x, y: x**2 + y**2 - 1, 2.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y") and ax.get_xlim() == (
        -2.6,
        2.6,
    )
    assert "<image" in figures.show(fig, "a field").svg


def test_a_figure_brings_no_rules_for_the_page():
    fig, ax = figures.axes()
    ax.plot([0, 1], [0, 1])
    svg = figures.show(fig, "a line").svg
    assert "<style" not in svg and "stroke-linecap: butt" in svg[: svg.index(">")]


def test_contours_need_two_coordinates():
    with pytest.raises(
        ValueError, match="landscape: got quadratic of 1 coordinates; allowed are 2"
    ):
        figures.contours(figures.axes()[1], zoo.quadratic)
