"""The noise that a descent may feel; its numbers come from `lrlib.codegen.random`."""

from __future__ import annotations

from dataclasses import dataclass

from ..checks import lookup, positive
from ..codegen.random import KINDS


@dataclass(frozen=True)
class Noise:
    """Noise added to each coordinate of the gradient.

    Attributes
    ----------
    kind
        "uniform" or "normal".
    scale
        Half-width or standard deviation, above 0.
    """

    kind: str
    scale: float

    def __post_init__(self) -> None:
        lookup("kind", self.kind, dict.fromkeys(KINDS))
        object.__setattr__(self, "scale", float(positive("scale", self.scale)))


def uniform(half_width: float) -> Noise:
    """Uniform on ``[-half_width, half_width]``.

    Its standard deviation is ``half_width / sqrt(3)``. ValueError for one that is not
    above 0 and finite.
    """
    return Noise("uniform", float(positive("half_width", half_width)))


def normal(std: float) -> Noise:
    """Normal with mean 0 and standard deviation `std`, above 0 and finite."""
    return Noise("normal", float(positive("std", std)))


def noise_or_none(noise: object) -> Noise | None:
    """`noise` itself; TypeError for anything but a `Noise` or None."""
    if noise is not None and not isinstance(noise, Noise):
        raise TypeError(
            f"noise: got {noise!r}; allowed are None, uniform(half_width) and normal(std)"
        )
    return noise
