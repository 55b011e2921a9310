"""Interval enclosures: they hold every value, on kinks as well, and are narrow where they
can be.
"""

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy as sp
from expressions import CASES

from lrlib import Landscape, zoo
from lrlib.codegen.primitives import lower
from lrlib.landscapes.formula import Box

ZOO = {k: v for k, v in vars(zoo).items() if isinstance(v, Landscape)}
# where a formula changes its mind
KINKS = {
    "mohtashami_toy_1d": (2, 3, 8.4, 8.40001, 8.59999, 8.6),
    "mohtashami_toy_2d": (-2, -1, 0, 1, 2),
}
N_BOXES = 40
N_POINTS = 25  # in each box: 1,000 for each landscape
DIGITS = 40


def one(formula, half=3.0, coordinates="x"):
    dim = len(coordinates.split())
    return Landscape(formula, coordinates, name="case", box=[(-half, half)] * dim)


def exact(coordinates, formulas):
    """The formulas as functions of mpmath numbers."""
    return sp.lambdify(coordinates, [lower(f) for f in formulas], "mpmath")


def sub_boxes(landscape, kinks, rng):
    """Random boxes of every size, a third of them with a kink as an end or inside."""
    low, high = np.transpose(landscape.box)
    for k in range(N_BOXES):
        width = (high - low) * 10.0 ** rng.uniform(-6, 0, landscape.dim)
        start = rng.uniform(low, high - width)
        if kinks and k % 3 == 0:
            start = rng.choice(kinks, landscape.dim) - width * rng.choice([0, 0.5, 1])
        yield Box(tuple(start.tolist()), tuple((start + width).tolist()))


def points(box, kinks, rng):
    """Corners, kinks inside the box, and random points; exact numbers."""
    sides = []
    for low, high in zip(box.lower, box.upper, strict=True):
        special = [low, high, *(k for k in kinks if low <= k <= high)]
        inside = rng.uniform(low, high, N_POINTS)
        chosen = rng.choice(special, N_POINTS)
        mixed = np.where(rng.random(N_POINTS) < 0.3, chosen, inside)
        sides.append([mpmath.mpf(float(v)) for v in mixed])
    return list(zip(*sides, strict=True))


def check(landscape, kinks=()):
    rng = np.random.default_rng(7)
    formulas = [landscape.loss_formula, *landscape.gradient_formula]
    values = exact(landscape.coordinates, formulas)
    seen = 0
    with mpmath.workdps(DIGITS):
        for box in sub_boxes(landscape, kinks, rng):
            loss = landscape.enclose_loss(box)
            slopes = landscape.enclose_gradient(box)
            bounds = [loss, *zip(slopes.lower, slopes.upper, strict=True)]
            for at in points(box, kinks, rng):
                for value, (least, most) in zip(values(*at), bounds, strict=True):
                    if mpmath.isnan(value) or isinstance(value, mpmath.mpc):
                        assert (least, most) == (-math.inf, math.inf)
                        continue
                    # the value itself has DIGITS digits
                    slack = abs(value) * mpmath.mpf(10) ** (5 - DIGITS)
                    assert least - slack <= value <= most + slack, (box, at)
                seen += 1
    assert seen == N_BOXES * N_POINTS


@pytest.mark.parametrize("name", ZOO)
def test_the_zoo_is_enclosed(name):
    check(ZOO[name], KINKS.get(name, ()))


# what mpmath itself cannot evaluate at a kink, or names otherwise
NOT_IN_MPMATH = {"exclusive or", "nested choice", "flat exponential", "holes", "polar"}


@pytest.mark.parametrize("name", sorted(CASES.keys() - NOT_IN_MPMATH))
def test_every_function_is_enclosed(name):
    formula, coordinates, half, kinks = CASES[name]
    check(one(formula, half, coordinates), kinks)


@pytest.mark.parametrize("name", ZOO)
def test_a_smaller_box_has_a_smaller_enclosure(name):
    landscape = ZOO[name]
    rng = np.random.default_rng(11)
    for outer in sub_boxes(landscape, KINKS.get(name, ()), rng):
        ends = np.sort(rng.uniform(outer.lower, outer.upper, (2, landscape.dim)), 0)
        inner = Box(*map(tuple, ends.tolist()))
        for enclose in (landscape.enclose_loss, landscape.enclose_gradient):
            large, small = enclose(outer), enclose(inner)
            if isinstance(large, Box):
                large, small = (
                    (box.lower + tuple(-v for v in box.upper)) for box in (large, small)
                )
            else:
                large, small = ((a, -b) for a, b in (large, small))
            # ends are rounded to doubles
            room = 1e-15 * np.abs(small)
            assert (np.array(large) <= np.array(small) + room).all(), (outer, inner)


@pytest.mark.parametrize("name", ZOO)
def test_a_point_is_tight(name):
    landscape = ZOO[name]
    rng = np.random.default_rng(3)
    for at in rng.uniform(*np.transpose(landscape.box), (50, landscape.dim)):
        box = Box(tuple(at), tuple(at))
        least, most = landscape.enclose_loss(box)
        assert most - least <= 1e-12 * max(1, abs(most))
        slopes = landscape.enclose_gradient(box)
        widths = np.subtract(slopes.upper, slopes.lower)
        assert (widths <= 1e-12 * np.maximum(1, np.abs(slopes.upper))).all()


@pytest.mark.parametrize(
    "formula, box, least, most",
    [
        ("x**2", (-1.0, 2.0), 0, 4),
        ("x**3", (-1.0, 2.0), -1, 8),
        ("Abs(x)", (-1.0, 2.0), 0, 2),
        ("Max(x, 1)", (-1.0, 2.0), 1, 2),
        ("Min(x, 1)", (-1.0, 2.0), -1, 1),
        ("sign(x)", (-1.0, 2.0), -1, 1),
        ("sign(x)", (0.5, 2.0), 1, 1),
        ("Heaviside(x)", (-1.0, 2.0), 0, 1),
        ("Heaviside(x)", (-2.0, -1.0), 0, 0),
        ("Heaviside(x)", (0.0, 0.0), 0.5, 0.5),
        ("floor(x)", (0.25, 2.5), 0, 2),
        ("ceiling(x)", (0.25, 2.5), 1, 3),
        ("Piecewise((7, x < 1), (x, True))", (0.0, 0.5), 7, 7),
        ("Piecewise((7, x < 1), (x, True))", (1.0, 2.0), 1, 2),
        ("Piecewise((7, x < 1), (x, True))", (0.0, 2.0), 0, 7),
        ("cos(x)", (-1.0, 4.0), -1, 1),
        ("cos(x)", (-100.0, 100.0), -1, 1),
        ("sin(x)", (1.0, 2.0), math.sin(1), 1),
        ("1/x", (2.0, 4.0), 0.25, 0.5),
        ("atan2(x, -1)", (-1.0, 1.0), -math.pi, math.pi),
        ("sigmoid(x)", (-1e300, 1e300), 0, 1),
        ("softplus(x)", (-1e300, 1e300), 0, 1e300),
        ("logcosh(x)", (-1e300, 1e-9), 0, 1e300),
        ("logcosh(x)", (1e-9, 1e-9), 5e-19, 5e-19),
        ("softplus(x)", (-40.0, -40.0), math.exp(-40), math.exp(-40)),
        ("tanh(x)", (-1e300, 0.0), -1, 0),
    ],
)
def test_the_narrowest_bounds(formula, box, least, most):
    found = one(formula).enclose_loss(box)
    assert found == pytest.approx((least, most), rel=1e-15, abs=1e-320)
    assert found[0] <= least + 1e-15 * abs(least) and found[1] >= most * (1 - 1e-15)


@pytest.mark.parametrize(
    "formula, box",
    [
        ("log(x)", (-1.0, 2.0)),
        ("log(x)", (-2.0, -1.0)),
        ("sqrt(x)", (-1.0, 2.0)),
        ("x**pi", (-1.0, 2.0)),
        ("1/x", (-1.0, 2.0)),
        ("1/x", (0.0, 2.0)),
        ("x**(-2)", (-1.0, 2.0)),
        ("tan(x)", (1.0, 2.0)),
        ("asin(x)", (0.5, 1.5)),
        ("tanh(1/x)", (-1.0, 1.0)),
        ("0.0*x + cos(log(x))", (-1.0, 1.0)),
        ("x*log(x - 1)", (0.0, 0.0)),
        ("Max(log(x), 3)", (-2.0, -1.0)),
        ("Piecewise((x, x > 1), (2, x < 0))", (0.25, 0.5)),
        ("Piecewise((x, x > 1), (2, x < 0))", (0.25, 2.0)),
    ],
)
def test_where_there_is_no_value_there_is_no_bound(formula, box):
    assert one(formula).enclose_loss(box) == (-math.inf, math.inf)


def test_boxes_may_be_pairs():
    flat = one("x**2 + 3*y", coordinates="x y")
    box = Box((0.0, 1.0), (2.0, 4.0))
    assert flat.enclose_loss(((0, 1), (2, 4))) == flat.enclose_loss(box) == (3.0, 16.0)
    assert flat.enclose_gradient(((0, 1), (2, 4))) == Box((0.0, 3.0), (4.0, 3.0))
    assert one("x**2").enclose_gradient((1, 2)) == Box((2.0,), (4.0,))


@pytest.mark.parametrize("box", [(2.0, 1.0), ((0, 0), (1, 1)), (float("nan"), 1.0)])
def test_bad_boxes(box):
    with pytest.raises(
        ValueError, match=r"^box: got .*; allowed is a Box, a point or a"
    ):
        one("x**2").enclose_loss(box)


def test_bounds_close_in_on_the_range():
    """Cut into n pieces, the bounds of the whole come as close as 1/n."""
    landscape = one("x*(1 - x)")
    gaps = []
    for n in (10, 100):
        pieces = [landscape.enclose_loss(p) for p in pairwise(np.linspace(0, 1, n + 1))]
        gaps.append(max(most for _, most in pieces) - 0.25)
    assert 0 <= gaps[1] <= gaps[0] / 5
