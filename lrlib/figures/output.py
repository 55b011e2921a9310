"""Colours by meaning, axes in the book's style, and output that follows the reader's
theme.
"""

from __future__ import annotations

import html
import io
import itertools
import re

import matplotlib
import matplotlib.pyplot as plt

INK = "#101418"
PAPER = "#fefefe"
THRESHOLD = "#6b7078"
DESCENT = "#0072b2"
UNSTABLE = "#d55e00"
FLOW = "#009e73"
NOISE = "#cc79a7"
_THEMED = {
    INK: "currentColor",
    "#000000": "currentColor",
    PAPER: "var(--pst-color-background, var(--jp-layout-color0, white))",
    DESCENT: "var(--lr-descent, #0072b2)",
    UNSTABLE: "var(--lr-unstable, #d55e00)",
    FLOW: "var(--lr-flow, #009e73)",
    NOISE: "var(--lr-noise, #cc79a7)",
    THRESHOLD: "var(--lr-threshold, #6b7078)",
}
_serial = itertools.count(1)
_MANY = 500  # corners


def _hundredths(value: int) -> str:
    return re.sub(r"^(-?)0(?=\.)", r"\1", f"{value / 100:.2f}".rstrip("0").rstrip("."))


def _relative(path: str) -> str:
    """Absolute corners and curves as steps, in hundredths of a point: pages carry them,
    and equal shapes become equal text. Tenths have to do for a line of many corners. A
    corner where the line goes straight on along an axis is left out. Paths of other
    commands stay.
    """
    if re.search(r"[^MLCz\s\d.-]", path):
        return path
    unit = 10 if path.count("L") > _MANY else 1  # hundredths of a point
    steps: list[tuple] = []  # (command, hundredths, ...)
    before = 0, 0
    for command, numbers in re.findall("([MLCz])([^MLCz]*)", path):
        if command == "z":
            steps.append(("z",))
            continue
        places = [unit * round(100 / unit * float(v)) for v in numbers.split()]
        moves = [now - before[i % 2] for i, now in enumerate(places)]
        if command == "M":
            steps.append(("M", *places))
        elif command == "C":
            steps.append(("c", *moves))
        else:
            _go_on(steps, *moves)
        before = places[-2], places[-1]
    return "".join(
        command + " ".join(map(_hundredths, numbers)) for command, *numbers in steps
    )


def _go_on(steps: list[tuple], right: int, down: int) -> None:
    """Add a step to `steps`, or lengthen the last one where it has the same direction
    along an axis.
    """
    if right and down:
        steps.append(("l", right, down))
        return
    command, length = ("v", down) if down else ("h", right)
    last, *moved = steps[-1]
    if last == command and moved[0] * length > 0:
        steps[-1] = (command, moved[0] + length)
    elif length or last == "M":  # a point alone is a dot
        steps.append((command, length))


class Figure:
    """A finished figure as inline SVG: sharp at any size, its colours are the page's."""

    def __init__(self, figure, alt: str):
        self.alt = alt
        buffer = io.StringIO()
        salt = f"lr{next(_serial)}"
        with matplotlib.rc_context({"svg.hashsalt": salt, "svg.fonttype": "none"}):
            figure.savefig(
                buffer, format="svg", metadata={"Date": None, "Creator": None}
            )
        plt.close(figure)
        self.svg = self._themed(buffer.getvalue(), salt)

    def _themed(self, svg: str, salt: str) -> str:
        svg = svg[svg.index("<svg") :]
        svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
        # of the root: the page decides
        svg = re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)
        # matplotlib's style sheet, "*{stroke-linejoin: round; ...}", would rule the
        # whole page
        svg, rules = (
            re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.S),
            re.findall(r"\*\{([^}]*)\}", svg),
        )
        svg = svg.replace("<svg", f'<svg style="{";".join(rules)}"', 1)
        for colour, themed in _THEMED.items():
            svg = re.sub(colour, themed, svg, flags=re.I)
        names = re.findall(r'id="([^"]+)"', svg)
        # several figures share a page, ids must not
        for name in sorted(set(names), key=len, reverse=True):
            used = f"#{name}" in svg
            new = f' id="{salt}-{name}"' if used else ""
            svg = svg.replace(f' id="{name}"', new).replace(
                f'"#{name}"', f'"#{salt}-{name}"'
            )
            svg = svg.replace(f"url(#{name})", f"url(#{salt}-{name})")
        svg = re.sub(r'(?<= d=")[^"]*', lambda path: _relative(path[0]), svg)
        svg = re.sub(
            r'(?<= )(d|x|y|points|transform)="[^"]*"',
            lambda m: re.sub(r"(\.\d\d)\d+", r"\1", m[0]),
            svg,
        )
        svg = re.sub(r"\s*\n\s*", "\n", svg)
        label = (
            f'class="lr-svg" role="img" aria-label="{html.escape(self.alt)}" '
            'fill="currentColor"'
        )
        return svg.replace("<svg", f"<svg {label}", 1)

    def _repr_html_(self) -> str:
        return (
            '<div class="lr-figure" role="group" aria-label="Figure" '
            f'tabindex="0">{self.svg}</div>'
        )

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"


def axes(
    columns: int = 1, height: float = 3.0, width: float = 7.0, rows: int = 1, **options
):
    """Figure and axes in the book's style."""
    with plt.style.context("lrlib.book"):
        return plt.subplots(rows, columns, figsize=(width, height), **options)


def show(figure, alt: str) -> Figure:
    """Close `figure` and hand it to the page; `alt` says in words what it shows."""
    with plt.style.context("lrlib.book"):
        return Figure(figure, alt)
