"""Loops around a formula, as source text: the compiled ensemble and the page's descent.

Every loop does the same arithmetic, ``theta - lr * (gradient + scale * unit noise)``.
An iterate that leaves ``|theta| <= bound`` (or is NaN) is not taken: the trajectory
stays where it was and the step is noted. The other note is `settled`: the number of
steps after which the pull, gradient plus noise, stays at most `settled` in every
coordinate.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Callable
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from ..checks import lookup
from ..files import cache_folder, write_whole
from . import printer, random
from .dialects import DIALECTS

# points whose steps run together: they fill the vector units and stay in the
# first-level cache
BLOCK = 1024
STRIDE = 32  # steps between two looks at whether a block has stopped changing

_NUMBA = """\
import math
import numpy as np
from numba import njit, prange

BLOCK = @BLOCK@


@njit(cache=True, error_model="numpy")
def advance(here, rate, note, begin, end, bound, settled, seed, first, scale):
    m = rate.size
    @ROWS@
    for t in range(begin, end):
        for i in range(m):
            @PULL@
            @BOOKS@
            alive = (note[i] >= 0) & inside
            note[i] = moved if alive else (-(t + 1) if note[i] >= 0 else note[i])
            @UPDATE@


@THREADED@


@SERIAL@
"""

# the same loop twice, since numba decides for a whole function whether it has threads
_BLOCKS = """\
@njit(parallel=@PARALLEL@, cache=True, error_model="numpy")
def @NAME@(
    theta, lr, n_steps, bound, settled, seed, first, scale, state, record, every
):
    dim, n = theta.shape
    for block in @RANGE@((n + @BLOCK@ - 1) // @BLOCK@):
        low = block * @BLOCK@
        high = min(low + @BLOCK@, n)
        here, past = np.empty((dim, high - low)), np.empty((dim, high - low))
        for j in range(dim):
            for i in range(low, high):
                here[j, i - low] = past[j, i - low] = theta[j, i]
        step = 0
        while step < n_steps:
            end = min(step + (every if every > 0 else @STRIDE@), n_steps)
            rate = lr[low:high]
            note = state[low:high]
            advance(here, rate, note, step, end, bound, settled, seed, first + low, scale)
            step = end
            still = @DETERMINISTIC@
            for j in range(dim):
                for i in range(high - low):
                    if every > 0 and step % every == 0:
                        record[step // every, j, low + i] = here[j, i]
                    still &= here[j, i] == past[j, i]
                    past[j, i] = here[j, i]
            if still and every == 0 and n_steps - step > 4 * @STRIDE@:
                # back where it was @STRIDE@ steps ago, so it will be after any multiple
                # of them
                step = n_steps - (n_steps - step) % @STRIDE@ - 2 * @STRIDE@
        for j in range(dim):
            for i in range(low, high):
                theta[j, i] = here[j, i - low]
"""

_C = """\
#include <math.h>
#include <stdint.h>

void run(double *restrict theta, const double *restrict lr, int64_t n, int64_t n_steps,
         double bound, double settled, int64_t *restrict state) {
  for (int64_t low = 0; low < n; low += @BLOCK@) {
    int64_t m = n - low < @BLOCK@ ? n - low : @BLOCK@;
    const double *restrict rate = lr + low;
    int64_t *restrict note = state + low;
    @ROWS@
    for (int64_t t = 0; t < n_steps; t++)
      for (int64_t i = 0; i < m; i++) {
        @PULL@
        @BOOKS@
        int alive = (note[i] >= 0) & inside;
        note[i] = alive ? moved : (note[i] >= 0 ? -(t + 1) : note[i]);
        @UPDATE@
      }
  }
}
"""

_JAVASCRIPT = """\
(() => {
"use strict";
const report = { settled: 0 };
@LOSS@
@GRADIENT@
function descend(orbit, n, lr, scale, unit, bound, settled) {
  @ROWS@
  let last = 0, left = 0, t = 0;
  for (; t < n; t++) {
    @BODY@
    if (!inside) { left = t + 1; break; }
    if (pulled) last = t + 1;
    @UPDATE@
    if (unchanged && !unit) { t++; break; }
  }
  for (let k = (t + 1) * @DIM@; k < (n + 1) * @DIM@; k++) orbit[k] = orbit[k - @DIM@];
  report.settled = pulled && !left ? n : last;
  return left;
}
@HESSIAN@
return { dim: @DIM@, loss, gradient, hessian, descend, report };
})()"""


# a line of its own, or a word within a line
_HOLE = re.compile(r"^(?P<indent> *)@(?P<line>[A-Z]+)@$|@(?P<word>[A-Z]+)@", re.M)


def fill(template: str, **parts) -> str:
    """Put texts at ``@NAME@``, and lists of lines with the indentation that stands there.

    What is put in is not read again, so that no name in it can be taken for a hole.
    """

    def read(match):
        whole_line, name = match.group("line", "word")
        if whole_line is None:
            return str(parts[name])
        indent = match.group("indent")
        return "\n".join(indent + text for text in parts[whole_line])

    return _HOLE.sub(read, template)


def _step_lines(coordinates, gradient, dialect: str) -> list[str]:
    """``theta0.. -> g0..``"""
    inner = printer.inner_names(len(coordinates))
    put_in = dict(zip(coordinates, inner, strict=True))
    formulas = [g.xreplace(put_in) for g in gradient]
    names = [f"g{i}" for i in range(len(inner))]
    return printer.statements(names, formulas, dialect, taken=inner)


def _sizes(rules, name: str, dim: int) -> list[str]:
    """``abs(name0)``, ``abs(name1)``, ..."""
    return [f"{rules.function('abs')}({name}{i})" for i in range(dim)]


def _pull_lines(coordinates, gradient, noise_kind, dialect: str) -> list[str]:
    """``row0[i].. -> theta0.., g0..``, the noise included."""
    rules = DIALECTS[dialect]
    dim = len(coordinates)
    lines = [rules.assign(f"theta{i}", f"row{i}[i]") for i in range(dim)]
    lines += _step_lines(coordinates, gradient, dialect)
    if noise_kind:
        pairs = range((dim + 1) // 2)
        noise, units = random.statements(noise_kind, dialect, pairs)
        lines += ["index = first + i", *noise]
        lines += [f"g{i} = g{i} + scale * {units[i]}" for i in range(dim)]
    lines += [
        rules.assign(f"next{i}", f"theta{i} - rate[i] * g{i}") for i in range(dim)
    ]
    return lines


def _book_lines(rules, dim: int) -> list[str]:
    """Whether the step is taken, and what would then be noted."""
    inside = " & ".join(f"({size} <= bound)" for size in _sizes(rules, "next", dim))
    pulled = " | ".join(f"({size} > settled)" for size in _sizes(rules, "g", dim))
    return [
        rules.assign_whole("inside", inside),
        rules.assign_whole("moved", rules.select(pulled, "t + 1", "note[i]")),
    ]


def _update_lines(rules, dim: int) -> list[str]:
    return [
        rules.store(f"row{i}[i]", rules.select("alive", f"next{i}", f"theta{i}"))
        for i in range(dim)
    ]


def source(
    coordinates, gradient, noise_kind: str | None, dialect: str = "numba"
) -> str:
    """The ensemble loop in "numba", or without noise in "c" (for comparison);
    `noise_kind` None, "uniform" or "normal".
    """
    template = lookup("dialect", dialect, {"numba": _NUMBA, "c": _C})
    kinds = dict.fromkeys([None, *random.KINDS] if dialect == "numba" else [None])
    lookup("noise_kind", noise_kind, kinds)
    dim = len(coordinates)
    rules = DIALECTS[dialect]
    pull = _pull_lines(coordinates, gradient, noise_kind, dialect)
    row = "row{0} = here[{0}]"
    if dialect == "c":
        row = "double *restrict row{0} = theta + {0} * n + low;"
    parts = {
        "BLOCK": BLOCK,
        "STRIDE": STRIDE,
        "DETERMINISTIC": noise_kind is None,
    }
    return fill(
        template,
        THREADED=with_threads(_BLOCKS, **parts),
        SERIAL=without_threads(_BLOCKS, **parts),
        ROWS=[row.format(i) for i in range(dim)],
        PULL=pull,
        BOOKS=_book_lines(rules, dim),
        UPDATE=_update_lines(rules, dim),
        BLOCK=BLOCK,
    )


def with_threads(template: str, **parts: Any) -> list[str]:
    """The lines of the function `threaded` of a compiled module."""
    text = fill(template, NAME="threaded", PARALLEL=True, RANGE="prange", **parts)
    return text.rstrip().split("\n")


def without_threads(template: str, **parts: Any) -> list[str]:
    """The lines of the function `serial`, the same but for its threads."""
    text = fill(template, NAME="serial", PARALLEL=False, RANGE="range", **parts)
    return text.rstrip().split("\n")


def javascript(coordinates, loss, gradient, hessian) -> str:
    """Expression that evaluates to ``{dim, loss, gradient, hessian, descend, report}``.

    ``descend(orbit, n, lr, scale, unit, bound, settled)`` fills ``orbit``, a
    Float64Array of ``(n + 1) * dim`` that starts with the starting point, and returns
    the step at which the bound was left, or 0; ``unit`` holds ``n * dim`` numbers of
    unit noise, or is null. It stops early at an exact fixed point, which cannot change
    the result. ``report.settled`` is the note above.
    """
    dim = len(coordinates)
    rules = DIALECTS["javascript"]
    axes = range(dim)
    inside = [f"({size} <= bound)" for size in _sizes(rules, "next", dim)]
    pulled = [f"({size} > settled)" for size in _sizes(rules, "p", dim)]
    unchanged = [f"next{i} === theta{i}" for i in axes]
    noisy = f"unit ? g{{0}} + scale * unit[t * {dim} + {{0}}] : g{{0}}"
    start = ", ".join(f"theta{i} = orbit[{i}]" for i in axes)
    body = [
        *_step_lines(coordinates, gradient, "javascript"),
        *(rules.assign(f"p{i}", noisy.format(i)) for i in axes),
        *(rules.assign(f"next{i}", f"theta{i} - lr * p{i}") for i in axes),
        rules.assign("inside", " && ".join(inside)),
        rules.store("pulled", " || ".join(pulled)),
    ]
    update = [rules.assign("unchanged", " && ".join(unchanged))]
    for i in axes:
        update.append(
            rules.store(f"orbit[(t + 1) * {dim} + {i}] = theta{i}", f"next{i}")
        )
    functions = {
        name: printer.function(name, coordinates, formulas, "javascript").split("\n")
        for name, formulas in (
            ("loss", [loss]),
            ("gradient", gradient),
            ("hessian", hessian),
        )
    }
    return fill(
        _JAVASCRIPT,
        LOSS=functions["loss"],
        GRADIENT=functions["gradient"],
        HESSIAN=functions["hessian"],
        ROWS=[f"let pulled = false, {start};"],
        BODY=body,
        UPDATE=update,
        DIM=dim,
    )


# whether this process is the copy of one that may have started threads
_forked = False


def _note_fork() -> None:
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


def compiled(text: str) -> Callable:
    """The compiled loop of a module of this text: a function of the columns `theta`, the
    learning rates and what else its functions `serial` and `threaded` take.

    Both do the same arithmetic. Threads are started only where they help, for more than
    one block of trajectories, and never in a forked child, for instance of a
    `multiprocessing.Pool`: a copied process has its parent's thread pool without the
    threads, and would wait for them for ever or be ended by OpenMP.
    """
    module = _module(text)

    def run(theta: np.ndarray, lr: np.ndarray, *rest: Any) -> None:
        alone = _forked or lr.size <= module.BLOCK
        (module.serial if alone else module.threaded)(theta, lr, *rest)

    return run


@cache
def _module(text: str) -> ModuleType:
    """A module of this text; its file is named by the text's hash.

    One file for each text and never rewritten: numba keeps the machine code beside it.
    """
    name = "kernel_" + hashlib.sha256(text.encode()).hexdigest()[:20]
    path = cache_folder() / f"{name}.py"
    if not path.exists():
        write_whole(path, text)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: no module of Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba looks its functions up by module name
    spec.loader.exec_module(module)
    return module
