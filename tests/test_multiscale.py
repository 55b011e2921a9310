"""The pages on multiscale chaos: what breaks when a constant is 1 % off, and the Gibbs
module.
"""

import re
from pathlib import Path

import numpy as np
import pytest
from cases import EXAMPLE, EXAMPLES
from scipy.stats import norm

from lrlib import ensemble, figures, zoo
from lrlib.landscapes.mean import MeanLoss
from lrlib.longrun.gibbs import divergences, gibbs_shares, ideal_shares, shares, visits

PAGES = Path(__file__).resolve().parents[1] / "notebooks" / "regimes"
FLAT = zoo.multiscale_bowl.with_parameters(bumps=0)  # the bowl alone


def test_gibbs_of_a_parabola_is_normal():
    edges = np.linspace(-7, 7, 141) * 0.2
    expected = np.diff(norm.cdf(edges, scale=0.2))
    np.testing.assert_allclose(gibbs_shares(FLAT, 0.04, edges), expected, atol=1e-6)


def test_gibbs_is_normalised_on_its_edges_and_prefers_the_lower_well():
    wells = zoo.multiscale_double_well.with_parameters(bumps=0)
    left, right = gibbs_shares(wells, 0.025, [-2, 0, 2])
    assert left + right == pytest.approx(1, abs=1e-12) and left == pytest.approx(
        0.7999, abs=2e-4
    )


@pytest.mark.parametrize("lr", [0.4, 0.1, 0.02])
def test_ideal_shares_have_the_exact_variance(lr):
    """Independent phases give variance lr / (4 (1 - lr / 2))."""
    edges = np.linspace(-1.0, 1.0, 4001)
    found = ideal_shares(lr, edges)
    middles = (edges[1:] + edges[:-1]) / 2
    assert found.sum() == pytest.approx(1, abs=1e-6)
    assert (found * middles**2).sum() == pytest.approx(lr / 4 / (1 - lr / 2), rel=1e-4)


def test_ideal_shares_against_random_phases():
    draw = np.random.default_rng(4)
    edges = np.linspace(-1, 1, 41)
    x = np.zeros(400_000)
    for phase in draw.uniform(0, 2 * np.pi, (40, x.size)):
        x = 0.6 * x - 0.4 * np.cos(phase)
    np.testing.assert_allclose(
        shares(x, edges), ideal_shares(0.4, edges), atol=4 * np.sqrt(0.06 / x.size)
    )


def test_divergences():
    assert divergences([0.5, 0.5], [0.5, 0.5]) == (0, 0)
    assert divergences([1.0, 0.0], [0.5, 0.5]) == (0.5, pytest.approx(np.log(2)))


def test_visits_are_the_iterates_after_the_burn_in():
    starts = [0.3, -0.2]
    found = visits(zoo.multiscale_bowl, starts, lr=0.2, n_steps=3, burn_in=2)
    whole = ensemble(zoo.multiscale_bowl, starts, lr=0.2, n_steps=5, record=1).record
    np.testing.assert_array_equal(found, whole[3:])


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: shares([0.1], [0, 0]), "edges: got"),
        (lambda: shares([0.1], [[0, 1]]), "edges: got"),
        (lambda: gibbs_shares(FLAT, -1.0, [0, 1]), "temperature: got -1.0"),
        (
            lambda: gibbs_shares(zoo.mohtashami_toy_2d, 1.0, [0, 1]),
            "landscape: got mohtashami_toy_2d",
        ),
        (lambda: ideal_shares(1.5, [0, 1]), "lr: got 1.5"),
        (lambda: visits(FLAT, [0.1], lr=0.1, n_steps=0, burn_in=1), "n_steps: got 0"),
        (lambda: visits(FLAT, [0.1], lr=0.1, burn_in=-1), "burn_in: got -1"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        call()


def test_bowl_and_details_add_up():
    x = np.linspace(-1.5, 1.5, 7)[:, None]
    details = zoo.multiscale_bowl.loss(x) - FLAT.loss(x)
    np.testing.assert_allclose(details, 0.01 * np.sin(100 * x[:, 0]), atol=1e-15)
    np.testing.assert_allclose(FLAT.loss(x), x[:, 0] ** 2 / 2)


@pytest.mark.parametrize("lr, count", [(0.005, 27), (0.01, 7), (0.02, 2), (0.05, 0)])
def test_pits_that_hold(lr, count):
    """Attracting minima at eps = 1e-3 against 2 eps / (pi lr^2), which the page states."""
    fine = zoo.multiscale_bowl.with_parameters(eps=1e-3)
    x = np.linspace(-1.1, 1.1, 220_001)
    slope = fine.gradient(x[:, None])[:, 0]
    (at,) = np.nonzero((slope[:-1] < 0) & (slope[1:] >= 0))
    pits = x[at] - slope[at] * 1e-5 / (slope[at + 1] - slope[at])
    assert (
        (fine.hessian(pits[:, None])[:, 0, 0] < 2 / lr).sum()
        == count
        == pytest.approx(2e-3 / np.pi / lr**2, abs=2)
    )


def test_a_histogram_shows_densities():
    figure, ax = figures.axes()
    figures.histogram(
        ax, np.array([0.0, 1.0, 3.0]), np.array([0.5, 0.5]), np.array([0.4, 0.6])
    )
    (line,) = ax.lines
    assert line.get_ydata().tolist() == [0.4, 0.3] and line.get_xdata().tolist() == [
        0.5,
        2.0,
    ]
    assert ax.patches[0].get_data().values.tolist() == [0.5, 0.25]
    assert "svg" in figures.show(figure, "two bars").svg


def test_mean_loss_is_least_squares():
    loss = MeanLoss(EXAMPLE, EXAMPLES)
    x = EXAMPLES[:, 0]
    assert loss.dim == 2 and loss.loss([0.0, 0.0]) == pytest.approx(
        (EXAMPLES[:, 1] ** 2).mean() / 2
    )
    np.testing.assert_allclose(
        loss.hessian([0.3, 0.1]), [[(x**2).mean(), x.mean()], [x.mean(), 1]]
    )
    ends = ensemble(loss, [[0.0, 0.0], [5.0, -1.0]], lr=0.5, n_steps=500)
    np.testing.assert_allclose(ends.final, [np.polyfit(*EXAMPLES.T, 1)] * 2, atol=1e-9)
    assert ends.outcome.tolist() == ["converged: unnamed point"] * 2
    assert loss.gradient(np.zeros((4, 3, 2))).shape == (4, 3, 2) and loss.loss(
        np.zeros((4, 3, 2))
    ).shape == (4, 3)


@pytest.mark.parametrize(
    "data", [[1.0, 2.0], np.zeros((0, 2)), np.zeros((3, 4)), [[np.nan, 1.0]]]
)
def test_bad_data_is_named(data):
    with pytest.raises(ValueError, match="data: got"):
        MeanLoss(EXAMPLE, data)
