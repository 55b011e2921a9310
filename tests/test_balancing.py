"""Sweeps in units of the sharpness, and the page that is built on them."""

import re
from pathlib import Path

import jupytext
import numpy as np
import pytest

from lrlib import gradient_descent
from lrlib.balancing import MatrixFactorisation, balance
from lrlib.bounds import balance_bound
from lrlib.claims import ClaimFailed


def test_balance_is_descent_in_units_of_the_sharpness():
    landscape = MatrixFactorisation(np.diag([1.0, 0.8, 0.5]), 3)
    starts = landscape.unbalanced(4, seed=2)
    np.testing.assert_array_equal(starts, landscape.unbalanced(4, seed=2))
    found = balance(landscape, starts, [0.7, 2.2, 9.0], n_steps=1500)
    assert found.lr[1, 3] == 2.2 / landscape.sharpness(starts[3]) and found.final.shape == (3, 4, landscape.dim)
    alone = gradient_descent(landscape, starts[3], lr=float(found.lr[1, 3]), n_steps=1500)[-1]
    np.testing.assert_array_equal(found.final[1, 3], alone)
    np.testing.assert_allclose(found.gap[1, 3], abs(landscape.norm_gap(alone)))
    np.testing.assert_allclose(found.kept * np.abs(landscape.norm_gap(starts)), found.gap)
    x, y = landscape.split(alone)
    assert found.apart[1, 3] == pytest.approx(np.square(x - y).sum())
    assert not found.converged[2].any() and np.isnan(found.edge[2]).all() and np.isnan(found.medians("edge")[2])
    assert found.converged[0].any() and found.edge[found.converged].max() <= 2
    assert found.medians("kept")[0] == np.median(found.kept[0][found.converged[0]])
    with pytest.raises(ValueError, match="kind: got 'gap'"):
        found.medians("gap")


@pytest.mark.parametrize("target, rank", [(1.0, 1), (-1.0, 1), (np.diag([1.0, 0.8, 0.5, 0.3]), 3), (np.diag([1.0, 0.4]), 2)])
def test_limits_obey_the_bound_in_spectral_norms(target, rank):
    """(|X| - |Y|)^2 <= 2/lr - 2|target|; in one dimension |x - y|^2 <= 2/lr - 2 target, of either sign."""
    landscape = MatrixFactorisation(target, rank)
    found = balance(landscape, landscape.unbalanced(30, seed=4), np.linspace(1.8, 3.8, 6), n_steps=1500)
    gap = landscape.norm_gap(found.final, "spectral") ** 2
    assert found.converged.sum() > 30
    assert (gap <= balance_bound(found.lr, landscape.lowest_sharpness / 2))[found.converged].all()
    if landscape.dim == 2:
        assert (found.apart <= balance_bound(found.lr, float(target)))[found.converged].all()


@pytest.mark.parametrize(
    "rank, seed, ratios, gaps, fates",
    [
        (4, 0, [2.1, 2.4, 3.0, 3.95], [4.675, 4.261, 3.099], [True, True, True, False]),
        (2, 1, [2.4, 3.0, 3.95, 4.1], [2.286, 0.793], [True, True, True, False]),
    ],
)
def test_random_targets_show_that_four_over_l_is_a_rule_of_thumb(rank, seed, ratios, gaps, fates):
    """One start diverges below 4/L, another converges at the same multiple; recorded gaps up to 3/L."""
    rng = np.random.default_rng(seed)
    target = rng.standard_normal((4, 4))
    landscape = MatrixFactorisation(target / np.linalg.norm(target, 2), rank)
    start = landscape.join(2 * rng.standard_normal((4, rank)), 0.1 * rng.standard_normal((4, rank)))
    found = balance(landscape, [start], ratios, n_steps=20_000)
    assert found.converged[:, 0].tolist() == fates
    np.testing.assert_allclose(found.gap[: len(gaps), 0], gaps, atol=1e-3)
    assert np.nanmax(found.edge) <= 2


# -- the page: change one number by 1 %, and its claim must turn red

PAGE = Path(__file__).resolve().parents[1] / "notebooks" / "regimes" / "balancing.md"
MUTATIONS = [
    ("B.A11-bound", "product=1.0)", "product=1.01)"),
    ("B.A11-balances", "[1.0, 2.1, 2.5, 2.8, 3.0]", "[1.0, 2.1, 2.5, 2.8, 3.03]"),
    ("B.A11-larger", "[3.1, 3.2]", "[3.131, 3.2]"),
    ("B.A11-converges", "[3.999, 4.001]", "[4.03899, 4.001]"),
    ("B.A11-window", "np.linspace(1.0, 4.2, 17)", "np.linspace(1.0, 4.242, 17)"),
    ("B.A12-eos", "[2.02, 2.05]", "[2.02, 2.0705]"),
    ("B.A11-homogeneity", "(-2, 0.1)", "(-2, 0.101)"),
    ("B.A11-global", "deep.hessian(points)", "deep.hessian(1.01 * points)"),
    ("B.A11-flat-balanced", "np.diag([3.0, 1.0])", "np.diag([3.03, 1.0])"),
]


@pytest.fixture(scope="module")
def page():
    """The page's cells, each with the names that exist before it; every claim holds."""
    patch = pytest.MonkeyPatch()
    patch.setattr("IPython.display.display", lambda *things, **options: None)
    space, cells = {"__name__": "__main__"}, []
    for cell in (c.source for c in jupytext.read(PAGE).cells if c.cell_type == "code"):
        cells.append((cell, dict(space)))
        exec(compile(cell, "<cell>", "exec"), space)
    yield cells
    patch.undo()


@pytest.mark.parametrize("claim, old, new", MUTATIONS, ids=[row[0] for row in MUTATIONS])
def test_one_percent_turns_the_claim_red(claim, old, new, page):
    (first,) = [i for i, (cell, _) in enumerate(page) if old in cell]
    assert page[first][0].count(old) == 1
    space, failed = dict(page[first][1]), []
    for cell, _ in page[first:]:
        if claim not in failed:
            try:
                exec(compile(cell.replace(old, new), "<cell>", "exec"), space)
            except ClaimFailed as error:
                failed.append(str(error).split(":")[0])
    assert claim in failed


def test_every_claim_of_the_page_has_a_mutation(page):
    stated = {i for cell, _ in page for i in re.findall(r'"(B\.A1[12]-[\w-]+)"', cell)}
    assert stated == {claim for claim, _, _ in MUTATIONS}
