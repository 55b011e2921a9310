"""`RunExplorer`: recorded trainings to leaf through, at the learning rates and steps
that were recorded.
"""

from __future__ import annotations

import json

import numpy as np
import traitlets

from ..checks import whole
from ..records import store
from .base import Widget
from .controls import Choice, Stop, nearest

SHOWN = 61  # points of a series: a page carries all of them
# ends of what is near the edge, in lr * sharpness / 2
PLATEAU = 0.9
ABOVE = 1.05
RISING = 0.02  # share of steps that raise the loss, from which on a run is not at rest
LIMIT = 100_000  # bytes of all series of a page
DIGITS = {"edge": 4, "loss": 4, "w1": 5, "w2": 5}  # norms change little
SERIES = {"edge": "sharpness", "loss": "loss", "w1": "w1_norm", "w2": "w2_norm"}
_PYTHON = """\
from lrlib import results

# made by: {command}
record = results.load("{name}")
runs = [run for run in record["runs"] if run["lr"] == {lr}]
edges = [results.edge(run) for run in runs]  # lr * sharpness / 2
"""


def page_run(run: dict, last: int) -> dict:
    """What a page needs of one run up to step `last`: {"lr", "step", "diverged", name:
    [steps, values]}.
    """
    found = {
        "lr": run["lr"],
        "step": run["step"],
        "diverged": run["outcome"] == "diverged",
    }
    for name, source in SERIES.items():
        if source in run["series"] and run["series"][source]["step"]:
            values = (
                store.edge(run) if name == "edge" else run["series"][source]["value"]
            )
            steps = [step for step in run["series"][source]["step"] if step <= last]
            series = store.thin(steps, values[: len(steps)], SHOWN)
            found[name] = [
                series["step"],
                [float(f"{v:.{DIGITS[name]}g}") for v in series["value"]],
            ]
    return found


def verdict(record: dict, lr: float) -> list[str]:
    """What the runs at `lr` did: mark, colour and words."""
    runs = [run for run in record["runs"] if run["lr"] == lr]
    lost = [run["step"] for run in runs if run["outcome"] == "diverged"]
    if lost:
        return [
            "diverged",
            "unstable",
            f"{len(lost)} of {len(runs)} seeds: diverged, first at step {min(lost)}",
        ]
    edge = store.late_edge(record)[lr]
    place = _place(
        edge, float(np.median([run["summary"].get("late_rises", 0.0) for run in runs]))
    )
    kind = (
        ["converged", "descent"]
        if place in ("below", "just under")
        else ["periodic", "oscillating"]
    )
    return [*kind, f"{place} the edge: {edge:.3f} late in the run"]


def _place(edge: float, rises: float) -> str:
    """Where lr * sharpness / 2 lies; what still throws the loss up has not come to rest
    under the edge.
    """
    if edge > ABOVE:
        return "above"
    if edge > store.EDGE:
        return "at"
    if edge > PLATEAU:
        return "about" if rises > RISING else "just under"
    return "below"


def ceiling(runs: list[dict], last: int) -> float:
    """Top of the panel of lr * sharpness / 2: what comes after the first tenth fits, up
    to 3.
    """
    later = [
        v
        for run in runs
        if "edge" in run
        for step, v in zip(*run["edge"], strict=True)
        if step > last / 10
    ]
    return min(3.0, max([1.6, *later]))


def page_case(record: dict, authors: list[dict]) -> dict:
    """What a page needs of a record: names, learning rates with their verdicts, our
    runs and the authors'.
    """
    last = record["config"].get("n_steps")
    label = record["config"].get("case")
    lrs = sorted({run["lr"] for run in record["runs"]})
    ours = [page_run(run, last) for run in record["runs"]] if last and label else []
    steps = max(
        (run["edge"][0] for run in ours if "edge" in run), key=len, default=None
    )
    if steps is None:
        allowed = (
            "a record of `lrlib.run`, with a run of which the sharpness was recorded"
        )
        raise ValueError(f"records: got {record['name']!r}; allowed is {allowed}")
    theirs = [
        page_run(run, last)
        for run in authors
        if run.get("case") == label and run["lr"] in lrs
    ]
    return {
        "name": record["name"],
        "title": record["title"],
        "command": record["provenance"]["command"],
        "last": last,
        "lrs": lrs,
        "told": [verdict(record, lr) for lr in lrs],
        "steps": steps,
        "ceiling": ceiling(ours + theirs, last),
        "runs": ours,
        "authors": theirs,
    }


def packed(cases: list[dict]) -> tuple[list[dict], list[list[int]]]:
    """The cases with an index in place of each list of steps, and these lists: most
    series share theirs.
    """
    grids: list[list[int]] = []

    def pack(run: dict) -> dict:
        series = {name: run[name] for name in SERIES if name in run}
        for steps, _ in series.values():
            if steps not in grids:
                grids.append(steps)
        return run | {
            name: [grids.index(steps), values]
            for name, (steps, values) in series.items()
        }

    return [
        case | {key: [pack(run) for run in case[key]] for key in ("runs", "authors")}
        for case in cases
    ], grids


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
    _cases = traitlets.List().tag(sync=True)
    _grids = traitlets.List().tag(sync=True)

    def __init__(self, records, *, authors=(), case=0, lr=None, step=None, **options):
        self.cases = cases = [page_case(record, list(authors)) for record in records]
        if not cases:
            raise ValueError("records: got none; allowed are one or more records")
        entries, grids = packed(cases)
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
    def _keep_recorded(self, change):
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
