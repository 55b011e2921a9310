"""The page of the exact basin: a change of 1 % turns each of its claims red."""

import re

import numpy as np
import pytest
from test_mutations import execute, mutated

from lrlib import ensemble, figures, zoo
from lrlib.claims import ClaimFailed

PAGE = "regimes/exact_basin"
CLAIM = re.compile(r"^claim\(\s*\"([\w.-]+)\"", re.M)

# (claim that must fail, text that stands once in the code, the same with a number 1 % off)
MUTATIONS = [
    ("B.A8-invariant", "c = (4 - eta**2 * mu**2) / eta", "c = (4 - 1.01 * eta**2 * mu**2) / eta"),
    ("B.A8-invariant", "rest = factor - (1 - eta**2", "rest = factor - (1.01 - eta**2"),
    ("B.A8-bounded", "lr * x * y - (4 - lr**2) / lr", "lr * x * y - (4.04 - lr**2) / lr"),
    ("B.A8-converges", "0.97, 1.005, 1.5", "0.97, 0.995, 1.5"),
    ("B.A8-four-over-L", "multiples / float(product", "1.01 * multiples / float(product"),
    ("B.A8-tripling", "theta, sp.pi - 3 * theta", "theta, sp.pi - sp.Rational('3.03') * theta"),
]


@pytest.mark.parametrize("claim, old, new", MUTATIONS, ids=[new for _, _, new in MUTATIONS])
def test_a_small_change_turns_a_claim_red(claim, old, new, monkeypatch):
    """The other claims are left out, so that each is broken by itself."""
    cells = [cell for cell in mutated(PAGE, old, new) if CLAIM.findall(cell) in ([], [claim])]
    last = max(i for i, cell in enumerate(cells) if CLAIM.findall(cell))
    kept = [cell for cell in cells[: last + 1] if "figures.show" not in cell or "def excess" in cell]
    with pytest.raises(ClaimFailed, match=f"^{re.escape(claim)}: "):
        execute(kept, monkeypatch)


@pytest.mark.parametrize("target, lr", [(1.0, 0.8), (2.5, 0.3), (0.4, 4.0), (1.0, 1.9)])
def test_the_ellipse_with_any_target(target, lr):
    """Bounded exactly inside, for targets that the page scales away."""
    starts = np.random.default_rng(4).uniform(-1.2, 1.2, (4000, 2)) * 2 / np.sqrt(lr)
    x, y = starts.T
    inside = lr * (x**2 + y**2) + lr**2 * target * (target - x * y) < 4
    runs = ensemble(zoo.scalar_factorisation.with_parameters(target=target), starts, lr=lr, n_steps=4000)
    assert 300 < inside.sum() < 3000
    np.testing.assert_array_equal(runs.left == 0, inside)


def test_contours_and_paths_are_drawn():
    fig, ax = figures.axes()
    figures.path(figures.contours(ax, zoo.scalar_factorisation), np.array([[1.0, 2.0], [0.5, 0.5], [1.0, 1.0]]))
    figures.zero_set(ax, lambda x, y: x**2 + y**2 - 1, 2.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x", "y") and ax.get_xlim() == (-2.6, 2.6)
    assert "<image" in figures.show(fig, "a field").svg


def test_a_figure_brings_no_rules_for_the_page():
    fig, ax = figures.axes()
    ax.plot([0, 1], [0, 1])
    svg = figures.show(fig, "a line").svg
    assert "<style" not in svg and "stroke-linecap: butt" in svg[: svg.index(">")]


def test_contours_need_two_coordinates():
    with pytest.raises(ValueError, match="landscape: got quadratic of 1 coordinates; allowed are two"):
        figures.contours(figures.axes()[1], zoo.quadratic)
