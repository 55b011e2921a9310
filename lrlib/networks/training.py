"""One loop for gradient descent and SGD on networks: probes, divergence as an outcome,
checkpoints.
"""

from __future__ import annotations

import copy
import hashlib
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..checks import named, positive, whole, within
from . import torch_checks
from .checkpoints import Checkpoint
from .models import LOSSES
from .parametrisations import FORMS, choose

# a loss beyond this many times the first one (or 1, if that is larger) has diverged
BOUND = 1e8
# steps between two looks at the losses on a GPU, each of which waits for it
GPU_STRIDE = 100


@dataclass(frozen=True)
class Run:
    """What training did."""

    outcome: str
    """"finished" or "diverged"."""
    step: int
    """Steps taken; of a diverged run, the step at which the loss was first out of
    bounds.
    """
    losses: np.ndarray
    """Loss before each step and after the last, shape (step + 1,), each of the
    mini-batch at hand; of a diverged run only those in bounds.
    """
    series: dict[str, tuple[np.ndarray, np.ndarray]]
    """What the probes measured: for each name the steps and the values."""
    network: nn.Module
    """The trained network; of a diverged run, as it was when that was seen."""
    seconds: float
    """Wall time, over all sessions of a resumed run."""


def train(  # noqa: PLR0913 (one keyword for each setting of a run)
    network: nn.Module,
    data,
    *,
    lr: float,
    n_steps: int,
    loss: str = "mse",
    batch: int | None = None,
    repeats: int = 1,
    momentum: float = 0.0,
    weight_decay: float = 0.0,
    schedule: Callable[[int], float] | None = None,
    probes: Iterable = (),
    seed: int = 0,
    form: str = "auto",
    device: str = "cpu",
    dtype: torch.dtype = torch.float64,
    checkpoint: str | Path | None = None,
    checkpoint_every: int = 500,
    threads: int = 1,
    progress: bool = False,
) -> Run:
    """Train a copy of `network` with a constant learning rate, or ``lr *
    schedule(step)``.

    Parameters
    ----------
    network
        A torch module, trained in the mode that it is in; `lrlib.networks.models` has those of
        [W].
    data
        `lrlib.data.Data`: x of shape (n, dim), y of shape (n, classes).
    lr, n_steps
        Learning rate, above 0, and number of steps, at least 0.
    loss
        "mse" or "huber".
    batch
        Samples in a mini-batch, drawn without replacement within an epoch; what is left
        over at its end is not used. None takes all samples.
    repeats
        How many steps in a row use the same mini-batch [M, App. G].
    momentum, weight_decay
        In [0, 1) and at least 0, as in `torch.optim.SGD`.
    schedule
        A function of the step, counted from 0, that gives a finite factor of at least
        0.
    probes
        Of `lrlib.probes`.
    seed
        Of the mini-batches, at least 0; the weights come with `network`.
    form
        "plain", "gram" or "auto": see `lrlib.networks.parametrisations`.
    device, dtype
        "cpu", "cuda", "cuda:1" or "auto"; torch.float32 or torch.float64.
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
        For arguments out of range, data that do not fit, or a checkpoint of other
        settings.
    """
    lr = float(positive("lr", lr))
    n_steps = whole("n_steps", n_steps, 0)
    repeats = whole("repeats", repeats, 1)
    batch = None if batch is None else whole("batch", batch, 1, len(data.x))
    seed = whole("seed", seed, 0)
    torch_checks.deterministic(network)
    torch_checks.samples(network, data)
    options = {"lr": lr, "momentum": within("momentum", momentum, 0, 1)}
    options["weight_decay"] = within("weight_decay", weight_decay, 0, float("inf"))
    form = choose(form, network, data, batch)
    criterion = named("loss", loss, LOSSES)
    place = {
        "device": torch_checks.device(device),
        "dtype": torch_checks.precision(dtype),
    }
    x, y = (torch.as_tensor(a, **place) for a in (data.x, data.y))
    held = FORMS[form](copy.deepcopy(network).to(**place), x, y, criterion)
    probes = [p.fresh() for p in probes]
    loop = _Loop(
        held, options, schedule, _Batches(len(x), batch, repeats, seed), probes, n_steps
    )
    settings = {
        **options,
        "loss": loss,
        "batch": batch,
        "repeats": repeats,
        "seed": seed,
        "form": form,
        "dtype": str(dtype),
    }
    if checkpoint is not None:
        settings |= {
            "start": _fingerprint(*network.state_dict().values(), text=repr(network)),
            "data": _fingerprint(x, y),
        }
        settings["probes"] = [probe.settings() for probe in probes]
    saved = Checkpoint(
        checkpoint, settings, whole("checkpoint_every", checkpoint_every, 1)
    )
    with _torch_threads(whole("threads", threads, 1)):
        return loop.run(saved, progress)


@contextmanager
def _torch_threads(wanted: int):
    before = torch.get_num_threads()
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _fingerprint(*tensors: torch.Tensor, text: str = "") -> str:
    """Of the start and the data: a checkpoint of another network or data set must not
    be taken up.
    """
    digest = hashlib.sha256(text.encode())
    for tensor in tensors:
        digest.update(tensor.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


class _Batches:
    """Rows of the mini-batch of a step; a function of (seed, step), so that a resumed
    run draws the same.
    """

    def __init__(self, n: int, batch: int | None, repeats: int, seed: int):
        self.n, self.batch, self.repeats, self.seed = n, batch, repeats, seed
        self.epoch, self.order = -1, np.empty(0)

    def rows(self, step: int):
        if self.batch is None:
            return None
        epoch, place = divmod(step // self.repeats, self.n // self.batch)
        if epoch != self.epoch:
            self.epoch, self.order = (
                epoch,
                np.random.default_rng((self.seed, epoch)).permutation(self.n),
            )
        return torch.from_numpy(
            self.order[place * self.batch : (place + 1) * self.batch]
        )


class _Loop:
    """The state of a run, and how it moves."""

    def __init__(
        self,
        held,
        options: dict,
        schedule,
        batches: _Batches,
        probes: list,
        n_steps: int,
    ):
        self.held, self.schedule, self.batches, self.probes, self.n_steps = (
            held,
            schedule,
            batches,
            probes,
            n_steps,
        )
        self.lr, self.optimizer = (
            options["lr"],
            torch.optim.SGD(held.coordinates, **options),
        )
        device = held.coordinates[0].device
        self.losses = torch.zeros(n_steps + 1, dtype=torch.float64, device=device)
        self.stride = 1 if device.type == "cpu" else GPU_STRIDE
        self.series, self.owners, self.step, self.looked, self.seconds = (
            {},
            {},
            0,
            0,
            0.0,
        )

    def run(self, checkpoint: Checkpoint, progress: bool) -> Run:
        from tqdm import tqdm

        self._restore(checkpoint.read())
        begun = time.perf_counter() - self.seconds
        with tqdm(
            total=self.n_steps, initial=self.step, disable=not progress, unit="step"
        ) as bar:
            while (diverged := self._visit()) is None and self.step < self.n_steps:
                self._descend()
                bar.update()
                self.seconds = time.perf_counter() - begun
                if checkpoint.due(self.step):
                    checkpoint.write(self._state())
        outcome, step = (
            ("finished", self.step) if diverged is None else ("diverged", diverged)
        )
        losses = self.losses[: step + (diverged is None)].cpu().numpy()
        series = {
            name: tuple(map(np.array, zip(*pairs, strict=True)))
            for name, pairs in self.series.items()
        }
        return Run(
            outcome,
            step,
            losses,
            series,
            self.held.export(),
            time.perf_counter() - begun,
        )

    def _visit(self) -> int | None:
        """Loss, gradient and probes at the present iterate; the step at which the run
        diverged, if it did.
        """
        step = self.step
        due = [probe for probe in self.probes if self.step % probe.every == 0]
        self.losses[step] = self.held.backward(self.batches.rows(step))
        if due or step % self.stride == 0 or step == self.n_steps:
            recent = self.losses[self.looked : step + 1]
            bad = ~(
                recent.isfinite() & (recent <= BOUND * self.losses[0].clamp(min=1.0))
            )
            if bad.any():
                return self.looked + int(bad.nonzero()[0])
            self.looked = step + 1
        for probe in due:
            for name, value in probe.measure(self.held).items():
                if self.owners.setdefault(name, probe) is not probe:
                    raise ValueError(
                        f"probes: got two that measure {name!r}; allowed is one"
                    )
                self.series.setdefault(name, []).append((step, float(value)))
        return None

    def _descend(self) -> None:
        self.optimizer.param_groups[0]["lr"] = self.lr * self._factor(self.step)
        self.optimizer.step()
        self.step += 1

    def _factor(self, step: int) -> float:
        factor = 1.0 if self.schedule is None else float(self.schedule(step))
        if not 0 <= factor < float("inf"):
            raise ValueError(
                f"schedule: got {factor!r} at step {step}; allowed are finite "
                "factors of at least 0"
            )
        return factor

    def _past_factors(self, step: int) -> list[float]:
        """Some of the schedule's factors before `step`, to know it again."""
        return (
            [self._factor(min(2**i, step) - 1) for i in range(step.bit_length() + 1)]
            if step
            else []
        )

    def _state(self) -> dict:
        return {
            "step": self.step,
            "looked": self.looked,
            "seconds": self.seconds,
            "losses": self.losses[: self.step].cpu(),
            "coordinates": [p.detach().cpu() for p in self.held.coordinates],
            "optimizer": self.optimizer.state_dict(),
            "series": self.series,
            "probes": [probe.state for probe in self.probes],
            "factors": self._past_factors(self.step),
        }

    def _restore(self, state: dict | None) -> None:
        if state is None:
            return
        self.step, self.looked, self.seconds = (
            state["step"],
            state["looked"],
            state["seconds"],
        )
        if self.step > self.n_steps:
            raise ValueError(
                f"n_steps: got {self.n_steps}; the checkpoint is at step "
                f"{self.step}, allowed is at least that"
            )
        if state["factors"] != (factors := self._past_factors(self.step)):
            raise ValueError(
                f"schedule: got factors {factors}; the checkpoint was written "
                f"with {state['factors']}"
            )
        self.losses[: self.step] = state["losses"].to(self.losses)
        self.optimizer.load_state_dict(state["optimizer"])
        with torch.no_grad():
            for p, saved in zip(
                self.held.coordinates, state["coordinates"], strict=True
            ):
                p.copy_(saved)
        self.series = state["series"]
        for probe, saved in zip(self.probes, state["probes"], strict=True):
            probe.state = saved
