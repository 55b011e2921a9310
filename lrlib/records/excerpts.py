"""What a page carries of records: series thinned further, a verdict in words for each
learning rate, and the steps of all series listed once.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import edge, store

SHOWN = 61  # points of a series: a page carries all of them
# mark and colour of each place relative to the edge
MARKS = {
    edge.AT: ("periodic", "oscillating"),
    edge.OVER: ("periodic", "oscillating"),
    edge.UNDER: ("converged", "descent"),
    edge.UNDECIDED: ("bounded", "wandering"),
}
DIGITS = {"edge": 4, "loss": 4, "w1": 5, "w2": 5}  # norms change little
SERIES = {"edge": "sharpness", "loss": "loss", "w1": "w1_norm", "w2": "w2_norm"}


def excerpt_of_run(run: dict, last: int) -> dict:
    """What a page needs of one run up to step `last`: {"lr", "step", "diverged", name:
    [steps, values]}.
    """
    found = {
        "lr": run["lr"],
        "step": run["step"],
        "diverged": run["outcome"] == "diverged",
    }
    for name, source in SERIES.items():
        series = run["series"].get(source)
        if not series or not series["step"]:
            continue
        values = store.edge(run) if name == "edge" else series["value"]
        steps = [step for step in series["step"] if step <= last]
        thinned = store.thin(steps, values[: len(steps)], SHOWN)
        rounded = [float(f"{v:.{DIGITS[name]}g}") for v in thinned["value"]]
        found[name] = [thinned["step"], rounded]
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
    place = edge.place_of_seeds(runs)
    late = store.late_edge(record)[lr]
    return [*MARKS[place], f"{place}: {late:.3f} late in the run"]


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


def excerpt(record: dict, authors: Iterable[dict] = ()) -> dict:
    """What a page needs of a record: names, learning rates with their verdicts, our
    runs and the authors'.
    """
    last = record["config"].get("n_steps")
    label = record["config"].get("case")
    lrs = sorted({run["lr"] for run in record["runs"]})
    ours = (
        [excerpt_of_run(run, last) for run in record["runs"]] if last and label else []
    )
    steps = max(
        (run["edge"][0] for run in ours if "edge" in run), key=len, default=None
    )
    if steps is None:
        allowed = (
            "a record of `lrlib.run`, with a run of which the sharpness was recorded"
        )
        raise ValueError(f"records: got {record['name']!r}; allowed is {allowed}")
    theirs = [
        excerpt_of_run(run, last)
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


def share_steps(cases: list[dict]) -> tuple[list[dict], list[list[int]]]:
    """These excerpts with an index in place of each list of steps, and these lists: most
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
