"""`make bench`, second part: the price of sharpness while a network trains at the edge
of stability.

A tanh network of [W] on 1000 images of CIFAR-10, first trained until its sharpness has
settled at 2/lr; from there all competitors take the same steps. Ratios of CPU time on
one thread, all in one process and in turn. Accuracy is stated beside them: errors
against float64 with a tight tolerance, at the very weights where each competitor
measured.
"""

from __future__ import annotations

import copy
import json
import os
import statistics
import sys
from dataclasses import asdict

import numpy as np
import torch

from lrlib.files import cache_folder, write_whole
from lrlib.networks import data, models, probes, training
from lrlib.networks.curvature import largest_eigenvalue
from lrlib.networks.hessians import Span, SpanHessian
from lrlib.networks.parametrisations import PARAMETRISATIONS

from . import public
from .ratio import ONE_THREAD, ROOT, child, machine, over, rates, ratios

RESULTS = ROOT / "results" / "bench_edge.json"
LR = 9e-4
BEFORE = 400
EVERY = 5
# steps of ours: as many evaluations as lie between two cold checks, the first one cold
PERIOD = 25 * EVERY
FEW = 2 * EVERY  # steps of the public pattern, whose evaluations all cost the same
LOSS = models.huber
OURS = {
    "plain float32": ("plain", torch.float32),
    "plain float64": ("plain", torch.float64),
    "Gram float64": ("gram", torch.float64),
}
# eigenvalues asked for, tolerance of eigsh
PUBLIC = {"public": (2, 0.0), "public, loosened": (1, 1e-2)}
# times as fast as "public", which computes in float32
TARGETS = {"plain float32": 6, "Gram float64": 12}
PRODUCTS = 6
STEP = 2.2


def stand_in(n: int = 1000, shape=(32, 32, 3), seed: int = 0) -> data.Data:
    """Gaussian images with about the spectrum of photographs; pixels of mean 0 and
    deviation 1, classes at random.
    """
    rng, (rows, columns, colours) = np.random.default_rng(seed), shape
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(columns))
    amplitude = 1 / np.maximum(frequency, 0.35 / max(rows, columns))
    amplitude *= np.sqrt(amplitude.size / (amplitude**2).sum())
    # grey, with a little colour
    noise = np.sqrt(0.9) * rng.standard_normal((n, rows, columns, 1))
    noise = noise + np.sqrt(0.1) * rng.standard_normal((n, rows, columns, colours))
    images = np.fft.ifft2(
        np.fft.fft2(noise, axes=(1, 2)) * amplitude[:, :, None], axes=(1, 2)
    ).real
    classes = np.eye(10)[rng.integers(0, 10, n)]
    return data.Data(
        "stand-in", images.reshape(n, -1), classes, "for CIFAR-10: Gaussian images"
    )


def samples() -> data.Data:
    """CIFAR-10 where there is a copy; a benchmark downloads nothing."""
    cached = (cache_folder() / "cifar-10-python.tar.gz").exists()
    return data.cifar10(1000) if cached or os.environ.get(data.FOLDER) else stand_in()


class Exact(probes.Probe):
    """Sharpness at each visited iterate in float64 to 1e-7 or better, by ARPACK on the
    Gram form of the weights seen.
    """

    def __init__(self, images: data.Data):
        super().__init__(EVERY)
        self.x = torch.as_tensor(images.x)
        self.y = torch.as_tensor(images.y)
        self.values = []
        self.inner = Span(self.x @ self.x.T)

    def fresh(self):
        return self

    def measure(self, held) -> dict[str, float]:
        self(held.export())
        return {}

    def __call__(self, network) -> None:
        network = copy.deepcopy(network).double()
        z = network.first(self.x).detach().requires_grad_()
        hessian = SpanHessian(
            LOSS(network.head(z), self.y), [z, *network.head.parameters()], self.inner
        )
        self.values.append(largest_eigenvalue(hessian, tol=1e-6).value)

    def errors(self, found) -> dict:
        """Relative errors of what was found at those iterates; then forgets them."""
        errors = np.abs(np.asarray(found) / self.values - 1)
        self.values = []
        return {
            "median": float(np.median(errors)),
            "max": float(errors.max()),
            "evaluations": len(errors),
        }


def ours(
    label: str, network, images, n_steps: int, *others, every: int | None = EVERY
) -> training.Run:
    form, dtype = OURS[label]
    used = [*others, probes.Sharpness(every=every)] if every else others
    return training.train(
        network,
        images,
        lr=LR,
        n_steps=n_steps,
        loss="huber",
        form=form,
        dtype=dtype,
        probes=used,
    )


def theirs(label: str, network, images, n_steps: int, **options) -> dict:
    k, tol = PUBLIC[label]
    x, y = (torch.as_tensor(a, dtype=torch.float32) for a in (images.x, images.y))
    network = copy.deepcopy(network).float()
    return public.train(
        network,
        x,
        y,
        LOSS,
        lr=LR,
        n_steps=n_steps,
        every=EVERY,
        k=k,
        tol=tol,
        **options,
    )


def at_the_edge(images):
    """The network after `BEFORE` steps, from where every competitor starts."""
    return ours(
        "Gram float64",
        models.two_layer(images.x.shape[1], seed=0),
        images,
        BEFORE,
        every=None,
    ).network


def accuracy(network, images) -> dict:
    """Errors and products of every competitor, along its own path."""
    exact = Exact(images)
    found = {}
    for label in OURS:
        series = ours(label, network, images, 12 * EVERY, exact).series
        found[label] = exact.errors(series["sharpness"][1]) | {
            "products": series["products"][1].tolist()
        }
    for label in PUBLIC:
        series = theirs(label, network, images, 4 * EVERY, watch=exact)
        found[label] = exact.errors(series["sharpness"]) | {
            "products": series["products"]
        }
    return found


def speed(network, images, rounds: int) -> dict:
    """Steps per second with sharpness at every fifth; ours with all set-up and a first
    cold evaluation.
    """
    made = {
        label: (lambda label=label: ours(label, network, images, PERIOD - 1), PERIOD)
        for label in OURS
    }
    made |= {
        label: (lambda label=label: theirs(label, network, images, FEW), FEW)
        for label in PUBLIC
    }
    found = rates(made, rounds, first=False)  # `accuracy` has run them all
    return {
        other: {k: asdict(over(v, found[other])) for k, v in found.items()}
        for other in PUBLIC
    }


def products(network, images, periods: int = 2) -> dict:
    """Hessian products per evaluation over whole periods of cold checks, after the
    first one, which is cold.
    """
    run = ours("Gram float64", network, images, periods * PERIOD)
    steps, taken = run.series["products"]
    checks = np.isin(steps, run.series["missed"][0])[1:]
    taken = taken[1:]
    ratio = run.series["sharpness"][1] * LR / 2
    return {
        "warm": {
            "median": float(np.median(taken[~checks])),
            "mean": float(taken[~checks].mean()),
            "max": float(taken[~checks].max()),
            "evaluations": int((~checks).sum()),
        },
        "with cold checks": {
            "median": float(np.median(taken)),
            "mean": float(taken.mean()),
            "evaluations": len(taken),
        },
        "missed by the warm start": float(run.series["missed"][1].max()),
        "sharpness * lr / 2": {
            "least": float(ratio.min()),
            "median": float(np.median(ratio)),
            "most": float(ratio.max()),
        },
    }


def stepping(label: str, network, images):
    """A function that takes steps in place: the form's gradient, then torch's SGD, as
    `lrlib.train` does.
    """
    form, dtype = OURS[label]
    x, y = (torch.as_tensor(a, dtype=dtype) for a in (images.x, images.y))
    held = PARAMETRISATIONS[form](copy.deepcopy(network).to(dtype), x, y, LOSS)
    optimizer = torch.optim.SGD(held.coordinates, lr=LR)

    def run(n_steps: int = 20) -> None:
        for _ in range(n_steps):
            float(held.backward())
            optimizer.step()

    return run


def step(network, images, rounds: int) -> dict:
    """Speed of one Gram step over one of plain autograd, set-up apart."""
    made = {label: (stepping(label, network, images), 20) for label in OURS}
    return {
        label: asdict(r) for label, r in ratios(made, "Gram float64", rounds).items()
    }


def measure(rounds: int = 3) -> dict:
    torch.set_num_threads(1)
    images = samples()
    network = at_the_edge(images)
    return {
        "setting": {
            "data": f"{images.name} {images.note}".strip(),
            "n": len(images.x),
            "lr": LR,
            "steps before": BEFORE,
        },
        "accuracy": accuracy(network, images),
        "products": products(network, images),
        "step": step(network, images, 2 * rounds + 1),
        "speed over": speed(network, images, rounds),
    }


def verdict(met: bool, target: str) -> str:
    return f"  target {target}: {'met' if met else 'NOT MET'}"


def lines(found: dict):
    """The tables, and whether each target is met."""
    yield "\n{data}: {n} samples, lr {lr}, from step {steps before}".format(
        **found["setting"]
    )
    for other, table in found["speed over"].items():
        yield f"\ntraining with sharpness at every {EVERY}th step, speed over: {other}"
        for label, r in table.items():
            target = TARGETS.get(label) if other == "public" else None
            e = found["accuracy"][label]
            text = verdict(r["median"] >= target, f">= {target}") if target else ""
            yield (
                f"  {label:18}{r['rate']:7.2f} steps/s{r['median']:8.2f}x "
                f"({r['low']:.2f} to {r['high']:.2f})"
                f"  error {e['median']:.0e}, at most {e['max']:.0e}{text}"
            )
    warm = found["products"]["warm"]
    both = found["products"]["with cold checks"]
    yield "\nHessian products per evaluation"
    yield f"  warm: median {warm['median']:g}, mean {warm['mean']:.2f}" + verdict(
        warm["median"] <= PRODUCTS, f"<= {PRODUCTS}"
    )
    yield f"  with cold checks: median {both['median']:g}, mean {both['mean']:.2f}"
    for label in PUBLIC:
        yield (
            f"  {label}: median "
            f"{statistics.median(found['accuracy'][label]['products']):g}"
        )
    yield "\none step in Gram form, float64, speed over one step"
    for label, r in found["step"].items():
        text = (
            verdict(r["median"] >= STEP, f">= {STEP}")
            if label == "plain float32"
            else ""
        )
        yield f"  {label:18}{r['median']:7.2f}x ({r['low']:.2f} to {r['high']:.2f}){text}"


def main() -> None:
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
        return
    found = {"machine": machine("numpy", "scipy", "torch")} | child(
        "bench.edge", "3", **ONE_THREAD
    )
    print(*(f"{k}: {v}" for k, v in found["machine"].items()), *lines(found), sep="\n")
    RESULTS.parent.mkdir(exist_ok=True)
    write_whole(RESULTS, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
