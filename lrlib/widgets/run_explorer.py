"""`RunExplorer`: recorded trainings to leaf through, at the learning rates and steps
that were recorded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from ..checks import whole
from ..records.excerpts import SERIES, excerpt, share_steps
from .base import Widget
from .controls import Choice, Stop, nearest

LIMIT = 100_000  # bytes of all series of a page
_PYTHON = """\
from lrlib import results

# made by: {command}
record = results.load("{name}")
runs = [run for run in record["runs"] if run["lr"] == {lr}]
edges = [results.edge(run) for run in runs]  # lr * sharpness / 2
"""


class RunExplorer(Widget):
    """Recorded runs of several networks: loss, lr * sharpness / 2 and weight norms, at
    one learning rate.

    Parameters
    ----------
    records
        Records as `lrlib.results.load` gives them, one for each network. Their series,
        thinned, take at most 100 kB of the page.
    authors
        Runs of others to lay over them, entries of a record's "runs" with a "case".
    case, lr, step
        What is shown first: index of a record, one of its learning rates (the largest
        by default), and one of its steps (the last by default).
    ident
        Name in links.

    ValueError where a record has no such learning rate, or the records are too long.
    """

    front = "run_explorer"
    title = "Recorded runs of networks"
    python = {"": _PYTHON}
    case = Choice("Networks", "titles", leading=True)
    lr = Stop("Learning rate", "rates", by="case", verb="recorded", scale="log")
    step = Stop("Step", "steps", by="case", whole=True)
    _cases: traitlets.List = traitlets.List().tag(sync=True)
    _grids: traitlets.List = traitlets.List().tag(sync=True)

    def __init__(
        self,
        records: Sequence[dict],
        *,
        authors: Sequence[dict] = (),
        case: int = 0,
        lr: float | None = None,
        step: int | None = None,
        **options: Any,
    ):
        self.cases = cases = [excerpt(record, authors) for record in records]
        if not cases:
            raise ValueError("records: got none; allowed are one or more records")
        entries, grids = share_steps(cases)
        if (size := len(json.dumps([entries, grids], separators=(",", ":")))) > LIMIT:
            raise ValueError(
                f"records: got series of {size} bytes; allowed are {LIMIT}: show "
                "fewer records on one page"
            )
        self.titles = [entry["title"] for entry in cases]
        self.rates = [entry["lrs"] for entry in cases]
        self.steps = [entry["steps"] for entry in cases]
        chosen = cases[whole("case", case, 0, len(cases) - 1)]
        super().__init__(
            "-".join(record["config"]["case"] for record in records),
            case=case,
            lr=chosen["lrs"][-1] if lr is None else lr,
            step=chosen["last"] if step is None else step,
            _cases=entries,
            _grids=grids,
            _sizes={"orders": len(cases), "columns": min(3, len(cases))},
            **options,
        )
        self._title = self.title

    @traitlets.observe("case")
    def _keep_recorded(self, change: dict) -> None:
        """Another network has other learning rates: take the nearest."""
        rates = self.rates[change["new"]]
        self.lr = min(rates, key=lambda rate: abs(np.log(rate / self.lr)))
        self.step = nearest(self.steps[change["new"]], self.step)

    def runs(self) -> list[dict]:
        """The runs on view, one for each seed, as the page has them."""
        return [run for run in self.cases[self.case]["runs"] if run["lr"] == self.lr]

    def values(self) -> list[dict[str, float]]:
        """Of each of these runs the numbers at the step on view, or the last before it
        diverged.
        """
        return [
            {
                name: run[name][1][run[name][0].index(nearest(run[name][0], self.step))]
                for name in SERIES
                if name in run
            }
            for run in self.runs()
        ]

    def outcome(self) -> str:
        """What the runs on view did, in words."""
        return self.cases[self.case]["told"][self.rates[self.case].index(self.lr)][2]

    def words(self) -> dict[str, str]:
        chosen = self.cases[self.case]
        return {"name": chosen["name"], "command": chosen["command"]}
