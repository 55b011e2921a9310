"""The bias-free networks of [W, App. F] and their losses, as torch modules.

A `Network` whose `first` layer is linear, without bias, can be trained in the Gram
form; any module at all can be trained in the plain one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from ..checks import lookup, positive, whole
from .settings import Architecture


class CubicReLU(nn.Module):
    """max(z, 0) cubed: the activation of degree 3 in [W, Table 1]."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.relu(z) ** 3


class FixedSigns(nn.Module):
    """A square layer of entries +1 and -1 that is never trained [W, App. F.1]."""

    signs: torch.Tensor

    def __init__(self, size: int, rng: np.random.Generator):
        super().__init__()
        self.register_buffer(
            "signs", torch.from_numpy(rng.choice([-1.0, 1.0], (size, size)))
        )

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return z @ self.signs.T


class Network(nn.Module):
    """outputs = head(first(x)); `head` sees the data only through the pre-activations
    of the first layer.
    """

    def __init__(self, first: nn.Linear, head: nn.Module):
        super().__init__()
        self.first = first
        self.head = head

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.first(x))


ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "relu3": CubicReLU}


def two_layer(
    dim: int,
    *,
    width: int = Architecture.width,
    classes: int = 10,
    activation: str = "tanh",
    batch_norm: bool = False,
    norms: tuple[float, float] = (6.0, 20.0),
    seed: int = 0,
) -> Network:
    """W2 act(W1 x), without biases [W, App. F.1].

    Parameters
    ----------
    dim, width, classes
        Numbers of inputs, hidden neurons and outputs.
    activation
        "tanh", "relu" or "relu3".
    batch_norm
        Normalise the pre-activations over the batch; nothing in it is learned.
    norms
        Frobenius norms of W1 and W2 at the start, one number for both or two; the
        directions are torch's usual uniform ones.
    seed
        The same seed gives the same weights on every device, in float64.

    Raises
    ------
    ValueError, TypeError
        For sizes below 1, an unknown activation, norms that are not positive.
    """
    rng = np.random.default_rng(whole("seed", seed, 0))
    dim, width, classes = _sizes(dim, width, classes)
    first_norm, last_norm = np.broadcast_to(positive("norms", norms, 2), 2)
    first = _linear(dim, width, first_norm, rng)
    last = _linear(width, classes, last_norm, rng)
    neurons = _neurons(activation, width if batch_norm else None)
    return Network(first, nn.Sequential(*neurons, last))


def three_layer(
    dim: int,
    *,
    width: int = Architecture.width,
    classes: int = 10,
    activation: str = "relu3",
    batch_norm: bool = False,
    norms: tuple[float, float] = (3.0, 10.0),
    seed: int = 0,
) -> Network:
    """A act(W2 W1 x) with a fixed matrix A of signs: the network of [W, (5)], called
    "outer" there.

    The first two layers are linear and the activation comes last, as in the toy model
    [W, (4)]. Parameters and errors are those of `two_layer`.
    """
    rng = np.random.default_rng(whole("seed", seed, 0))
    dim, width, classes = _sizes(dim, width, classes)
    first_norm, second_norm = np.broadcast_to(positive("norms", norms, 2), 2)
    first = _linear(dim, width, first_norm, rng)
    second = _linear(width, classes, second_norm, rng)
    neurons = _neurons(activation, classes if batch_norm else None)
    return Network(first, nn.Sequential(second, *neurons, FixedSigns(classes, rng)))


# the networks by their number of layers
BY_LAYERS = {2: two_layer, 3: three_layer}


def _sizes(dim: int, width: int, classes: int) -> tuple[int, int, int]:
    dim = whole("dim", dim, 1)
    width = whole("width", width, 1)
    classes = whole("classes", classes, 1)
    return dim, width, classes


def _neurons(activation: str, normalised: int | None) -> list[nn.Module]:
    act = lookup("activation", activation, ACTIVATIONS)()
    # batch statistics are part of the function that is trained and measured; running
    # ones would be another function
    norm = (
        [nn.BatchNorm1d(normalised, affine=False, track_running_stats=False)]
        if normalised
        else []
    )
    return [*norm, act]


def _linear(n_in: int, n_out: int, norm: float, rng: np.random.Generator) -> nn.Linear:
    """torch's default distribution, U(-1, 1) / sqrt(n_in), scaled to the Frobenius
    norm.
    """
    weight = rng.uniform(-1, 1, (n_out, n_in))
    layer = nn.utils.skip_init(nn.Linear, n_in, n_out, bias=False, dtype=torch.float64)
    layer.weight.data = torch.from_numpy(weight * (norm / np.linalg.norm(weight)))
    return layer


def mse(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Half the squared distance of outputs and targets, mean over the samples."""
    return 0.5 * ((outputs - targets) ** 2).sum() / len(targets)


def huber(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Half the square of an error up to 1, then its size less a half; summed over
    outputs, mean over samples.
    """
    return nn.functional.huber_loss(outputs, targets, reduction="sum") / len(targets)


def cross_entropy(outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Cross-entropy of targets and the softmax of the outputs, mean over the samples.

    `targets` of shape (n, classes) are probabilities, for instance a 1 at the class.
    """
    return nn.functional.cross_entropy(outputs, targets)


LOSSES = {"mse": mse, "huber": huber, "cross_entropy": cross_entropy}


def criterion(
    loss: str | Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """The function of a loss: one of `LOSSES` by its name, or `loss` itself.

    ValueError or TypeError for anything else.
    """
    if callable(loss):
        return loss
    if not isinstance(loss, str):
        raise TypeError(
            f"loss: got {loss!r}; allowed are {', '.join(map(repr, LOSSES))}, or a "
            "function of outputs and targets"
        )
    return lookup("loss", loss, LOSSES)
