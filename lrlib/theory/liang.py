"""Liang and Montúfar (2025): gradient descent on (1 - xy)^2 / 2 covers the plane threefold.

With u = x + y, v = x - y and the residual e = xy - 1, a step for the loss with penalty
is u -> (a - lr e) u and v -> (a + lr e) v, where a = 1 - lr penalty.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..checks import at_least, finite_array, positive

_REAL = 1e-7  # relative imaginary part below which a root counts as real


def preimages(
    points: ArrayLike, *, lr: float, penalty: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """All points that one step of gradient descent carries to `points`.

    The loss is ``(1 - x*y)**2/2 + penalty*(x**2 + y**2)/2``. In the residual e of the
    point that is sought, 4 (e + 1) = u^2 - v^2 is a polynomial of degree five once u and
    v are written by their images.

    Parameters
    ----------
    points
        Shape (n, 2).
    penalty
        At least 0; ``lr * penalty`` below 1.

    Returns
    -------
    found
        Shape (m, 2), the preimages of the first point first; for a generic point there are
        1, 3 or 5 of them, outside of the basin 3.
    parent
        Shape (m,): the row of `points` that each is carried to.
    """
    points = finite_array("points", points, 2, ndim=2)
    lr = float(positive("lr", lr))
    penalty = float(at_least("penalty", penalty, 0))
    a = 1 - lr * penalty
    if a <= 0:
        raise ValueError(f"penalty: got {penalty}; allowed is lr * penalty below 1")
    u, v = points.sum(axis=1), points[:, 0] - points[:, 1]
    # 4 (e + 1) (a - lr e)^2 (a + lr e)^2 - u^2 (a + lr e)^2 + v^2 (a - lr e)^2,
    # coefficients of 1, e, e^2, ...
    minus = np.array([a, -lr])
    plus = np.array([a, lr])
    squares = [np.convolve(f, f) for f in (plus, minus)]
    fixed = 4 * np.convolve([1.0, 1.0], np.convolve(squares[0], squares[1]))
    coefficients = np.tile(fixed, (len(points), 1))
    coefficients[:, :3] += np.outer(v**2, squares[1]) - np.outer(u**2, squares[0])
    companion = np.zeros((len(points), 5, 5))
    companion[:, 1:, :-1] = np.eye(4)
    companion[:, :, -1] = -coefficients[:, :5] / coefficients[:, 5:]
    roots = np.linalg.eigvals(companion)
    parent, k = np.nonzero(np.abs(roots.imag) <= _REAL * (1 + np.abs(roots)))
    e = roots.real[parent, k]
    u = u[parent] / (a - lr * e)
    v = v[parent] / (a + lr * e)
    return np.stack([u + v, u - v], -1) / 2, parent
