"""numpy, numba and JavaScript give the same loss and gradient, on generic points and on
kinks.
"""

import numpy as np
import pytest
from expressions import CASES, is_rational
from parity import EVALUATE, ZOO_KINKS, gap, in_numba, in_numpy, points

from lrlib import Landscape, zoo

ZOO = {f"zoo.{k}": v for k, v in vars(zoo).items() if isinstance(v, Landscape)}
ZOO["zoo.printed edges"] = zoo.mohtashami_toy_1d.with_parameters(edge_slope=1e4)


def landscapes() -> dict:
    """{name: (landscape, points of shape (n, dim))}."""
    made = {}
    for seed, (name, (formula, coordinates, half, kinks)) in enumerate(CASES.items()):
        landscape = Landscape(
            formula,
            coordinates,
            name="case",
            box=[(-half, half)] * len(coordinates.split()),
        )
        made[name] = landscape, points(landscape, seed, kinks)
    for seed, (name, landscape) in enumerate(ZOO.items()):
        made[name] = landscape, points(landscape, seed, ZOO_KINKS.get(name, ()))
    return made


@pytest.fixture(scope="module")
def made():
    return landscapes()


@pytest.fixture(scope="module")
def in_javascript(node, made):
    jobs = [
        {"source": landscape.javascript, "points": at.tolist()}
        for landscape, at in made.values()
    ]
    return dict(zip(made, map(np.array, node(EVALUATE, jobs)), strict=True))


@pytest.mark.parametrize("name", [*CASES, *ZOO])
def test_javascript_equals_numpy(name, made, in_javascript):
    assert gap(in_numpy(*made[name]), in_javascript[name]) <= 1e-12
    if name in CASES and is_rational(name):
        np.testing.assert_array_equal(in_numpy(*made[name]), in_javascript[name])


@pytest.mark.parametrize("name", [*CASES, *ZOO])
def test_numba_equals_numpy(name, made):
    ours = in_numpy(*made[name])
    compiled = in_numba(*made[name])
    assert gap(ours, compiled) <= 1e-12
    if name in CASES and is_rational(name):
        np.testing.assert_array_equal(ours, compiled)


def test_there_are_rational_and_other_cases():
    assert 15 <= sum(map(is_rational, CASES)) <= len(CASES) - 15


def test_points_lie_on_kinks_and_off_them(made):
    landscape, at = made["holes"]
    assert np.isnan(landscape.loss([-1.0])) == np.False_ and np.isnan(
        landscape.loss([1.0])
    )
    assert 1.0 in at and len(np.unique(at)) == len(at)


def test_one_wrong_digit_is_seen(made, node):
    """The comparison above is sharp enough: one changed literal in the printed
    JavaScript fails it.
    """
    landscape, at = made["four wells"]
    source = landscape.javascript
    wrong = source.replace("11.0", "11.1", 1)
    assert wrong != source
    found = np.array(node(EVALUATE, [{"source": wrong, "points": at.tolist()}])[0])
    assert gap(in_numpy(landscape, at), found) > 1e-12
