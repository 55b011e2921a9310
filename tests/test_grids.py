"""Every start with every learning rate: the order, and what is refused."""

import re

import numpy as np
import pytest

from lrlib import ensemble, zoo
from lrlib.descent.grids import grid


def test_a_cell_is_its_start_at_its_learning_rate():
    starts = np.array([[0.5, 1.4], [0.2, 0.3]])
    lrs = [0.1, 0.5, 0.9]
    plan = grid(starts, lrs, dim=2)
    runs = ensemble(zoo.scalar_factorisation, plan.theta0s, lr=plan.lr, n_steps=30)
    final = plan.fold(runs.final)
    assert final.shape == (3, 2, 2)
    assert plan.fold(runs.outcome).shape == (3, 2)
    for i, lr in enumerate(lrs):
        alone = ensemble(zoo.scalar_factorisation, starts, lr=lr, n_steps=30)
        np.testing.assert_array_equal(final[i], alone.final)


def test_a_learning_rate_for_each_cell():
    lrs = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
    plan = grid([1.0, 2.0], lrs, dim=1)
    assert plan.fold(plan.lr).tolist() == lrs
    assert plan.theta0s.ravel().tolist() == [1.0, 2.0] * 3


def test_nothing_on_a_side():
    assert grid(np.empty((0, 2)), [0.1], dim=2).shape == (1, 0)
    assert grid([1.0], [], dim=1).shape == (0, 1)
    assert grid([1.0], 0.1, dim=1).shape == (1, 1)


@pytest.mark.parametrize(
    "starts, lrs, words",
    [
        ([[1.0, 2.0]], [0.1], "starts: got shape (1, 2)"),
        ([np.nan], [0.1], "starts: got [nan]"),
        ([1.0, 2.0], [0.1, -0.2], "lrs: got -0.2"),
        ([1.0, 2.0], [np.inf], "lrs: got inf"),
        ([1.0, 2.0], [[0.1, 0.2, 0.3]], "lrs: got shape (1, 3)"),
        ([1.0, 2.0], [[[0.1]]], "lrs: got shape (1, 1, 1)"),
    ],
)
def test_bad_input_is_named(starts, lrs, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        grid(starts, lrs, dim=1)
