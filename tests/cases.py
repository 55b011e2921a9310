"""What several tests use: landscapes of every kind, a small network, bands, a reader.

No test file imports another; what two of them need stands here.
"""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from lrlib import Landscape, Objective, zoo
from lrlib.landscapes.factorisation import MatrixFactorisation
from lrlib.landscapes.mean import MeanLoss
from lrlib.widgets import Band

ROOT = Path(__file__).resolve().parents[1]

# -- landscapes

ZOO = {
    name: value for name, value in vars(zoo).items() if isinstance(value, Landscape)
} | {
    "steeper quadratic": zoo.quadratic.with_parameters(curvature=3.7),
    "toy with printed edges": zoo.mohtashami_toy_1d.with_parameters(edge_slope=1e4),
}
KINKS = {  # where the gradient jumps; every other landscape is smooth
    "mohtashami_toy_1d": (2, 3, 8.4, 8.40001, 8.59999, 8.6),
    "mohtashami_toy_2d": (-2, -1, 1, 2),
}

CUBIC = Landscape(
    "x**4/4 - x**2/2",
    "x",
    name="cubic",
    box=[(-2, 2)],
    minima={"right": 1.0, "left": -1.0},
)
PLANE = Landscape(
    "stiffness*(x - 0.3)**2 + x*y**3/2",
    "x y",
    name="plane",
    box=[(-1, 1), (-2, 2)],
    parameters={"stiffness": 2.5},
    minima={"corner": ((0.1, -0.2), (0.4, 0.5)), "point": (0.9, 0.8)},
    regions={"strip": ((-1, -2), (-0.5, 2))},
)
# one example (x, y) of a regression
EXAMPLE = Landscape("(a*x + b - y)**2 / 2", "a b x y", name="line", box=[(-1, 1)] * 4)
EXAMPLES = np.array([[0.0, 1.0], [1.0, 3.0], [2.0, 2.0]])
# one example (x, y) of a network of two tanh units
UNIT = Landscape("(v*tanh(w*x) - y)**2 / 2", "v w x y", name="unit", box=[(-1, 1)] * 4)


class Numerical(Objective):
    """A formula that shows its numbers and not its symbols."""

    def __init__(self, landscape):
        self.landscape = landscape
        self.dim = landscape.dim
        self.name = f"numerical_{landscape.name}"

    def loss(self, theta):
        return self.landscape.loss(theta)

    def gradient(self, theta):
        return self.landscape.gradient(theta)


class Funnel(Objective):
    """The distance to a point, smoothed, in five dimensions; it has no Hessian."""

    dim = 5
    name = "funnel"
    centre = np.array([0.3, -1.0, 0.2, 2.0, 0.0])

    def loss(self, theta):
        away = self._points(theta) - self.centre
        return np.sqrt(1 + (away**2).sum(-1))

    def gradient(self, theta):
        return (self._points(theta) - self.centre) / self.loss(theta)[..., None]


def factorisation(n: int, m: int, rank: int) -> MatrixFactorisation:
    """Of a random (n, m) target, a different one for each shape."""
    rng = np.random.default_rng(100 * n + 10 * m + rank)
    return MatrixFactorisation(rng.standard_normal((n, m)), rank)


OTHERS = {
    "mean of a line": MeanLoss(EXAMPLE, EXAMPLES),
    "mean of a unit": MeanLoss(UNIT, EXAMPLES),
    "factorisation of a number": MatrixFactorisation(1.5),
    "factorisation of a matrix": factorisation(2, 3, 2),
    "funnel": Funnel(),
    "numerical plane": Numerical(PLANE),
}
EVERY = ZOO | {"plane": PLANE} | OTHERS
WITH_FORMULAS = {k: v for k, v in EVERY.items() if v.formulas is not None}


def generic_points(landscape, n: int = 25) -> np.ndarray:
    """Seeded points of shape (n, dim), in the box if there is one, off every kink."""
    box = getattr(landscape, "box", [(-1.5, 1.5)] * landscape.dim)
    low, high = np.transpose(box)
    rng = np.random.default_rng(20)
    points = rng.uniform(low, high, (4 * n, landscape.dim))
    for kink in KINKS.get(landscape.name, ()):
        points = points[(np.abs(points - kink) > 1e-3).all(axis=1)]
    assert len(points) >= n
    return points[:n]


# -- networks


class Samples:
    """40 correlated samples of 60 numbers in 3 classes."""

    def __init__(self, n=40, dim=60, seed=0):
        rng = np.random.default_rng(seed)
        self.x = rng.standard_normal((n, dim)) * np.linspace(2, 0.2, dim)
        self.y = np.eye(3)[rng.integers(0, 3, n)]


def net(seed=0, **options):
    """Two layers for `Samples`; torch is loaded by those who ask for one."""
    from lrlib.networks import models

    return models.two_layer(
        60, width=20, classes=3, norms=(2.0, 2.0), seed=seed, **options
    )


# -- widgets

BANDS = [
    Band(5.81366e-4, "trapped", "the plateau traps"),
    Band(2 / 2040, "stable", "settles in the sharp minimum"),
    Band(0.05, "escaping", "escapes to the wide minimum"),
    Band(None, "diverging", "diverges"),
]


class Balance(HTMLParser):
    """Fails where a tag is closed that is not open."""

    def __init__(self, html):
        super().__init__()
        self.open = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
