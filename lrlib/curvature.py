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
    """Products of the Hessian of `loss` with directions; counts them in `products`.

    A direction is a row of length `size`, with its *tangent*: the change of the inputs along it. Here the
    two are the same, and the inner product is the dot product. A subclass may hold directions in other
    coordinates: then ``<v, w>`` is the dot product of v with the tangent of w, and the Hessian takes
    tangents to directions (`forms.SpanHessian`).

    Parameters
    ----------
    loss
        A scalar tensor that still carries its graph.
    inputs
        The tensors to differentiate by; tangents are their entries in one row.
    """

    blocks = 1  # rows that hold a direction: itself, and its tangent where that is another one

    def __init__(self, loss: torch.Tensor, inputs: list[torch.Tensor]):
        self.inputs, self.products = inputs, 0
        self.gradient = torch.autograd.grad(loss, inputs, create_graph=True, materialize_grads=True)
        self.sizes = [p.numel() for p in inputs]
        self.size = self.whitened = sum(self.sizes)

    def __call__(self, tangent: torch.Tensor) -> torch.Tensor:
        """H v from the tangent of v, both of shape (size,), in float64 whatever the network's precision."""
        self.products += 1
        parts = [p.view_as(q) for p, q in zip(tangent.to(self.inputs[0]).split(self.sizes), self.inputs, strict=True)]
        found = torch.autograd.grad(self.gradient, self.inputs, parts, retain_graph=True, materialize_grads=True)
        return torch.cat([f.reshape(-1) for f in found]).double()

    def with_tangent(self, direction: torch.Tensor) -> torch.Tensor:
        """A direction with its tangent, shape (blocks, size)."""
        return direction[None]

    def whiten(self, direction: torch.Tensor) -> torch.Tensor:
        """A direction in `whitened` many coordinates in which the inner product is the dot product."""
        return direction

    def colour(self, white: torch.Tensor) -> torch.Tensor:
        """The tangent of the direction with whitened coordinates `white`."""
        return white

    def unwhiten(self, white: torch.Tensor) -> torch.Tensor:
        """The direction with whitened coordinates `white` and its tangent, shape (blocks, size)."""
        return white[None]


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
    """Orthonormal leading directions, shape (blocks, k, size) as of `Hessian`, to start the next call from."""


def top(hessian: Hessian, *, tol: float = 1e-3, vectors: torch.Tensor | None = None, seed: int = 0) -> Sharpness:
    """The largest eigenvalue of `hessian`: cold by ARPACK, or warm from the `vectors` of an earlier call.

    Warm: Rayleigh-Ritz on the span of `vectors`, to which residuals are added until the estimated error
    of the value is below ``tol * value``. It cannot see a direction that is missing from the span: check
    it with a cold call now and then, as `probes.Sharpness` does.
    """
    before = hessian.products
    if vectors is None or vectors.shape[::2] != (hessian.blocks, hessian.size):
        value, size, converged, vectors = _cold(hessian, tol, seed)
    else:
        value, size, converged, vectors = _warm(hessian, vectors, tol)
    return Sharpness(value, size / (abs(value) or 1.0), hessian.products - before, converged, vectors)


def _cold(hessian: Hessian, tol: float, seed: int):
    """The value, the size of its residual, convergence, directions; ARPACK's error is far below its `tol`."""
    device = hessian.inputs[0].device

    def product(white: np.ndarray) -> np.ndarray:
        tangent = hessian.colour(torch.from_numpy(white.ravel()).to(device))
        return hessian.whiten(hessian(tangent)).cpu().numpy()

    if hessian.whitened <= 4 * KEPT:
        dense = np.stack([product(row) for row in np.eye(hessian.whitened)])
        values, columns = np.linalg.eigh((dense + dense.T) / 2)
        converged = True
    else:
        values, columns, converged = _arpack(product, hessian.whitened, tol, seed)
    rows = np.ascontiguousarray(columns.T[np.argsort(values)[::-1]][:KEPT])
    value = float(np.max(values))
    size = float(np.linalg.norm(product(rows[0]) - value * rows[0]))
    return value, size, converged, torch.stack([hessian.unwhiten(row) for row in torch.from_numpy(rows).to(device)], dim=1)


def _arpack(product, size: int, tol: float, seed: int):
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh
    from threadpoolctl import threadpool_limits

    operator = LinearOperator((size, size), dtype=np.float64, matvec=product)
    start = np.random.default_rng(seed).standard_normal(size)
    with threadpool_limits(1, "blas"):  # ARPACK's threads would fight torch's
        try:
            return *eigsh(operator, KEPT, which="LA", v0=start, tol=min(1e-2, 10 * tol)), True
        except ArpackNoConvergence as failure:
            if len(failure.eigenvalues):
                return failure.eigenvalues, failure.eigenvectors, False
    start /= np.linalg.norm(start)
    return np.array([start @ product(start)]), start[:, None], False


def _warm(hessian: Hessian, vectors: torch.Tensor, tol: float, most: int = 24):
    space, added = _Subspace(hessian, vectors), 0
    while True:
        values, mix, rest = space.ritz()
        length, gap = _norm(rest), (values[0] - values[:KEPT][-1]).clamp(min=1e-300)
        error = length * (length / gap).clamp(max=1.0)  # Kato-Temple, where the span holds all but what lies below the gap
        converged = bool(error <= tol * abs(values[0]))
        done = (added >= EXPANSIONS and converged) or space.count >= most or length == 0
        if done or not space.extended(rest):
            return float(values[0]), float(length), converged, space.rotated(mix[:, :KEPT])
        added += 1


class _Subspace:
    """Orthonormal directions with their tangents and images, in one block of memory: copies cost as much as products."""

    def __init__(self, hessian: Hessian, vectors: torch.Tensor):
        blocks, given, size = vectors.shape
        most = given + 2 * EXPANSIONS
        self.hessian, self.count = hessian, 0
        self.room = vectors.new_empty((blocks + 1, most, size), dtype=torch.float64)
        self.inner = self.room.new_zeros((most, most))
        for row in vectors.unbind(1):
            self.extended(row)

    def extended(self, row: torch.Tensor) -> bool:
        """Add what `row` has beyond the directions at hand; False if it has nothing."""
        if self.count == len(self.inner):
            self.room = torch.cat([self.room, torch.empty_like(self.room)], dim=1)
            self.inner = torch.nn.functional.pad(self.inner, (0, self.count, 0, self.count))
        n, new = self.count, self.room[:-1, self.count].copy_(row)
        for _ in range(2):  # Gram-Schmidt, twice
            shares = self.room[0, :n] @ new[-1]
            for part, known in zip(new, self.room, strict=False):
                part.addmv_(known[:n].T, shares, alpha=-1)
        if not _norm(new) > 1e-10 * _norm(row):
            return False
        new /= _norm(new)
        image = self.room[-1, n] = self.hessian(new[-1])
        self.inner[n, : n + 1] = self.room[-2, : n + 1] @ image  # `eigh` reads the lower triangle
        self.count += 1
        return True

    def ritz(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Values in falling order, how they mix the directions, and the residual of the first, with its tangent."""
        n = self.count
        values, mix = torch.linalg.eigh(self.inner[:n, :n])
        value, best = values[-1], mix[:, -1]
        rest = torch.addmv(best @ self.room[-1, :n], self.room[0, :n].T, best, alpha=-float(value))
        return values.flip(0), mix.flip(1), self.hessian.with_tangent(rest)

    def rotated(self, mix: torch.Tensor) -> torch.Tensor:
        """The directions mixed by columns, with their tangents, shape (blocks, k, size)."""
        return torch.stack([mix.T @ known[: self.count] for known in self.room[:-1]])


def _norm(row: torch.Tensor) -> torch.Tensor:
    """Of one direction with its tangent, shape (blocks, size)."""
    return (row[0] @ row[-1]).clamp(min=0).sqrt()


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
