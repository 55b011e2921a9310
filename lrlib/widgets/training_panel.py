"""With a kernel: choose a network and a learning rate, train, and look. A static page
has no use for it.
"""

from __future__ import annotations

from ..records.experiments import SIX


def picture(run):
    """Loss, lr * sharpness / 2 and weight norms of a `lrlib.training.Run`, side by
    side.
    """
    from .. import figures

    fig, axes = figures.axes(3, height=2.6, width=10, layout="constrained")
    figures.training(axes, run, run.settings.lr)
    axes[1].set_ylim(0, 2)
    axes[2].legend(frameon=False)
    for ax, title in zip(
        axes, ("loss", "lr × sharpness / 2", "weight norm / first"), strict=True
    ):
        ax.set(title=title, xlabel="step")
    told = (
        f"{run.outcome} at step {run.step}"
        if run.outcome == "diverged"
        else f"loss {run.losses[-1]:.3g}"
    )
    fig.suptitle(told, fontsize=10)
    return figures.show(
        fig, f"Loss, lr times sharpness over 2, and weight norms of one run: {told}"
    )


def training_panel(samples=None):
    """Controls that train one of the six networks of [W] and draw the run; needs a
    running kernel.

    Parameters
    ----------
    samples
        A `lrlib.data.Data`; by default 500 digits.
    """
    import ipywidgets as controls

    from ..networks.data import digits
    from ..networks.probes import Norms, Sharpness
    from ..networks.training import train

    samples = digits(500) if samples is None else samples

    def run_once(network, lr, n_steps, seed):
        every = max(1, n_steps // 40)
        probes = [Sharpness(every), Norms(every)]
        options = {"lr": lr, "n_steps": n_steps, "seed": seed, "probes": probes}
        return picture(train(SIX[network].settings(data=samples, **options)))

    return controls.interactive(
        run_once,
        {"manual": True, "manual_name": "Train", "auto_display": True},
        network=[(case.title, label) for label, case in SIX.items()],
        lr=controls.FloatLogSlider(
            value=0.0065, min=-4, max=-1, step=0.02, readout_format=".2g"
        ),
        n_steps=controls.IntSlider(value=400, min=50, max=2000, step=50),
        seed=controls.IntSlider(value=0, min=0, max=9),
    )
