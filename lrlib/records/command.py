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
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path

from ..checks import lookup, positive, whole
from ..networks.data import SETS, Subset
from ..networks.settings import Settings, comments
from . import store
from .experiments import EXPERIMENTS, SCALES, experiment

PARTIAL = ".partial"  # beside the records: checkpoints of runs under way


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """Which runs of a case are made, and how.

    Raises
    ------
    ValueError, TypeError
        For a scale that is not there, learning rates that are not positive or repeat,
        numbers below 1.
    """

    scale: str = "small"
    """"small", 3000 steps, or "paper", 100,000 steps and all the authors' learning
    rates."""
    lrs: tuple[float, ...] | None = None
    """Learning rates in place of the experiment's."""
    seeds: int = 3
    """How many seeds: 0, 1, ..."""
    jobs: int = 1
    """How many runs at once; a cluster ignores it."""
    resume: bool = False
    """Continue runs from their checkpoints in .partial, beside the records."""

    def __post_init__(self):
        lookup("scale", self.scale, SCALES)
        whole("seeds", self.seeds, 1)
        whole("jobs", self.jobs, 1)
        lrs = tuple(float(positive("lrs", lr)) for lr in self.lrs or ())
        if len(set(lrs)) < len(lrs):
            raise ValueError(f"lrs: got {lrs}; allowed are numbers that differ")
        object.__setattr__(self, "lrs", lrs or None)


def record(
    name: str,
    label: str,
    data,
    *,
    command: str = "",
    folder: Path | str | None = None,
    **options,
) -> dict:
    """Run one case of an experiment at all its learning rates and seeds; returns the
    record.

    Its name tells what is not the default: the scale, learning rates, changed settings.
    Records of other settings stay.

    Parameters
    ----------
    name, label
        Of the experiment and the case, as in `lrlib.experiments`.
    data
        Samples, or the `Subset` that names them.
    command
        What was typed, for the record.
    folder
        Where the record will be saved; checkpoints are kept in its `.partial`. None:
        `store.home`.
    **options
        Fields of `Sweep`, and of `lrlib.networks.settings.Settings` to be set in place
        of the experiment's.

    Raises
    ------
    ValueError, TypeError
        For a name, case, scale or device that is not there, an option out of range.
    """
    import joblib

    from ..networks import torch_checks

    case = lookup("label", label, experiment(name))
    sweep, changed = _split(options)
    lrs = sweep.lrs or getattr(case, sweep.scale)
    samples = data.load() if isinstance(data, Subset) else data
    own = case.settings(sweep.scale, data=samples, lr=lrs[0])
    asked = replace(own, **changed)
    asked = replace(asked, device=torch_checks.device(asked.device))
    # as it is before it runs for hours
    source = store.provenance(asked.device, command)
    title = "-".join([name, label, samples.name, *_changes(sweep, own, asked)])
    runs = [
        replace(asked, lr=lr, seed=seed) for lr in lrs for seed in range(sweep.seeds)
    ]
    partial = Path(folder or store.home(to_write=True)) / PARTIAL
    paths = [partial / f"{title}-{run.lr!r}-{run.seed}.pt" for run in runs]
    partial.mkdir(parents=True, exist_ok=True)
    for path in paths if not sweep.resume else ():
        path.unlink(missing_ok=True)
    every = 10 * SCALES[sweep.scale]["every"]
    work = (
        joblib.delayed(_one)(run, path, every)
        for run, path in zip(runs, paths, strict=True)
    )
    made = joblib.Parallel(n_jobs=sweep.jobs)(work)
    source["seconds"] = round(sum(run["seconds"] for run in made), 1)
    about = {
        "experiment": name,
        "case": label,
        "scale": sweep.scale,
        "seeds": sweep.seeds,
    }
    return store.fitted(
        {
            "schema": store.SCHEMA,
            "name": title,
            "title": case.title,
            "config": about | store.config(asked),
            "provenance": source,
            "runs": made,
        }
    )


def _split(options: dict) -> tuple[Sweep, dict]:
    """What of `options` says which runs are made, and what are their settings."""
    names = {field.name for field in fields(Sweep)}
    sweep = {name: value for name, value in options.items() if name in names}
    changed = {name: value for name, value in options.items() if name not in names}
    return Sweep(**sweep), changed


def _one(settings: Settings, checkpoint: Path, every: int) -> dict:
    """Train once; the run's part of the record."""
    from ..networks.training import train

    return store.entry(train(settings, checkpoint=checkpoint, checkpoint_every=every))


def _changes(sweep: Sweep, own: Settings, asked: Settings):
    """What a record's name tells beside its experiment, case and data."""
    if sweep.scale != Sweep.scale:
        yield sweep.scale
    for field in fields(Settings):
        value = getattr(asked, field.name)
        # where it ran is in the record, not in its name
        if field.name != "device" and value != getattr(own, field.name):
            yield f"{field.name}_{value}"
    for lr in sweep.lrs or ():
        yield f"{lr:g}"


# how a word of the command line is read, by the type of the field; other fields have
# no option
WORDS = {
    "str": str,
    "str | Callable": str,
    "int": int,
    "int | None": int,
    "float": float,
}
MANY = {"tuple[float, ...] | None": float}


def parser() -> argparse.ArgumentParser:
    """The command line: the fields of `Sweep` and `Settings`, with their comments."""
    line = argparse.ArgumentParser(
        prog="python -m lrlib.run",
        description="Run a named experiment, and record each case in one file.",
    )
    line.add_argument("name", choices=list(EXPERIMENTS))
    line.add_argument("--data", choices=list(SETS), default="cifar10")
    line.add_argument(
        "--cases", nargs="*", help="some of the experiment's cases; all by default"
    )
    line.add_argument(
        "--out",
        help=f"folder of the records; by default what {store.FOLDER} names, or results "
        "in a clone",
    )
    _add_fields(line, Sweep)
    group = line.add_argument_group(
        "settings",
        "of every run; what is not given is the experiment's, or the default",
    )
    # runs that take hours go where they are fast
    _add_fields(group, Settings, without=store.SWEPT, device="auto")
    return line


def _add_fields(line, kind: type, without=(), **defaults) -> None:
    """An option for each field that a word of the command line can hold. What was not
    given is left out of what was parsed, unless it is in `defaults`.
    """
    helps = comments(kind)
    for field in fields(kind):
        default = defaults.get(field.name, argparse.SUPPRESS)
        words = {"dest": field.name, "default": default}
        if field.type == "bool":
            words |= {"action": "store_true"}
        elif field.type in MANY:
            words |= {"nargs": "*", "type": MANY[field.type]}
        elif field.type in WORDS:
            words |= {"type": WORDS[field.type]}
        else:
            continue
        if field.name in without:
            continue
        words["help"] = helps[field.name].replace("%", "%%")
        default = defaults.get(field.name, field.default)
        if default not in (MISSING, None, False):
            words["help"] += f" (default: {default})"
        line.add_argument(f"--{field.name.replace('_', '-')}", **words)


def main(arguments: list[str] | None = None) -> None:
    """Record the experiment that the command line names."""
    line = parser()
    options = vars(line.parse_args(arguments))
    name = options.pop("name")
    wanted = options.pop("cases")
    folder = options.pop("out")
    cases = experiment(name)
    unknown = [label for label in wanted or () if label not in cases]
    if unknown:
        line.error(f"--cases: got {unknown[0]!r}; allowed are {', '.join(cases)}")
    subset = Subset(options.pop("data"))
    try:  # before anything is loaded
        sweep, changed = _split(options)
        next(iter(cases.values())).settings(sweep.scale, data=subset, lr=1, **changed)
    except ValueError as error:
        line.error(f"--{error}")
    try:
        folder = Path(folder or store.home(to_write=True))
    except FileNotFoundError as error:
        line.error(f"--out: {error}")
    samples = subset.load()
    command = _command(arguments or sys.argv[1:])
    for label in wanted or cases:
        made = record(name, label, samples, command=command, folder=folder, **options)
        print(store.save(made, folder))


def _command(words: list[str]) -> str:
    """As typed, without --out: where a record was put is no part of it."""
    kept = ["python -m lrlib.run"]
    rest = iter(words)
    for word in rest:
        if word == "--out":
            next(rest, None)
        elif not word.startswith("--out="):
            kept.append(word)
    return " ".join(kept)
