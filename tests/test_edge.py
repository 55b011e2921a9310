"""The rule that says whether a run trains at the edge of stability: on the authors' curves
it gives what they say, and its bounds are not at a brink.
"""

import pytest

from lrlib import experiments, results
from lrlib.records import edge

# what [W] says of the networks: the six by Figure 11, the two-layer exception by Appendix
# F.1, the normalised ones by Figure 13
SAID = {
    "tanh-huber": True,
    "tanh-mse": True,
    "relu-huber": True,
    "relu-mse": False,
    "relu3-mse": False,
    "outer-huber": False,
    "relu3-huber": True,
    "relu-mse-bn": True,
    "relu3-mse-bn": True,
    "outer-huber-bn": True,
}
OURS = SAID | {"relu3-huber": False, "relu-mse-bn": False, "outer-huber-bn": None}


def verdicts():
    authors = results.load("wang2025_authors")["runs"]
    theirs = {
        label: edge.trains_at_edge(run for run in authors if run["case"] == label)
        for label in SAID
    }
    own = {
        label: edge.trains_at_edge(results.load(f"{name}-{label}-cifar10")["runs"])
        for name, cases in experiments.EXPERIMENTS.items()
        for label in cases
    }
    return theirs, own


def test_the_authors_curves_give_what_they_say():
    assert verdicts() == (SAID, OURS)


@pytest.mark.parametrize(
    "name, value",
    [("BELOW", 0.94), ("BELOW", 0.96), ("BELOW", 0.975), ("ABOVE", 1.06)]
    + [("ABOVE", 1.15), ("TOUCHING", 0.998), ("TOUCHING", 0.9995)],
)
def test_no_verdict_hangs_on_a_bound(monkeypatch, name, value):
    monkeypatch.setattr(edge, name, value)
    assert verdicts() == (SAID, OURS)


@pytest.mark.parametrize(
    "middle, highest, place",
    [
        (1.0, 1.01, edge.AT),
        (0.96, 0.999, edge.AT),
        (0.94, 1.01, edge.UNDECIDED),  # it touches the edge now and then
        (0.98, 0.998, edge.UNDECIDED),  # a plateau just under it
        (0.9, 0.949, edge.UNDER),
        (1.11, 1.5, edge.OVER),
    ],
)
def test_places(middle, highest, place):
    assert edge.place(middle, highest) == place


def run(lr, values, outcome="finished"):
    pair = {"step": [0, 50, 100], "value": [2 * value / lr for value in values]}
    return {
        "lr": lr,
        "outcome": outcome,
        "step": 100,
        "summary": {},
        "series": {"sharpness": pair},
    }


def test_most_seeds_must_be_at_the_edge_and_all_below_it():
    at = run(0.1, [2, 1.0, 1.0])
    below = run(0.1, [2, 0.5, 0.5])
    assert edge.place_of_seeds([at, at, below]) == edge.AT
    assert edge.place_of_seeds([at, below]) == edge.UNDECIDED
    assert edge.place_of_seeds([below, below]) == edge.UNDER
    assert edge.place_of_seeds([at, run(0.1, [2, 2, 2], "diverged")]) == edge.AT
    with pytest.raises(ValueError, match="runs: got none"):
        edge.place_of_seeds([run(0.1, [2, 2, 2], "diverged")])


def test_a_network_that_never_was_beyond_the_edge_decides_nothing():
    assert edge.trains_at_edge([run(0.1, [0.2, 0.5, 0.5])]) is None
    assert edge.trains_at_edge([run(0.1, [1.2, 0.5, 0.5])]) is False
    thrown = run(0.2, [1.5, 0.97, 0.97])
    assert edge.trains_at_edge([run(0.1, [1.2, 0.5, 0.5]), thrown]) is None
