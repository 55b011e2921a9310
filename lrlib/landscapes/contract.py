"""What the rest of the package may ask of a landscape, and the regions it may name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from ..checks import finite_array


class Region(ABC):
    """A closed set of points with a name, for instance the points of one minimum."""

    @property
    @abstractmethod
    def point(self) -> np.ndarray:
        """One point of it, shape (dim,)."""

    @abstractmethod
    def distance(self, theta: np.ndarray) -> np.ndarray:
        """How far `theta` is from it, 0 inside; shape (..., dim) gives (...)."""


@dataclass(frozen=True)
class Box(Region):
    """A closed box ``lower <= theta <= upper``; a point when both ends agree.

    Raises
    ------
    ValueError
        For ends of different lengths, or ``lower > upper`` or NaN in some coordinate.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]

    def __post_init__(self) -> None:
        for name in ("lower", "upper"):
            ends = np.atleast_1d(getattr(self, name))
            object.__setattr__(self, name, tuple(float(v) for v in ends))
        if len(self.lower) != len(self.upper):
            raise ValueError(
                f"upper: got {len(self.upper)} coordinates; allowed are as many as in "
                f"lower, {len(self.lower)}"
            )
        if not all(a <= b for a, b in zip(self.lower, self.upper, strict=True)):
            raise ValueError(
                f"lower, upper: got {self.lower}, {self.upper}; allowed is lower <= "
                "upper in every coordinate"
            )

    @classmethod
    def of(cls, name: str, ends: Any, dim: int) -> Box:
        """`ends` as a box: a `Box`, a point, or a (lower, upper) pair.

        Points are numbers where ``dim == 1``. ValueError that says `name` for anything
        else.
        """
        if isinstance(ends, Box):
            box = ends
        else:
            is_pair = isinstance(ends, tuple) and len(ends) == 2
            # in two coordinates, (1.0, 2.0) is a point
            is_pair = is_pair and (dim == 1 or np.ndim(ends[0]) > 0)
            lower, upper = ends if is_pair else (ends, ends)
            try:
                box = cls(lower, upper)
            except (TypeError, ValueError):
                box = None
        if box is None or len(box.lower) != dim:
            raise ValueError(
                f"{name}: got {ends!r}; allowed is a Box, a point or a (lower, upper) "
                f"pair with {dim} coordinate(s)"
            )
        return box

    @property
    def point(self) -> np.ndarray:
        """The middle, shape (dim,)."""
        return (np.array(self.lower) + self.upper) / 2

    def distance(self, theta: np.ndarray) -> np.ndarray:
        """Distance in the maximum norm; `theta` of shape (..., dim) gives shape (...)."""
        below = np.subtract(self.lower, theta)
        above = np.subtract(theta, self.upper)
        return np.maximum(np.maximum(below, above), 0.0).max(axis=-1)


class Formulas(Protocol):
    """A loss as symbols: what printers, flows and extended precision need."""

    @property
    def coordinates(self) -> Sequence[sp.Symbol]: ...

    @property
    def loss_formula(self) -> sp.Expr: ...

    @property
    def gradient_formula(self) -> Sequence[sp.Expr]: ...

    @property
    def hessian_formula(self) -> Sequence[sp.Expr]:
        """Row by row, upper triangle only."""
        ...


class Objective(ABC):
    """A loss on R^dim that can be descended: the contract of every landscape.

    A subclass sets `dim` and `name` and defines `loss` and `gradient`; that is enough
    for ensembles, outcomes, gradient flow and Lyapunov exponents. What it can give
    beyond that it says by overriding the other members.

    Every method takes `theta` of shape (..., dim), a bare number where ``dim == 1``,
    and raises ValueError or TypeError for another shape. Where the loss is not defined
    the values are NaN or infinite; that is no error.

    Attributes
    ----------
    dim
        Number of coordinates, at least 1.
    name
        Short name for messages and pictures.
    minima
        Named minima in the order in which they are tried; none by default.
    """

    dim: int
    name: str
    minima: Mapping[str, Any] = MappingProxyType({})

    @abstractmethod
    def loss(self, theta: ArrayLike) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (...)."""

    @abstractmethod
    def gradient(self, theta: ArrayLike) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (..., dim)."""

    def hessian(self, theta: ArrayLike) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (..., dim, dim).

        TypeError where a landscape has none.
        """
        raise TypeError(
            f"landscape: got {self.name}, which has no Hessian; allowed are landscapes "
            "that have one"
        )

    def sharpness(self, theta: ArrayLike) -> np.ndarray:
        """Largest algebraic eigenvalue of the Hessian; shape (..., dim) gives (...)."""
        return np.linalg.eigvalsh(self.hessian(theta))[..., -1]

    def kernel_source(
        self, noise_kind: str | None, dialect: str = "numba"
    ) -> str | None:
        """Text of the compiled ensemble loop; None where steps are taken in numpy."""
        return None

    @property
    def formulas(self) -> Formulas | None:
        """The landscape as symbols; None where it is not written as one formula."""
        return None

    def _points(self, theta: ArrayLike) -> np.ndarray:
        """`theta` as floats of shape (..., dim)."""
        return finite_array("theta", theta, self.dim, finite=False)


def objective(landscape: object) -> Objective:
    """`landscape` itself; TypeError where it does not keep the contract."""
    if not isinstance(landscape, Objective):
        raise TypeError(
            f"landscape: got {landscape!r}; allowed is a Landscape or a subclass of "
            "Objective"
        )
    return landscape


def formulas(landscape: object) -> Formulas:
    """The symbols of `landscape`; TypeError where there are none."""
    known = objective(landscape)
    found = known.formulas
    if found is None:
        raise TypeError(
            f"landscape: got {known.name}; allowed is a Landscape, which is "
            "written as a formula"
        )
    return found
