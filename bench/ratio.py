"""How many times faster is one competitor than the others, on a machine that others use
too.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ONE_THREAD = dict.fromkeys(
    ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"],
    "1",
)


@dataclass(frozen=True)
class Ratio:
    """Median over the rounds, with the smallest and the largest."""

    median: float
    low: float
    high: float
    rate: float  # work per second of the slower competitor, median

    def __str__(self) -> str:
        return f"{self.median:8.2f}  ({self.low:.2f} to {self.high:.2f})"


def spread(values, rate: float = float("nan")) -> Ratio:
    return Ratio(statistics.median(values), min(values), max(values), rate)


def rates(
    competitors: dict, rounds: int = 7, clock=time.process_time, first: bool = True
) -> dict[str, list[float]]:
    """Work per second of each competitor, round by round; `competitors`: name ->
    (function, work it does).

    Every round runs all of them, in turn forwards and backwards, so that a change of
    the load meets them all; a ratio is to be taken within a round. Without `first` no
    untimed round goes before.
    """
    for call, _ in competitors.values() if first else ():
        call()  # compile, page in
    found = {name: [] for name in competitors}
    for r in range(rounds):
        for name in list(competitors)[:: 1 if r % 2 == 0 else -1]:
            call, work = competitors[name]
            begin = clock()
            call()
            found[name].append(work / (clock() - begin))
    return found


def over(rates: list[float], others: list[float]) -> Ratio:
    """Speed over that of another, within each round."""
    return spread(
        [a / b for a, b in zip(rates, others, strict=True)], statistics.median(rates)
    )


def ratios(
    competitors: dict, base: str, rounds: int = 7, clock=time.process_time
) -> dict[str, Ratio]:
    """Speed of `base` over that of each other; `rate` is that of the other."""
    found = rates(competitors, rounds, clock)
    return {
        name: spread(
            [b / v for b, v in zip(found[base], values, strict=True)],
            statistics.median(values),
        )
        for name, values in found.items()
    }


def child(module: str, task: str, **environment):
    """What ``python -m module task`` prints last, as JSON: a measurement in a process
    of its own.
    """
    keep = {
        k: v
        for k, v in os.environ.items()
        if k not in {"NUMBA_CACHE_DIR", "OPENBLAS_CORETYPE", *ONE_THREAD}
    }
    run = subprocess.run(
        [sys.executable, "-m", module, task],
        cwd=ROOT,
        env=keep | environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])


def machine(*packages: str) -> dict[str, str]:
    """What a ratio depends on."""
    cpuinfo = Path("/proc/cpuinfo")
    known = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [
        line.split(":")[1].strip() for line in known if line.startswith("model name")
    ]
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpu": f"{names[0]}, {len(names)} cores" if names else platform.processor(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    return facts | {name: version(name) for name in packages}
