"""How rough an edge is: its dimension, by boxes and by what descent stretches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from ..checks import at_least, finite_array, whole

N_FIRST = 32  # boxes along one side of the first covering


def edge_dimension(
    inside: Callable[[np.ndarray], np.ndarray],
    box: Sequence[tuple[float, float]],
    *,
    n_levels: int,
    samples: int = 17,
    keep: int = 500,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Box-counting dimension of the edge of a set, from scale to scale.

    A box has the edge if points inside and outside the set were seen in it. Each such
    box is quartered; if on average 2^d of the quarters have the edge again, then d is
    the dimension at this scale. At most `keep` boxes, drawn at random, go on, so that
    tiny scales cost no more than large ones.

    What falls between the points of a box is not seen, so that the dimension of a rough
    edge comes out too small: compare several `samples`, or an edge whose dimension is
    known.

    Parameters
    ----------
    inside
        Of points, shape (n, 2), to truth values, shape (n,).
    box
        A (low, high) pair for each axis; 32 by 32 boxes cover it at first.
    n_levels
        Number of halvings, 1 to 40.
    samples
        Points along one side of a box, its ends included, at least 2.
    keep
        Boxes that go on, at least 1.

    Returns
    -------
    sides
        Longer side of the quarters at each level, shape (n_levels,).
    dimensions
        Shape (n_levels,).

    Raises
    ------
    ValueError
        For options that are not allowed, and where no box of the first covering has the
        edge.
    """
    n_levels = whole("n_levels", n_levels, 1, 40)
    samples = whole("samples", samples, 2)
    keep = whole("keep", keep, 1)
    low, high = finite_array("box", box, 2, ndim=2).T
    rng = np.random.default_rng(seed)
    steps = np.linspace(0, 1, samples)
    every = max(1, (samples - 1) // 4)  # five points along a side show most edges

    def differ(corners: np.ndarray, size: np.ndarray, shares: np.ndarray) -> np.ndarray:
        lattice = np.stack(np.meshgrid(shares, shares), -1).reshape(-1, 2)
        points = corners[:, None, :] + size * lattice
        seen = np.asarray(inside(points.reshape(-1, 2))).reshape(len(corners), -1)
        return np.logical_and(seen.any(axis=1), ~seen.all(axis=1))

    def with_edge(corners: np.ndarray, size: np.ndarray) -> np.ndarray:
        found = differ(corners, size, steps[::every])
        found[~found] = differ(corners[~found], size, steps)
        return found

    size = (high - low) / N_FIRST
    corners = low + size * np.indices((N_FIRST, N_FIRST)).reshape(2, -1).T
    corners = corners[with_edge(corners, size)]
    if not len(corners):
        raise ValueError(f"box: got {box}; no edge was seen in it")
    sides = []
    dimensions = []
    quarters = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    for _ in range(n_levels):
        if len(corners) > keep:
            corners = rng.choice(corners, keep, replace=False)
        size = size / 2
        children = (corners[:, None, :] + size * quarters).reshape(-1, 2)
        children = children[with_edge(children, size)]
        sides.append(size.max())
        dimensions.append(np.log2(len(children) / len(corners)))
        corners = children
    return np.array(sides), np.array(dimensions)


def expansion_dimension(fewer: ArrayLike, more: ArrayLike) -> float:
    """The dimension, from 1 to 2, of a set that a map of the plane expands onto itself.

    Falconer (1994): a small disc around a point of such a set is the image, under n steps,
    of thin ellipses, one for each way back. Let s1 >= s2 be the singular values of the
    derivative of the n steps there. The ellipses have widths 1/s2 and 1/s1; squares of the
    smaller width cover one with (s1/s2) of them. The dimension is the d at which the sum
    of (1/s2) (1/s1)^(d-1) over all ways back neither grows nor shrinks with n.

    It bounds the box-counting dimension from above, and is equal to it for most maps. A
    set that is smooth for a reason of its own can lie below.

    Parameters
    ----------
    fewer, more
        Derivatives along all ways back by n and by n + 1 steps, shapes (m, 2, 2).

    Raises
    ------
    ValueError
        For other shapes, and where the sum grows or shrinks at every d from 1 to 2.
    """
    logs = []
    for name, jacobians in (("fewer", fewer), ("more", more)):
        matrices = finite_array(name, jacobians, 2, ndim=3)
        logs.append(np.log(np.linalg.svd(matrices, compute_uv=False)))

    def growth(d: float) -> float:
        before, after = (np.exp(-s[:, 1] - (d - 1) * s[:, 0]).sum() for s in logs)
        return np.log(after / before)

    if not growth(1.0) >= 0 >= growth(2.0):
        found = growth(1.0), growth(2.0)
        raise ValueError(
            f"more: the sum grows by exp({found[0]:.3g}) at dimension 1 and by "
            f"exp({found[1]:.3g}) at 2; allowed is growth at 1 and none at 2"
        )
    return brentq(growth, 1.0, 2.0)


def below_weierstrass(
    points: ArrayLike, dimension: float, n_waves: int = 30
) -> np.ndarray:
    """Whether points lie below a graph whose dimension is known.

    Weierstrass' function: waves of lengths 1, 1/3, 1/9, ... whose heights fall by
    3^(dimension - 2). Its graph has this box-counting dimension (Kaplan, Mallet-Paret and
    Yorke 1984).

    Parameters
    ----------
    points
        Shape (n, 2).
    dimension
        From 1 to below 2.
    n_waves
        1 to 30; shorter waves than 3^-30 are lost in the last digits of x.

    Returns
    -------
    ndarray of bool
        Shape (n,).
    """
    x, y = finite_array("points", points, 2, ndim=2).T
    ratio = 3.0 ** (at_least("dimension", dimension, 1, below=2) - 2)
    height = np.zeros_like(x)
    for k in range(whole("n_waves", n_waves, 1, 30)):
        height += ratio**k * np.cos(2 * np.pi * (3.0**k * x % 1))
    return y < height
