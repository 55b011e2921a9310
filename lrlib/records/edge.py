"""Whether a run trains at the edge of stability: one rule for every record of the book.

The quantity is lr * sharpness / 2 in the second half of a run. The rule looks at its
median and at its highest value there:

- *at* the edge: it touches 1, and its median lies between `BELOW` and `ABOVE`;
- *below*: it never comes above `BELOW`;
- *above*: its median is beyond `ABOVE`; the run has not settled;
- *undecided*: anything else, a plateau just under the edge among them.

`TOUCHING` is 1 less the tolerance of our sharpness. The other two bounds were read off the
curves that the authors of [W] published, before the rule met ours; `six_networks` shows
them. A verdict is about the run as long as it was: what creeps upwards may arrive later.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from . import store

TOUCHING = 0.999
BELOW = 0.95
ABOVE = 1.1

AT = "at the edge"
UNDER = "below the edge"
OVER = "above the edge"
UNDECIDED = "undecided"


def place(middle: float, highest: float) -> str:
    """Where a run lies whose lr * sharpness / 2 has this median and this highest value
    in its second half.
    """
    if highest < BELOW:
        return UNDER
    if middle > ABOVE:
        return OVER
    if highest >= TOUCHING and middle >= BELOW:
        return AT
    return UNDECIDED


def late(steps: ArrayLike, values: ArrayLike, last: int) -> tuple[float, float]:
    """Median and highest of `values`, lr * sharpness / 2 at `steps`, in the second half
    of a run that ends at step `last`.
    """
    half = np.asarray(values)[store.late(steps, last)]
    return float(np.median(half)), float(half.max())


def late_of_run(run: dict) -> tuple[float, float]:
    """Median and highest lr * sharpness / 2 in the second half of one entry of a
    record's "runs": as noted there, or else from its series.
    """
    noted = run["summary"]
    if "late_edge_highest" in noted:
        return noted["late_edge_median"], noted["late_edge_highest"]
    return late(run["series"]["sharpness"]["step"], store.edge(run), run["step"])


def place_of_run(run: dict) -> str:
    """Where one finished entry of a record's "runs" lies."""
    return place(*late_of_run(run))


def place_of_seeds(runs: Iterable[dict]) -> str:
    """Where the seeds of one learning rate lie: where all of them do, or *at* the edge
    where most of them are.

    Raises
    ------
    ValueError
        Where no run is finished.
    """
    found = [place_of_run(run) for run in runs if run["outcome"] == "finished"]
    if not found:
        raise ValueError("runs: got none that is finished; allowed are one or more")
    if 2 * found.count(AT) > len(found):
        return AT
    return found[0] if len(set(found)) == 1 else UNDECIDED


def place_by_rate(runs: Iterable[dict]) -> dict[float, str]:
    """For each learning rate at which a run is finished, in rising order: where its
    seeds lie.
    """
    finished = [run for run in runs if run["outcome"] == "finished"]
    rates = sorted({run["lr"] for run in finished})
    return {
        lr: place_of_seeds(run for run in finished if run["lr"] == lr) for lr in rates
    }


def trains_at_edge(runs: Iterable[dict]) -> bool | None:
    """Whether a network trains at the edge, from its runs at several learning rates.

    True where the seeds of some learning rate are at the edge. False where those of none
    are, and those of the largest that it survives are below although each of them had
    been beyond the edge. None where that decides nothing.
    """
    finished = [run for run in runs if run["outcome"] == "finished"]
    places = place_by_rate(finished)
    if AT in places.values():
        return True
    largest = max(places)
    entered = all(store.edge(run).max() > 1 for run in finished if run["lr"] == largest)
    return False if places[largest] == UNDER and entered else None
