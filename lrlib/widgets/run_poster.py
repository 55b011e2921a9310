"""The poster of a `RunExplorer`; see `poster`."""

from __future__ import annotations

from html import escape

import numpy as np

from .poster import SIZE, _path, _picture

# as in run_explorer.js
PANELS = (("edge",), 0.42), (("loss",), 0.28), (("w1", "w2"), 0.3)
TITLE = 0.06  # of the picture, about what the words above a panel take
POINTS = 31  # of a series
# as in run_explorer.js
GAP = 0.1
NORMS = (0.97, 1.03)


def body(widget) -> str:
    """Buttons, the three panels at the default state, and the places of the controls."""
    case = widget.cases[widget.case]
    theirs = [run for run in case["authors"] if run["lr"] == widget.lr]
    drawn = ""
    top = 0.0
    for keys, share in PANELS:
        ends = _ends(case, keys)
        for run, style in [
            (run, 'stroke="var(--w-noise)" stroke-dasharray="6 4"') for run in theirs
        ] + [(run, 'stroke="var(--w-descent)"') for run in widget.runs()]:
            for key in keys:
                if key in run:
                    points = _points(
                        run[key], case["last"], keys, ends, (top + TITLE, top + share)
                    )
                    drawn += "".join(
                        f'<path d="{_path(piece)}" {style}/>'
                        for piece in _pieces(points)
                    )
        top += share
        drawn += f'<path d="M0 {round(SIZE * top)}H{SIZE}" stroke="var(--w-rule)"/>'
    buttons = "".join(
        f'<span class="lr-toggle">{escape(entry["title"])}</span>'
        for entry in widget.cases
    )
    rows = '<div class="lr-slider"></div>' * 2
    controls = f'<div class="lr-controls">{rows}<div class="lr-actions"></div></div>'
    return f'<div class="lr-toggles">{buttons}</div>{_picture(drawn)}{controls}'


def _heights(values, keys) -> np.ndarray:
    """As the panel has them: the edge as it is, the loss by its logarithm, norms as
    shares of the first.
    """
    values = np.asarray(values, float)
    return (
        values
        if "edge" in keys
        else np.log(values)
        if "loss" in keys
        else values / values[0]
    )


def _ends(case: dict, keys) -> tuple[float, float]:
    """Ends of a panel, the same for all learning rates of a network."""
    if "edge" in keys:
        return 0.0, case["ceiling"]
    heights = [
        _heights(run[key][1], keys)
        for run in case["runs"] + case["authors"]
        for key in keys
        if key in run
    ]
    if "loss" not in keys:
        heights.append(np.array(NORMS))
    return float(min(map(np.min, heights))), float(max(map(np.max, heights)))


def _points(
    series, last: int, keys, ends: tuple[float, float], sides: tuple[float, float]
) -> list[tuple[int, int]]:
    (steps, values), (top, bottom) = series, sides
    kept = np.unique(
        np.linspace(0, len(steps) - 1, min(POINTS, len(steps))).round().astype(int)
    )
    share = np.clip(
        (_heights(values, keys)[kept] - ends[0]) / (ends[1] - ends[0] or 1), 0, 1.05
    )
    x = SIZE * np.asarray(steps)[kept] / last
    y = SIZE * (bottom - 0.014 - share * (bottom - 0.014 - top))
    return [(round(a), round(b)) for a, b in zip(x, y, strict=True)]


def _pieces(points: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Cut where samples are far apart; what is left alone is no line."""
    cuts = [
        i for i in range(1, len(points)) if points[i][0] - points[i - 1][0] > GAP * SIZE
    ]
    return [
        points[a:b]
        for a, b in zip([0, *cuts], [*cuts, len(points)], strict=True)
        if b - a > 1
    ]
