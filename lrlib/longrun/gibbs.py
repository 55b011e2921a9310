"""Where orbits spend their time, and the Gibbs distribution that noise would give. [B,
Kong and Tao]
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import trapezoid
from scipy.special import j0
from scipy.stats import entropy

from ..checks import has_dim, positive, whole
from ..descent.ensembles import ensemble

PER_BIN = 32  # points of the trapezoidal rule in each bin


def visits(
    landscape, starts, *, lr: float, n_steps: int = 5000, burn_in: int = 1000
) -> np.ndarray:
    """The iterates after `burn_in` steps, shape (n_steps, n, dim), from starts of shape
    (n, dim) or (n,).
    """
    burn_in = whole("burn_in", burn_in, 0)
    n_steps = whole("n_steps", n_steps, 1)
    warm = ensemble(landscape, starts, lr=lr, n_steps=burn_in).final
    kept = ensemble(landscape, warm, lr=lr, n_steps=n_steps, record=1)
    return kept.record[1:]


def _increasing(edges) -> np.ndarray:
    edges = np.asarray(edges, dtype=float)
    if edges.ndim != 1 or edges.size < 2 or not (np.diff(edges) > 0).all():
        raise ValueError(
            f"edges: got {edges}; allowed are at least two increasing numbers"
        )
    return edges


def shares(samples, edges) -> np.ndarray:
    """Share of the samples in each bin; less than 1 together where samples lie outside."""
    return np.histogram(samples, _increasing(edges))[0] / np.size(samples)


def gibbs_shares(landscape, temperature: float, edges) -> np.ndarray:
    """Probability of each bin under ``exp(-loss / temperature)`` on the range of the
    edges, dim 1.
    """
    edges = _increasing(edges)
    temperature = float(positive("temperature", temperature))
    has_dim(landscape, 1)
    x = np.linspace(edges[:-1], edges[1:], PER_BIN + 1, axis=-1)
    loss = landscape.loss(x[..., None])
    weight = trapezoid(np.exp((loss.min() - loss) / temperature), x)
    return weight / weight.sum()


def ideal_shares(lr: float, edges) -> np.ndarray:
    """Shares of ``x -> (1 - lr) x - lr cos U`` with independent uniform phases U, for
    ``0 < lr < 1``.

    The stationary x is a weighted sum of cosines; its characteristic function is a
    product of Bessel functions, and inverting it gives the bins without any sampling.
    (ours)
    """
    if not 0 < lr < 1:
        raise ValueError(f"lr: got {lr!r}; allowed are numbers above 0 and below 1")
    edges = _increasing(edges)
    t = np.linspace(1e-9, 60 / np.sqrt(lr), 5001)
    weights = lr * (1 - lr) ** np.arange(int(25 / lr))
    wave = np.prod(j0(np.outer(weights, t)), axis=0)
    return np.diff(trapezoid(wave * np.sin(np.outer(edges, t)) / t, t)) / np.pi


def divergences(p, q) -> tuple[float, float]:
    """Total variation distance, and Kullback-Leibler divergence of p from q.

    p and q are shares of the same bins, shape (n,).
    """
    # an inverted transform may give -1e-17
    p = np.clip(p, 0, None)
    q = np.asarray(q, dtype=float)
    total_variation = np.abs(p - q).sum() / 2
    return float(total_variation), float(entropy(p, q))
