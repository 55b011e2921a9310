"""Thin the curves that the authors of [W] published into results/wang2025_authors.json.

    python tests/make_authors.py PATH/wang2025_cifar10_1k_runs.json

Kept are, for the learning rates that the named experiments use at small scale, 40 points
per series; of all others the first and the last. What the second half of a run did, and
how long it was, comes from every point that they published.
"""

import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from lrlib import results
from lrlib.records.experiments import EXPERIMENTS, Case

ARCHITECTURES = {"tanh": "fc-tanh", "relu": "fc-relu", "relu3": "fc-cubic_relu"}
SERIES = {
    "loss_at": "loss",
    "sharpness": "sharpness",
    "w1_norm": "w1_norm",
    "w2_norm": "w2_norm",
}


def architecture(case: Case) -> str:
    return (
        ARCHITECTURES[case.model.activation]
        + ("-depth1" if case.model.layers == 2 else "-outer")
        + "_BN" * case.model.batch_norm
    )


def thin(steps: list[int], values: list[float]) -> dict[str, list]:
    """The first 6 points, 19 more up to step 5000, where our small runs can be
    compared, and 15 of the rest.
    """
    early = sum(step <= 5000 for step in steps)
    parts = (slice(6), 6), (slice(6, early), 19), (slice(max(6, early), None), 15)
    thinned = [results.thin(steps[part], values[part], n) for part, n in parts]
    return {
        key: [number for part in thinned for number in part[key]]
        for key in ("step", "value")
    }


def ends(steps: list[int], values: list[float]) -> dict[str, list]:
    """The first and the last point."""
    return results.thin(steps, values, 2)


def entry(label: str, run: dict, shorten: Callable) -> dict:
    """One entry of a record's "runs": series by `shorten`, up to the last sharpness that
    is a number; a run that has no number at its end diverged.
    """
    finite = [v is not None and math.isfinite(v) for v in run["sharpness"]]
    count = finite.index(False) if False in finite else len(finite)
    steps = run["step"][:count]
    known = {
        new: run[old][:count]
        for old, new in SERIES.items()
        if isinstance(run.get(old), list)
    }
    diverged = count < len(finite)
    late = results.late(steps, steps[-1])
    edge = run["lr"] * np.array(known["sharpness"])[late] / 2
    noted = {
        "late_edge_lowest": edge.min(),
        "late_edge_median": np.median(edge),
        "late_edge_highest": edge.max(),
    }
    return {
        "case": label,
        "lr": run["lr"],
        "seed": run["seed"],
        "outcome": "diverged" if diverged else "finished",
        "step": steps[-1],
        "seconds": 0.0,
        "summary": {}
        if diverged
        else {name: float(f"{value:.5g}") for name, value in noted.items()},
        "series": {name: shorten(steps, values) for name, values in known.items()},
    }


def make(runs: list[dict]) -> dict:
    """The record: one run for each case and learning rate of the authors."""
    chosen = []
    for cases in EXPERIMENTS.values():
        for label, case in cases.items():
            fits = [
                r
                for r in runs
                if r["arch"] == architecture(case) and r["loss"] == case.loss
            ]
            chosen += [
                entry(label, run, thin if run["lr"] in case.small else ends)
                for run in sorted(fits, key=lambda run: run["lr"])
            ]
    about = (
        "curves of Wang, Xu, Zhao, Tao (2025), CIFAR-10, 1000 images, published by "
        "the authors, thinned"
    )
    found = {
        "schema": results.SCHEMA,
        "name": "wang2025_authors",
        "title": "The authors' runs",
        "config": {"about": about},
    }
    return found | {
        "provenance": {
            "command": "python tests/make_authors.py wang2025_cifar10_1k_runs.json"
        },
        "runs": chosen,
    }


if __name__ == "__main__":
    print(results.save(make(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
