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
# Halvings whose mean is taken, first and last. On the page the local dimension of the edge
# still rises down to boxes of about 1e-5, which is where the deep levels begin; the waves of the
# curves are lost in the last digits beyond level 16.
LEVELS = (6, 16)
DEEP = (15, 26)
N_STEPS = 100
REACH = 1.5 * 2 / np.sqrt(LR)
FACTORS = zoo.regularised_factorisation.with_parameters(penalty=PENALTY)


def stays(places: np.ndarray) -> np.ndarray:
    """Whether gradient descent stays bounded, from starts of shape (n, 2)."""
    return ensemble(FACTORS, places, lr=LR, n_steps=N_STEPS).left == 0


def below(dimension: float):
    return lambda places: dynamics.below_weierstrass(places, dimension, n_waves=22)


def count(inside, box, *ranges) -> list[dict[str, list[float]]]:
    """For each range of levels {points along a side: (mean, standard error)} of the
    dimension.
    """
    found = [{} for _ in ranges]
    last = max(last for _, last in ranges)
    for samples in SAMPLES:
        options = {"n_levels": last, "samples": samples, "keep": KEEP}
        runs = np.array(
            [
                dynamics.edge_dimension(inside, box, **options, seed=seed)[1]
                for seed in range(N_RUNS)
            ]
        )
        for table, (first, end) in zip(found, ranges, strict=True):
            means = runs[:, first:end].mean(axis=1)
            error = means.std(ddof=1) / np.sqrt(N_RUNS)
            table[str(samples)] = [round(float(v), 5) for v in (means.mean(), error)]
            print(samples, first, end, table[str(samples)], flush=True)
    return found


def main() -> None:
    edge, deep = count(stays, [(-REACH, REACH)] * 2, LEVELS, DEEP)
    curves = {}
    for dimension in DIMENSIONS:
        (curves[str(dimension)],) = count(below(dimension), [(-1.9, 2.1)] * 2, LEVELS)
    record = {
        "lr": LR,
        "penalty": PENALTY,
        "keep": KEEP,
        "runs": N_RUNS,
        "levels": LEVELS,
        "deep levels": DEEP,
        "machine": machine(),
        "edge": edge,
        "deep edge": deep,
        "weierstrass": curves,
    }
    write_whole(RESULTS, json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
