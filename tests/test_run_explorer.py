"""`RunExplorer`: what a page carries of records, what it refuses, and its poster."""

import json

import pytest

from lrlib import results
from lrlib.widgets import RunExplorer

RECORDS = ["six_networks-tanh-huber-cifar10", "six_networks-outer-huber-cifar10"]


def explorer(names=RECORDS, **options):
    return RunExplorer([results.load(name) for name in names], **options)


def test_every_number_of_the_page_is_one_of_the_record():
    widget = explorer(lr=2.5e-4, step=1500)
    record = [run for run in results.load(RECORDS[0])["runs"] if run["lr"] == 2.5e-4]
    assert len(widget.runs()) == len(record) == 3
    for shown, run in zip(widget.runs(), record, strict=True):
        whole = dict(
            zip(run["series"]["sharpness"]["step"], results.edge(run), strict=True)
        )
        for step, value in zip(*shown["edge"], strict=True):
            # rounded twice, to 5 digits and 4
            assert value == pytest.approx(whole[step], rel=5.5e-4)
    assert [set(numbers) for numbers in widget.values()] == [
        {"edge", "loss", "w1", "w2"}
    ] * 3


def test_words_agree_with_the_late_edge():
    record = results.load(RECORDS[0])
    assert all(
        f"{edge:.3f}" in explorer(lr=lr).outcome()
        for lr, edge in results.late_edge(record).items()
    )
    lost = explorer(case=1, lr=1.4e-5)
    step = min(run["step"] for run in lost.runs() if run["diverged"])
    assert lost.outcome() == f"1 of 3 seeds: diverged, first at step {step}"


def test_another_network_takes_its_nearest_learning_rate():
    widget = explorer(lr=1e-4, step=600)
    widget.case = 1
    assert widget.lr == 1.4e-5 and widget.step in widget.cases[1]["steps"]


def test_the_authors_are_cut_where_the_runs_end():
    authors = results.load("wang2025_authors")["runs"]
    theirs = [
        run for case in explorer(authors=authors).cases for run in case["authors"]
    ]
    assert {run["lr"] for run in theirs} >= {1e-4, 2.5e-4, 9e-4}
    assert 2000 < max(max(run["edge"][0]) for run in theirs) <= 3000


def test_copied_python_gives_the_runs():
    widget = explorer(lr=9e-4)
    space = {}
    exec(widget.python_call(), space)
    assert len(space["edges"]) == 3 and space["record"]["name"] == RECORDS[0]


def test_a_page_carries_little():
    widget = explorer()
    assert len(json.dumps([widget._cases, widget._grids]).encode()) < 100_000
    assert len(widget._poster.encode()) <= 24_000
    assert widget._poster.count('"lr-toggle"') == 2
    with pytest.raises(
        ValueError, match=r"records: got series of \d+ bytes; allowed are 100000"
    ):
        explorer(RECORDS * 6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"lr": 0.5},
            r"lr: got 0\.5; recorded of tanh, Huber are 0\.0001, 0\.00025, 0\.0009",
        ),
        ({"case": 2}, "case: got 2"),
        ({"ident": "a b"}, "ident: got 'a b'"),
        ({"names": []}, "records: got none"),
        ({"names": ["wang2025_authors"]}, "records: got 'wang2025_authors'"),
        ({"step": 3001}, "step: got 3001"),
    ],
)
def test_bad_values_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        explorer(**options)


def test_bad_values_are_refused_later_too():
    widget = explorer(lr=9e-4)
    with pytest.raises(ValueError, match="recorded of tanh"):
        widget.lr = 1e-3
    with pytest.raises(ValueError, match="step: got -5"):
        widget.step = -5
    widget.step = 17
    assert widget.step == nearest_recorded(widget, 17)


def nearest_recorded(widget, step):
    return min(
        widget.cases[widget.case]["steps"], key=lambda recorded: abs(recorded - step)
    )


@pytest.mark.parametrize(
    "late, words",
    [
        (1.18, "above the edge: 1.180"),
        (1.0, "at the edge: 1.000"),
        (0.98, "undecided: 0.980"),
        (0.8, "below the edge: 0.800"),
    ],
)
def test_words_for_places_near_the_edge(late, words):
    record = results.load(RECORDS[0])
    runs = [run | {"summary": {}} for run in record["runs"] if run["lr"] == 9e-4]
    for run in runs:
        pair = run["series"]["sharpness"]
        run["series"] = run["series"] | {
            "sharpness": pair | {"value": [2 * late / 9e-4] * len(pair["value"])}
        }
    shown = RunExplorer([record | {"runs": runs}]).outcome()
    assert shown == f"{words} late in the run"


def test_a_run_that_diverged_at_once_is_shown_without_a_curve():
    record = results.load(RECORDS[0])
    lost = {
        "lr": 9e-4,
        "seed": 9,
        "outcome": "diverged",
        "step": 0,
        "seconds": 0.0,
        "summary": {},
        "series": {},
    }
    widget = RunExplorer([record | {"runs": [*record["runs"], lost]}])
    assert (
        widget.outcome() == "1 of 4 seeds: diverged, first at step 0"
        and len(widget.runs()) == 4
    )
    with pytest.raises(ValueError, match="case: got 7"):
        widget.case = 7
    assert (widget.case, widget.lr) == (0, 9e-4)
