"""Checks of what is handed to torch: each error names the argument, the value and what
is allowed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

Criterion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
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


def copied(network: nn.Module) -> nn.Module:
    """A deep copy; ValueError with the reason where torch cannot make one."""
    try:
        return copy.deepcopy(network)
    except (RuntimeError, TypeError) as error:
        raise ValueError(
            f"network: got one that cannot be copied ({_first_line(error)}); allowed are "
            "modules that copy.deepcopy takes, with torch.nn.utils.parametrizations in "
            "place of the old torch.nn.utils.weight_norm"
        ) from None


def tensors(
    network: nn.Module, data, loss: str | Criterion
) -> tuple[torch.Tensor, torch.Tensor]:
    """The samples as `network` and `loss` take them, of the precision that they have;
    integers stay integers where the network takes nothing else, or a function is the
    loss.

    Refused are data that `network` cannot take, and targets that a named loss would
    silently spread over its outputs.
    """
    x = np.asarray(data.x)
    y = np.asarray(data.y)
    named = isinstance(loss, str)
    low = 2 if named else 1
    bad = x.ndim < 2 or len(x) != len(y) or not len(x) if y.ndim >= low else True
    if bad or (named and y.ndim > 2):
        allowed = "(n, ...) and (n, classes)" if named else "(n, ...) and (n, ...)"
        raise ValueError(
            f"data: got x of shape {x.shape} and y of shape {y.shape}; allowed are {allowed}"
        )
    for name, array in {"x": x, "y": y}.items():
        if not np.isfinite(array).all():
            raise ValueError(
                f"data: got {name} with numbers that are not finite; allowed are "
                "finite ones"
            )
    inputs, outputs = _taken(network, x)
    if isinstance(loss, str):
        targets = torch.as_tensor(_floats(y))
        _check_targets(outputs, y, loss)
    else:
        targets = torch.as_tensor(y)
        _check_loss(loss, outputs, place(targets[: len(outputs)], outputs))
    return inputs, targets


def _floats(array: np.ndarray) -> np.ndarray:
    return array if array.dtype.kind == "f" else array.astype(float)


def place(tensor: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """`tensor` on the device of `like`, and in its precision; integers stay integers."""
    if tensor.is_floating_point():
        return tensor.to(like)
    return tensor.to(like.device)


def _taken(network: nn.Module, x: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """`x` as floats, or as integers where `network` takes nothing else, and the outputs
    of the first two samples.
    """
    like = next(network.parameters())
    tries = [torch.as_tensor(_floats(x))]
    if x.dtype.kind in "iu":
        tries.append(torch.as_tensor(x.astype(np.int64)))
    for inputs in tries:
        try:
            with torch.no_grad():
                return inputs, copied(network)(place(inputs[:2], like))
        except (RuntimeError, TypeError, IndexError) as error:
            reason = _first_line(error)
    raise ValueError(
        f"data: got x of shape {x.shape} and type {x.dtype}; allowed is what the network "
        f"takes ({reason})"
    )


def _check_targets(outputs: torch.Tensor, y: np.ndarray, loss: str) -> None:
    if outputs.shape[1:] != y.shape[1:]:
        raise ValueError(
            f"data: got y of shape {y.shape}; allowed is (n, "
            f"{', '.join(map(str, outputs.shape[1:]))})"
        )
    if loss == "cross_entropy":
        sums = y.sum(axis=1)
        if (y < 0).any() or not np.allclose(sums, 1):
            raise ValueError(
                "data: got y with rows that are no probabilities; allowed with "
                "loss='cross_entropy' are numbers of at least 0 that add up to 1"
            )


def _check_loss(loss: Criterion, outputs: torch.Tensor, targets: torch.Tensor) -> None:
    """Refuse a function that is no loss of such outputs and targets."""
    shapes = f"outputs of shape {tuple(outputs.shape)} and targets of shape "
    shapes += f"{tuple(targets.shape)} and type {targets.dtype}"
    try:
        found = loss(outputs, targets)
    except Exception as error:  # whatever a function of the reader's own raises
        raise ValueError(
            f"loss: got {loss!r}, which fails for {shapes} ({_first_line(error)}); allowed "
            "is a function of outputs and targets"
        ) from error
    if (
        not isinstance(found, torch.Tensor)
        or found.ndim
        or not found.is_floating_point()
    ):
        shape = tuple(found.shape) if isinstance(found, torch.Tensor) else found
        raise ValueError(
            f"loss: got {loss!r}, which gives {shape} for {shapes}; allowed is one that "
            "gives a tensor of one number, such as a mean over the samples"
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0]


def deterministic(network: nn.Module, x: torch.Tensor) -> None:
    """Refuse modules whose loss is not one function of the weights.

    Those of torch are told by name; whatever the module is made of, two forward passes
    of `x`, as `tensors` gave it, must agree.
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
    x = place(x[:COMPARED], next(network.parameters()))
    with torch.no_grad():
        # of copies: a forward pass may move running statistics
        one = copied(network)(x)
        two = copied(network)(x)
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
