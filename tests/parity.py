"""How two languages are compared: on which points, and by which distance."""

import math

import numba
import numpy as np

from lrlib.codegen import printer

EVALUATE = """
return data.map(({ source, points }) => {
  const landscape = evaluate(source);
  return points.map((p) => [landscape.loss(...p), ...[landscape.gradient(...p)].flat()]);
});
"""
ZOO_KINKS = {
    "zoo.mohtashami_toy_1d": (2, 3, 8.4, 8.40001, 8.4000049, 8.59999, 8.6, 8.5),
    "zoo.mohtashami_toy_2d": (-2, -1, 0, 1, 2),
}


def points(landscape, seed: int, kinks) -> np.ndarray:
    """Generic points of the box, then the grid of its kinks with points beside them."""
    low, high = np.transpose(landscape.box)
    generic = np.random.default_rng(seed).uniform(low, high, (200, landscape.dim))
    special = [k + s for k in kinks for s in (0, 1e-9, -1e-9)] or [float(high[0])]
    return np.vstack(
        [
            generic,
            np.stack(np.meshgrid(*[special] * landscape.dim), -1).reshape(
                -1, landscape.dim
            ),
        ]
    )


def in_numpy(landscape, at) -> np.ndarray:
    return np.column_stack([landscape.loss(at), landscape.gradient(at)])


def in_numba(landscape, at) -> np.ndarray:
    """The printed "numba" dialect, compiled; columns loss and partial derivatives."""
    space = {"math": math, "np": np}
    exec(
        printer.function(
            "loss", landscape.coordinates, [landscape.loss_formula], "numba"
        ),
        space,
    )
    exec(landscape.gradient_source("numba"), space)
    loss, gradient = (
        numba.njit(error_model="numpy")(space[f]) for f in ("loss", "gradient")
    )
    return np.array([np.hstack([loss(*p), gradient(*p)]) for p in at.tolist()], float)


def gap(a, b) -> float:
    """Largest relative difference; NaN agrees with NaN, infinity with itself."""
    with np.errstate(all="ignore"):
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        return float(
            np.where(same, 0, np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))).max()
        )
