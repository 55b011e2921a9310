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
import sys
import tempfile
from functools import cache
from pathlib import Path

import sympy as sp

from ..checks import named
from . import printer, random

# points whose steps run together: they fill the vector units and stay in the
# first-level cache
BLOCK = 1024
STRIDE = 32  # steps between two looks at whether a block has stopped changing

_NUMBA = """\
import math
import numpy as np
from numba import njit, prange


@njit(cache=True, error_model="numpy")
def advance(here, rate, note, begin, end, bound, settled, seed, first, scale):
    m = rate.size
    @ROWS@
    for t in range(begin, end):
        for i in range(m):
            @BODY@
            alive = (note[i] >= 0) & inside
            note[i] = moved if alive else (-(t + 1) if note[i] >= 0 else note[i])
            @UPDATE@


@njit(parallel=True, cache=True, error_model="numpy")
def run(theta, lr, n_steps, bound, settled, seed, first, scale, state, record, every):
    dim, n = theta.shape
    for block in prange((n + BLOCK - 1) // BLOCK):
        low = block * BLOCK
        high = min(low + BLOCK, n)
        here, past = np.empty((dim, high - low)), np.empty((dim, high - low))
        for j in range(dim):
            for i in range(low, high):
                here[j, i - low] = past[j, i - low] = theta[j, i]
        step = 0
        while step < n_steps:
            end = min(step + (every if every > 0 else STRIDE), n_steps)
            rate = lr[low:high]
            note = state[low:high]
            advance(here, rate, note, step, end, bound, settled, seed, first + low, scale)
            step = end
            still = DETERMINISTIC
            for j in range(dim):
                for i in range(high - low):
                    if every > 0 and step % every == 0:
                        record[step // every, j, low + i] = here[j, i]
                    still &= here[j, i] == past[j, i]
                    past[j, i] = here[j, i]
            if still and every == 0 and n_steps - step > 4 * STRIDE:
                # back where it was STRIDE steps ago, so it will be after any multiple
                # of them
                step = n_steps - (n_steps - step) % STRIDE - 2 * STRIDE
        for j in range(dim):
            for i in range(low, high):
                theta[j, i] = here[j, i - low]
"""

_C = """\
#include <math.h>
#include <stdint.h>

void run(double *restrict theta, const double *restrict lr, int64_t n, int64_t n_steps,
         double bound, double settled, int64_t *restrict state) {
  for (int64_t low = 0; low < n; low += BLOCK) {
    int64_t m = n - low < BLOCK ? n - low : BLOCK;
    const double *restrict rate = lr + low;
    int64_t *restrict note = state + low;
    @ROWS@
    for (int64_t t = 0; t < n_steps; t++)
      for (int64_t i = 0; i < m; i++) {
        @BODY@
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
  for (let k = (t + 1) * DIM; k < (n + 1) * DIM; k++) orbit[k] = orbit[k - DIM];
  report.settled = pulled && !left ? n : last;
  return left;
}
@HESSIAN@
return { dim: DIM, loss, gradient, hessian, descend, report };
})()"""


def _fill(template: str, **parts) -> str:
    """Put lists of lines at ``@NAME@`` with the indentation that stands there, and
    words at ``NAME``.
    """
    out = []
    for line in template.split("\n"):
        key = line.strip().strip("@")
        if line.strip() == f"@{key}@" and key in parts:
            indent = line[: line.index("@")]
            out += [indent + text for text in parts[key]]
        else:
            out.append(line)
    text = "\n".join(out)
    for name in ("BLOCK", "STRIDE", "DIM", "DETERMINISTIC"):
        if name in parts:
            text = text.replace(name, str(parts[name]))
    return text


def _step_lines(coordinates, gradient, dialect: str) -> list[str]:
    """``theta0.. -> g0..``"""
    inner = [sp.Symbol(f"theta{i}", real=True) for i in range(len(coordinates))]
    formulas = [
        g.xreplace(dict(zip(coordinates, inner, strict=True))) for g in gradient
    ]
    return printer.statements(
        [f"g{i}" for i in range(len(inner))], formulas, dialect, taken=inner
    )


def _all(rules, text: str, dim: int, joint: str) -> str:
    size = rules.function("abs")
    return joint.join(text.replace("abs(", f"{size}(").format(i) for i in range(dim))


def source(
    coordinates, gradient, noise_kind: str | None, dialect: str = "numba"
) -> str:
    """The ensemble loop in "numba", or without noise in "c" (for comparison);
    `noise_kind` None, "uniform" or "normal".
    """
    template = named("dialect", dialect, {"numba": _NUMBA, "c": _C})
    named(
        "noise_kind",
        noise_kind,
        dict.fromkeys([None, *(random.KINDS if dialect == "numba" else ())]),
    )
    dim = len(coordinates)
    rules = printer.DIALECTS[dialect]
    body = [rules.assign.format(f"theta{i}", f"row{i}[i]") for i in range(dim)]
    body += _step_lines(coordinates, gradient, dialect)
    if noise_kind:
        lines, units = random.statements(noise_kind, dialect, range((dim + 1) // 2))
        body += ["index = first + i", *lines]
        body += [f"g{i} = g{i} + scale * {units[i]}" for i in range(dim)]
    body += [
        rules.assign.format(f"next{i}", f"theta{i} - rate[i] * g{i}")
        for i in range(dim)
    ]
    integer = "const int64_t {} = {};" if dialect == "c" else "{} = {}"
    body.append(
        integer.format("inside", _all(rules, "(abs(next{}) <= bound)", dim, " & "))
    )
    pulled = _all(rules, "(abs(g{}) > settled)", dim, " | ")
    body.append(
        integer.format("moved", rules.select.format(pulled, "t + 1", "note[i]"))
    )
    end = ";" if dialect == "c" else ""
    update = [
        f"row{i}[i] = " + rules.select.format("alive", f"next{i}", f"theta{i}") + end
        for i in range(dim)
    ]
    rows = [
        f"double *restrict row{i} = theta + {i} * n + low;"
        if end
        else f"row{i} = here[{i}]"
        for i in range(dim)
    ]
    return _fill(
        template,
        ROWS=rows,
        BODY=body,
        UPDATE=update,
        BLOCK=BLOCK,
        STRIDE=STRIDE,
        DETERMINISTIC=noise_kind is None,
    )


def javascript(coordinates, loss, gradient, hessian) -> str:
    """Expression that evaluates to ``{dim, loss, gradient, hessian, descend, report}``.

    ``descend(orbit, n, lr, scale, unit, bound, settled)`` fills ``orbit``, a
    Float64Array of ``(n + 1) * dim`` that starts with the starting point, and returns
    the step at which the bound was left, or 0; ``unit`` holds ``n * dim`` numbers of
    unit noise, or is null. It stops early at an exact fixed point, which cannot change
    the result. ``report.settled`` is the note above.
    """
    dim = len(coordinates)
    rules = printer.DIALECTS["javascript"]
    body = _step_lines(coordinates, gradient, "javascript")
    body += [
        f"const p{i} = unit ? g{i} + scale * unit[t * {dim} + {i}] : g{i};"
        for i in range(dim)
    ]
    body += [f"const next{i} = theta{i} - lr * p{i};" for i in range(dim)]
    body.append(f"const inside = {_all(rules, '(abs(next{}) <= bound)', dim, ' && ')};")
    body.append(f"pulled = {_all(rules, '(abs(p{}) > settled)', dim, ' || ')};")
    update = [
        f"const unchanged = {' && '.join(f'next{i} === theta{i}' for i in range(dim))};"
    ]
    update += [
        f"orbit[(t + 1) * {dim} + {i}] = theta{i} = next{i};" for i in range(dim)
    ]
    return _fill(
        _JAVASCRIPT,
        LOSS=printer.function("loss", coordinates, [loss], "javascript").split("\n"),
        GRADIENT=printer.function(
            "gradient", coordinates, gradient, "javascript"
        ).split("\n"),
        HESSIAN=printer.function("hessian", coordinates, hessian, "javascript").split(
            "\n"
        ),
        ROWS=[
            "let pulled = false, "
            + ", ".join(f"theta{i} = orbit[{i}]" for i in range(dim))
            + ";"
        ],
        BODY=body,
        UPDATE=update,
        DIM=dim,
    )


def _folder() -> Path:
    """Per-user folder of generated modules, so that a second process finds them
    compiled.
    """
    base = (
        os.environ.get("LRLIB_CACHE")
        or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lrlib"
    )
    try:
        folder = Path(base)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="lrlib-"))


@cache
def compiled(text: str):
    """The function ``run`` of a module of this text; the file is named by the text's
    hash.

    One file for each text and never rewritten: numba keeps the machine code beside it.
    """
    name = "kernel_" + hashlib.sha256(text.encode()).hexdigest()[:20]
    path = _folder() / f"{name}.py"
    if not path.exists():
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, path)
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba looks its functions up by module name
    spec.loader.exec_module(module)
    return module.run
