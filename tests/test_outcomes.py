"""What a trajectory did: closed forms, edges of the definitions, and the twin in the
page.
"""

import json

import numpy as np
import pytest
from make_outcome_cases import DATA, LANDSCAPES, classified

from lrlib import Landscape, ensemble, normal, zoo
from lrlib.descent import outcomes
from lrlib.widgets import linker
from lrlib.widgets.on_landscape import LIMITS, describe

CUBIC = LANDSCAPES["cubic"]


def fates(landscape, starts, **options) -> list[str]:
    return ensemble(landscape, starts, **options).outcome.tolist()


@pytest.mark.parametrize("curvature", [1.0, 3.7, 0.02])
def test_a_parabola_below_at_and_above_its_threshold(curvature):
    bowl = zoo.quadratic.with_parameters(curvature=curvature)
    for factor, label in (
        (0.3, "converged: minimum"),
        (1.0, "converged: minimum"),
        (1.9, "converged: minimum"),
        (2.1, "diverged"),
    ):
        assert (
            fates(bowl, [1.3, -0.7], lr=factor / curvature, n_steps=2000) == [label] * 2
        )
    assert (
        fates(zoo.quadratic, [1.3, -0.7], lr=2.0, n_steps=2000) == ["periodic: 2"] * 2
    )
    assert fates(zoo.quadratic, [0.0], lr=2.0, n_steps=2000) == ["converged: minimum"]


def test_the_step_of_convergence():
    """At lr = 1/2 the pull halves: |x0| / 2**t <= 1e-8 for good from t = 27 on, where
    x0 = 1.
    """
    runs = ensemble(zoo.quadratic, [1.0, 4.0, 1e-9, 0.0], lr=0.5, n_steps=300)
    assert runs.step.tolist() == [27, 29, 0, 0] and set(runs.outcome) == {
        "converged: minimum"
    }


@pytest.mark.parametrize("lr", [2.2, 3.0, 7.5])
def test_the_square_root_bowl_settles_on_its_cycle(lr):
    runs = ensemble(zoo.square_root_bowl, [0.4, -2.3, 11.0], lr=lr, n_steps=3000)
    assert (
        runs.outcome.tolist() == ["periodic: 2"] * 3
        and runs.step.tolist() == [3000] * 3
    )
    np.testing.assert_allclose(np.abs(runs.final), np.sqrt(lr**2 / 4 - 1), rtol=1e-9)


@pytest.mark.parametrize(
    "lr, label",
    [
        (0.9, "converged: right"),
        (1.2, "periodic: 2"),
        (1.27, "periodic: 4"),
        (1.455, "periodic: 3"),
        (1.9, "bounded"),
    ],
)
def test_period_doubling_and_chaos_of_a_cubic_map(lr, label):
    assert fates(CUBIC, [0.3, 0.77], lr=lr, n_steps=6000) == [label] * 2


def test_minima_are_told_apart_and_the_first_wins():
    assert fates(CUBIC, [0.3, -0.3, 0.0], lr=0.2, n_steps=900) == [
        "converged: right",
        "converged: left",
        "converged: unnamed point",
    ]
    both = Landscape(
        "x**2",
        "x",
        name="both",
        box=[(-1, 1)],
        minima={"wide": (-0.5, 0.5), "exact": 0.0},
    )
    assert fates(both, [0.7], lr=0.1, n_steps=900) == ["converged: wide"]


def test_a_plateau_is_a_minimum_at_once():
    runs = ensemble(zoo.mohtashami_toy_1d, [8.45, 8.40002], lr=1e-3, n_steps=200)
    assert runs.outcome.tolist() == [
        "converged: plateau"
    ] * 2 and runs.step.tolist() == [0, 0]


def test_near_is_relative_to_the_size():
    """Minima at 1e6 and 900 off it: near there means within 1e-3 of 1e6."""
    far = Landscape(
        "(x - 1000000)**2/2",
        "x",
        name="far",
        box=[(0, 2e6)],
        minima={"beside": 1_000_900.0},
    )
    assert fates(far, [2.0], lr=0.5, n_steps=500) == ["converged: beside"]
    off = Landscape("x**2/2", "x", name="off", box=[(-1, 1)], minima={"beside": 0.0011})
    assert fates(off, [0.7], lr=0.5, n_steps=500) == ["converged: unnamed point"]


@pytest.mark.parametrize(
    "n_steps, label",
    [
        (0, "bounded"),
        (1, "bounded"),
        (2, "converged: minimum"),
        (3, "converged: minimum"),
    ],
)
def test_few_steps(n_steps, label):
    """At least one step must be without pull; with lr = 1 the first lands on the
    minimum.
    """
    assert fates(zoo.quadratic, [0.9], lr=1.0, n_steps=n_steps) == [label]


def test_noise_never_settles_nor_repeats():
    runs = ensemble(
        zoo.mohtashami_toy_2d,
        np.full((9, 2), 0.3),
        lr=0.1,
        n_steps=400,
        noise=normal(0.3),
        seed=2,
    )
    assert runs.counts() == {"bounded": 9} and runs.fraction("bounded") == 1.0


def test_counts_and_fractions():
    runs = ensemble(CUBIC, [0.3, 0.5, -0.3, 40.0, 0.9], lr=0.2, n_steps=900)
    assert runs.counts() == {"converged: right": 3, "converged: left": 1, "diverged": 1}
    assert list(runs.counts()) == ["converged: right", "converged: left", "diverged"]
    assert (
        runs.fraction("converged: right") == 0.6 and runs.fraction("periodic: 2") == 0.0
    )


def test_a_sweep_says_which_share_ends_where():
    starts = np.array([0.3, -0.4, 0.8, 0.0])
    lrs = np.array([0.5, 1.2, 1.27, 1.9, 2.5])
    shares = outcomes.sweep(CUBIC, starts, lrs, n_steps=3000)
    np.testing.assert_allclose(sum(shares.values()), 1.0)
    assert shares["converged: right"].tolist() == [0.5, 0, 0, 0, 0] and shares[
        "converged: left"
    ].tolist() == [
        0.25,
        0,
        0,
        0,
        0,
    ]
    # the maximum at 0 is a fixed point
    assert shares["converged: unnamed point"].tolist() == [0.25] * 5
    assert (
        shares["periodic"].tolist() == [0, 0.75, 0.75, 0, 0]
        and shares["bounded"][3] == 0.75
    )
    for i, lr in enumerate(lrs):
        runs = ensemble(CUBIC, starts, lr=lr, n_steps=3000)
        assert shares["diverged"][i] == runs.fraction("diverged") and shares["bounded"][
            i
        ] == runs.fraction("bounded")


# -- 200 recorded cases


@pytest.fixture(scope="module")
def recorded():
    return json.loads(DATA.read_text())


def test_recorded_cases_are_many_and_varied(recorded):
    labels = [case["label"] for case in recorded]
    assert len(recorded) == 200 and DATA.stat().st_size < 60_000
    assert {label.split(":")[0] for label in labels} == {
        "bounded",
        "converged",
        "periodic",
        "diverged",
    }
    assert len(set(labels)) >= 12 and max(map(labels.count, labels)) < 80


def test_python_still_gives_the_recorded_outcomes(recorded):
    found = [
        classified(c["landscape"], c["start"], c["lr"], c["n_steps"]) for c in recorded
    ]
    assert found == [(c["label"], c["step"]) for c in recorded]


TWIN = """
const { openLandscape, Runner, outcomeLabel } = new Function(
  `${data.engine}; return { openLandscape, Runner, outcomeLabel };`)();
const runners = new Map();
return data.cases.map(({ landscape, start, lr, n_steps }) => {
  const key = landscape + n_steps, { minima } = data.landscapes[landscape];
  if (!runners.has(key)) {
    const opened = openLandscape(data.landscapes[landscape]);
    runners.set(key, new Runner(opened, n_steps, data.limits));
  }
  const runner = runners.get(key), outcome = runner.run(start, lr);
  const fate = runner.fate(start, lr);
  return [outcomeLabel(outcome, minima), outcome.step, outcomeLabel(fate, minima)];
});
"""


def engine() -> str:
    """The modules with which a page runs and classifies, joined."""
    joined = linker.Linker()
    for name in ("runner", "landscape"):
        joined.add(linker.HOME / "engine" / f"{name}.js")
    return joined.take()


def test_the_page_gives_the_recorded_outcomes(recorded, node):
    """`Runner.run`, and `Runner.fate`, which stops early."""
    given = {
        "engine": engine(),
        "cases": recorded,
        "limits": LIMITS,
        "landscapes": {k: describe(v) for k, v in LANDSCAPES.items()},
    }
    found = node(TWIN, given)
    assert found == [[c["label"], c["step"], c["label"]] for c in recorded]
