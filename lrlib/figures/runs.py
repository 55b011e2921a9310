"""Pictures of training runs."""

from __future__ import annotations

from .output import DESCENT, THRESHOLD


def training(axes, run, lr: float):
    """Loss, lr * sharpness / 2 and weight norms as shares of the first, of a
    `lrlib.training.Run`, in three `axes`.
    """
    loss, edge, norms = axes
    loss.semilogy(run.losses, color=DESCENT, linewidth=1)
    steps, values = run.series["sharpness"]
    edge.plot(steps, lr * values / 2, color=DESCENT)
    edge.axhline(1, color=THRESHOLD, linestyle="--", linewidth=1)
    for layer, dash in {"w1_norm": "-", "w2_norm": "--"}.items():
        steps, values = run.series[layer]
        norms.plot(steps, values / values[0], dash, color=DESCENT, label=layer[:2])
    norms.set_xlabel("step")
