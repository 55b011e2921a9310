"""What a page computed, against what `lrlib` computes from the state that it shows."""

import re
from dataclasses import replace

import numpy as np
import pytest
from browser import data, pixels, settle, traits

from lrlib import ensemble, gradient_descent, results, sgd, zoo
from lrlib.descent.noise import Noise
from lrlib.widgets import RunExplorer

EXACT = 1e-12


def python_run(given, state):
    """What `lrlib` makes of a widget's state: (last iterate, outcome), or the counts of
    an ensemble.
    """
    if isinstance(given.get("start"), list):
        return plane_run(given, state)
    landscape = getattr(zoo, given["_landscape"]["name"])
    call = {"lr": state["lr"], "n_steps": given["n_steps"]}
    if "n_starts" in given:
        return ensemble(
            landscape,
            np.linspace(state["low"], state["high"], given["n_starts"]),
            **call,
        ).counts()
    noise = Noise(given["_noise_kind"], state["noise"]) if state.get("noise") else None
    call |= {"noise": noise, "seed": state.get("seed", 0)}
    outcome = str(ensemble(landscape, [state["start"]], **call).outcome[0])
    return sgd(landscape, state["start"], **call)[-1].tolist(), outcome


def forgets_its_start(given, state) -> bool:
    """Whether an orbit of sines or exponentials is chaotic: their last bit is each
    language's own, and it grows.
    """
    if not re.search(r"Math\.(?!abs|sqrt)", given["_landscape"]["javascript"]):
        return False
    keys = "low", "start", given["_landscape"]["coordinates"][0]
    key = next(key for key in keys if key in state)
    nudged = state | {key: state[key] * (1 - 1e-12) + 1e-14}
    first = python_run(given, state)
    second = python_run(given, nudged)
    if isinstance(first, dict):
        return first != second
    return first[1] != second[1] or first[0] != pytest.approx(second[0], rel=1e-3)


def check_against_python(widget):
    """The page computed what `lrlib` computes from the state that it shows; of a
    chaotic orbit, roughly.
    """
    if "_cases" in traits(widget):
        return check_record_against_python(widget)
    if isinstance(traits(widget).get("start"), list):
        return check_plane_against_python(widget)
    given = traits(widget)
    state = data(widget, "state")
    expected = python_run(given, state)
    if isinstance(expected, dict):
        found = data(widget, "counts")
        if found != expected:
            moved = (
                sum(
                    abs(found.get(k, 0) - expected.get(k, 0))
                    for k in found.keys() | expected.keys()
                )
                / 2
            )
            assert forgets_its_start(given, state) and moved <= 0.05 * given["n_starts"]
        return
    last, outcome = expected
    found = data(widget, "outcome")
    where = data(widget, "last")
    if (found, where) != (outcome, pytest.approx(last, rel=EXACT, abs=EXACT)):
        assert forgets_its_start(given, state)


def check_record_against_python(widget):
    """The same for a `RunExplorer`: verdict and numbers are those of the record in the
    repository.
    """
    state = data(widget, "state")
    record = results.load(traits(widget)["_cases"][state["case"]]["name"])
    expected = RunExplorer([record], lr=state["lr"], step=state["step"])
    assert (data(widget, "outcome"), data(widget, "last")) == (
        expected.outcome(),
        expected.values(),
    )


def check_plane_against_python(widget):
    """The same for a widget of two coordinates: its trajectory, and its map where it
    has one.
    """
    given = traits(widget)
    state = data(widget, "state")
    last, outcome = plane_run(given, state)
    if data(widget, "outcome") != outcome or (
        outcome != "diverged"
        and data(widget, "last") != pytest.approx(last, rel=EXACT, abs=EXACT)
    ):
        assert forgets_its_start(given, state)
    if n := given.get("resolution"):
        landscape, call = plane_call(given, state)
        shown = given["_landscape"]
        frozen = shown["coordinates"][shown["moving"] :]
        views = (state["left"], state["right"]), (state["bottom"], state["top"])
        sides = [low + (np.arange(n) + 0.5) * ((high - low) / n) for low, high in views]
        values = [[state[name]] for name in frozen]
        starts = np.stack(np.meshgrid(*sides, *values), -1).reshape(n * n, -1)
        assert data(widget, "counts") == ensemble(landscape, starts, **call).counts()


def plane_call(given, state):
    """The landscape of a widget of two coordinates, parameters with a slider as frozen
    coordinates, and how it is descended.
    """
    shown = given["_landscape"]
    landscape = getattr(zoo, shown["name"])
    frozen = shown["coordinates"][shown["moving"] :]
    ranges = dict(zip(frozen, shown["box"][shown["moving"] :], strict=True))
    minima = {
        m["name"]: (tuple(m["lower"]), tuple(m["upper"])) for m in shown["minima"]
    }
    landscape = replace(landscape.with_frozen(**ranges), minima=minima)
    return landscape, {"lr": state["lr"], "n_steps": given["n_steps"]}


def plane_run(given, state):
    """What `lrlib` makes of its state: (last iterate, outcome)."""
    landscape, call = plane_call(given, state)
    start = [state[name] for name in given["_landscape"]["coordinates"]]
    run = ensemble(landscape, [start], **call)
    return run.final[0].tolist(), str(run.outcome[0])


def changed_by(widget, act):
    """Act; the picture and the state must change, and Python must agree with what is
    shown.
    """
    before = pixels(settle(widget)), data(widget, "state")
    act()
    settle(widget)
    assert data(widget, "state") != before[1]
    assert pixels(widget) != before[0]
    check_against_python(widget)


def copied(page, widget, name):
    """What a button puts on the clipboard."""
    widget.get_by_role("button", name=name).click()
    widget.get_by_role("button", name="Copied").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text == widget.get_attribute("data-copied")
    return text


def check_copied_record(space, widget):
    """The whole record has the numbers that the page, which carries fewer digits and
    points, shows.
    """
    step = data(widget, "state")["step"]
    seen = data(widget, "last")
    assert len(space["runs"]) == len(space["edges"]) == len(seen) > 0
    for run, edge, numbers in zip(space["runs"], space["edges"], seen, strict=True):
        steps = run["series"]["sharpness"]["step"]
        at = min(range(len(steps)), key=lambda i: abs(steps[i] - step))
        assert numbers["edge"] == pytest.approx(edge[at], rel=1e-3)


def run_copied(text, widget):
    """Run "copy as Python"; the page must show the same."""
    space = {}
    exec(text, space)
    if "record" in space:
        check_copied_record(space, widget)
        return space
    if forgets_its_start(traits(widget), data(widget, "state")):
        return space
    if "runs" in space:
        assert data(widget, "counts") == space["runs"].counts()
    else:
        given = traits(widget)
        end = space["orbit"][-1]
        # a page may copy only the steps that its picture shows
        rest = given["n_steps"] + 1 - len(space["orbit"])
        landscape = getattr(zoo, given["_landscape"]["name"])
        lr = data(widget, "state")["lr"]
        end = gradient_descent(landscape, end, lr=lr, n_steps=rest)[-1] if rest else end
        assert data(widget, "last") == pytest.approx(end.tolist(), rel=EXACT, abs=EXACT)
    return space
