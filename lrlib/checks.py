"""Checks of arguments: each error names the argument, the value and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike

K = TypeVar("K")
V = TypeVar("V")


class Dimensional(Protocol):
    """What has a name and a number of coordinates."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...


def finite_array(
    name: str,
    value: ArrayLike,
    dim: int,
    *,
    finite: bool = True,
    ndim: int | None = None,
) -> np.ndarray:
    """`value` as floats of shape (..., dim); a bare number is a point where ``dim ==
    1``.
    """
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name}: got {value!r}; allowed are numbers of shape (..., {dim})"
        ) from None
    if dim == 1 and array.ndim == (ndim or 1) - 1:
        array = array[..., None]
    if (
        array.ndim == 0
        or array.shape[-1] != dim
        or (ndim is not None and array.ndim != ndim)
    ):
        shapes = {1: f"({dim},)", 2: f"(n, {dim})"}
        allowed = shapes.get(ndim or 0, f"(..., {dim})")
        raise ValueError(f"{name}: got shape {np.shape(value)}; allowed is {allowed}")
    if finite and not np.isfinite(array).all():
        first = array[~np.isfinite(array).all(axis=-1)].reshape(-1, dim)[0]
        raise ValueError(f"{name}: got {first.tolist()}; allowed are finite numbers")
    return array


def whole(name: str, value: object, low: int, high: int | None = None) -> int:
    """`value` as an integer in [low, high]."""
    top = "" if high is None else f" and at most {high}"
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(
            f"{name}: got {value!r}; allowed is an integer of at least {low}{top}"
        )
    if value < low or (high is not None and value > high):
        raise ValueError(
            f"{name}: got {value}; allowed is an integer of at least {low}{top}"
        )
    return int(value)


def positive(name: str, value: ArrayLike, n: int | None = None) -> np.ndarray:
    """`value` as positive finite floats: a scalar, or shape (n,) where `n` is given."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name}: got {value!r}; allowed is a positive number"
        ) from None
    if array.ndim and array.shape != (n,):
        allowed = "a number" if n is None else f"a number or shape ({n},)"
        raise ValueError(f"{name}: got shape {array.shape}; allowed is {allowed}")
    if not (np.isfinite(array) & (array > 0)).all():
        bad = array.ravel()[~(np.isfinite(array) & (array > 0)).ravel()][0]
        raise ValueError(f"{name}: got {bad}; allowed are finite numbers above 0")
    return array


def at_least(
    name: str, value: object, low: float, below: float = float("inf")
) -> float:
    """`value` as a number in [low, below)."""
    allowed = f"finite numbers of at least {low:g}"
    if below < float("inf"):
        allowed = f"numbers from {low:g} to below {below:g}"
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"{name}: got {value!r}; allowed are {allowed}")
    if not low <= value < below:
        raise ValueError(f"{name}: got {value!r}; allowed are {allowed}")
    return float(value)


def lookup(kind: str, name: K, known: Mapping[K, V]) -> V:
    """``known[name]``; ValueError with the known names where there is none."""
    if name not in known:
        allowed = ", ".join(map(repr, known)) or "none"
        raise ValueError(f"{kind}: got {name!r}; allowed are {allowed}")
    return known[name]


def has_dim(landscape: Dimensional, dim: int) -> None:
    """ValueError unless `landscape` has `dim` coordinates."""
    if landscape.dim != dim:
        allowed = "is one coordinate" if dim == 1 else f"are {dim} coordinates"
        raise ValueError(
            f"landscape: got {landscape.name} of {landscape.dim} coordinates; "
            f"allowed {allowed}"
        )
