"""Recorded runs: small JSON files with what made them, checked whenever they are read.

A record holds the runs of one network at several learning rates and seeds, and the
settings that made them: `settings` gives them back. Series are thinned and rounded;
numbers that need every step, such as how often the loss rose, are in each run's
`summary`. This module only reads and writes files; `experiments` says what is run.
"""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..files import write_whole
from ..networks.settings import NAMES, Settings

if TYPE_CHECKING:
    from ..networks.training import Run

SCHEMA = 2
LIMIT = 100_000  # bytes of a file: a page carries it
FOLDER = "LRLIB_RESULTS"  # the environment variable that names a folder of records
CLONE = Path(__file__).resolve().parents[2]  # of an installed package: its parent
CLOSE = 0.99  # of lr * sharpness / 2: a summary notes the share of values above
# settings that differ from run to run of a record, and stand with the run; the others
# are in the record's "config"
SWEPT = {"lr": float, "seed": int}
_KEYS = {
    "schema": int,
    "name": str,
    "title": str,
    "config": dict,
    "provenance": dict,
    "runs": list,
}
_RUN_KEYS = SWEPT | {
    "outcome": str,
    "step": int,
    "seconds": float,
    "summary": dict,
    "series": dict,
}


class RecordError(ValueError):
    """A file that is not a record: says which file, which key and what is expected
    there.
    """


def home(to_write: bool = False) -> Path:
    """The folder of records: what LRLIB_RESULTS names, else `results` of the clone, else
    what an installed package brought along, which is to be read only.

    Raises
    ------
    FileNotFoundError
        Where there is none; the message says how to name one.
    """
    named = os.environ.get(FOLDER)
    if named:
        if not (to_write or Path(named).is_dir()):
            raise FileNotFoundError(
                f"{FOLDER}: got {named!r}; allowed is a folder that exists"
            )
        return Path(named)
    if (CLONE / "pyproject.toml").is_file() and (CLONE / "results").is_dir():
        return CLONE / "results"
    installed = None if to_write else _installed()
    if installed is None:
        use = "to write records to" if to_write else "of records"
        raise FileNotFoundError(
            f"folder: got none {use}, and the package is no clone that has one; allowed "
            f"is one that you name: folder=..., --out of the command, or {FOLDER}"
        )
    return installed


def _installed() -> Path | None:
    """Where the installer put the records of the wheel: `share`, beside the folder of
    packages or above it.
    """
    for above in (CLONE, *CLONE.parents):
        found = above / "share" / "lrlib" / "results"
        if found.is_dir():
            return found
    return None


def __getattr__(name: str) -> Path:
    if name == "HOME":  # looked up when it is asked for
        return home()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def thin(steps: ArrayLike, values: ArrayLike, points: int = 100) -> dict[str, list]:
    """At most `points` of a series, evenly spaced with both ends, to 5 digits."""
    steps = np.asarray(steps)
    values = np.asarray(values, dtype=float)
    even = np.linspace(0, len(steps) - 1, min(points, len(steps)))
    kept = np.unique(even.round().astype(int))
    return {
        "step": [int(steps[i]) for i in kept],
        "value": [float(f"{values[i]:.5g}") for i in kept],
    }


def late(steps: ArrayLike, last: int) -> np.ndarray:
    """Which of `steps` lie in the second half of a run that ends at step `last`."""
    return np.asarray(steps) >= last / 2


def summary(run: Run) -> dict[str, float]:
    """Of a `lrlib.training.Run`: the highest loss, and how the second half stood to the
    edge; what there is of them.

    "late_edge_median" is the median of lr * sharpness / 2 there, "late_edge_share" the
    share above 0.99, "late_rises" the share of steps that raised the loss.
    """
    found = {"max_loss": float(f"{run.losses.max():.5g}")} if len(run.losses) else {}
    nothing = (np.empty(0), np.empty(0))
    steps, values = run.series.get("sharpness", nothing)
    edge = run.settings.lr * values[late(steps, run.step)] / 2
    rises = np.diff(run.losses[run.step // 2 :]) > 0
    if run.outcome == "finished" and len(edge):
        share = float(np.mean(edge > CLOSE).round(4))
        found |= {
            "late_edge_median": float(f"{np.median(edge):.5g}"),
            "late_edge_share": share,
        }
    if run.outcome == "finished" and len(rises):
        found["late_rises"] = float(rises.mean().round(4))
    return found


def edge(run: dict) -> np.ndarray:
    """lr * sharpness / 2 at the recorded steps of one entry of a record's "runs"; 1 at
    the edge of stability.
    """
    return run["lr"] * np.array(run["series"]["sharpness"]["value"]) / 2


def late_edge(record: dict) -> dict[float, float]:
    """For each learning rate the median of `edge` over the second half of a run, and of
    that over the seeds.

    Learning rates at which a run diverged are left out.
    """
    found: dict[float, list[float]] = {}
    lost = {run["lr"] for run in record["runs"] if run["outcome"] == "diverged"}
    for run in record["runs"]:
        if run["lr"] in lost:
            continue
        half = late(run["series"]["sharpness"]["step"], run["step"])
        if half.any():
            found.setdefault(run["lr"], []).append(float(np.median(edge(run)[half])))
    return {lr: float(np.median(values)) for lr, values in found.items()}


def config(settings: Settings) -> dict:
    """What all runs of a record share: the settings but for the swept ones."""
    return {k: v for k, v in settings.to_dict().items() if k not in SWEPT}


def settings(record: dict, run: dict) -> Settings:
    """The settings that made one entry of a record's "runs".

    Raises
    ------
    RecordError
        Where the record has none, as those of other people's code.
    """
    if "n_steps" not in record["config"]:
        raise RecordError(
            f"{record['name']}: config: got no settings; expected is a record made by "
            "`python -m lrlib.run`"
        )
    found = record["config"] | {name: run[name] for name in SWEPT}
    return Settings.from_dict({k: v for k, v in found.items() if k in NAMES})


def entry(run: Run) -> dict:
    """The part of a record that one `lrlib.training.Run` gives."""
    series = {"loss": thin(np.arange(len(run.losses)), run.losses)}
    series |= {
        name: thin(*pair)
        for name, pair in run.series.items()
        if name in ("sharpness", "w1_norm", "w2_norm")
    }
    worst = {
        name: run.series[name][1].max()
        for name in ("residual", "missed")
        if name in run.series
    }
    trust = {f"worst_{name}": float(f"{value:.2g}") for name, value in worst.items()}
    return {name: getattr(run.settings, name) for name in SWEPT} | {
        "outcome": run.outcome,
        "step": run.step,
        "seconds": round(run.seconds, 1),
        "summary": summary(run) | trust,
        "series": series,
    }


def fitted(record: dict) -> dict:
    """`record` with its series thinned further, all alike, until a file can hold them."""
    points = max(
        (
            len(pair["step"])
            for run in record["runs"]
            for pair in run["series"].values()
        ),
        default=0,
    )
    while len(_text(record)) > LIMIT and points > 10:
        points = int(0.8 * points)
        runs = [
            run
            | {
                "series": {
                    k: thin(p["step"], p["value"], points)
                    for k, p in run["series"].items()
                }
            }
            for run in record["runs"]
        ]
        record = record | {"runs": runs}
    return record


def provenance(device: str, command: str) -> dict:
    """What made a record: versions, machine, commit (with "+" where the package was
    changed), command.
    """
    import torch

    def git(*words: str) -> str:
        try:
            return subprocess.run(
                ["git", *words],
                cwd=CLONE,
                capture_output=True,
                text=True,
                check=True,
            ).stdout.strip()
        except (OSError, subprocess.CalledProcessError):  # no git, or no clone
            return ""

    commit = git("rev-parse", "HEAD") + (
        "+" if git("status", "--porcelain", "--", "lrlib") else ""
    )
    names = ("lrlib", "torch", "numpy", "scipy")
    name = (
        torch.cuda.get_device_name(device)
        if device.startswith("cuda")
        else f"{platform.machine()} CPU"
    )
    versions = {name: version(name) for name in names} | {
        "python": platform.python_version()
    }
    return {
        "commit": commit or "unknown",
        "versions": versions,
        "device": name,
        "command": command,
    }


def save(record: dict, folder: Path | str | None = None) -> Path:
    """Check `record` and write it whole into `folder`, or that of `home`; returns the
    path. RecordError when it is no record or too long.
    """
    path = _folder(folder, to_write=True) / f"{record.get('name')}.json"
    check(record, str(path))
    text = _text(record)
    if len(text) > LIMIT:
        raise RecordError(
            f"{path}: got {len(text)} bytes; allowed are {LIMIT}: record fewer "
            "runs in one file"
        )
    write_whole(path, text)
    return path


def _text(record: dict) -> str:
    return json.dumps(record, separators=(",", ":"), allow_nan=False) + "\n"


def load(name: str, folder: Path | str | None = None) -> dict:
    """The record `name` of `folder`, or that of `home`. RecordError when the file is no
    record, FileNotFoundError with the names there are.
    """
    folder = _folder(folder)
    path = folder / f"{name}.json"
    if not path.exists():
        raise FileNotFoundError(
            f"name: got {name!r}; allowed are {', '.join(names(folder)) or 'none yet'} "
            f"(in {folder})"
        )
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: {error}; expected is JSON") from None
    record = _of_this_schema(record)
    check(record, str(path))
    if record["name"] != name:
        raise RecordError(f"{path}: name: got {record['name']!r}; expected is {name!r}")
    return record


def _of_this_schema(record: Any) -> Any:
    """A record of schema 1 in the words of this one; its numbers are not touched.

    There the settings had names of their own, and those that were never changed were
    not written down.
    """
    if not isinstance(record, dict) or record.get("schema") != 1:
        return record
    old = record.get("config")
    record = record | {"schema": SCHEMA}
    if not isinstance(old, dict) or "every" not in old:
        return record
    normalised = old["case"].endswith("-bn")
    measured = {"every": old["every"]}
    new = {
        "model": {
            "layers": old["layers"],
            "activation": old["activation"],
            "batch_norm": normalised,
        },
        "data": {"name": old["data"], "n": old["n"]},
        "probes": [
            {"probe": "Sharpness"} | measured,
            {"probe": "Norms"} | measured,
        ],
    }
    kept = ("experiment", "case", "scale", "seeds", "n_steps", "loss")
    return record | {"config": {name: old[name] for name in kept} | new}


def _folder(folder: Path | str | None, to_write: bool = False) -> Path:
    return home(to_write) if folder is None else Path(folder)


def names(folder: Path | str | None = None) -> list[str]:
    """Names of the records in a folder; benchmarks live there too and are none."""
    return sorted(
        p.stem for p in _folder(folder).glob("*.json") if not p.stem.startswith("bench")
    )


def check(record: Any, where: str) -> None:
    """Raise RecordError where `record` departs from the schema."""
    _check_keys(record, _KEYS, where)
    if record["schema"] != SCHEMA:
        raise RecordError(
            f"{where}: schema: got {record['schema']}; expected is {SCHEMA}"
        )
    for i, run in enumerate(record["runs"]):
        place = f"{where}: runs[{i}]"
        _check_keys(run, _RUN_KEYS, place)
        if run["outcome"] not in ("finished", "diverged"):
            raise RecordError(
                f"{place}: outcome: got {run['outcome']!r}; expected is "
                "'finished' or 'diverged'"
            )
        if not (math.isfinite(run["lr"]) and run["lr"] > 0 and run["step"] >= 0):
            raise RecordError(
                f"{place}: got lr {run['lr']}, step {run['step']}; expected is lr "
                "> 0 and step >= 0"
            )
        if not _numbers(run["summary"].values()):
            raise RecordError(
                f"{place}: summary: got {run['summary']}; expected are finite numbers"
            )
        for name, pair in run["series"].items():
            _check_keys(pair, {"step": list, "value": list}, f"{place}: series: {name}")
            if len(pair["step"]) != len(pair["value"]) or not _numbers(pair["value"]):
                raise RecordError(
                    f"{place}: series: {name}: expected are as many finite values as steps"
                )
            if (
                not _numbers(pair["step"], int)
                or sorted(set(pair["step"])) != pair["step"]
            ):
                raise RecordError(
                    f"{place}: series: {name}: expected are steps that are "
                    "integers and rise"
                )


def _numbers(values: Iterable, kind: Any = (int, float)) -> bool:
    return all(
        isinstance(v, kind) and not isinstance(v, bool) and math.isfinite(v)
        for v in values
    )


def _check_keys(found: Any, expected: dict[str, type], where: str) -> None:
    if not isinstance(found, dict):
        raise RecordError(f"{where}: got {type(found).__name__}; expected is an object")
    for key, kind in expected.items():
        if not isinstance(found.get(key), (int, float) if kind is float else kind):
            raise RecordError(
                f"{where}: {key}: got {type(found.get(key)).__name__}; expected "
                f"is {kind.__name__}"
            )
