"""The same steps, ``theta - lr * gradient``, as a user would write them without lrlib's
kernel.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
import shutil
import subprocess
from pathlib import Path

import numpy as np
import sympy as sp
from numba import njit, prange

from lrlib.descent import stepping

GCC = ["gcc", "-O3", "-march=native", "-ffp-contract=off", "-shared", "-fPIC"]

_SCALAR = """\
import math
import numpy as np
from numba import njit, prange

{gradient}

gradient = njit(error_model="numpy")(gradient)

@njit(parallel=True, error_model="numpy")
def run(theta, lr, n_steps):
    for i in prange(theta.shape[1]):
        {load}
        for t in range(n_steps):
            {pull} = gradient({names})
            {step}
        {store}
"""


def lambdified(landscape, starts, lr, n_steps):
    """The whole array, step by step, through ``sympy.lambdify``."""
    partials = [
        sp.lambdify(landscape.coordinates, g, "numpy", cse=True)
        for g in landscape.gradient_formula
    ]

    def run():
        theta = starts.T.copy()
        for _ in range(n_steps):
            theta = theta - lr * np.stack([g(*theta) for g in partials])
        return theta.T

    return run


def whole_array(landscape, starts, lr, n_steps):
    """The whole array, step by step, through the gradient that lrlib prints for numpy."""
    space = {"np": np}
    exec(landscape.gradient_source("numpy"), space)

    def run():
        theta = starts.T.copy()
        for _ in range(n_steps):
            theta = theta - lr * np.stack(np.atleast_2d(space["gradient"](*theta)))
        return theta.T

    return run


def scalar_loop(landscape, starts, lr, n_steps):
    """One trajectory after the other in numba, steps inside, trajectories shared among
    threads.
    """
    names = [str(c) for c in landscape.coordinates]
    pulls = [f"pull{i}" for i in range(landscape.dim)]
    text = _SCALAR.format(
        gradient=landscape.gradient_source("numba"),
        names=", ".join(names),
        pull=", ".join(pulls),
        load="; ".join(f"{n} = theta[{i}, i]" for i, n in enumerate(names)),
        step="; ".join(
            f"{n} = {n} - lr * {p}" for n, p in zip(names, pulls, strict=True)
        ),
        store="; ".join(f"theta[{i}, i] = {n}" for i, n in enumerate(names)),
    )
    space = {"math": math, "np": np, "njit": njit, "prange": prange}
    exec(text, space)

    def run():
        theta = np.array(starts.T, order="C")
        space["run"](theta, lr, n_steps)
        return theta.T

    return run


def c_blocks(landscape, starts, lr, n_steps, folder: Path):
    """lrlib's own blocked loop, printed as C and built by gcc; None where there is no
    gcc.
    """
    if shutil.which("gcc") is None:
        return None
    text = landscape.kernel_source(None, "c")
    stem = folder / hashlib.sha256(text.encode()).hexdigest()[:16]
    stem.with_suffix(".c").write_text(text)
    subprocess.run(
        [*GCC, str(stem.with_suffix(".c")), "-o", str(stem.with_suffix(".so")), "-lm"],
        check=True,
    )
    library = ctypes.CDLL(str(stem.with_suffix(".so"))).run
    pointer = ctypes.c_void_p
    whole = ctypes.c_int64
    real = ctypes.c_double
    library.argtypes = [pointer, pointer, whole, whole, real, real, pointer]
    library.restype = None
    rates = np.full(len(starts), float(lr))

    def run():
        theta = np.array(starts.T, order="C")
        state = np.zeros(len(starts), np.int64)
        library(
            theta.ctypes.data,
            rates.ctypes.data,
            len(starts),
            n_steps,
            stepping.BOUND,
            stepping.SETTLED,
            state.ctypes.data,
        )
        return theta.T

    return run
