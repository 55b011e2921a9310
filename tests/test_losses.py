"""Losses beyond [W]'s two, and networks that torch finds hard: what is measured agrees
with the exact Hessian, what cannot be is refused with its reason.
"""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from cases import Samples, net
from torch import nn
from torch.nn import functional

from lrlib import Settings
from lrlib.networks import curvature, models, training
from lrlib.networks.probes import Sharpness

CLASSES = SimpleNamespace(x=Samples().x, y=Samples().y.argmax(axis=1))


def exact(network, x, y, loss):
    """The exact Hessian by torch.func, shape (size, size)."""
    parameters = {k: p.detach() for k, p in network.named_parameters()}

    def at(flat):
        parts = torch.split(flat, [p.numel() for p in parameters.values()])
        pairs = zip(parameters.items(), parts, strict=True)
        named = {k: part.view(p.shape) for (k, p), part in pairs}
        return loss(torch.func.functional_call(network, named, (x,)), y)

    flat = torch.cat([p.reshape(-1) for p in parameters.values()])
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        return torch.func.hessian(at)(flat)


def by_hand(network, data, loss, lr, n_steps):
    """The losses of gradient descent, written out."""
    network = training.torch_checks.copied(network)
    x = torch.tensor(data.x)
    y = torch.tensor(data.y)
    losses = []
    for _ in range(n_steps + 1):
        value = loss(network(x), y)
        losses.append(float(value.detach()))
        gradient = torch.autograd.grad(value, list(network.parameters()))
        with torch.no_grad():
            for p, g in zip(network.parameters(), gradient, strict=True):
                p -= lr * g
    return losses


def softmax(outputs, targets):
    """Cross-entropy from its definition."""
    logs = outputs - outputs.exp().sum(dim=1, keepdim=True).log()
    return -(targets * logs).sum() / len(targets)


def hinge(outputs, targets):
    """Of our own, with classes as targets."""
    own = outputs.gather(1, targets[:, None])
    return (1 + outputs - own).clamp(min=0).pow(2).sum() / len(targets)


LOSSES = [
    ("cross_entropy", Samples(), softmax),
    (softmax, Samples(), softmax),
    (functional.cross_entropy, CLASSES, functional.cross_entropy),
    (nn.CrossEntropyLoss(label_smoothing=0.1), CLASSES, None),
    (partial(functional.cross_entropy, label_smoothing=0.1), CLASSES, None),
    (hinge, CLASSES, hinge),
]


@pytest.mark.parametrize("form", ["plain", "gram"])
@pytest.mark.parametrize("loss, data, same", LOSSES, ids=range(len(LOSSES)))
def test_any_loss_is_descended_and_its_sharpness_is_exact(loss, data, same, form):
    same = same or loss
    network = net()
    run = training.train(network, data, lr=0.05, n_steps=20, loss=loss, form=form)
    expected = by_hand(network, data, same, 0.05, 20)
    np.testing.assert_allclose(run.losses, expected, rtol=1e-9)
    found = curvature.sharpness(run.network, data, loss, tol=1e-6)
    hessian = exact(run.network, torch.tensor(data.x), torch.tensor(data.y), same)
    assert found.converged
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(hessian)[-1]), 1e-5)


def test_what_is_no_loss_is_refused():
    for loss, error, message in (
        ("hinge", ValueError, "loss: got 'hinge'; allowed are 'mse', 'huber', 'cross_"),
        (3, TypeError, "loss: got 3; allowed are .* or a function"),
        (lambda a, b: (a - b) ** 2, ValueError, r"which gives \(2, 3\) for outputs"),
        (lambda a, b: 1.0, ValueError, "which gives 1.0 for outputs"),
        (lambda a: a, ValueError, "which fails for outputs of shape"),
    ):
        for use in (curvature.sharpness, training.train):
            options = {"loss": loss}
            if use is training.train:
                options |= {"lr": 0.1, "n_steps": 1}
            with pytest.raises(error, match=message):
                use(net(), Samples(), **options)
    signs = SimpleNamespace(x=Samples().x, y=2 * Samples().y - 1)
    with pytest.raises(ValueError, match="data: got y with rows that are no probab"):
        curvature.sharpness(net(), signs, "cross_entropy")


def test_a_checkpoint_knows_a_loss_of_ones_own(tmp_path):
    """Its name, not where it lies in memory."""
    path = tmp_path / "run.pt"
    for n_steps in (4, 8):
        smoothed = partial(functional.cross_entropy, label_smoothing=0.1)
        options = {"lr": 0.05, "n_steps": n_steps, "loss": smoothed}
        run = training.train(
            net(), CLASSES, checkpoint=path, checkpoint_every=2, **options
        )
    assert run.step == 8
    described = run.settings.to_dict()["loss"]["fingerprint"]
    assert "label_smoothing=0.1" in described and "0x" not in described
    with pytest.raises(ValueError, match="loss: got a fingerprint only"):
        Settings.from_dict(run.settings.to_dict() | {"model": "", "data": ""})
    with pytest.raises(ValueError, match="of a run with loss = "):
        training.train(net(), CLASSES, lr=0.05, n_steps=8, loss=hinge, checkpoint=path)


class Attentive(nn.Module):
    """Attention over the inputs, taken as a sequence of 12 vectors."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(5, 1, batch_first=True)
        self.last = nn.Linear(5, 3)
        self.double()

    def forward(self, x):
        z = x.view(len(x), 12, 5)
        return self.last(self.attention(z, z, z, need_weights=False)[0].mean(dim=1))


class Tokens(nn.Module):
    """Takes integers only."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.last = nn.Linear(4, 3)
        self.double()

    def forward(self, x):
        return self.last(torch.tanh(self.embedding(x).mean(dim=1)))


def test_attention_has_a_sharpness():
    torch.manual_seed(0)
    network = Attentive()
    data = Samples()
    found = curvature.sharpness(network, data, tol=1e-6)
    hessian = exact(network, torch.tensor(data.x), torch.tensor(data.y), models.mse)
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(hessian)[-1]), 1e-5)
    probes = [Sharpness(every=2)]
    run = training.train(network, data, lr=0.01, n_steps=2, probes=probes)
    assert run.series["sharpness"][1][0] == pytest.approx(found.value, 1e-2)


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint8])
def test_tokens_stay_integers(kind):
    torch.manual_seed(0)
    network = Tokens()
    rng = np.random.default_rng(3)
    data = SimpleNamespace(x=rng.integers(0, 7, (40, 6), dtype=kind), y=Samples().y)
    whole = SimpleNamespace(x=data.x.astype(np.int64), y=data.y)
    run = training.train(network, data, lr=0.1, n_steps=5)
    np.testing.assert_allclose(
        run.losses, by_hand(network, whole, models.mse, 0.1, 5), rtol=1e-9
    )
    found = curvature.sharpness(network, data, tol=1e-6)
    hessian = exact(network, torch.tensor(whole.x), torch.tensor(data.y), models.mse)
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(hessian)[-1]), 1e-5)
    data.x = data.x + kind(7)
    with pytest.raises(ValueError, match="data: got x of shape .* type .*out of range"):
        curvature.sharpness(network, data)


def test_pixels_in_bytes_are_numbers():
    rng = np.random.default_rng(3)
    data = SimpleNamespace(
        x=rng.integers(0, 3, (40, 60), dtype=np.uint8), y=Samples().y
    )
    floats = SimpleNamespace(x=data.x.astype(float), y=data.y)
    runs = [training.train(net(), d, lr=1e-3, n_steps=3) for d in (data, floats)]
    assert runs[0].losses.tolist() == runs[1].losses.tolist()


@pytest.mark.filterwarnings("ignore:.*weight_norm")
def test_a_network_that_cannot_be_copied_is_named():
    layer = nn.utils.weight_norm(nn.Linear(60, 3).double())
    layer(torch.tensor(Samples().x))  # its weight is no leaf from here on
    for use in (
        lambda: curvature.sharpness(layer, Samples()),
        lambda: training.train(layer, Samples(), lr=0.1, n_steps=1),
    ):
        with pytest.raises(ValueError, match="network: got one that cannot be copied"):
            use()


class Direction(nn.Module):
    """Weight normalisation, written out."""

    def forward(self, weight):
        return weight / weight.norm(dim=1, keepdim=True)


def test_products_that_are_not_symmetric_are_refused():
    """Those with torch's fused weight normalisation are not."""
    torch.manual_seed(0)
    data = Samples()
    fused = nn.utils.parametrizations.weight_norm(nn.Linear(60, 3).double())
    with pytest.raises(ValueError, match="second derivatives by torch are not symm"):
        curvature.sharpness(fused, data)
    written = nn.Linear(60, 3).double()
    nn.utils.parametrize.register_parametrization(written, "weight", Direction())
    found = curvature.sharpness(written, data, tol=1e-6)
    hessian = exact(written, torch.tensor(data.x), torch.tensor(data.y), models.mse)
    assert found.value == pytest.approx(float(torch.linalg.eigvalsh(hessian)[-1]), 1e-5)


class OnceOnly(torch.autograd.Function):
    """A square whose author wrote one derivative."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return z**2

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        return 2 * ctx.saved_tensors[0] * g


def test_an_operation_without_second_derivatives_is_named():
    class Squared(nn.Module):
        def forward(self, z):
            return OnceOnly.apply(z)

    network = nn.Sequential(nn.Linear(60, 3).double(), Squared())
    with pytest.raises(ValueError, match="network: got an operation without second"):
        curvature.sharpness(network, Samples())
    assert training.train(network, Samples(), lr=1e-3, n_steps=1).step == 1
