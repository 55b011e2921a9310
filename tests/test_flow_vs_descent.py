"""`FlowVsDescent`: traits, bad input, poster, and its JavaScript flows against solve_ivp."""

import json

import numpy as np
import pytest
from cases import Balance

from lrlib import Landscape, modified_flow, zoo
from lrlib.descent.flows import modified_source
from lrlib.descent.stepping import BOUND
from lrlib.widgets import FlowVsDescent, linker

FOLLOW = """%s
return data.cases.map(({ lr, start, order, time }) => {
  const grid = flowGrid(lr, time);
  const field = modifiedField(evaluate(data.terms), lr, order);
  const { left, path } = followFlow(field, start, grid, data.bound);
  return { ...grid, left, path: Array.from(path) };
});
"""


@pytest.fixture
def follow(node):
    """A function of terms in JavaScript and of cases: the flows that the page computes."""
    module = linker.Linker()
    module.add(linker.HOME / "engine" / "flow.js")
    body = FOLLOW % module.take()
    return lambda terms, cases: node(
        body, {"terms": f"({terms})", "cases": cases, "bound": BOUND}
    )


def widget(landscape=zoo.quadratic, **changes):
    return FlowVsDescent(landscape, **{"lr": 0.5, "start": 1.0} | changes)


@pytest.mark.parametrize(
    "landscape, starts, lrs",
    [
        (zoo.quadratic, (1.0, -2.1), (0.05, 0.5, 1.5, 2.4)),
        (zoo.quartic, (1.0, -1.3), (0.05, 0.3, 0.9)),
        (zoo.cosine_well, (2.9, -0.4), (0.1, 0.7, 2.4)),
        (zoo.square_root_bowl, (2.5,), (0.1, 1.0, 3.0)),
    ],
)
def test_flows_of_the_page_agree_with_solve_ivp(landscape, starts, lrs, follow):
    cases = [
        dict(lr=lr, start=s, order=p, time=12.6)
        for lr in lrs
        for s in starts
        for p in range(4)
    ]
    answers = follow(modified_source(landscape, 3, "javascript"), cases)
    for case, found in zip(cases, answers, strict=True):
        times = found["spacing"] * np.arange(found["count"] + 1)
        assert times[-1] >= case["time"] - 1e-9
        assert found["steps"] == int(case["time"] / case["lr"] + 1e-9)
        call = {"lr": case["lr"], "order": case["order"]}
        flow = modified_flow(landscape, case["start"], times=times, **call)
        assert (flow.left is None) == np.isinf(found["left"]), case
        if flow.left is None:
            path = flow.path[:, 0]
            np.testing.assert_allclose(found["path"], path, atol=1e-6, rtol=0)


def test_a_blow_up_in_the_page_is_told_with_its_time(follow):
    case = {"lr": 0.1, "start": 1.0, "order": 0, "time": 2}
    (found,) = follow("(x) => [x * x * x, 0]", [case])
    assert found["left"] == pytest.approx(0.5, abs=0.01)
    assert np.isfinite(found["path"]).all()


def test_state_holds_what_a_page_needs():
    state = widget(orders=(0, 2)).get_state()
    assert (state["orders"], state["shown"]) == ([0, 2], 3)
    assert [flow["name"] for flow in state["_flows"]] == ["gradient flow", "order 2"]
    assert "function terms(x)" in state["_formulas"]["terms"]
    assert "export default" in state["_esm"]
    assert state["ident"] == "flow-vs-descent-quadratic"
    json.dumps([state["_landscape"], state["_controls"]])


def test_controls_carry_the_keys_that_links_have():
    shown = widget()
    assert shown._defaults == {"lr": 0.5, "start": 1.0, "shown": 15}
    assert [control["kind"] for control in shown._controls] == [
        "rate",
        "upright",
        "toggles",
    ]
    labels = [control["label"] for control in shown._controls]
    assert labels == ["Learning rate", "Start x", "Flows"]


def test_results_follow_the_traits():
    shown = widget(lr_range=(0.05, 2.4))
    assert shown.errors()[:2] == pytest.approx([0.1179, 0.0365], abs=1e-4)
    shown.lr, shown.start = 1.5, -2.0
    assert shown.errors() == pytest.approx(
        [2 * (0.5 + np.exp(-1.5 * s)) for s in (1, 1.75, 2.5, 3.34375)], abs=1e-9
    )
    assert shown.steps() == 8 and shown.outcome() == "converged: minimum"
    shown.lr = 2.3
    assert shown.outcome() == "diverged"


def test_a_flow_that_blows_up_has_an_infinite_error():
    assert np.inf not in widget(zoo.quartic, lr=0.1).errors()
    hill = Landscape("-x**2 / 2", "x", name="hill", box=[(-2.0, 2.0)])
    assert widget(hill, lr=0.1, time=40.0).errors()[0] == np.inf


def test_copied_python_reproduces_the_errors():
    shown = widget(lr=0.3, start=-1.7)
    space = {}
    exec(shown.python_call(), space)
    assert space["errors"] == pytest.approx(shown.errors(), abs=0)


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {"orders": (0, 4)},
            "orders: got 4; allowed is an integer of at least 0 and at most 3",
        ),
        ({"orders": (1, 0)}, "orders: got"),
        ({"orders": ()}, "orders: got"),
        ({"time": -1.0}, "time: got"),
        ({"time": 1e4}, "time: got 10000.0; allowed is at most"),
        ({"start": 5.0}, "start: got 5.0"),
        ({"lr": 0.0}, "lr: got"),
    ],
)
def test_bad_values_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        widget(**changes)


def test_bad_values_are_refused_later_too():
    shown = widget()
    for name, value in [("start", 9.0), ("shown", 16), ("lr", -1.0)]:
        with pytest.raises(ValueError, match=f"{name}: got"):
            setattr(shown, name, value)


def test_poster_shows_what_the_page_will():
    poster = widget(time=8.4)._poster
    assert len(poster.encode()) <= 15_000
    assert Balance(poster).open == []
    assert poster.count("lr-wide") == poster.count("lr-narrow") == 2
    assert poster.count('class="lr-sample"') == 4
    for words in (
        "time 0",
        "error 0.12",
        "order 3",
        "order 1 follows",
        "16 steps from x",
    ):
        assert words in poster
