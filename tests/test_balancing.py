"""Sweeps in units of the sharpness."""

import numpy as np
import pytest

from lrlib import gradient_descent
from lrlib.longrun.balancing import MatrixFactorisation, balance
from lrlib.theory.blog import balance_bound


def test_balance_is_descent_in_units_of_the_sharpness():
    landscape = MatrixFactorisation(np.diag([1.0, 0.8, 0.5]), 3)
    starts = landscape.unbalanced(4, seed=2)
    np.testing.assert_array_equal(starts, landscape.unbalanced(4, seed=2))
    found = balance(landscape, starts, [0.7, 2.2, 9.0], n_steps=1500)
    assert found.lr[1, 3] == 2.2 / landscape.sharpness(
        starts[3]
    ) and found.final.shape == (3, 4, landscape.dim)
    alone = gradient_descent(
        landscape, starts[3], lr=float(found.lr[1, 3]), n_steps=1500
    )[-1]
    np.testing.assert_array_equal(found.final[1, 3], alone)
    np.testing.assert_allclose(found.gap[1, 3], abs(landscape.norm_gap(alone)))
    np.testing.assert_allclose(
        found.kept * np.abs(landscape.norm_gap(starts)), found.gap
    )
    x, y = landscape.split(alone)
    assert found.apart[1, 3] == pytest.approx(np.square(x - y).sum())
    assert (
        not found.converged[2].any()
        and np.isnan(found.edge[2]).all()
        and np.isnan(found.medians("edge")[2])
    )
    assert found.converged[0].any() and found.edge[found.converged].max() <= 2
    assert found.medians("kept")[0] == np.median(found.kept[0][found.converged[0]])
    with pytest.raises(ValueError, match="kind: got 'gap'"):
        found.medians("gap")


@pytest.mark.parametrize(
    "target, rank",
    [(1.0, 1), (-1.0, 1), (np.diag([1.0, 0.8, 0.5, 0.3]), 3), (np.diag([1.0, 0.4]), 2)],
)
def test_limits_obey_the_bound_in_spectral_norms(target, rank):
    """(|X| - |Y|)^2 <= 2/lr - 2|target|; in one dimension |x - y|^2 <= 2/lr - 2 target,
    of either sign.
    """
    landscape = MatrixFactorisation(target, rank)
    found = balance(
        landscape,
        landscape.unbalanced(30, seed=4),
        np.linspace(1.8, 3.8, 6),
        n_steps=1500,
    )
    gap = landscape.norm_gap(found.final, "spectral") ** 2
    assert found.converged.sum() > 30
    assert (gap <= balance_bound(found.lr, landscape.lowest_sharpness / 2))[
        found.converged
    ].all()
    if landscape.dim == 2:
        assert (found.apart <= balance_bound(found.lr, float(target)))[
            found.converged
        ].all()


@pytest.mark.parametrize(
    "rank, seed, ratios, gaps, fates",
    [
        (4, 0, [2.1, 2.4, 3.0, 3.95], [4.675, 4.261, 3.099], [True, True, True, False]),
        (2, 1, [2.4, 3.0, 3.95, 4.1], [2.286, 0.793], [True, True, True, False]),
    ],
)
def test_random_targets_show_that_four_over_l_is_a_rule_of_thumb(
    rank, seed, ratios, gaps, fates
):
    """One start diverges below 4/L, another converges at the same multiple; recorded
    gaps up to 3/L.
    """
    rng = np.random.default_rng(seed)
    target = rng.standard_normal((4, 4))
    landscape = MatrixFactorisation(target / np.linalg.norm(target, 2), rank)
    start = landscape.join(
        2 * rng.standard_normal((4, rank)), 0.1 * rng.standard_normal((4, rank))
    )
    found = balance(landscape, [start], ratios, n_steps=20_000)
    assert found.converged[:, 0].tolist() == fates
    np.testing.assert_allclose(found.gap[: len(gaps), 0], gaps, atol=1e-3)
    assert np.nanmax(found.edge) <= 2
