"""What to measure while a network trains: probes are called at every `every`-th step.

A probe has `every`, a method ``measure(held) -> {name: number}`` of the network as
`lrlib.networks.parametrisations` hold it, and where it remembers something between
calls, a `state` that checkpoints carry: a dictionary of numbers, texts and tensors,
empty at first. It may run the network: `train` puts running statistics back.
"""

from __future__ import annotations

import copy
from typing import Any

from ..checks import lookup, whole
from .curvature import largest_eigenvalue, tolerance
from .parametrisations import Parametrisation


class Probe:
    """The base: measures nothing, remembers nothing."""

    def __init__(self, every: int = 50):
        self.every = whole("every", every, 1)
        self.state: dict[str, Any] = {}

    def __eq__(self, other: object) -> bool:
        """Of the same kind and settings, whatever they remember."""
        if not isinstance(other, Probe) or type(self) is not type(other):
            return False
        return self.settings() == other.settings()

    def __hash__(self) -> int:
        return hash((type(self), self.every))

    def fresh(self) -> Probe:
        """The same probe without a memory: one object may serve several runs."""
        fresh = copy.copy(self)
        fresh.state = {}
        return fresh

    def settings(self) -> dict:
        """What makes the probe: a checkpoint must have been written with it."""
        return {"probe": type(self).__name__} | {
            name: v for name, v in vars(self).items() if name != "state"
        }

    def measure(self, held: Parametrisation) -> dict[str, float]:
        return {}


class Norms(Probe):
    """Frobenius norms of the trained weights, layer by layer: "w1_norm", "w2_norm", ..."""

    def measure(self, held: Parametrisation) -> dict[str, float]:
        return {f"w{i}_norm": norm for i, norm in enumerate(held.norms(), start=1)}


class FullLoss(Probe):
    """The loss over all samples, "full_loss": with mini-batches, `losses` of a run are
    those of the batches.
    """

    def measure(self, held: Parametrisation) -> dict[str, float]:
        return {"full_loss": float(held.loss().detach())}


class Sharpness(Probe):
    """The largest eigenvalue of the full-batch Hessian: "sharpness", its "residual" and
    "products".

    Parameters
    ----------
    every
        Steps between two evaluations.
    tol
        Relative tolerance on the value, in (0, 0.1].
    check
        Every `check`-th evaluation, and the first, starts cold; "missed" says by which
        fraction the warm start had been too low there. The larger of the two values
        counts.
    """

    def __init__(self, every: int = 50, tol: float = 1e-3, check: int = 25):
        super().__init__(every)
        self.tol = tolerance(tol)
        self.check = whole("check", check, 1)

    def measure(self, held: Parametrisation) -> dict[str, float]:
        hessian = held.hessian()
        vectors = self.state.get("vectors")
        calls = self.state.get("calls", 0)
        warm = None
        if vectors is not None:
            warm = largest_eigenvalue(hessian, tol=self.tol, vectors=vectors)
        measured = {}
        if warm is None:
            found = largest_eigenvalue(hessian, tol=self.tol, seed=calls)
        elif warm.converged and calls % self.check:
            found = warm
        else:
            cold = largest_eigenvalue(hessian, tol=self.tol, seed=calls)
            missed = (cold.value - warm.value) / (abs(cold.value) or 1.0)
            measured["missed"] = max(0.0, missed)
            found = max(cold, warm, key=lambda found: found.value)
        self.state = {"calls": calls + 1, "vectors": found.vectors}
        numbers = {
            "sharpness": found.value,
            "residual": found.residual,
            "products": float(hessian.products),
        }
        return numbers | measured


PROBES = {kind.__name__: kind for kind in (Norms, FullLoss, Sharpness)}


def read(probe: str, **options: Any) -> Probe:
    """The probe that gave these `settings`; ValueError for one that is not here."""
    return lookup("probe", probe, PROBES)(**options)
