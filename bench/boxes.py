"""The dimension of a fractal edge by boxes, with more boxes than a page can count.

The edge of divergence of gradient descent on two factors with a penalty, beside graphs of
Weierstrass' function, whose dimension is known; each with several numbers of points in a
box. Takes some minutes: `python -m bench.boxes`.
"""

from __future__ import annotations

import json

import numpy as np

from lrlib import dynamics, ensemble, zoo
from lrlib.files import write_whole

from .ratio import ROOT, machine

RESULTS = ROOT / "results" / "bench_boxes.json"
LR = 0.5
PENALTY = 0.4
DIMENSIONS = (1.249, 1.304)
SAMPLES = (5, 9, 17, 33)
KEEP = 300
N_RUNS = 8  # with seeds of their own: the levels of one run depend on each other
N_LEVELS = 16
SMALL = 6  # levels before the scale counts as small
N_STEPS = 100
REACH = 1.5 * 2 / np.sqrt(LR)


def stays(places: np.ndarray) -> np.ndarray:
    """Whether gradient descent stays bounded, from starts of shape (n, 2)."""
    factors = zoo.regularised_factorisation.with_parameters(penalty=PENALTY)
    return ensemble(factors, places, lr=LR, n_steps=N_STEPS).left == 0


def below(dimension: float):
    return lambda places: dynamics.below_weierstrass(places, dimension, n_waves=22)


def count(inside, box) -> dict[str, list[float]]:
    """{points along a side: (mean, standard error)} of the dimension at small scales."""
    found = {}
    for samples in SAMPLES:
        options = {"n_levels": N_LEVELS, "samples": samples, "keep": KEEP}
        runs = [
            dynamics.edge_dimension(inside, box, **options, seed=seed)[1][SMALL:].mean()
            for seed in range(N_RUNS)
        ]
        error = np.std(runs, ddof=1) / np.sqrt(N_RUNS)
        found[str(samples)] = [float(np.mean(runs).round(5)), float(error.round(5))]
        print(samples, found[str(samples)], flush=True)
    return found


def main() -> None:
    record = {
        "lr": LR,
        "penalty": PENALTY,
        "keep": KEEP,
        "runs": N_RUNS,
        "levels": [SMALL, N_LEVELS],
        "machine": machine(),
        "edge": count(stays, [(-REACH, REACH)] * 2),
        "weierstrass": {},
    }
    for dimension in DIMENSIONS:
        record["weierstrass"][str(dimension)] = count(below(dimension), [(-1.9, 2.1)] * 2)
    write_whole(RESULTS, json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
