"""What the benchmarks compare gives the same numbers."""

import numpy as np
import pytest
import torch

from bench import public_edge
from lrlib import curvature, data, networks, train
from lrlib.probes import Sharpness


def test_the_public_pattern_finds_the_same_sharpness():
    digits, network = data.digits(60), networks.two_layer(64, width=8, seed=0)
    ours = train(network, digits, lr=0.01, n_steps=10, loss="huber", probes=[Sharpness(5)])
    theirs, value = public_edge.train_and_measure(network, digits, 0.01, 10, 5, 0.0)
    for mine, other in zip(ours.network.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(mine.detach(), other.detach(), atol=1e-5)
    assert value == pytest.approx(ours.series["sharpness"][1][-1], rel=1e-3)
    exact = curvature.sharpness(ours.network, digits, "huber", tol=1e-6).value
    assert public_edge.reference(ours.network, digits) == pytest.approx(exact, rel=1e-6)


def test_its_product_is_the_hessians():
    digits, network = data.digits(30), networks.two_layer(64, width=4, seed=1)
    x, y = torch.as_tensor(digits.x), torch.as_tensor(digits.y)
    parameters = list(network.parameters())
    vector = torch.randn(sum(p.numel() for p in parameters), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = curvature.Hessian(networks.huber(network(x), y), parameters)(vector)
    torch.testing.assert_close(public_edge.product(network, x, y, vector), expected, rtol=1e-10, atol=1e-10)
