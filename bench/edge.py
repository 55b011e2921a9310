"""`make bench`: what it costs to follow the sharpness of a network that trains at the edge of stability.

One network (3072-200-10, tanh, Huber loss, 1000 samples) is brought to the edge. From there `lrlib` and
the pattern of public code train on and measure the sharpness every 5 steps. Ratios are of CPU time on one
thread, all competitors in one process and in turn; the error of each is measured where it ended.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from functools import partial

import numpy as np

from .ensembles import ONE_THREAD, ROOT
from .ratio import machine, ratios

RESULTS = ROOT / "results" / "bench_edge.json"
EVERY, STEPS, FEW = 5, 125, 10  # steps between evaluations, of our runs, and of the slow ones
TRAINING = {"lrlib, plain, float32": 6, "lrlib, Gram, float64": 12}  # targets, over the public pattern
STEP, PRODUCTS = 2.2, 6  # targets: a Gram step over a plain one; products per evaluation, median
PATTERN = "public pattern, float32"


def samples():
    """CIFAR-10 where LRLIB_DATA has it; else Gaussians with a falling spectrum and a linear teacher."""
    from lrlib import data

    if os.environ.get("LRLIB_DATA"):
        return data.cifar10(1000)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((1000, 3072)) * np.arange(1, 3073) ** -0.75
    x *= 53.6 / np.linalg.norm(x, axis=1).mean()  # the length of a standardised image
    labels = (x @ rng.standard_normal((3072, 10))).argmax(axis=1)
    return data.Data("gaussian stand-in", x, np.eye(10)[labels])


def at_the_edge(found):
    """A network after 300 steps at 2 / (its first sharpness), and that learning rate."""
    from lrlib import curvature, networks, train

    network = networks.two_layer(found.x.shape[1], seed=0)
    lr = 2 / curvature.sharpness(network, found, "huber").value
    return train(network, found, lr=lr, n_steps=300, loss="huber", form="gram").network, lr


class Bench:
    """The problem, and the runs that are compared; `ends` has the last network and sharpness of each."""

    def __init__(self):
        self.data, self.ends = samples(), {}
        self.network, self.lr = at_the_edge(self.data)

    def ours(self, name: str, form: str, dtype, n_steps: int = STEPS, measured: bool = True):
        from lrlib import train
        from lrlib.probes import Sharpness

        probes = [Sharpness(EVERY)] if measured else []
        options = {"lr": self.lr, "n_steps": n_steps, "loss": "huber", "form": form, "dtype": dtype, "probes": probes}
        run = train(self.network, self.data, **options)
        if measured:
            self.ends[name] = run.network, float(run.series["sharpness"][1][-1])
        return run

    def public(self, name: str, tol: float) -> None:
        from .public_edge import train_and_measure

        self.ends[name] = train_and_measure(self.network, self.data, self.lr, FEW, EVERY, tol)

    def errors(self) -> dict[str, float]:
        """Relative error of the last sharpness of each run, against ARPACK in float64 with tolerance 1e-10."""
        from .public_edge import reference

        exact = {name: reference(network, self.data) for name, (network, _) in self.ends.items()}
        return {name: abs(value / exact[name] - 1) for name, (_, value) in self.ends.items()}

    def products(self) -> dict[str, float]:
        """Products per evaluation over 400 steps, the cold checks among them."""
        run = self.ours("", "gram", _dtype(64), n_steps=400)
        spent, top = run.series["products"][1][1:], run.series["sharpness"][1]
        edge = float(np.median(self.lr * top / 2))
        return {"median": float(np.median(spent)), "mean": float(spent.mean()), "lr * sharpness / 2": edge}


def _dtype(bits: int):
    import torch

    return torch.float64 if bits == 64 else torch.float32


def measure() -> dict:
    """All ratios, errors and counts."""
    bench = Bench()
    made = {PATTERN: (partial(bench.public, PATTERN, 0.0), FEW)}
    loose = f"{PATTERN}, tolerance 1e-3"
    made[loose] = partial(bench.public, loose, 1e-3), FEW
    for form, bits in (("plain", 32), ("plain", 64), ("gram", 64)):
        name = f"lrlib, {form.capitalize() if form == 'gram' else form}, float{bits}"
        made[name] = partial(bench.ours, name, form, _dtype(bits)), STEPS
    training = {k: asdict(v) for k, v in ratios(made, PATTERN, rounds=5).items()}
    for r in training.values():  # how many times faster than the pattern, not how many times slower
        r["median"], r["low"], r["high"] = 1 / r["median"], 1 / r["high"], 1 / r["low"]
    quiet = partial(bench.ours, "", measured=False)
    steps = {f"plain, float{b}": (partial(quiet, form="plain", dtype=_dtype(b), n_steps=60), 60) for b in (32, 64)}
    steps["Gram, float64"] = partial(quiet, form="gram", dtype=_dtype(64), n_steps=300), 300
    return {
        "data": bench.data.name, "lr": bench.lr, "training": training, "errors": bench.errors(),
        "steps": {k: asdict(v) for k, v in ratios(steps, "Gram, float64", rounds=5).items()},
        "products": bench.products(),
    }  # fmt: skip


def row(label: str, r: dict, target: float | None = None) -> str:
    verdict = "" if target is None else f"  target >= {target}: {'met' if r['median'] >= target else 'NOT MET'}"
    return f"  {label:40}{r['rate']:8.2f} steps/s{r['median']:9.2f}x ({r['low']:.2f} to {r['high']:.2f}){verdict}"


def lines(found: dict):
    """The tables, and whether each target is met."""
    yield f"\ntraining with the sharpness every {EVERY} steps, {found['data']}: times the public pattern"
    for label, r in found["training"].items():
        yield row(label, r, TRAINING.get(label)) + f"  error {found['errors'][label]:.0e}"
    yield "\none step: times that the Gram form is faster"
    for label, r in found["steps"].items():
        yield row(label, r, STEP if label == "plain, float32" else None)
    spent = found["products"]
    verdict = "met" if spent["median"] <= PRODUCTS else "NOT MET"
    yield f"\nproducts per evaluation: median {spent['median']:g}, mean {spent['mean']:.2f}  target <= {PRODUCTS}: {verdict}"


def main() -> None:
    if sys.argv[1:] == ["measure"]:
        print(json.dumps(measure()))
        return
    keep = {k: v for k, v in os.environ.items() if k != "OPENBLAS_CORETYPE"} | ONE_THREAD
    command = [sys.executable, "-m", "bench.edge", "measure"]
    run = subprocess.run(command, cwd=ROOT, env=keep, stdout=subprocess.PIPE, text=True, check=True)
    found = {"machine": machine("torch", "scipy"), **json.loads(run.stdout.splitlines()[-1])}
    print(*(f"{k}: {v}" for k, v in found["machine"].items()), sep="\n")
    print(*lines(found), sep="\n")
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
