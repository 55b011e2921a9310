"""Sharpness along training as public code measures it: the competitor of `bench.edge`.

The pattern is that of the code published with J. Cohen et al., *Gradient descent on
neural networks typically occurs at the edge of stability* (2021), and of the many that
follow it: float32 autograd, weights and gradients as one vector, and at each evaluation
a fresh ``scipy.sparse.linalg.eigsh`` around a product that runs the network forwards,
builds the gradient with its graph and differentiates it again. Written here from that
description. It is treated kindly: two eigenvalues where the function's own default is
six, one batch held in memory, no accuracy or extra loss computed at each step, no
threads of ARPACK that fight torch's.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch.nn.utils import parameters_to_vector


def product(network, x, y, criterion, vector: torch.Tensor) -> torch.Tensor:
    """Hessian times vector by two backward passes, all of it anew."""
    parameters = list(network.parameters())
    loss = criterion(network(x), y)
    gradient = parameters_to_vector(
        torch.autograd.grad(loss, parameters, create_graph=True)
    )
    return parameters_to_vector(
        [g.contiguous() for g in torch.autograd.grad(gradient @ vector, parameters)]
    )


def sharpness(
    network, x, y, criterion, k: int = 2, tol: float = 0.0
) -> tuple[float, int]:
    """Largest of `k` eigenvalues that `eigsh` finds, by magnitude as is its default;
    and the products it took.
    """
    size = sum(p.numel() for p in network.parameters())
    taken = 0

    def matvec(v: np.ndarray) -> np.ndarray:
        nonlocal taken
        taken += 1
        return product(
            network, x, y, criterion, torch.from_numpy(v.ravel()).to(x)
        ).numpy()

    values = eigsh(
        LinearOperator((size, size), matvec=matvec),
        k,
        tol=tol,
        return_eigenvectors=False,
    )
    return float(values.max()), taken


def train(  # noqa: PLR0913 (the options of the code it stands for)
    network,
    x,
    y,
    criterion,
    *,
    lr: float,
    n_steps: int,
    every: int | None = None,
    k: int = 2,
    tol: float = 0.0,
    watch=None,
) -> dict[str, list]:
    """`n_steps` steps of gradient descent on `network` itself, its sharpness before
    every `every`-th.

    `tol` is `eigsh`'s, 0 for machine precision; `watch` is called with the network at
    each evaluation.
    """
    optimizer = torch.optim.SGD(network.parameters(), lr=lr)
    found = {"losses": [], "sharpness": [], "products": []}
    for step in range(n_steps):
        if every is not None and step % every == 0:
            value, taken = sharpness(network, x, y, criterion, k, tol)
            found["sharpness"].append(value)
            found["products"].append(taken)
            if watch is not None:
                watch(network)
        optimizer.zero_grad()
        loss = criterion(network(x), y)
        loss.backward()
        optimizer.step()
        found["losses"].append(loss.item())
    return found
