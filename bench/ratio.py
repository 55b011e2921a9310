"""How many times faster is one competitor than the others, on a machine that others use too."""

from __future__ import annotations

import platform
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


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


def ratios(competitors: dict, base: str, rounds: int = 7, clock=time.process_time) -> dict[str, Ratio]:
    """Speed of `base` over that of each other; `competitors`: name -> (function, work it does).

    Every round runs all of them, in turn forwards and backwards, so that a change of the load
    meets them all; a ratio is taken within a round.
    """
    for call, _ in competitors.values():
        call()  # compile, page in
    rates = {name: [] for name in competitors}
    for r in range(rounds):
        for name in list(competitors)[:: 1 if r % 2 == 0 else -1]:
            call, work = competitors[name]
            begin = clock()
            call()
            rates[name].append(work / (clock() - begin))
    return {
        name: spread([b / v for b, v in zip(rates[base], values, strict=True)], statistics.median(values))
        for name, values in rates.items()
    }


def machine(*packages: str) -> dict[str, str]:
    """What a ratio depends on; `packages` by default those of the ensembles."""
    cpuinfo = Path("/proc/cpuinfo")
    known = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(":")[1].strip() for line in known if line.startswith("model name")]
    facts = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpu": f"{names[0]}, {len(names)} cores" if names else platform.processor(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    return facts | {name: version(name) for name in packages or ("numpy", "numba", "llvmlite", "sympy")}
