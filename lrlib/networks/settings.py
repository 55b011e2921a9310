"""The settings of a training run: described once, from `train` to the record and the
command line.

A record and a checkpoint hold ``settings.to_dict()``; `Settings.from_dict` reads it back.
The command line of ``python -m lrlib.run`` is made from the fields and their comments.
This module loads without torch: the command line needs only the fields.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ..checks import at_least, lookup, positive, whole
from .data import Data, Subset

if TYPE_CHECKING:
    from torch import nn

    from .models import Network
    from .probes import Probe

PRECISIONS = ("float32", "float64")
_PLACE = re.compile(r"auto|cpu|cuda(:\d+)?")


@dataclass(frozen=True)
class Architecture:
    """A bias-free network of [W], to be built for the samples at hand."""

    layers: int = 2
    """2: W2 act(W1 x). 3: A act(W2 W1 x), with a fixed matrix A of signs."""
    activation: str = "tanh"
    """"tanh", "relu" or "relu3"."""
    batch_norm: bool = False
    """Whether the pre-activations are normalised over the batch."""
    width: int = 200
    """Number of hidden neurons."""
    norms: tuple[float, float] | None = None
    """Frobenius norms of W1 and W2 at the start; None: those of [W]."""

    def network(self, dim: int, classes: int, seed: int) -> Network:
        """The network for `dim` inputs, with freshly drawn weights; ValueError for
        fields out of range.
        """
        from . import models

        options: dict[str, Any] = {
            "width": self.width,
            "classes": classes,
            "activation": self.activation,
            "batch_norm": self.batch_norm,
            "seed": seed,
        }
        if self.norms is not None:
            options["norms"] = self.norms
        return lookup("layers", self.layers, models.BY_LAYERS)(dim, **options)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What decides the numbers of a run, checked when it is made.

    Raises
    ------
    ValueError, TypeError
        For a setting out of range; the message names it, the value and what is allowed.
    """

    model: Architecture | nn.Module
    """An `Architecture`, or a torch module, trained in the mode that it is in."""
    data: Subset | Data
    """A `Subset` of a data set, or samples: x of shape (n, dim), y of shape (n,
    classes)."""
    lr: float
    """Learning rate, above 0."""
    n_steps: int
    """Number of steps, at least 0."""
    loss: str | Callable = "mse"
    """"mse", "huber" or "cross_entropy"; or a function of the outputs and the targets
    that gives one number."""
    form: str = "auto"
    """"plain", "gram" or "auto": see `lrlib.networks.parametrisations`."""
    momentum: float = 0.0
    """In [0, 1), as in `torch.optim.SGD`."""
    weight_decay: float = 0.0
    """At least 0, as in `torch.optim.SGD`."""
    batch: int | None = None
    """Samples in a mini-batch, drawn without replacement within an epoch; what is left
    over at its end is not used. None takes all samples."""
    repeats: int = 1
    """How many steps in a row use the same mini-batch [M, App. G]."""
    schedule: Callable[[int], float] | None = None
    """A function of the step, counted from 0, that gives a finite factor of `lr`, at
    least 0. None: a constant learning rate."""
    seed: int = 0
    """Of the mini-batches, and of the weights of an `Architecture`; at least 0."""
    probes: tuple[Probe, ...] = ()
    """What is measured on the way: `lrlib.networks.probes`."""
    dtype: str = "float64"
    """"float32" or "float64", or torch's own names for them."""
    device: str = "cpu"
    """"cpu", "cuda", "cuda:1" or "auto", a GPU where there is one."""

    def __post_init__(self) -> None:
        n = _samples(self.data)
        checked = {
            "model": _model(self.model),
            "lr": float(positive("lr", self.lr)),
            "n_steps": whole("n_steps", self.n_steps, 0),
            "loss": _loss(self.loss),
            "form": _one_of("form", self.form, _forms()),
            "momentum": at_least("momentum", self.momentum, 0, 1),
            "weight_decay": at_least("weight_decay", self.weight_decay, 0),
            "repeats": whole("repeats", self.repeats, 1),
            "schedule": _schedule(self.schedule),
            "seed": whole("seed", self.seed, 0),
            "probes": _probes(self.probes),
            "dtype": _dtype(self.dtype),
            "device": _device(self.device),
        }
        if self.batch is not None:
            checked["batch"] = whole("batch", self.batch, 1, n)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def samples(self) -> Data:
        """The samples; those of a `Subset` are loaded."""
        return self.data.load() if isinstance(self.data, Subset) else self.data

    def to_dict(self) -> dict:
        """The settings as JSON can hold them. Of a module, samples or a function that
        were handed over only a fingerprint is left, and `from_dict` asks for them.
        """
        return {name: _described(getattr(self, name)) for name in NAMES}

    @classmethod
    def from_dict(cls, found: dict, **given: Any) -> Settings:
        """The settings that `to_dict` described; `given` takes the place of what it
        could not.

        Raises
        ------
        ValueError
            For a setting of which there is only a fingerprint.
        """
        found = {name: found[name] for name in NAMES if name in found} | given
        for name, value in found.items():
            if isinstance(value, dict) and "fingerprint" in value:
                raise ValueError(
                    f"{name}: got a fingerprint only; allowed is {name}=..., handed over"
                )
        for name in READERS.keys() & found.keys() - given.keys():
            found[name] = READERS[name](found[name])
        return cls(**found)


NAMES = tuple(field.name for field in fields(Settings))


def _read_model(found: dict) -> Architecture:
    norms = found.get("norms")
    return Architecture(**found | {"norms": None if norms is None else tuple(norms)})


def _read_data(found: dict) -> Subset:
    return Subset(**found)


def _read_probes(found: list[dict]) -> tuple[Probe, ...]:
    from .probes import read

    return tuple(read(**probe) for probe in found)


# settings that JSON cannot hold as they are, and how their descriptions are read
READERS: dict[str, Callable[[Any], Any]] = {
    "model": _read_model,
    "data": _read_data,
    "probes": _read_probes,
}


def comments(kind: type) -> dict[str, str]:
    """The comment that follows each field of a dataclass, on one line."""
    source = inspect.cleandoc(inspect.getsource(kind))
    found = re.findall(
        r'^ {4}(\w+): [^\n]*\n {4}"""(.*?)"""$', source, re.MULTILINE | re.DOTALL
    )
    return {name: " ".join(text.split()) for name, text in found}


def fingerprint(*arrays: Any, text: str = "") -> str:
    """Of arrays or tensors and a text, 16 hexadecimal digits: equal ones agree."""
    digest = hashlib.sha256(text.encode())
    for array in arrays:
        if hasattr(array, "detach"):
            array = array.detach().cpu().numpy()
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def fingerprint_of(value: Any) -> str:
    """The `fingerprint` of a module at its weights, or of samples."""
    if hasattr(value, "state_dict"):
        return fingerprint(*value.state_dict().values(), text=repr(value))
    return fingerprint(value.x, value.y)


def _described(value: Any) -> Any:
    """`value` in the words of JSON."""
    if isinstance(value, Data) and value.source is not None:
        value = value.source
    if value is None or isinstance(value, int | float | str):
        return value
    if isinstance(value, tuple):
        return [probe.settings() for probe in value]
    if isinstance(value, Architecture | Subset):
        # norms as JSON gives them back
        found = asdict(value)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in found.items()}
    if callable(value) and not hasattr(value, "state_dict"):
        # where a function lies in memory changes from process to process
        text = getattr(value, "__qualname__", None) or repr(value)
        return {"fingerprint": re.sub(r" at 0x[0-9a-f]+", "", text)}
    return {"fingerprint": fingerprint_of(value)}


def _one_of(name: str, value: str, allowed: Iterable[str]) -> str:
    return lookup(name, value, {known: known for known in allowed})


def _loss(loss: Any) -> Any:
    from .models import criterion

    criterion(loss)
    return loss


def _forms() -> Iterable[str]:
    from .parametrisations import PARAMETRISATIONS

    return ("auto", *PARAMETRISATIONS)


def _samples(data: Any) -> int:
    """How many samples there are."""
    if isinstance(data, Subset):
        return data.n
    if not (hasattr(data, "x") and hasattr(data, "y")):
        raise TypeError(
            f"data: got {data!r}; allowed are samples with x and y, or a `Subset`"
        )
    return len(data.x)


def _model(model: object) -> nn.Module | Architecture:
    if isinstance(model, Architecture):
        return model
    from torch import nn

    if not isinstance(model, nn.Module):
        raise TypeError(
            f"model: got {model!r}; allowed is a torch module or an `Architecture`"
        )
    return model


def _schedule(schedule: object) -> Callable | None:
    if schedule is not None and not callable(schedule):
        raise TypeError(
            f"schedule: got {schedule!r}; allowed is None or a function of the step"
        )
    return schedule


def _probes(probes: Any) -> tuple[Probe, ...]:
    from .probes import Probe

    try:
        probes = tuple(probes)
    except TypeError:
        raise TypeError(f"probes: got {probes!r}; allowed is a list of them") from None
    for probe in probes:
        if not isinstance(probe, Probe):
            raise TypeError(
                f"probes: got {probe!r}; allowed are those of `lrlib.networks.probes`"
            )
    return probes


def _dtype(dtype: object) -> str:
    name = str(dtype).removeprefix("torch.")
    if name not in PRECISIONS:
        raise ValueError(f"dtype: got {dtype!r}; allowed are {', '.join(PRECISIONS)}")
    return name


def _device(device: object) -> str:
    if not _PLACE.fullmatch(str(device)):
        raise ValueError(
            f"device: got {device!r}; allowed are 'auto', 'cpu', 'cuda' and 'cuda:0', ..."
        )
    return str(device)
