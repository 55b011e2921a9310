"""Two parametrisations of a network while it trains: its weights, or the first layer in
the span of the data. The setting `form` of a run names one of them.

[W]'s networks see an image only through Z = X W1^T. Full-batch gradients of W1 are dZ^T
X, so W1 never leaves c W1(0) + U^T X. The *Gram form* keeps U, shape (n, width), and
updates Z = c Z(0) + K U with K = X X^T: one product with an n x n matrix instead of two
with the n x dim data, and no approximation.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import nn

from . import torch_checks
from .data import Data
from .hessians import Hessian, Span, SpanHessian, twice_differentiable
from .models import Network, mse
from .torch_checks import Criterion


class Parametrisation(Protocol):
    """What training and probes ask of either."""

    @property
    def network(self) -> nn.Module: ...

    x: torch.Tensor
    coordinates: list[torch.Tensor]

    def loss(self, rows: torch.Tensor | None = None) -> torch.Tensor: ...

    def backward(self, rows: torch.Tensor | None = None) -> torch.Tensor: ...

    def hessian(self) -> Hessian: ...

    def norms(self) -> list[float]: ...

    def export(self) -> nn.Module: ...


def trained(network: nn.Module) -> list[torch.Tensor]:
    """The weights of a network that are not frozen."""
    return [p for p in network.parameters() if p.requires_grad]


class Plain:
    """The network's own weights, differentiated by autograd; the oracle, and the only
    form for mini-batches.
    """

    def __init__(
        self, network: nn.Module, x: torch.Tensor, y: torch.Tensor, loss: Criterion
    ):
        self.network = network
        self.x = x
        self.y = y
        self.criterion = loss
        self.coordinates: list[torch.Tensor] = trained(network)

    def loss(self, rows: torch.Tensor | None = None) -> torch.Tensor:
        if rows is None:
            return self.criterion(self.network(self.x), self.y)
        return self.criterion(self.network(self.x[rows]), self.y[rows])

    def backward(self, rows: torch.Tensor | None = None) -> torch.Tensor:
        """The loss, over all samples or `rows`; its gradient is left in the
        coordinates' `grad`.
        """
        loss = self.loss(rows)
        gradient = torch.autograd.grad(loss, self.coordinates)
        for p, g in zip(self.coordinates, gradient, strict=True):
            p.grad = g
        return loss.detach()

    def hessian(self) -> Hessian:
        """Of the loss over all samples, in the weights."""
        with twice_differentiable():
            return Hessian(self.loss(), self.coordinates)

    def norms(self) -> list[float]:
        """Frobenius norms of the weights, layer by layer."""
        return [float(p.detach().norm()) for p in self.coordinates]

    def export(self) -> nn.Module:
        """The network at the present weights."""
        return copy.deepcopy(self.network)


class Gram:
    """The first layer as W1 = c W1(0) + U^T X. `coordinates` are c, U and the weights
    of the head.

    Gradients of c are 0 and those of U are dZ: a step along them is the step of W1
    along its own gradient, so that momentum and weight decay act as they do on W1.
    """

    def __init__(
        self, network: Network, x: torch.Tensor, y: torch.Tensor, loss: Criterion
    ):
        self.network = network
        self.x = x
        self.y = y
        self.criterion = loss
        first = self.network.first.weight.detach()
        self.start = x @ first.T
        self.first_norm = first.norm()
        self.inner = Span(x @ x.T)
        self.scale = torch.ones((), dtype=x.dtype, device=x.device)
        self.span = torch.zeros_like(self.start)
        self.head = trained(network.head)
        self.coordinates: list[torch.Tensor] = [self.scale, self.span, *self.head]

    def preactivations(self) -> torch.Tensor:
        return torch.addmm(self.scale * self.start, self.inner.gram, self.span)

    def backward(self, rows: torch.Tensor | None = None) -> torch.Tensor:
        """As of `Plain`; all samples only."""
        z = self.preactivations().requires_grad_()
        loss = self.criterion(self.network.head(z), self.y)
        self.scale.grad = torch.zeros_like(self.scale)
        self.span.grad, *rest = torch.autograd.grad(loss, [z, *self.head])
        for p, g in zip(self.head, rest, strict=True):
            p.grad = g
        return loss.detach()

    def loss(self, rows: torch.Tensor | None = None) -> torch.Tensor:
        return self.criterion(self.network.head(self.preactivations()), self.y)

    def hessian(self) -> Hessian:
        """In the weights; directions of the first layer lie in the span of the data,
        where its eigenvectors are.
        """
        z = self.preactivations().requires_grad_()
        with twice_differentiable():
            loss = self.criterion(self.network.head(z), self.y)
        return SpanHessian(loss, [z, *self.head], self.inner)

    def norms(self) -> list[float]:
        z = self.preactivations().double()
        c = self.scale.double()
        # |c W + U^T X|^2, with X W^T = start and c start + K U = z
        square = c**2 * self.first_norm**2
        square = square + (self.span.double() * (c * self.start + z)).sum()
        first = float(square.clamp(min=0).sqrt())
        return [first, *(float(p.detach().norm()) for p in self.head)]

    def export(self) -> nn.Module:
        network = copy.deepcopy(self.network)
        with torch.no_grad():
            network.first.weight.mul_(self.scale).add_(self.span.T @ self.x)
        return network


PARAMETRISATIONS: dict[str, Callable[..., Parametrisation]] = {
    "plain": Plain,
    "gram": Gram,
}
# samples of the forward pass that compares the two
COMPARED = 8


def choose(form: str, network: nn.Module, data: Data, batch: int | None) -> str:
    """The name of the parametrisation: "gram" or "plain"; "auto" takes the Gram form
    where it is possible and saves work.

    Raises
    ------
    ValueError
        For another name, or "gram" where it would train another network.
    """
    possible = batch is None and _is_gram_possible(network, data)
    if form == "auto":
        return "gram" if possible and len(data.x) < 2 * data.x.shape[1] else "plain"
    if form not in PARAMETRISATIONS:
        allowed = ", ".join(map(repr, ("auto", *PARAMETRISATIONS)))
        raise ValueError(f"form: got {form!r}; allowed are {allowed}")
    if form == "gram" and not possible:
        raise ValueError(
            "form: got 'gram'; allowed only with batch=None, x of shape (n, dim) and a "
            "`networks.Network` whose first layer is trained, has no bias and is used "
            "for its pre-activations only"
        )
    return form


def _is_gram_possible(network: nn.Module, data: Data) -> bool:
    """Whether the Gram form trains the same network as its weights would."""
    if not isinstance(network, Network) or np.ndim(data.x) != 2:
        return False
    first = network.first
    if type(first) is not nn.Linear or first.bias is not None:
        return False
    shared = any(p is first.weight for p in network.head.parameters())
    return first.weight.requires_grad and not shared and _agree(network, data)


def _agree(network: Network, data: Data) -> bool:
    """Whether both forms give the same outputs after the first layer has moved.

    This finds whatever else the outputs depend on: a forward pass of its own, hooks,
    a head that looks at the weights of the first layer or at the inputs.
    """
    like = network.first.weight
    x = torch.as_tensor(data.x[:COMPARED]).to(like)
    # no loss is taken: any targets do
    held = Gram(copy.deepcopy(network), x, x, mse)
    generator = torch.Generator().manual_seed(0)
    move = torch.randn(held.span.shape, generator=generator).to(like)
    # a move as long as the weights
    move *= like.detach().norm() / (move.T @ x).norm().clamp(min=1e-30)
    held.span += move
    with torch.no_grad():
        found = held.network.head(held.preactivations())
        expected = held.export()(x)
    return torch_checks.same(found, expected)
