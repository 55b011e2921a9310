"""`make bench`: how much faster `lrlib.ensemble` is than the loops a user would write.

Ratios of CPU time on one thread, all competitors in one process and in turn; the
headline also as wall time on all cores; the first call of a fresh process with a warm
cache against a cold one. Everything that is timed is first checked to give the same
numbers.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from lrlib.files import write_whole

from . import ratio
from .ratio import ONE_THREAD, ROOT, machine, ratios, spread

RESULTS = ROOT / "results" / "bench_ensembles.json"
N_STARTS = 100_000
N_STEPS = 1000
TOYS = ("mohtashami_toy_1d", "mohtashami_toy_2d")
TARGETS = {  # (landscape, competitor) -> smallest speed-up
    ("mohtashami_toy_1d", "numpy, sympy.lambdify"): 200,
    ("mohtashami_toy_1d", "numba, scalar loop"): 5,
    ("mohtashami_toy_1d", "C, gcc -O3"): 1.2,
    ("mohtashami_toy_2d", "numba, scalar loop"): 5,
    ("mohtashami_toy_2d", "C, gcc -O3"): 1.1,
}
WARM_OVER_COLD = 0.45


def problem(name: str):
    """Landscape, starts and a learning rate at which no block stops early: chaos, or
    slow convergence.
    """
    from lrlib import zoo

    landscape = getattr(zoo, name)
    rng = np.random.default_rng(1)
    low, high, lr = (2.0, 3.0, 1.5e-3) if landscape.dim == 1 else (1.05, 1.95, 0.05)
    return landscape, rng.uniform(low, high, (N_STARTS, landscape.dim)), lr


def competitors(name: str, folder: Path) -> tuple[dict, list[str]]:
    """{name: (function, gradient evaluations)}, and what was left out, with the reason."""
    from lrlib import ensemble

    from . import competitors as loops

    landscape, starts, lr = problem(name)
    made = {
        "lrlib.ensemble": (
            lambda: ensemble(landscape, starts, lr=lr, n_steps=N_STEPS).final,
            N_STEPS,
        )
    }
    slow = {
        "numpy, sympy.lambdify": (loops.lambdified, 20),
        "numpy, lrlib's gradient": (loops.whole_array, 100),
    }
    fast = {
        "numba, scalar loop": (loops.scalar_loop, N_STEPS),
    }
    for label, (make, n_steps) in (slow | fast).items():
        made[label] = make(landscape, starts, lr, n_steps), n_steps
    c = loops.c_blocks(landscape, starts, lr, N_STEPS, folder)
    if c:
        made["C, gcc -O3"] = c, N_STEPS
    check(landscape, starts, lr, made)
    return {k: (call, n * N_STARTS) for k, (call, n) in made.items()}, [] if c else [
        "C: gcc was not found"
    ]


def check(landscape, starts, lr, made) -> None:
    """Every competitor ends where the kernel does, bit for bit; lambdify's powers only
    nearly do.
    """
    from lrlib import ensemble

    for label, (call, n_steps) in made.items():
        ours = ensemble(landscape, starts, lr=lr, n_steps=n_steps).final
        if "lambdify" not in label:
            assert np.array_equal(call(), ours), (
                f"{landscape.name}: {label} ends elsewhere"
            )
    from .competitors import lambdified

    one = ensemble(landscape, starts, lr=lr, n_steps=1).final
    np.testing.assert_allclose(
        lambdified(landscape, starts, lr, 1)(), one, rtol=1e-11, atol=1e-12
    )


def serial() -> dict:
    """Ratios of CPU time on one thread, for both toys."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in TOYS:
            made, left_out = competitors(name, Path(folder))
            rates = ratios(made, "lrlib.ensemble")
            found[name] = {
                "ratios": {k: asdict(v) for k, v in rates.items()},
                "left_out": left_out,
            }
    return found


def parallel() -> dict:
    """The headline as wall time: all cores, competitors that can use them too."""
    with tempfile.TemporaryDirectory() as folder:
        made, _ = competitors(TOYS[0], Path(folder))
    made = {
        k: made[k]
        for k in ("lrlib.ensemble", "numpy, sympy.lambdify", "numba, scalar loop")
    }
    return {
        k: asdict(v)
        for k, v in ratios(made, "lrlib.ensemble", 5, time.perf_counter).items()
    }


def first_call() -> float:
    """CPU seconds of the first ensemble of this process, imports apart."""
    import lrlib
    from lrlib import zoo

    landscape = zoo.mohtashami_toy_1d
    ensemble = lrlib.ensemble
    begin = time.process_time()
    ensemble(landscape, [2.3], lr=1e-3, n_steps=10)
    return time.process_time() - begin


def child(task: str, **environment):
    """The result of one of the functions above in a process of its own."""
    return ratio.child("bench.ensembles", task, **environment)


def warm_over_cold(rounds: int = 5) -> dict:
    """First call of a fresh process: with the kernel compiled by an earlier one, over
    without.
    """
    pairs = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            cold, warm = (
                child("first_call", LRLIB_CACHE=folder, **ONE_THREAD) for _ in range(2)
            )
            files = len(list(Path(folder).rglob("*")))
            child("first_call", LRLIB_CACHE=folder, **ONE_THREAD)
            assert len(list(Path(folder).rglob("*"))) == files, (
                "the cache grows with every process"
            )
            pairs.append((cold, warm))
    return asdict(spread([w / c for c, w in pairs])) | {"seconds": pairs}


def row(label: str, r: dict, target: float | None = None) -> str:
    verdict = (
        ""
        if target is None
        else f"  target >= {target}: {'met' if r['median'] >= target else 'NOT MET'}"
    )
    return (
        f"  {label:25}{r['rate'] / 1e6:8.1f} M/s{r['median']:9.2f}x ({r['low']:.2f} "
        f"to {r['high']:.2f}){verdict}"
    )


def lines(found: dict):
    """The table, and whether each target is met."""
    for name in TOYS:
        yield f"\n{name}: {N_STARTS} starts x {N_STEPS} steps, CPU time on one thread"
        for label, r in found["serial"][name]["ratios"].items():
            yield row(label, r, TARGETS.get((name, label)))
        yield from (
            f"  left out: {reason}" for reason in found["serial"][name]["left_out"]
        )
    yield f"\n{TOYS[0]}: wall time on all cores"
    yield from (row(label, r) for label, r in found["parallel"].items())
    r = found["first_call"]
    verdict = "met" if r["median"] <= WARM_OVER_COLD else "NOT MET"
    yield "\nfirst call in a fresh process, CPU time with a warm cache over a cold one"
    yield (
        f"  {r['median']:.2f} ({r['low']:.2f} to {r['high']:.2f})  target <= "
        f"{WARM_OVER_COLD}: {verdict}"
    )
    yield "  {:.2f} s cold, {:.2f} s warm".format(*r["seconds"][0])


def main() -> None:
    if len(sys.argv) > 1:
        print(
            json.dumps(
                {"serial": serial, "parallel": parallel, "first_call": first_call}[
                    sys.argv[1]
                ]()
            )
        )
        return
    found = {
        "machine": machine("numpy", "numba", "llvmlite", "sympy"),
        "serial": child("serial", **ONE_THREAD),
        "parallel": child("parallel"),
    }
    found["first_call"] = warm_over_cold()
    print(*(f"{k}: {v}" for k, v in found["machine"].items()), sep="\n")
    print(*lines(found), sep="\n")
    RESULTS.parent.mkdir(exist_ok=True)
    write_whole(RESULTS, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
