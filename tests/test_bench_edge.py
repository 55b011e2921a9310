"""What `bench.edge` compares must be the same computation: checked at toy size, without
a clock.
"""

import numpy as np
import pytest
import torch

from bench import edge, public
from lrlib.networks import models, probes, training
from lrlib.networks.data import Data

LR = 0.02
N_STEPS = 30
EVERY = 10


@pytest.fixture(scope="module")
def small() -> Data:
    images = edge.stand_in(60, (6, 6, 3))
    return Data("small", images.x, images.y)


@pytest.fixture(scope="module")
def network():
    return models.two_layer(108, width=8, norms=(2.0, 2.0))


@pytest.mark.parametrize("label", edge.OURS)
def test_ours_and_the_public_pattern_agree(label, small, network):
    form, dtype = edge.OURS[label]
    options = {
        "lr": LR,
        "n_steps": N_STEPS,
        "loss": "huber",
        "form": form,
        "dtype": dtype,
    }
    run = training.train(
        network, small, probes=[probes.Sharpness(every=EVERY)], **options
    )
    x, y = (torch.as_tensor(a).float() for a in (small.x, small.y))
    start = models.two_layer(108, width=8, norms=(2.0, 2.0)).float()
    found = public.train(start, x, y, models.huber, lr=LR, n_steps=N_STEPS, every=EVERY)
    np.testing.assert_allclose(found["losses"], run.losses[:-1], rtol=1e-4)
    np.testing.assert_allclose(
        found["sharpness"], run.series["sharpness"][1][:-1], rtol=1e-3
    )
    assert run.losses[-1] < 0.9 * run.losses[0] and min(found["products"]) > 8


def test_reference_is_the_largest_eigenvalue_in_the_weights(small):
    exact = edge.Exact(small)
    network = models.two_layer(108, width=2, norms=(2.0, 2.0))
    exact(network)
    x = torch.as_tensor(small.x)
    y = torch.as_tensor(small.y)
    size = sum(p.numel() for p in network.parameters())
    rows = [
        public.product(network, x, y, models.huber, row)
        for row in torch.eye(size, dtype=torch.float64)
    ]
    assert exact.values[0] == pytest.approx(
        float(torch.linalg.eigvalsh(torch.stack(rows))[-1]), rel=1e-9
    )
    assert (
        exact.errors([1.01 * exact.values[0]])["max"] == pytest.approx(0.01)
        and exact.values == []
    )


def test_stand_in_has_the_statistics_of_preprocessed_images():
    images = edge.stand_in()
    assert (
        images.x.shape == (1000, 3072)
        and images.y.sum() == 1000
        and "stand-in" in images.name
    )
    assert abs(images.x.mean()) < 0.05 and images.x.std() == pytest.approx(1, abs=0.03)
    shares = np.linalg.eigvalsh(images.x @ images.x.T)[::-1] / np.square(images.x).sum()
    assert 0.2 < shares[0] < 0.35 and shares[-1] > 0  # 0.28 of CIFAR-10's
