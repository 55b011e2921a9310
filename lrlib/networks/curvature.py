"""The largest eigenvalue of a network's Hessian, with what is needed to trust it.

*Sharpness* is the largest algebraic eigenvalue of the Hessian of the loss over all
samples given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from ..checks import positive, whole
from . import torch_checks
from .data import Data
from .hessians import Hessian, twice_differentiable
from .models import criterion
from .torch_checks import Criterion

# eigenvectors that a warm start carries: at the edge eigenvalues cross, and one vector
# follows the wrong one
KEPT = 3
EXPANSIONS = 2  # the fewest directions that a warm start adds


class Eigenvalue(NamedTuple):
    """What `sharpness` and `largest_eigenvalue` found: trust `value` no further than
    `residual` allows.
    """

    value: float
    """Largest algebraic eigenvalue."""
    residual: float
    """|H v - value v| / |value| for the unit vector v found."""
    products: int
    """Products with the Hessian that it took."""
    converged: bool
    """Whether the estimated error of `value` is within the tolerance."""
    vectors: torch.Tensor
    """Orthonormal leading directions, shape (blocks, k, size) as of `Hessian`, to start
    the next call from.
    """


def largest_eigenvalue(
    hessian: Hessian,
    *,
    tol: float = 1e-3,
    vectors: torch.Tensor | None = None,
    seed: int = 0,
) -> Eigenvalue:
    """The largest eigenvalue of `hessian`: cold by ARPACK, or warm from the `vectors`
    of an earlier call.

    Warm: Rayleigh-Ritz on the span of `vectors`, to which residuals are added until the
    estimated error of the value is below ``tol * value``. It cannot see a direction
    that is missing from the span: check it with a cold call now and then, as
    `probes.Sharpness` does.
    """
    before = hessian.products
    if vectors is None:
        value, size, converged, vectors = _cold(hessian, tol, seed)
    elif vectors.ndim != 3 or vectors.shape[::2] != (hessian.blocks, hessian.size):
        allowed = f"({hessian.blocks}, k, {hessian.size})"
        raise ValueError(
            f"vectors: got shape {tuple(vectors.shape)}; allowed is {allowed}, as "
            "an earlier call gave it"
        )
    else:
        value, size, converged, vectors = _warm(
            hessian, vectors.to(hessian.inputs[0].device), tol
        )
    return Eigenvalue(
        value=value,
        residual=size / (abs(value) or 1.0),
        products=hessian.products - before,
        converged=converged,
        vectors=vectors,
    )


def _cold(
    hessian: Hessian, tol: float, seed: int
) -> tuple[float, float, bool, torch.Tensor]:
    """The value, the length of its residual, whether it is within the tolerance, and
    the leading directions.
    """
    device = hessian.inputs[0].device
    first: list[np.ndarray] = []

    def product(white: np.ndarray) -> np.ndarray:
        tangent = hessian.colour(torch.from_numpy(white.ravel()).to(device))
        found = hessian.whiten(hessian(tangent)).cpu().numpy()
        if not first:
            first.extend([white.ravel().copy(), found])
        return found

    # the error is far below ARPACK's residual, if there is a gap
    for aim in (min(1e-2, 10 * tol), tol):
        values, rows = _leading(product, hessian.whitened, aim, seed)
        image = product(rows[0])
        _symmetric(first[0], first[1], rows[0], image, hessian)
        length = float(np.linalg.norm(image - values[0] * rows[0]))
        converged = _error(length, values) <= tol * abs(values[0])
        if converged:
            break
    vectors = [hessian.unwhiten(row) for row in torch.from_numpy(rows).to(device)]
    return float(values[0]), length, bool(converged), torch.stack(vectors, dim=1)


def _symmetric(
    one: np.ndarray,
    image_of_one: np.ndarray,
    two: np.ndarray,
    image_of_two: np.ndarray,
    hessian: Hessian,
) -> None:
    """Refuse products that no symmetric matrix gives: second derivatives of some
    operations are wrong, for instance those of torch for its fused weight normalisation.
    """
    there = float(one @ image_of_two)
    back = float(two @ image_of_one)
    largest = max(np.linalg.norm(image_of_one), np.linalg.norm(image_of_two))
    # far above rounding, far below what a forgotten term does
    allowed = torch.finfo(hessian.inputs[0].dtype).eps ** 0.4 * float(largest)
    if abs(there - back) > allowed:
        raise ValueError(
            "network: got one whose second derivatives by torch are not symmetric "
            f"(<u, Hv> = {there:.3g}, <v, Hu> = {back:.3g}), so that one of its "
            "operations has a wrong one; allowed are operations with right ones, for "
            "instance a weight normalisation that is written out"
        )


def _leading(
    product: Callable[[np.ndarray], np.ndarray], size: int, tol: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues in falling order, at most `KEPT`, and rows of eigenvectors."""
    from scipy.sparse.linalg import (
        ArpackError,
        ArpackNoConvergence,
        LinearOperator,
        eigsh,
    )
    from threadpoolctl import threadpool_limits

    start = np.random.default_rng(seed).standard_normal(size)
    start /= np.linalg.norm(start)
    if size <= 4 * KEPT:
        dense = np.stack([product(row) for row in np.eye(size)])
        values, columns = np.linalg.eigh((dense + dense.T) / 2)
    else:
        operator = LinearOperator((size, size), dtype=np.float64, matvec=product)
        with threadpool_limits(1, "blas"):  # ARPACK's threads would fight torch's
            try:
                values, columns = eigsh(operator, KEPT, which="LA", v0=start, tol=tol)
            except ArpackNoConvergence as failure:
                values = failure.eigenvalues
                columns = failure.eigenvectors
            # it gives up on a Hessian of zeros, as where no neuron is active
            except ArpackError:
                if product(start).any():
                    raise
                values = np.empty(0)
                columns = np.empty((size, 0))
        if not len(values):
            values = np.array([start @ product(start)])
            columns = start[:, None]
    order = np.argsort(values)[::-1][:KEPT]
    return values[order], np.ascontiguousarray(columns.T[order])


def _error(length: float, values: np.ndarray | torch.Tensor) -> float:
    """Estimated error of the first of `values` (Kato-Temple), where they miss only what
    lies below the last one.
    """
    gap = max(float(values[0] - values[:KEPT][-1]), 1e-300)
    return length * min(1.0, float(length) / gap)


def _warm(
    hessian: Hessian, vectors: torch.Tensor, tol: float, most: int = 24
) -> tuple[float, float, bool, torch.Tensor]:
    space = _Subspace(hessian, vectors)
    added = 0
    if not space.count:
        raise ValueError(
            "vectors: got zeros only; allowed are those that an earlier call gave"
        )
    while True:
        values, mix, rest = space.ritz()
        length = float(_norm(rest))
        converged = bool(_error(length, values) <= tol * abs(values[0]))
        done = (added >= EXPANSIONS and converged) or space.count >= most or length == 0
        if done or not space.extended(rest):
            return float(values[0]), length, converged, space.rotated(mix[:, :KEPT])
        added += 1


class _Subspace:
    """Orthonormal directions with their tangents and images, in one block of memory:
    copies cost as much as products.
    """

    def __init__(self, hessian: Hessian, vectors: torch.Tensor):
        blocks, given, size = vectors.shape
        most = given + 2 * EXPANSIONS
        self.hessian = hessian
        self.count = 0
        self.room = vectors.new_empty((blocks + 1, most, size), dtype=torch.float64)
        self.inner = self.room.new_zeros((most, most))
        for row in vectors.unbind(1):
            self.extended(row)

    def extended(self, row: torch.Tensor) -> bool:
        """Add what `row` has beyond the directions at hand; False if it has nothing."""
        if self.count == len(self.inner):
            self.room = torch.cat([self.room, torch.empty_like(self.room)], dim=1)
            self.inner = torch.nn.functional.pad(
                self.inner, (0, self.count, 0, self.count)
            )
        n = self.count
        new = self.room[:-1, self.count].copy_(row)
        for _ in range(2):  # Gram-Schmidt, twice
            shares = self.room[0, :n] @ new[-1]
            for part, known in zip(new, self.room, strict=False):
                part.addmv_(known[:n].T, shares, alpha=-1)
        if not _norm(new) > 1e-10 * _norm(row):
            return False
        new /= _norm(new)
        image = self.room[-1, n] = self.hessian(new[-1])
        # `eigh` reads the lower triangle
        self.inner[n, : n + 1] = self.room[-2, : n + 1] @ image
        self.count += 1
        return True

    def ritz(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Values in falling order, how they mix the directions, and the residual of the
        first, with its tangent.
        """
        n = self.count
        values, mix = torch.linalg.eigh(self.inner[:n, :n])
        value = values[-1]
        best = mix[:, -1]
        rest = torch.addmv(
            best @ self.room[-1, :n], self.room[0, :n].T, best, alpha=-float(value)
        )
        return values.flip(0), mix.flip(1), self.hessian.with_tangent(rest)

    def rotated(self, mix: torch.Tensor) -> torch.Tensor:
        """The directions mixed by columns, with their tangents, shape (blocks, k,
        size).
        """
        return torch.stack([mix.T @ known[: self.count] for known in self.room[:-1]])


def _norm(row: torch.Tensor) -> torch.Tensor:
    """Of one direction with its tangent, shape (blocks, size)."""
    return (row[0] @ row[-1]).clamp(min=0).sqrt()


def tolerance(tol: float) -> float:
    """`tol` as a number in (0, 0.1]."""
    if positive("tol", tol) > 0.1:
        raise ValueError(
            f"tol: got {tol!r}; allowed is a number above 0 and at most 0.1"
        )
    return float(tol)


def sharpness(
    network: nn.Module,
    data: Data,
    loss: str | Criterion = "mse",
    *,
    tol: float = 1e-3,
    vectors: torch.Tensor | None = None,
    seed: int = 0,
) -> Eigenvalue:
    """The sharpness of the loss of `network` over all of `data`.

    Parameters
    ----------
    network
        A torch module; batch normalisation counts as what it is, a function of the
        whole batch.
    data
        `lrlib.data.Data` with n samples. A mini-batch has another Hessian: pass it as
        data if you mean it.
    loss
        "mse", "huber" or "cross_entropy"; or a function of the outputs and the targets
        that gives one number.
    tol
        Relative tolerance on the value, in (0, 0.1].
    vectors
        The `vectors` of an earlier call at nearby weights; then about 5 products do,
        else about 22.
    seed
        Of the cold start's random vector.

    Raises
    ------
    ValueError
        For an unknown loss, a tolerance out of range, data that do not fit, `vectors`
        of another network, a module whose loss is random or whose batch normalisation
        uses running statistics, or one with an operation that has no second derivative.
    """
    tol = tolerance(tol)
    hessian = _hessian(network, data, loss)
    return largest_eigenvalue(
        hessian,
        tol=tol,
        vectors=vectors,
        seed=whole("seed", seed, 0),
    )


def _hessian(network: nn.Module, data: Data, loss: str | Criterion) -> Hessian:
    """Of the loss over all of `data` in the weights that are not frozen."""
    function = criterion(loss)
    given = torch_checks.tensors(network, data, loss)
    torch_checks.deterministic(network, given[0])
    # measuring must not move the running statistics of a batch normalisation
    network = torch_checks.copied(network)
    parameters: list[torch.Tensor] = [
        p for p in network.parameters() if p.requires_grad
    ]
    x, y = (torch_checks.place(tensor, parameters[0]) for tensor in given)
    with twice_differentiable():
        return Hessian(function(network(x), y), parameters)
