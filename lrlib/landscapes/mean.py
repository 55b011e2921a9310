"""The mean of a landscape over examples: a training loss, of which only one example is
written.
"""

from __future__ import annotations

import numpy as np

from ..checks import finite_array
from .contract import Objective


class MeanLoss(Objective):
    """``mean over k of landscape(theta, data[k])``, for the loops and outcomes of
    `lrlib`.

    Parameters
    ----------
    landscape
        Loss of one example; its last coordinates are the example's data.
    data
        Shape (n_examples, n_data), at least one example.

    Raises
    ------
    ValueError
        For data of another shape or not finite, or where no coordinate is left to
        train.
    """

    def __init__(self, landscape, data):
        data = np.asarray(data, dtype=float)
        if data.ndim != 2 or not 0 < data.shape[1] < landscape.dim or not len(data):
            allowed = f"(n_examples, n_data) with n_data below {landscape.dim}"
            raise ValueError(f"data: got shape {data.shape}; allowed is {allowed}")
        self.data = finite_array("data", data, data.shape[1], ndim=2)
        self.landscape = landscape
        self.dim = landscape.dim - data.shape[1]
        self.name = f"mean_{landscape.name}"

    def _with_data(self, theta) -> np.ndarray:
        """Shape (..., n_examples, dim + n_data)."""
        theta = self._points(theta)[..., None, :]
        lead = (*theta.shape[:-2], len(self.data))
        weights = np.broadcast_to(theta, (*lead, self.dim))
        data = np.broadcast_to(self.data, (*lead, self.data.shape[1]))
        return np.concatenate([weights, data], axis=-1)

    def loss(self, theta) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (...)."""
        return self.landscape.loss(self._with_data(theta)).mean(axis=-1)

    def gradient(self, theta) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (..., dim)."""
        each = self.landscape.gradient(self._with_data(theta))
        return each[..., : self.dim].mean(axis=-2)

    def hessian(self, theta) -> np.ndarray:
        """`theta` of shape (..., dim) gives shape (..., dim, dim)."""
        each = self.landscape.hessian(self._with_data(theta))
        return each[..., : self.dim, : self.dim].mean(axis=-3)
