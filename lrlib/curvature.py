"""The largest eigenvalue of a network's Hessian, with what is needed to trust it.

*Sharpness* is the largest algebraic eigenvalue of the Hessian of the loss over all samples given.
The gradient's graph is built once, so that a product with the Hessian costs about one gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from .checks import named, positive, whole

KEPT = 3  # eigenvectors that a warm start carries: at the edge eigenvalues cross, and one vector follows the wrong one
EXPANSIONS = 2  # the fewest directions that a warm start adds


class Hessian:
    """Products of the Hessian of `loss` with vectors; counts them in `products`.

    Parameters
    ----------
    loss
        A scalar tensor that still carries its graph.
    inputs
        The tensors to differentiate by; vectors are their entries in one row of length `size`.
    factor
        A matrix L, shape (n, k), where ``inputs[0] = L @ y`` and the Hessian in `y` is wanted.
    """

    def __init__(self, loss: torch.Tensor, inputs: list[torch.Tensor], factor: torch.Tensor | None = None):
        self.inputs, self.factor, self.products = inputs, factor, 0
        self.gradient = torch.autograd.grad(loss, inputs, create_graph=True, materialize_grads=True)
        self.shapes = [tuple(p.shape) for p in inputs]
        if factor is not None:
            self.shapes[0] = (factor.shape[1], *self.shapes[0][1:])
        self.sizes = [int(np.prod(shape)) for shape in self.shapes]
        self.size = sum(self.sizes)

    def __call__(self, vector: torch.Tensor) -> torch.Tensor:
        """H v for v of shape (size,), in float64 whatever the network's precision."""
        self.products += 1
        vector = vector.to(self.inputs[0])
        parts = [p.view(s) for p, s in zip(vector.split(self.sizes), self.shapes, strict=True)]
        if self.factor is not None:
            parts[0] = self.factor @ parts[0]
        found = torch.autograd.grad(self.gradient, self.inputs, parts, retain_graph=True, materialize_grads=True)
        if self.factor is not None:
            found = (self.factor.T @ found[0], *found[1:])
        return torch.cat([f.reshape(-1) for f in found]).double()


class Sharpness(NamedTuple):
    """What `sharpness` found: trust `value` no further than `residual` allows."""

    value: float
    """Largest algebraic eigenvalue."""
    residual: float
    """|H v - value v| / |value| for the unit vector v found."""
    products: int
    """Products with the Hessian that it took."""
    converged: bool
    """Whether the estimated error of `value` is within the tolerance."""
    vectors: torch.Tensor
    """Orthonormal rows that span the leading directions, to start the next call from."""


def top(hessian: Hessian, *, tol: float = 1e-3, vectors: torch.Tensor | None = None, seed: int = 0) -> Sharpness:
    """The largest eigenvalue of `hessian`: cold by ARPACK, or warm from the `vectors` of an earlier call.

    Warm: Rayleigh-Ritz on the span of `vectors`, to which residuals are added until the estimated error
    of the value is below ``tol * value``. It cannot see a direction that is missing from the span: check
    it with a cold call now and then, as `probes.Sharpness` does.
    """
    before = hessian.products
    if vectors is None or vectors.shape[1] != hessian.size:
        values, rows, converged = _cold(hessian, tol, seed)
        image = hessian(rows[0])
        value, residual = float(values[0]), float((image - values[0] * rows[0]).norm())
    else:
        value, residual, converged, rows = _warm(hessian, vectors, tol)
    residual /= abs(value) or 1.0
    return Sharpness(value, residual, hessian.products - before, converged, rows)


def _cold(hessian: Hessian, tol: float, seed: int):
    """Eigenvalues in falling order, rows of eigenvectors, convergence; ARPACK's error is far below its `tol`."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
    from threadpoolctl import threadpool_limits

    device, size = hessian.inputs[0].device, hessian.size
    if size <= 4 * KEPT:
        dense = torch.stack([hessian(row) for row in torch.eye(size, dtype=torch.float64, device=device)])
        values, columns = torch.linalg.eigh((dense + dense.T) / 2)
        return values.flip(0), columns.T.flip(0)[:KEPT], True
    operator = LinearOperator(
        (size, size), dtype=np.float64, matvec=lambda v: hessian(torch.from_numpy(v.ravel()).to(device)).cpu().numpy()
    )
    start, converged = np.random.default_rng(seed).standard_normal(size), True
    with threadpool_limits(1, "blas"):  # ARPACK's threads would fight torch's
        try:
            values, columns = eigsh(operator, KEPT, which="LA", v0=start, tol=min(1e-2, 10 * tol))
        except ArpackNoConvergence as failure:
            values, columns, converged = failure.eigenvalues, failure.eigenvectors, False
            if not len(values):
                start /= np.linalg.norm(start)
                values, columns = np.array([start @ operator.matvec(start)]), start[:, None]
    order = np.argsort(values)[::-1]
    rows = torch.from_numpy(np.ascontiguousarray(columns.T[order])).to(device)
    return values[order], rows, converged


def _warm(hessian: Hessian, vectors: torch.Tensor, tol: float, most: int = 24):
    start = _orthonormal(vectors)
    count = len(start)  # rows in use; one block for all of them, since copies would cost as much as a product
    room = start.new_empty((2, count + 2 * EXPANSIONS, hessian.size))
    room[0, :count], added = start, 0
    for i, row in enumerate(start):
        room[1, i] = hessian(row)
    while True:
        v, hv = room[:, :count]
        inner = v @ hv.T
        values, mix = torch.linalg.eigh((inner + inner.T) / 2)
        value, best = values[-1], mix[:, -1]
        rest = best @ hv - value * (best @ v)
        size, gap = rest.norm(), (value - values[-min(KEPT, len(values))]).clamp(min=1e-300)
        error = size * (size / gap).clamp(max=1.0)  # Kato-Temple, where the span holds all but what lies below the gap
        converged = bool(error <= tol * abs(value))
        done = (added >= EXPANSIONS and converged) or count >= most or size == 0
        if done or not len(fresh := _orthonormal(rest[None], v)):
            return float(value), float(size), converged, mix.T.flip(0)[:KEPT] @ v
        if count == room.shape[1]:
            room = torch.cat([room, torch.empty_like(room)], dim=1)
        room[0, count], room[1, count] = fresh[0], hessian(fresh[0])
        count, added = count + 1, added + 1


def _orthonormal(rows: torch.Tensor, against: torch.Tensor | None = None) -> torch.Tensor:
    """Gram-Schmidt, twice, in float64; rows that vanish are left out."""
    kept = [] if against is None else list(against)
    fixed = len(kept)
    for row in rows.double():
        length = row.norm()
        for _ in range(2):
            for other in kept:
                row = row - (other @ row) * other
        if row.norm() > 1e-10 * length:
            kept.append(row / row.norm())
    return torch.stack(kept[fixed:]) if len(kept) > fixed else rows[:0].double()


def sharpness(network: nn.Module, data, loss: str = "mse", *, tol: float = 1e-3, vectors: torch.Tensor | None = None,
              seed: int = 0) -> Sharpness:  # fmt: skip
    """The sharpness of the loss of `network` over all of `data`.

    Parameters
    ----------
    network
        A torch module; batch normalisation counts as what it is, a function of the whole batch.
    data
        `lrlib.data.Data` with n samples. A mini-batch has another Hessian: pass it as data if you mean it.
    loss
        "mse" or "huber".
    tol
        Relative tolerance on the value, in (0, 0.1].
    vectors
        The `vectors` of an earlier call at nearby weights; then about 5 products do, else about 22.
    seed
        Of the cold start's random vector.

    Raises
    ------
    ValueError
        For an unknown loss, a tolerance out of range, a module whose loss is random or whose batch
        normalisation uses running statistics.
    """
    check_deterministic(network)
    if positive("tol", tol) > 0.1:
        raise ValueError(f"tol: got {tol!r}; allowed is a number above 0 and at most 0.1")
    parameters = [p for p in network.parameters() if p.requires_grad]
    x, y = (torch.as_tensor(a).to(parameters[0]) for a in (data.x, data.y))
    measured = named("loss", loss, _losses())(network(x), y)
    return top(Hessian(measured, parameters), tol=tol, vectors=vectors, seed=whole("seed", seed, 0))


def _losses():
    from .networks import LOSSES

    return LOSSES


def check_deterministic(network: nn.Module) -> None:
    """Refuse modules whose loss is not one function of the weights."""
    for name, part in network.named_modules():
        if isinstance(part, nn.modules.dropout._DropoutNd) and part.training and part.p > 0:
            raise ValueError(f"network: got dropout ({name}) in training mode; allowed are modules without randomness")
        if isinstance(part, nn.modules.batchnorm._BatchNorm) and not part.training and part.track_running_stats:
            raise ValueError(f"network: got running statistics ({name}); allowed are those of the batch: network.train()")
