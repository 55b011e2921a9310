"""Checkpoints: a run that is killed ends with the same numbers, and what is another
run's is refused.
"""

import functools
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
from cases import Samples, net

from lrlib.networks import models, training
from lrlib.networks.probes import FullLoss, Norms, Sharpness


class Kill(Norms):
    """Ends the process at step `at`, without warning."""

    def __init__(self, every, at):
        super().__init__(every)
        self.at, self.seen = at, -1

    def settings(self):
        return {}

    def measure(self, held):
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().measure(held)


def numbers_of_a_run(checkpoint, form, batch, at=-1):
    options = {
        "form": form,
        "batch": int(batch) or None,
        "checkpoint": checkpoint,
        "checkpoint_every": 7,
    }
    probes = [Kill(1, int(at)), Sharpness(5)]
    run = training.train(
        net(), Samples(), lr=0.05, n_steps=60, momentum=0.5, probes=probes, **options
    )
    return (
        f"{run.step} {run.losses.sum().hex()} "
        f"{[v.sum().hex() for _, v in run.series.values()]}"
    )


@pytest.mark.parametrize("form, batch", [("gram", 0), ("plain", 8)])
def test_a_run_killed_at_any_step_ends_with_the_same_numbers(form, batch, tmp_path):
    worker = (
        "import sys; import test_checkpoints; "
        "test_checkpoints.numbers_of_a_run(*sys.argv[1:])"
    )
    words = [
        sys.executable,
        "-c",
        worker,
        str(tmp_path / "killed.pt"),
        form,
        str(batch),
    ]
    start = functools.partial(
        subprocess.run, cwd=os.path.dirname(__file__), timeout=120
    )
    # counted from the checkpoint that the run goes on from
    for at, step in ((8, 7), (30, 35)):
        assert start([*words, str(at)]).returncode == -signal.SIGKILL
        assert torch.load(tmp_path / "killed.pt", weights_only=True)["step"] == step
    resumed, whole = (
        numbers_of_a_run(tmp_path / name, form, batch)
        for name in ("killed.pt", "whole.pt")
    )
    assert resumed == whole


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_an_interrupted_write_leaves_the_checkpoint_before_it(
    fails, tmp_path, monkeypatch
):
    options = {"lr": 0.05, "checkpoint": tmp_path / "run.pt", "checkpoint_every": 5}
    training.train(net(), Samples(), n_steps=5, **options)

    def failing(*args):
        raise OSError("no space left")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no space"):
        patch.setattr(os, fails, failing)
        training.train(net(), Samples(), n_steps=20, **options)
    assert torch.load(tmp_path / "run.pt", weights_only=True)["step"] == 5
    resumed = training.train(net(), Samples(), n_steps=20, **options)
    straight = training.train(net(), Samples(), lr=0.05, n_steps=20)
    assert np.array_equal(resumed.losses, straight.losses)


@pytest.mark.parametrize(
    "changed, message",
    [
        ({"probes": [FullLoss(2)]}, "with probes"),
        ({"probes": [Norms(2), FullLoss(2)]}, "with probes"),
        ({"schedule": lambda step: 0.5}, "schedule: got factors"),
        ({"seed": 1}, "with seed = 0"),
        ({"network": {"activation": "relu"}}, "with model"),
        ({"network": {"batch_norm": True}}, "with model"),
    ],
)
def test_a_checkpoint_of_other_settings_is_refused(changed, message, tmp_path):
    options = {
        "lr": 0.1,
        "n_steps": 4,
        "checkpoint": tmp_path / "run.pt",
        "checkpoint_every": 2,
        "probes": [Norms(2)],
    }
    training.train(net(), Samples(), **options, seed=np.int64(0))
    network = net(**changed.pop("network", {}))
    with pytest.raises(ValueError, match=message):
        training.train(network, Samples(), **options | changed)


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04half"])
def test_a_file_that_is_no_checkpoint_is_named(content, tmp_path):
    path = tmp_path / "run.pt"
    path.write_bytes(content)
    with pytest.raises(
        ValueError, match="checkpoint: got .*run.pt, which cannot be read"
    ):
        training.train(net(), Samples(), lr=0.1, n_steps=2, checkpoint=path)
    torch.save({"weights": 1}, path)
    with pytest.raises(ValueError, match=r"which cannot be read \(KeyError\)"):
        training.train(net(), Samples(), lr=0.1, n_steps=2, checkpoint=path)


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    path = tmp_path / "run.pt"
    options = {"n_steps": 4, "checkpoint": tmp_path / "run.pt", "checkpoint_every": 2}
    training.train(net(), Samples(), lr=0.1, **options)
    with pytest.raises(
        ValueError,
        match=r"checkpoint: got .*run.pt of a run with lr = 0.1; allowed is one with 0.2",
    ):
        training.train(net(), Samples(), lr=0.2, **options)
    with pytest.raises(ValueError, match="model"):
        training.train(net(seed=1), Samples(), lr=0.1, **options)
    longer = training.train(net(), Samples(), lr=0.1, **options | {"n_steps": 8})
    straight = training.train(net(), Samples(), lr=0.1, n_steps=8)
    assert path.exists() and np.array_equal(longer.losses, straight.losses)


@pytest.mark.parametrize("form", ["plain", "gram"])
def test_running_statistics_survive_a_checkpoint_and_a_probe(form, tmp_path):
    norm = torch.nn.BatchNorm1d(20).double()
    network = models.Network(net().first, torch.nn.Sequential(norm, net().head))
    options = {"lr": 0.05, "form": form}

    def evaluated(run):
        x = torch.tensor(Samples().x)
        y = torch.tensor(Samples().y)
        loss = float(models.mse(run.network.eval()(x), y).detach())
        return int(run.network.head[0].num_batches_tracked), loss

    straight = training.train(network, Samples(), n_steps=20, **options)
    probes = [Sharpness(1), FullLoss(3)]
    probed = training.train(network, Samples(), n_steps=20, probes=probes, **options)
    halves = options | {"checkpoint": tmp_path / "run.pt", "checkpoint_every": 5}
    training.train(network, Samples(), n_steps=10, **halves)
    resumed = training.train(network, Samples(), n_steps=20, **halves)
    # the loss at each of 21 iterates
    assert evaluated(straight)[0] == 21
    assert evaluated(probed) == evaluated(resumed) == evaluated(straight)
