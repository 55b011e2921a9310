"""Named experiments: which networks, losses and learning rates, at which scale.

The learning rates are those of the authors' own runs of [W, App. F.1].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..checks import lookup
from ..networks.settings import Architecture, Settings


@dataclass(frozen=True)
class Case:
    """One network and loss; `small` are the learning rates for a laptop, `paper` all of
    the authors'.
    """

    title: str
    model: Architecture
    loss: str
    small: tuple[float, ...]
    paper: tuple[float, ...]

    def network(self, dim: int, classes: int, seed: int):
        """The network with freshly drawn weights."""
        return self.model.network(dim, classes, seed)

    def settings(self, scale: str = "small", **given: Any) -> Settings:
        """The settings of a run at a scale; `given` adds data and learning rate, or
        takes the place of the case's own.
        """
        from ..networks.probes import Norms, Sharpness

        chosen = lookup("scale", scale, SCALES)
        own: dict[str, Any] = {
            "model": self.model,
            "loss": self.loss,
            "n_steps": chosen["n_steps"],
            "probes": (Sharpness(chosen["every"]), Norms(chosen["every"])),
        }
        return Settings(**own | given)


def _rates(text: str, unit: float = 1e-4) -> tuple[float, ...]:
    return tuple(float(f"{float(word) * unit:.4g}") for word in text.split())


SIX = {
    "tanh-huber": Case(
        "tanh, Huber",
        Architecture(2, "tanh"),
        "huber",
        _rates("1 2.5 9"),
        _rates("1 1.5 2 2.5 3 4 5 7 9"),
    ),
    "tanh-mse": Case(
        "tanh, squared",
        Architecture(2, "tanh"),
        "mse",
        _rates("1 4 9"),
        _rates("1 3 3.5 4 4.5 5 7 9"),
    ),
    "relu-huber": Case(
        "ReLU, Huber",
        Architecture(2, "relu"),
        "huber",
        _rates("1 3 7"),
        _rates("1 1.5 2 2.5 3 5 7 9"),
    ),
    "relu-mse": Case(
        "ReLU, squared",
        Architecture(2, "relu"),
        "mse",
        _rates("1 2 2.5"),
        _rates("1 1.5 2 2.1 2.3 2.5 2.7 3"),
    ),
    "relu3-mse": Case(
        "ReLU³, squared",
        Architecture(2, "relu3"),
        "mse",
        _rates("0.2 1"),
        _rates("0.2 0.6 1 1.2 1.4 1.6 1.8 2 3 4 5"),
    ),
    "outer-huber": Case(
        "ReLU³ outside, Huber",
        Architecture(3, "relu3"),
        "huber",
        _rates("0.1 0.14"),
        _rates("0.1 0.12 0.14 0.16 0.18"),
    ),
}
NORMALISED = {
    "relu-mse-bn": Case(
        "ReLU, squared, normalised",
        Architecture(2, "relu", batch_norm=True),
        "mse",
        _rates("1 3"),
        _rates("1 1.5 2 2.5 3"),
    ),
    "relu3-mse-bn": Case(
        "ReLU³, squared, normalised",
        Architecture(2, "relu3", batch_norm=True),
        "mse",
        _rates("0.2 1"),
        _rates("0.2 0.6 1 1.4 1.8"),
    ),
    "outer-huber-bn": Case(
        "ReLU³ outside, Huber, normalised",
        Architecture(3, "relu3", batch_norm=True),
        "huber",
        _rates("0.1 0.14"),
        _rates("0.1 0.12 0.14 0.16 0.18"),
    ),
}
EXPERIMENTS = {
    "six_networks": SIX,
    "batch_norm": NORMALISED,
    "cubic_exception": {
        "relu3-huber": Case(
            "ReLU³, Huber",
            Architecture(2, "relu3"),
            "huber",
            _rates("1 4"),
            _rates("1 1.1 1.2 1.3 1.4 1.5 2 2.5 3 4 5 7 9"),
        )
    },
}
# steps, and steps between two measurements
SCALES = {
    "small": {"n_steps": 3000, "every": 30},
    "paper": {"n_steps": 100_000, "every": 400},
}


def experiment(name: str) -> dict[str, Case]:
    """The cases of a named experiment; ValueError names those there are."""
    return lookup("experiment", name, EXPERIMENTS)
