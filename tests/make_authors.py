"""Thin the curves that the authors of [W] published into results/wang2025_authors.json.

    python tests/make_authors.py PATH/wang2025_cifar10_1k_runs.json

Kept are the learning rates that the named experiments use at small scale, 40 points per
series.
"""

import json
import sys
from pathlib import Path

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


def entry(label: str, run: dict) -> dict:
    known = {
        new: run[old] for old, new in SERIES.items() if isinstance(run.get(old), list)
    }
    late = results.late(run["step"], run["step"][-1])
    edge = sorted(
        run["lr"] * s / 2
        for s, kept in zip(run["sharpness"], late, strict=True)
        if kept
    )
    middle = float(f"{(edge[len(edge) // 2] + edge[(len(edge) - 1) // 2]) / 2:.5g}")
    series = {name: thin(run["step"], values) for name, values in known.items()}
    return {
        "case": label,
        "lr": run["lr"],
        "seed": run["seed"],
        "outcome": "finished",
        "step": run["step"][-1],
        "seconds": 0.0,
        "summary": {"late_edge_median": middle},
        "series": series,
    }


def make(runs: list[dict]) -> dict:
    """The record: one run for each case and learning rate that the experiments share
    with the authors.
    """
    chosen = []
    for cases in EXPERIMENTS.values():
        for label, case in cases.items():
            fits = [
                r
                for r in runs
                if r["arch"] == architecture(case)
                and r["loss"] == case.loss
                and r["lr"] in case.small
            ]
            chosen += [entry(label, run) for run in fits]
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
