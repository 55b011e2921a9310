"""Run a named experiment and record it: ``python -m lrlib.run six_networks --scale
small --seeds 3 --resume``.

Each case becomes one record in `results/`. Runs are independent and go through joblib,
which takes any of its backends: wrap `record` in
``joblib.parallel_config(backend="dask")`` (with a `dask.distributed` client) or
``backend="ray"`` (after ``ray.util.joblib.register_ray()``) to use a cluster.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..checks import named, positive, whole
from . import store
from .experiments import EXPERIMENTS, SCALES, Case, experiment

PARTIAL = store.HOME / ".partial"  # checkpoints of runs under way


def one(
    case: Case,
    data,
    lr: float,
    seed: int,
    scale: str,
    device: str,
    checkpoint: str | None,
) -> dict:
    """Train once; the run's part of the record."""
    from ..networks.probes import Norms, Sharpness
    from ..networks.training import train

    steps = SCALES[scale]
    network = case.network(data.x.shape[1], data.y.shape[1], seed)
    probes = [Sharpness(steps["every"]), Norms(steps["every"])]
    options = {
        "n_steps": steps["n_steps"],
        "loss": case.loss,
        "device": device,
        "checkpoint_every": 10 * steps["every"],
    }
    run = train(
        network, data, lr=lr, probes=probes, seed=seed, checkpoint=checkpoint, **options
    )
    return store.entry(run, lr=lr, seed=seed)


def record(  # noqa: PLR0913 (one keyword for each option of the command)
    name: str,
    label: str,
    data,
    *,
    scale: str = "small",
    device: str = "cpu",
    seeds: int = 3,
    jobs: int = 1,
    lrs: tuple[float, ...] | None = None,
    resume: bool = False,
    command: str = "",
) -> dict:
    """Run one case of an experiment at all its learning rates and seeds; returns the
    record.

    Its name tells what is not the default, the scale and the learning rates: records of
    other settings stay.

    Parameters
    ----------
    name, label
        Of the experiment and the case, as in `lrlib.experiments`.
    scale
        "small" (3,000 steps) or "paper" (100,000 steps and all the authors' learning
        rates).
    seeds, jobs
        Seeds 0, ..., seeds - 1, and how many runs at once (ignored by a cluster).
    lrs
        Learning rates in place of the experiment's.
    device
        "cpu", "cuda", "cuda:1" or "auto".
    resume
        Continue runs from their checkpoints in `results/.partial`.

    Raises
    ------
    ValueError, TypeError
        For a name, case, scale or device that is not there, learning rates that are not
        positive or repeat.
    """
    import joblib

    from ..networks import torch_checks

    case = named("label", label, experiment(name))
    steps = named("scale", scale, SCALES)
    # as it is before it runs for hours
    device, source = torch_checks.device(device), store.provenance(device, command)
    title = "-".join(
        [
            name,
            label,
            data.name,
            *([scale] if scale != "small" else []),
            *(f"{lr:g}" for lr in lrs or ()),
        ]
    )
    lrs = tuple(float(positive("lrs", lr)) for lr in lrs or getattr(case, scale))
    if len(set(lrs)) < len(lrs):
        raise ValueError(f"lrs: got {lrs}; allowed are numbers that differ")
    pairs = [(lr, seed) for lr in lrs for seed in range(whole("seeds", seeds, 1))]
    paths = [
        str(PARTIAL / f"{name}-{label}-{data.name}-{scale}-{lr!r}-{seed}.pt")
        for lr, seed in pairs
    ]
    PARTIAL.mkdir(parents=True, exist_ok=True)
    for path in paths if not resume else ():
        Path(path).unlink(missing_ok=True)
    work = (
        joblib.delayed(one)(case, data, *pair, scale, device, path)
        for pair, path in zip(pairs, paths, strict=True)
    )
    runs = joblib.Parallel(n_jobs=jobs)(work)
    config = {
        "experiment": name,
        "case": label,
        "data": data.name,
        "n": len(data.x),
        "scale": scale,
        "seeds": seeds,
    }
    config |= steps | {
        "loss": case.loss,
        "activation": case.activation,
        "layers": case.layers,
    }
    source["seconds"] = round(sum(run["seconds"] for run in runs), 1)
    found = {
        "schema": store.SCHEMA,
        "name": title,
        "title": case.title,
        "config": config,
        "provenance": source,
    }
    return store.fitted(found | {"runs": runs})


def parser() -> argparse.ArgumentParser:
    """The command line's options."""
    parser = argparse.ArgumentParser(
        prog="python -m lrlib.run", description=__doc__.split("\n")[0]
    )
    parser.add_argument("name", choices=list(EXPERIMENTS))
    parser.add_argument("--scale", choices=list(SCALES), default="small")
    parser.add_argument("--data", choices=["cifar10", "digits"], default="cifar10")
    parser.add_argument(
        "--cases", nargs="*", help="some of the experiment's cases; all by default"
    )
    parser.add_argument(
        "--lrs",
        nargs="*",
        type=float,
        help="learning rates in place of the experiment's",
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:1")
    parser.add_argument("--jobs", type=int, default=1, help="runs at once")
    parser.add_argument(
        "--resume", action="store_true", help="continue from checkpoints"
    )
    parser.add_argument("--out", default=str(store.HOME), help="folder of the records")
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Record the experiment that the command line names."""
    from ..networks import data

    line = parser()
    chosen = line.parse_args(arguments)
    cases = experiment(chosen.name)
    unknown = [label for label in chosen.cases or () if label not in cases]
    if unknown:
        line.error(f"--cases: got {unknown[0]!r}; allowed are {', '.join(cases)}")
    samples = getattr(data, chosen.data)(1000)
    command = _command(arguments or sys.argv[1:])
    for label in chosen.cases or cases:
        options = {
            "scale": chosen.scale,
            "device": chosen.device,
            "seeds": chosen.seeds,
            "jobs": chosen.jobs,
        }
        lrs = tuple(chosen.lrs) if chosen.lrs else None
        made = record(
            chosen.name,
            label,
            samples,
            **options,
            lrs=lrs,
            resume=chosen.resume,
            command=command,
        )
        print(store.save(made, chosen.out))


def _command(words: list[str]) -> str:
    """As typed, without --out: where a record was put is no part of it."""
    at = next(
        (i for i, word in enumerate(words) if word.split("=")[0] == "--out"), len(words)
    )
    after = at + (1 if "=" in "".join(words[at : at + 1]) else 2)
    return " ".join(["python -m lrlib.run", *words[:at], *words[after:]])
