"""One loop for gradient descent and SGD on networks: probes, divergence as an outcome,
checkpoints.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from ..checks import whole
from . import torch_checks
from .checkpoints import Checkpoint
from .data import Data, Subset
from .models import criterion
from .parametrisations import PARAMETRISATIONS, Parametrisation, choose
from .probes import Probe
from .settings import NAMES, Architecture, Settings, fingerprint_of

# a loss beyond this many times the first one (or 1, if that is larger) has diverged
MOST_GROWTH = 1e8
# steps between two looks at the losses on a GPU, each of which waits for it
GPU_STRIDE = 100
# settings in which a run may differ from the one that left its checkpoint: it may be
# longer and elsewhere; of a schedule the factors are compared
FREE = ("n_steps", "device", "schedule")


@dataclass(frozen=True)
class Run:
    """What training did."""

    outcome: str
    """"finished" or "diverged"."""
    step: int
    """Steps taken; of a diverged run, the step at which the loss was first out of
    bounds."""
    losses: np.ndarray
    """Loss before each step and after the last, shape (step + 1,), each of the
    mini-batch at hand; of a diverged run only those in bounds."""
    series: dict[str, tuple[np.ndarray, np.ndarray]]
    """What the probes measured: for each name the steps and the values."""
    network: nn.Module
    """The trained network; of a diverged run, as it was when that was seen."""
    seconds: float
    """Wall time, over all sessions of a resumed run."""
    settings: Settings
    """What was asked for: ``train(run.settings)`` gives the same numbers."""


def train(
    network: nn.Module | Settings,
    data: Data | Subset | None = None,
    *,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 500,
    threads: int = 1,
    progress: bool = False,
    **settings: Any,
) -> Run:
    """Train a copy of `network` with a constant learning rate, or ``lr *
    schedule(step)``: ``train(network, data, lr=0.1, n_steps=100)``.

    Parameters
    ----------
    network
        A torch module, trained in the mode that it is in (`lrlib.networks.models` has
        those of [W]), or an `Architecture`. Or all `Settings`, and nothing else.
    data
        `lrlib.data.Data`: x of shape (n, dim), y of shape (n, classes). Integers stay
        integers where the network takes nothing else (tokens), and for a `loss` of your
        own (classes, shape (n,)).
    **settings
        The other fields of `lrlib.networks.settings.Settings`: `lr` and `n_steps` must
        be given; `loss`, `form`, `momentum`, `weight_decay`, `batch`, `repeats`,
        `schedule`, `seed`, `probes`, `dtype` and `device` have defaults.
    checkpoint, checkpoint_every
        A file that is written every so many steps. Where it exists, training goes on
        from it, to the same numbers as without the interruption.
    threads
        Of torch on a CPU while this runs. At the sizes of this book several are slower
        than one.
    progress
        Whether to show a progress bar.

    Raises
    ------
    ValueError, TypeError
        For settings out of range, data that do not fit, or a checkpoint of other
        settings.
    """
    asked = _asked(network, data, settings)
    every = whole("checkpoint_every", checkpoint_every, 1)
    samples = asked.samples()
    start = _start(asked, samples)
    x, y = torch_checks.tensors(start, samples, asked.loss)
    torch_checks.deterministic(start, x)
    form = choose(asked.form, start, samples, asked.batch)
    known = {} if checkpoint is None else _known(asked, start, samples, form)
    saved = Checkpoint(checkpoint, known, every)
    start = start.to(torch_checks.device(asked.device), getattr(torch, asked.dtype))
    like = next(start.parameters())
    x = torch_checks.place(x, like)
    y = torch_checks.place(y, like)
    held = PARAMETRISATIONS[form](start, x, y, criterion(asked.loss))
    with _torch_threads(whole("threads", threads, 1)):
        return _Loop(held, asked).run(saved, progress)


def _asked(
    network: nn.Module | Settings, data: Data | Subset | None, settings: dict
) -> Settings:
    """The settings, however they were given."""
    if isinstance(network, Settings):
        if data is not None or settings:
            given = ", ".join(["data"] * (data is not None) + list(settings))
            raise TypeError(
                f"network: got Settings, and {given} as well; allowed are Settings "
                "alone: dataclasses.replace changes them"
            )
        return network
    unknown = [name for name in settings if name not in NAMES]
    if unknown:
        raise TypeError(
            f"train: got {unknown[0]!r}; allowed are {', '.join(NAMES[2:])}"
        )
    if not isinstance(network, Architecture):
        network = torch_checks.copied(network)
    # `Settings` refuses None
    return Settings(model=network, data=cast(Data, data), **settings)


def _start(asked: Settings, samples: Data) -> nn.Module:
    """A network of its own for the run, at its start."""
    if isinstance(asked.model, Architecture):
        dim = np.shape(samples.x)[-1]
        classes = np.shape(samples.y)[-1]
        return asked.model.network(dim, classes, asked.seed)
    return torch_checks.copied(asked.model)


def _known(asked: Settings, start: nn.Module, samples: Data, form: str) -> dict:
    """The settings that a checkpoint must have been written with."""
    known = {"model": fingerprint_of(start), "data": fingerprint_of(samples)}
    known = asked.to_dict() | known | {"form": form}
    return {name: value for name, value in known.items() if name not in FREE}


@contextmanager
def _torch_threads(wanted: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _buffers_kept(network: nn.Module) -> Iterator[None]:
    """Put running statistics back: what only looks at a network runs it too."""
    before = [b.clone() for b in network.buffers()]
    try:
        yield
    finally:
        _put(network.buffers(), before)


def _put(tensors: Iterable[torch.Tensor], values: Iterable[torch.Tensor]) -> None:
    """Fill `tensors`, in place."""
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(value)


class _Batches:
    """Rows of the mini-batch of a step; a function of (seed, step), so that a resumed
    run draws the same.
    """

    def __init__(self, n: int, batch: int | None, repeats: int, seed: int):
        self.n = n
        self.batch = batch
        self.repeats = repeats
        self.seed = seed
        self.epoch = -1
        self.order = np.empty(0, dtype=np.int64)

    def rows(self, step: int) -> torch.Tensor | None:
        if self.batch is None:
            return None
        epoch, place = divmod(step // self.repeats, self.n // self.batch)
        if epoch != self.epoch:
            self.epoch = epoch
            self.order = np.random.default_rng((self.seed, epoch)).permutation(self.n)
        first = place * self.batch
        return torch.from_numpy(self.order[first : first + self.batch])


class _Loop:
    """The state of a run, and how it moves."""

    def __init__(self, held: Parametrisation, asked: Settings):
        self.held = held
        self.asked = asked
        self.batches = _Batches(len(held.x), asked.batch, asked.repeats, asked.seed)
        self.probes = [probe.fresh() for probe in asked.probes]
        self.optimizer = torch.optim.SGD(
            held.coordinates,
            lr=asked.lr,
            momentum=asked.momentum,
            weight_decay=asked.weight_decay,
        )
        device = held.coordinates[0].device
        self.losses = torch.zeros(asked.n_steps + 1, dtype=torch.float64, device=device)
        self.stride = 1 if device.type == "cpu" else GPU_STRIDE
        self.series: dict[str, list[tuple[int, float]]] = {}
        self.owners: dict[str, Probe] = {}
        self.step = 0
        self.looked = 0
        self.seconds = 0.0

    def run(self, checkpoint: Checkpoint, progress: bool) -> Run:
        from tqdm import tqdm

        self._restore(checkpoint.read())
        begun = time.perf_counter() - self.seconds
        with tqdm(
            total=self.asked.n_steps,
            initial=self.step,
            disable=not progress,
            unit="step",
        ) as bar:
            while (
                diverged := self._visit()
            ) is None and self.step < self.asked.n_steps:
                self._descend()
                bar.update()
                self.seconds = time.perf_counter() - begun
                if checkpoint.due(self.step):
                    checkpoint.write(self._state())
        finished = diverged is None
        step = self.step if diverged is None else diverged
        series = {
            name: (
                np.array([step for step, _ in pairs]),
                np.array([value for _, value in pairs]),
            )
            for name, pairs in self.series.items()
        }
        return Run(
            outcome="finished" if finished else "diverged",
            step=step,
            losses=self.losses[: step + finished].cpu().numpy(),
            series=series,
            network=self.held.export(),
            seconds=time.perf_counter() - begun,
            settings=self.asked,
        )

    def _visit(self) -> int | None:
        """Loss, gradient and probes at the present iterate; the step at which the run
        diverged, if it did.
        """
        step = self.step
        due = [probe for probe in self.probes if self.step % probe.every == 0]
        self.losses[step] = self.held.backward(self.batches.rows(step))
        if due or step % self.stride == 0 or step == self.asked.n_steps:
            recent = self.losses[self.looked : step + 1]
            most = MOST_GROWTH * self.losses[0].clamp(min=1.0)
            bad = ~(recent.isfinite() & (recent <= most))
            if bad.any():
                return self.looked + int(bad.nonzero()[0])
            self.looked = step + 1
        for probe in due:
            with _buffers_kept(self.held.network):
                found = probe.measure(self.held)
            for name, value in found.items():
                if self.owners.setdefault(name, probe) is not probe:
                    raise ValueError(
                        f"probes: got two that measure {name!r}; allowed is one"
                    )
                self.series.setdefault(name, []).append((step, float(value)))
        return None

    def _descend(self) -> None:
        self.optimizer.param_groups[0]["lr"] = self.asked.lr * self._factor(self.step)
        self.optimizer.step()
        self.step += 1

    def _factor(self, step: int) -> float:
        schedule = self.asked.schedule
        factor = 1.0 if schedule is None else float(schedule(step))
        if not 0 <= factor < float("inf"):
            raise ValueError(
                f"schedule: got {factor!r} at step {step}; allowed are finite "
                "factors of at least 0"
            )
        return factor

    def _past_factors(self, step: int) -> list[float]:
        """Some of the schedule's factors before `step`, to know it again."""
        if not step:
            return []
        return [self._factor(min(2**i, step) - 1) for i in range(step.bit_length() + 1)]

    def _state(self) -> dict:
        return {
            "step": self.step,
            "looked": self.looked,
            "seconds": self.seconds,
            "losses": self.losses[: self.step].cpu(),
            "coordinates": [p.detach().cpu() for p in self.held.coordinates],
            "buffers": [b.cpu() for b in self.held.network.buffers()],
            "optimizer": self.optimizer.state_dict(),
            "series": self.series,
            "probes": [probe.state for probe in self.probes],
            "factors": self._past_factors(self.step),
        }

    def _restore(self, state: dict | None) -> None:
        if state is None:
            return
        self.step = state["step"]
        self.looked = state["looked"]
        self.seconds = state["seconds"]
        if self.step > self.asked.n_steps:
            raise ValueError(
                f"n_steps: got {self.asked.n_steps}; the checkpoint is at step "
                f"{self.step}, allowed is at least that"
            )
        if state["factors"] != (factors := self._past_factors(self.step)):
            raise ValueError(
                f"schedule: got factors {factors}; the checkpoint was written "
                f"with {state['factors']}"
            )
        self.losses[: self.step] = state["losses"].to(self.losses)
        self.optimizer.load_state_dict(state["optimizer"])
        _put(self.held.coordinates, state["coordinates"])
        _put(self.held.network.buffers(), state["buffers"])
        self.series = state["series"]
        for probe, saved in zip(self.probes, state["probes"], strict=True):
            probe.state = saved
