"""Sharpness along gradient descent as public edge-of-stability code does it, to compare with.

Every product with the Hessian builds loss, gradient and its graph anew; every evaluation asks ARPACK,
from a random start, for the two eigenvalues of largest magnitude.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch.nn.utils import parameters_to_vector

from lrlib.networks import huber


def product(network, x, y, vector: torch.Tensor) -> torch.Tensor:
    """The Hessian of the Huber loss times `vector`, by double backward from scratch."""
    parameters = list(network.parameters())
    gradient = torch.autograd.grad(huber(network(x), y), parameters, create_graph=True)
    slope = parameters_to_vector(gradient) @ vector
    return parameters_to_vector(torch.autograd.grad(slope, parameters)).detach()


def largest(network, x, y, tol: float, **options) -> float:
    """The largest of the eigenvalues that ARPACK returns."""
    kind = np.float32 if x.dtype == torch.float32 else np.float64
    size = sum(p.numel() for p in network.parameters())
    apply = lambda v: product(network, x, y, torch.from_numpy(v.ravel().astype(kind))).numpy()  # noqa: E731
    return float(eigsh(LinearOperator((size, size), matvec=apply, dtype=kind), tol=tol, **options)[0].max())


def train_and_measure(network, data, lr: float, n_steps: int, every: int, tol: float):
    """Gradient descent in float32 with an evaluation every so many steps: the last network and its sharpness."""
    network = copy.deepcopy(network).float()
    x, y = (torch.as_tensor(a, dtype=torch.float32) for a in (data.x, data.y))
    descent = torch.optim.SGD(network.parameters(), lr=lr)
    value = float("nan")
    for step in range(1, n_steps + 1):
        descent.zero_grad()
        huber(network(x), y).backward()
        descent.step()
        if step % every == 0:
            value = largest(network, x, y, tol, k=2)
    return network, value


def reference(network, data) -> float:
    """The largest eigenvalue at the weights of `network`, in float64."""
    x, y = torch.as_tensor(data.x), torch.as_tensor(data.y)
    return largest(copy.deepcopy(network).double(), x, y, 1e-10, k=2, which="LA")
