"""The noise is the published generator, the same bits in numpy, numba and JavaScript,
and well distributed.
"""

import numba
import numpy as np
import pytest
from scipy import stats

from lrlib import Landscape, ensemble, normal, uniform, zoo
from lrlib.codegen import loops, random
from lrlib.codegen.random import _Program
from lrlib.descent.noise import Noise

# Random123, kat_vectors: threefry2x32, 20 rounds: (key, counter, answer)
KNOWN_ANSWERS = [
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((2**32 - 1,) * 2, (2**32 - 1,) * 2, (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]
SEEDS = (0, 1, 99, 2**32 - 1)
FLAT = {
    d: Landscape("0", "x y z"[: 2 * d - 1], name="flat", box=[(-1, 1)] * d)
    for d in (1, 2, 3)
}


def threefry(dialect: str) -> str:
    """Text of ``words(a, b, c, d)`` in a dialect."""
    program = _Program(dialect)
    x0, x1 = program.threefry(("a", "b"), ("c", "d"))
    if dialect == "javascript":
        return f"(a, b, c, d) => {{ {' '.join(program.lines)} return [{x0}, {x1}]; }}"
    lines = [line.replace(">>>", ">>") for line in program.lines]
    return "\n    ".join(["def words(a, b, c, d):", *lines, f"return {x0}, {x1}"])


@pytest.mark.parametrize("key, counter, answer", KNOWN_ANSWERS)
def test_known_answers_in_python(key, counter, answer):
    space = {"np": np}
    exec(threefry("numpy"), space)
    arrays = [np.full(2, v, np.uint32) for v in (*key, *counter)]
    assert [w.tolist() for w in space["words"](*arrays)] == [
        [answer[0]] * 2,
        [answer[1]] * 2,
    ]
    exec(threefry("numba"), space)
    assert numba.njit(space["words"])(*key, *counter) == answer


def test_known_answers_in_javascript(node):
    data = {
        "f": threefry("javascript"),
        "cases": [[*k, *c] for k, c, _ in KNOWN_ANSWERS],
    }
    assert node(
        "const f = evaluate(data.f); return data.cases.map((c) => f(...c));", data
    ) == [list(a) for *_, a in KNOWN_ANSWERS]


@pytest.mark.parametrize("kind", random.KINDS)
def test_javascript_has_the_same_bits(kind, node):
    index = [0, 1, 7, 123_456, 2**31 + 5]
    body = """const f = evaluate(data.noise)[data.kind];
      return data.cases.map(([seed, index, dim]) => f(seed, index, 400, dim));"""
    cases = [[s, i, d] for s in SEEDS for i in index for d in (1, 2, 3)]
    found = node(body, {"noise": random.javascript(), "kind": kind, "cases": cases})
    for (seed, i, d), values in zip(cases, found, strict=True):
        np.testing.assert_array_equal(
            random.unit(kind, seed, i, np.arange(400), d).ravel(), values
        )


@pytest.mark.parametrize("kind, dim", [("uniform", 1), ("uniform", 3), ("normal", 1)])
def test_the_compiled_loop_has_the_same_bits(kind, dim):
    """On a flat landscape with lr = scale = 1 each step subtracts the unit noise;
    dimension 2 is in test_descent.
    """
    n = 37
    n_steps = 12
    first = 2**20 + 3
    run = loops.compiled(FLAT[dim].kernel_source(kind))
    for seed in SEEDS:
        record = np.zeros((n_steps + 1, dim, n))
        run(
            np.zeros((dim, n)),
            np.ones(n),
            n_steps,
            1e8,
            1e-8,
            seed,
            first,
            1.0,
            np.zeros(n, np.int64),
            record,
            1,
        )
        unit = random.unit(
            kind, seed, first + np.arange(n), np.arange(n_steps)[:, None], dim
        )
        np.testing.assert_array_equal(
            record[1:], np.cumsum(-np.moveaxis(unit, 2, 1), axis=0)
        )


def test_a_trajectory_does_not_depend_on_its_block():
    """Pieces of an ensemble, started at their own index, give what the whole gives."""
    toy = zoo.mohtashami_toy_2d
    n = 2500
    starts = np.random.default_rng(5).uniform(-2, 4, (n, 2))
    whole = ensemble(toy, starts, lr=0.02, n_steps=60, noise=normal(3.0), seed=11)
    run = loops.compiled(toy.kernel_source("normal"))
    for low, high in ((0, 1), (1, 700), (700, 2047), (2047, n)):
        theta = np.array(starts[low:high].T, order="C")
        state = np.zeros(high - low, np.int64)
        run(
            theta,
            np.full(high - low, 0.02),
            60,
            1e8,
            1e-8,
            11,
            low,
            3.0,
            state,
            np.empty((0, 2, high - low)),
            0,
        )
        np.testing.assert_array_equal(theta.T, whole.final[low:high])


def test_results_do_not_depend_on_threads():
    starts = np.linspace(-3, 3, 5000)
    before = numba.get_num_threads()
    finals = []
    try:
        for threads in {1, numba.config.NUMBA_NUM_THREADS}:
            numba.set_num_threads(threads)
            finals.append(
                ensemble(
                    zoo.mohtashami_toy_1d,
                    starts,
                    lr=1e-3,
                    n_steps=50,
                    noise=uniform(0.7),
                    seed=3,
                ).final
            )
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(finals[0], finals[-1])


@pytest.mark.parametrize(
    "kind, law, std",
    [("uniform", stats.uniform(-1, 2), 3**-0.5), ("normal", stats.norm, 1.0)],
)
def test_distribution(kind, law, std):
    values = random.unit(kind, 2024, np.arange(500)[:, None], np.arange(200), 2)
    assert stats.kstest(values.ravel(), law.cdf).pvalue > 1e-3
    for i in range(2):  # the second of a pair is made differently
        assert stats.kstest(values[..., i].ravel(), law.cdf).pvalue > 1e-3
    assert np.abs(values.mean()) < 4 * std / np.sqrt(values.size)
    assert len(np.unique(values)) > 0.999 * values.size
    assert np.abs(values).max() < (1.0 if kind == "uniform" else 7.0)


@pytest.mark.parametrize("kind", random.KINDS)
def test_trajectories_steps_and_coordinates_are_independent(kind):
    values = random.unit(kind, 7, np.arange(400)[:, None], np.arange(500), 3)
    values = values / values.std()
    limit = 4.5 / np.sqrt(values[1:].size / 3)
    pairs = {
        "trajectories": values[1:] * values[:-1],
        "steps": values[:, 1:] * values[:, :-1],
        "coordinates": values * np.roll(values, 1, axis=-1),
        "diagonal": values[1:, 1:] * values[:-1, :-1],
        "seeds": values
        * random.unit(kind, 8, np.arange(400)[:, None], np.arange(500), 3)
        / values.std(),
    }
    for name, products in pairs.items():
        assert (np.abs(products.mean(axis=(0, 1))) < limit).all(), name


def test_the_scale_is_what_the_name_says():
    starts = np.zeros(20_000)
    for kind, std in ((uniform(0.6), 0.6 / 3**0.5), (normal(0.6), 0.6)):
        final = ensemble(FLAT[1], starts, lr=1.0, n_steps=1, noise=kind, seed=4).final
        assert final.std() == pytest.approx(std, rel=0.02)
    assert (
        np.abs(
            ensemble(FLAT[1], starts, lr=1.0, n_steps=1, noise=uniform(0.6)).final
        ).max()
        < 0.6
    )


@pytest.mark.parametrize("make", [uniform, normal])
@pytest.mark.parametrize(
    "scale", [0, -0.3, float("nan"), float("inf"), "loud", [1.0, 2.0]]
)
def test_bad_scales(make, scale):
    name = "half_width" if make is uniform else "std"
    with pytest.raises((ValueError, TypeError), match=f"^{name}: got .*; allowed"):
        make(scale)


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5, True, None])
def test_bad_seeds(seed):
    with pytest.raises(
        (ValueError, TypeError),
        match=r"^seed: got .*; allowed is an integer of at least 0 and at most",
    ):
        random.unit("normal", seed, 0, 0)


@pytest.mark.parametrize(
    "make",
    [lambda: Noise("gaussian", 1.0), lambda: random.unit("gaussian", 0, 0, 0)],
)
def test_bad_kinds(make):
    with pytest.raises(
        ValueError, match="^kind: got 'gaussian'; allowed are 'uniform', 'normal'$"
    ):
        make()
