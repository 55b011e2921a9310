"""Records what 200 trajectories do: ``python tests/make_outcome_cases.py`` writes
data/outcome_cases.json.

Run it only when the definition of an outcome changes, and say so in the change log.
Every landscape is rational and every case is kept only if a change of the start or the
learning rate in its last bits leaves the outcome, so that the record does not hang on
rounding.
"""

import json
from pathlib import Path

import numpy as np
from cases import CUBIC

from lrlib import ensemble, zoo

DATA = Path(__file__).resolve().parent / "data" / "outcome_cases.json"
LANDSCAPES = {
    "cubic": CUBIC,
    "quadratic": zoo.quadratic,
    "square_root_bowl": zoo.square_root_bowl,
    "mohtashami_toy_1d": zoo.mohtashami_toy_1d,
    "mohtashami_toy_2d": zoo.mohtashami_toy_2d,
}
LEARNING_RATES = {
    "cubic": (0.3, 2.1),
    "quadratic": (0.05, 2.4),
    "square_root_bowl": (0.2, 6.0),
    "mohtashami_toy_1d": (3e-4, 0.07),
    "mohtashami_toy_2d": (3e-3, 1.2),
}
STEPS = (1, 63, 128, 1000, 2500)
SPECIAL = [
    ("quadratic", [1.3], 2.0, 400),
    ("quadratic", [0.0], 2.0, 400),
    ("quadratic", [1.3], 1.0, 2),
    ("cubic", [0.3], 1.27, 2500),
    ("cubic", [0.3], 1.455, 2500),
    ("cubic", [0.0], 0.7, 128),
    ("mohtashami_toy_1d", [8.5], 1e-3, 63),
    ("mohtashami_toy_1d", [2.6], 9e-4, 2500),
]


def classified(name: str, start, lr: float, n_steps: int) -> tuple[str, int]:
    runs = ensemble(LANDSCAPES[name], [start], lr=lr, n_steps=n_steps)
    return str(runs.outcome[0]), int(runs.step[0])


def drawn(rng):
    name = list(LANDSCAPES)[rng.integers(len(LANDSCAPES))]
    low, high = np.transpose(LANDSCAPES[name].box)
    start = np.round(rng.uniform(low, high), 4).tolist()
    lr = float(f"{np.exp(rng.uniform(*np.log(LEARNING_RATES[name]))):.4g}")
    return name, start, lr, int(rng.choice(STEPS))


def is_robust(name, start, lr, n_steps) -> bool:
    nearby = [(start, lr * (1 + 1e-13)), ([v + 1e-13 for v in start], lr)]
    outcomes = {classified(name, s, r, n_steps) for s, r in [(start, lr), *nearby]}
    return (
        len({label for label, _ in outcomes}) == 1
        and np.ptp([step for _, step in outcomes]) == 0
    )


def main() -> None:
    rng = np.random.default_rng(12)
    cases = list(SPECIAL)
    seen = {}
    while len(cases) < 200:
        case = drawn(rng)
        label = classified(*case)[0]
        if is_robust(*case) and seen.get(label, 0) < 30:
            seen[label] = seen.get(label, 0) + 1
            cases.append(case)
    rows = []
    for name, start, lr, n_steps in cases:
        label, step = classified(name, start, lr, n_steps)
        rows.append(
            {
                "landscape": name,
                "start": start,
                "lr": lr,
                "n_steps": n_steps,
                "label": label,
                "step": step,
            }
        )
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")


if __name__ == "__main__":
    main()
