"""Products with the Hessian of a loss: in the weights, and in the span of the data.

The gradient's graph is built once, so that a product costs about one gradient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import torch


@contextmanager
def twice_differentiable() -> Iterator[None]:
    """Forward passes here, for a `Hessian`, use operations that torch can differentiate
    twice where it has a choice: attention written out, not its fast kernels.
    """
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.MATH):
        yield


@contextmanager
def _second_derivatives() -> Iterator[None]:
    """ValueError with the reason where torch has no second derivative."""
    try:
        yield
    except (RuntimeError, NotImplementedError) as error:
        text = str(error).strip().split("\n")[0]
        if not ("not implemented" in text or "differentiate twice" in text):
            raise
        raise ValueError(
            f"network: got an operation without second derivatives ({text}); allowed are "
            "those that torch can differentiate twice"
        ) from error


def _refuse_dead_ends(gradient: Sequence[torch.Tensor]) -> None:
    """ValueError where `gradient` comes from a function whose author said that it has
    one derivative only: torch would take its second one for zero.
    """
    seen = set()
    nodes = [part.grad_fn for part in gradient]
    while nodes:
        node = nodes.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if node.name() == "torch::autograd::Error":
            raise ValueError(
                "network: got an operation without second derivatives (marked "
                "once_differentiable); allowed are those that torch can differentiate "
                "twice"
            )
        nodes += [before for before, _ in node.next_functions]


class Hessian:
    """Products of the Hessian of `loss` with directions; counts them in `products`.

    A direction is a row of length `size`, with its *tangent*: the change of the inputs
    along it. Here the two are the same, and the inner product is the dot product. A
    subclass may hold directions in other coordinates: then ``<v, w>`` is the dot
    product of v with the tangent of w, and the Hessian takes tangents to directions
    (`SpanHessian`).

    Parameters
    ----------
    loss
        A scalar tensor that still carries its graph.
    inputs
        The tensors to differentiate by; tangents are their entries in one row.
    """

    # rows that hold a direction: itself, and its tangent where that is another one
    blocks = 1

    def __init__(self, loss: torch.Tensor, inputs: list[torch.Tensor]):
        self.inputs = inputs
        self.products = 0
        with _second_derivatives():
            self.gradient = torch.autograd.grad(
                loss, inputs, create_graph=True, materialize_grads=True
            )
        _refuse_dead_ends(self.gradient)
        self.sizes = [p.numel() for p in inputs]
        self.size = self.whitened = sum(self.sizes)

    def __call__(self, tangent: torch.Tensor) -> torch.Tensor:
        """H v from the tangent of v, both of shape (size,), in float64 whatever the
        network's precision.
        """
        self.products += 1
        parts = tangent.to(self.inputs[0]).split(self.sizes)
        parts = [p.view_as(q) for p, q in zip(parts, self.inputs, strict=True)]
        with _second_derivatives():
            found = torch.autograd.grad(
                self.gradient,
                self.inputs,
                parts,
                retain_graph=True,
                materialize_grads=True,
            )
        return torch.cat([f.reshape(-1) for f in found]).double()

    def with_tangent(self, direction: torch.Tensor) -> torch.Tensor:
        """A direction with its tangent, shape (blocks, size)."""
        return direction[None]

    def whiten(self, direction: torch.Tensor) -> torch.Tensor:
        """A direction in `whitened` many coordinates in which the inner product is the
        dot product.
        """
        return direction

    def colour(self, white: torch.Tensor) -> torch.Tensor:
        """The tangent of the direction with whitened coordinates `white`."""
        return white

    def unwhiten(self, white: torch.Tensor) -> torch.Tensor:
        """The direction with whitened coordinates `white` and its tangent, shape
        (blocks, size).
        """
        return white[None]


class Span:
    """Directions V = U^T X of the first layer, held as U: K U is the change of Z along
    V, <U, U'> = tr(U^T K U').
    """

    def __init__(self, gram: torch.Tensor):
        self.gram = gram

    @cached_property
    def roots(self) -> tuple[torch.Tensor, torch.Tensor]:
        """L with K = L L^T, shape (n, rank), and R with R^T L = 1; for samples that
        repeat, K is singular.
        """
        values, columns = torch.linalg.eigh(self.gram.double())
        seen = values > len(values) * torch.finfo(self.gram.dtype).eps * values[-1]
        values = values[seen]
        columns = columns[:, seen]
        root = columns * values.sqrt()
        back = columns / values.sqrt()
        return root.to(self.gram), back.to(self.gram)


class SpanHessian(Hessian):
    """The Hessian in the weights, from a loss given as a function of Z = X W1^T and the
    head.
    """

    blocks = 2

    def __init__(self, loss: torch.Tensor, inputs: list[torch.Tensor], inner: Span):
        super().__init__(loss, inputs)
        self.inner = inner
        n, self.width = inputs[0].shape
        self.rest = self.size - n * self.width
        self.whitened = inner.roots[0].shape[1] * self.width + self.rest

    def with_tangent(self, direction: torch.Tensor) -> torch.Tensor:
        return torch.stack([direction, self._times(self.inner.gram, direction)])

    def whiten(self, direction: torch.Tensor) -> torch.Tensor:
        return self._times(self.inner.roots[0].T, direction)

    def colour(self, white: torch.Tensor) -> torch.Tensor:
        return self._times(self.inner.roots[0], white)

    def unwhiten(self, white: torch.Tensor) -> torch.Tensor:
        root, back = self.inner.roots
        direction = self._times(back, white)
        tangent = self._times(root, white)
        return torch.stack([direction, tangent])

    def _times(self, matrix: torch.Tensor, row: torch.Tensor) -> torch.Tensor:
        """The first layer's share of `row` multiplied by `matrix`, in its precision;
        the head's as it is.
        """
        end = len(row) - self.rest
        first = row[:end].to(matrix)
        found = matrix @ first.view(matrix.shape[1], self.width)
        return torch.cat([found.flatten().double(), row[end:]])
