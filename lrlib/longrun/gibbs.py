"""Where orbits spend their time, and the Gibbs distribution that noise would give. [B,
Kong and Tao]
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import trapezoid
from scipy.special import j0
from scipy.stats import entropy

from ..checks import has_dim, positive, whole
from ..descent.ensembles import ensemble
from ..landscapes.contract import Objective

PER_BIN = 32  # points of the trapezoidal rule in each bin


def visits(
    landscape: Objective,
    starts: ArrayLike,
    *,
    lr: float,
    n_steps: int = 5000,
    burn_in: int = 1000,
) -> np.ndarray:
    """The iterates after `burn_in` steps, shape (n_steps, n, dim), from starts of shape
    (n, dim) or (n,).
    """
    burn_in = whole("burn_in", burn_in, 0)
    n_steps = whole("n_steps", n_steps, 1)
    warm = ensemble(landscape, starts, lr=lr, n_steps=burn_in).final
    kept = ensemble(landscape, warm, lr=lr, n_steps=n_steps, record=1)
    return kept.record[1:]


def _increasing(given: ArrayLike) -> np.ndarray:
    edges = np.asarray(given, dtype=float)
    is_list = edges.ndim == 1 and edges.size >= 2
    if not is_list or not (np.diff(edges) > 0).all():
        raise ValueError(
            f"edges: got {edges}; allowed are at least two increasing numbers"
        )
    return edges


def shares(samples: ArrayLike, edges: ArrayLike) -> np.ndarray:
    """Share of the samples in each bin; less than 1 together where samples lie outside."""
    counts, _ = np.histogram(samples, _increasing(edges))
    return counts / np.size(samples)


def gibbs_shares(
    landscape: Objective, temperature: float, edges: ArrayLike
) -> np.ndarray:
    """Probability of each bin under ``exp(-loss / temperature)`` on the range of the
    edges, dim 1.
    """
    ends = _increasing(edges)
    temperature = float(positive("temperature", temperature))
    has_dim(landscape, 1)
    x = np.linspace(ends[:-1], ends[1:], PER_BIN + 1, axis=-1)
    loss = landscape.loss(x[..., None])
    # relative to the lowest loss: no exponential overflows
    exponent = (loss.min() - loss) / temperature
    weight = trapezoid(np.exp(exponent), x)
    return weight / weight.sum()


def ideal_shares(lr: float, edges: ArrayLike) -> np.ndarray:
    """Shares of ``x -> (1 - lr) x - lr cos U`` with independent uniform phases U, for
    ``0 < lr < 1``.

    The stationary x is a weighted sum of cosines; its characteristic function is a
    product of Bessel functions, and inverting it gives the bins without any sampling.
    (ours)
    """
    if not 0 < lr < 1:
        raise ValueError(f"lr: got {lr!r}; allowed are numbers above 0 and below 1")
    ends = _increasing(edges)
    # beyond this t the product has died out
    t = np.linspace(1e-9, 60 / np.sqrt(lr), 5001)
    # x is the sum of these times cosines; what is left out weighs exp(-25)
    ages = np.arange(int(25 / lr))
    weights = lr * (1 - lr) ** ages
    factors = j0(np.outer(weights, t))
    characteristic = np.prod(factors, axis=0)
    # inversion (Gil-Pelaez): P(x <= end) = 1/2 + integral / pi
    kernel = np.sin(np.outer(ends, t)) / t
    integral = trapezoid(characteristic * kernel, t)
    return np.diff(integral) / np.pi


def divergences(p: ArrayLike, q: ArrayLike) -> tuple[float, float]:
    """Total variation distance, and Kullback-Leibler divergence of p from q.

    p and q are shares of the same bins, shape (n,).
    """
    # an inverted transform may give -1e-17
    p = np.clip(p, 0, None)
    q = np.asarray(q, dtype=float)
    total_variation = np.abs(p - q).sum() / 2
    return float(total_variation), float(entropy(p, q))
