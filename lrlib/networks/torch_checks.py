"""Checks of what is handed to torch: each error names the argument, the value and what
is allowed.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn

# samples of the two forward passes that must agree
COMPARED = 1000


def device(name) -> str:
    """`name` as a device that is here: "cpu", "cuda" or "cuda:1"; "auto" is a GPU where
    there is one.
    """
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    here = ["cpu", *(["cuda"] if count else []), *(f"cuda:{i}" for i in range(count))]
    if name == "auto":
        return here[1] if count else "cpu"
    if str(name) not in here:
        raise ValueError(
            f"device: got {name!r}; allowed here are 'auto', {', '.join(map(repr, here))}"
        )
    return str(name)


def samples(network: nn.Module, data) -> None:
    """Refuse data that `network` cannot take, or whose targets the loss would silently
    spread over its outputs.
    """
    x = np.asarray(data.x)
    y = np.asarray(data.y)
    if y.ndim != 2 or x.ndim < 2 or len(x) != len(y) or not len(x):
        raise ValueError(
            f"data: got x of shape {x.shape} and y of shape {y.shape}; allowed "
            "are (n, ...) and (n, classes)"
        )
    for name, array in {"x": x, "y": y}.items():
        if not np.isfinite(array).all():
            raise ValueError(
                f"data: got {name} with numbers that are not finite; allowed are "
                "finite ones"
            )
    like = next(network.parameters())
    try:
        outputs = copy.deepcopy(network)(torch.as_tensor(x[:2]).to(like)).shape
    except RuntimeError as error:
        raise ValueError(
            f"data: got x of shape {x.shape}; allowed is what the network takes ({error})"
        ) from None
    if outputs[1:] != y.shape[1:]:
        raise ValueError(
            f"data: got y of shape {y.shape}; allowed is (n, "
            f"{', '.join(map(str, outputs[1:]))})"
        )


def deterministic(network: nn.Module, data) -> None:
    """Refuse modules whose loss is not one function of the weights.

    Those of torch are told by name; whatever the module is made of, two forward passes
    of `data` must agree.
    """
    for name, part in network.named_modules():
        if (
            isinstance(part, nn.modules.dropout._DropoutNd)
            and part.training
            and part.p > 0
        ):
            raise ValueError(
                f"network: got dropout ({name}) in training mode; allowed are "
                "modules without randomness"
            )
        if (
            isinstance(part, nn.modules.batchnorm._BatchNorm)
            and not part.training
            and part.track_running_stats
        ):
            raise ValueError(
                f"network: got running statistics ({name}); allowed are those of "
                "the batch: network.train()"
            )
    like = next(network.parameters())
    x = torch.as_tensor(data.x[:COMPARED]).to(like)
    with torch.no_grad():
        # of copies: a forward pass may move running statistics
        one = copy.deepcopy(network)(x)
        two = copy.deepcopy(network)(x)
    if not same(one, two):
        raise ValueError(
            "network: got one whose outputs differ from one forward pass to the next; "
            "allowed are modules without randomness"
        )


def same(one: torch.Tensor, two: torch.Tensor) -> bool:
    """Whether two outputs agree to half of their digits, measured at the largest."""
    rtol = torch.finfo(one.dtype).eps ** 0.5
    largest = float(one.nan_to_num().abs().max())
    return torch.allclose(one, two, rtol, rtol * largest, equal_nan=True)
