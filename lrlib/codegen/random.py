"""Counter-based noise: what trajectory `index` feels at step `t` is a function of
(seed, index, t).

The bits are Threefry-2x32 with 20 rounds (Salmon et al. 2011): only 32-bit add, xor and
rotate, so numpy, numba and JavaScript agree. The program is written once, below, and
printed for each language; its floating-point part uses ``+ - * / sqrt`` and selections,
which IEEE 754 fixes.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ..checks import lookup, whole
from .dialects import DIALECTS

KINDS = ("uniform", "normal")
_ROTATIONS = (13, 15, 26, 6, 17, 29, 16, 24)


class _Program:
    """Collects assignments in one dialect; names carry the prefix ``n_``."""

    def __init__(self, dialect: str):
        self.rules = DIALECTS[dialect]
        self.lines: list[str] = []

    def put(self, text: str) -> str:
        name = f"n_{len(self.lines) + 1}"
        self.lines.append(self.rules.assign(name, text))
        return name

    def word(self, text: str) -> str:
        return self.put(self.rules.word(text))

    def const(self, value: int) -> str:
        return self.rules.word_constant(value)

    def select(self, condition: str, yes: str, no: str) -> str:
        return self.put(self.rules.select(condition, yes, no))

    def threefry(
        self, key: tuple[str, str], counter: tuple[str, str]
    ) -> tuple[str, str]:
        k0, k1, x0, x1 = (self.word(v) for v in (*key, *counter))
        keys = (k0, k1, self.word(f"{k0} ^ {k1} ^ {self.const(0x1BD11BDA)}"))
        x0 = self.word(f"{x0} + {k0}")
        x1 = self.word(f"{x1} + {k1}")
        for r in range(20):
            left, right = (
                self.const(s) for s in (_ROTATIONS[r % 8], 32 - _ROTATIONS[r % 8])
            )
            x0 = self.word(f"{x0} + {x1}")
            shifted_left = self.word(f"{x1} << {left}")
            shifted_right = self.word(f"{x1} {self.rules.right_shift} {right}")
            x1 = self.word(f"{shifted_left} | {shifted_right}")
            x1 = self.word(f"{x1} ^ {x0}")
            if r % 4 == 3:
                j = r // 4 + 1
                x0 = self.word(f"{x0} + {keys[j % 3]}")
                x1 = self.word(
                    f"{self.word(f'{x1} + {keys[(j + 1) % 3]}')} + {self.const(j)}"
                )
        return x0, x1

    def uniform(self, word: str) -> str:
        """Midpoints of 2**32 equal cells of (-1, 1)."""
        return self.put(f"({self.rules.double(word)} + 0.5) * {2.0**-31!r} - 1.0")

    def log(self, mantissa: str, shift: float) -> str:
        """log(n) + shift * log(2) for n in [1, 2**32]: halve into [sqrt(1/2), sqrt(2)),
        then atanh.
        """
        exponent = self.put(repr(float(shift)))
        for k in (16, 8, 4, 2, 1, 1):
            limit = repr(2.0**k)
            exponent = self.select(
                f"{mantissa} >= {limit}", f"{exponent} + {float(k)!r}", exponent
            )
            mantissa = self.select(
                f"{mantissa} >= {limit}", f"{mantissa} * {2.0**-k!r}", mantissa
            )
        root = repr(2.0**0.5)
        exponent = self.select(f"{mantissa} >= {root}", f"{exponent} + 1.0", exponent)
        mantissa = self.select(f"{mantissa} >= {root}", f"{mantissa} * 0.5", mantissa)
        s = self.put(f"({mantissa} - 1.0) / ({mantissa} + 1.0)")
        z = self.put(f"{s} * {s}")
        series = "0.0"
        for k in range(21, 0, -2):
            series = self.put(f"{series} * {z} + {1.0 / k!r}")
        return self.put(f"{exponent} * {np.log(2.0).item()!r} + 2.0 * {s} * {series}")

    def circle(self, word: str) -> tuple[str, str]:
        """cos and sin of a turn of ``word / 2**32``: quadrant from two bits, Taylor on
        the rest.
        """
        turned = self.word(f"{word} + {self.const(2**29)}")
        quadrant = self.word(f"{turned} {self.rules.right_shift} {self.const(30)}")
        rest = self.word(f"{turned} & {self.const(2**30 - 1)}")
        angle = self.put(
            f"({self.rules.double(rest)} - {2.0**29!r}) * {2 * np.pi * 2.0**-32!r}"
        )
        z = self.put(f"{angle} * {angle}")
        c = "0.0"
        s = "0.0"
        for k in range(18, 0, -2):
            c = self.put(f"(1.0 + {c}) * ({z} * {-1.0 / (k * (k - 1))!r})")
        for k in range(19, 1, -2):
            s = self.put(f"(1.0 + {s}) * ({z} * {-1.0 / (k * (k - 1))!r})")
        c = self.put(f"1.0 + {c}")
        s = self.put(f"{angle} * (1.0 + {s})")
        odd = f"{self.word(f'{quadrant} & {self.const(1)}')} == {self.const(1)}"
        c, s = self.select(odd, f"-{s}", c), self.select(odd, c, s)
        half = f"{quadrant} >= {self.const(2)}"
        return self.select(half, f"-{c}", c), self.select(half, f"-{s}", s)


def statements(kind: str, dialect: str, pairs) -> tuple[list[str], list[str]]:
    """Assignments from `seed`, `index`, `t`, and the names that hold unit noise, two
    for each pair of coordinates.
    """
    lookup("kind", kind, dict.fromkeys(KINDS))
    program = _Program(dialect)
    values = []
    for pair in pairs:
        a, b = program.threefry(("seed", str(pair)), ("index", "t"))
        if kind == "uniform":
            values += [program.uniform(a), program.uniform(b)]
            continue
        logarithm = program.log(program.put(f"{program.rules.double(a)} + 1.0"), -32.0)
        radius = program.put(f"{program.rules.function('sqrt')}(-2.0 * {logarithm})")
        values += [program.put(f"{radius} * {v}") for v in program.circle(b)]
    return program.lines, values


@cache
def _numpy(kind: str, dim: int):
    lines, values = statements(kind, "numpy", range((dim + 1) // 2))
    space = {"np": np}
    result = f"return np.stack([{', '.join(values[:dim])}], -1)"
    exec("\n    ".join(["def unit(seed, index, t):", *lines, result]), space)
    return space["unit"]


def unit(kind: str, seed: int, index, t, dim: int = 1) -> np.ndarray:
    """Unit noise (half-width 1, or standard deviation 1) of shape (*broadcast of index
    and t, dim).
    """
    whole("seed", seed, 0, 2**32 - 1)
    index, t = np.broadcast_arrays(
        np.asarray(index, np.uint32), np.asarray(t, np.uint32)
    )
    flat = _numpy(kind, dim)(
        np.full(max(index.size, 1), seed, np.uint32), index.ravel(), t.ravel()
    )
    return flat.reshape(*index.shape, dim)


@cache
def javascript() -> str:
    """Expression that evaluates to ``{uniform, normal}``: ``(seed, index, n, dim) ->
    Float64Array(n * dim)``.
    """
    entries = []
    for kind in KINDS:
        body, values = statements(kind, "javascript", ["pair"])
        entries.append(
            f"{kind}(seed, index, n, dim) {{\nconst out = new Float64Array(n * dim);\n"
            "for (let t = 0; t < n; t++) for (let pair = 0; 2 * pair < dim; pair++) {\n"
            + "\n".join(body)
            + f"\nout[t * dim + 2 * pair] = {values[0]};\n"
            "if (2 * pair + 1 < dim) out[t * dim + 2 * pair + 1] = "
            f"{values[1]};\n}}\nreturn out;\n}}"
        )
    return "({\n" + ",\n".join(entries) + "\n})"
