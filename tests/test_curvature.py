"""Sharpness against the exact Hessian: what it must find, and what must not slip
through.
"""

import numpy as np
import pytest
import torch
from cases import Samples, net

from lrlib.networks import curvature, models, probes, training
from lrlib.networks.parametrisations import Gram, Plain


def dense(network, data, loss):
    """The exact Hessian by torch.func: shares no code with `lrlib.curvature`."""
    x = torch.tensor(data.x)
    y = torch.tensor(data.y)
    parameters = {k: p.detach() for k, p in network.named_parameters()}
    shapes = [p.shape for p in parameters.values()]
    sizes = [p.numel() for p in parameters.values()]

    def at(flat):
        parts = [p.view(s) for p, s in zip(flat.split(sizes), shapes, strict=True)]
        call = torch.func.functional_call(
            network, dict(zip(parameters, parts, strict=True)), (x,)
        )
        return models.LOSSES[loss](call, y)

    return torch.func.hessian(at)(
        torch.cat([p.reshape(-1) for p in parameters.values()])
    )


def trained(activation="tanh", loss="mse", batch_norm=False, n_steps=30):
    network = models.two_layer(
        60,
        width=6,
        classes=3,
        norms=(2.0, 2.0),
        activation=activation,
        batch_norm=batch_norm,
    )
    return training.train(
        network, Samples(), lr=0.01, n_steps=n_steps, loss=loss
    ).network


CASES = [
    (a, loss, bn)
    for a in models.ACTIVATIONS
    for loss in models.LOSSES
    for bn in (False, True)
]


@pytest.mark.parametrize("activation, loss, batch_norm", CASES)
def test_sharpness_is_the_largest_eigenvalue_of_the_exact_hessian(
    activation, loss, batch_norm
):
    network = trained(activation, loss, batch_norm)
    exact = torch.linalg.eigvalsh(dense(network, Samples(), loss))
    found = curvature.sharpness(network, Samples(), loss)
    assert found.converged and found.value == pytest.approx(float(exact[-1]), rel=1e-6)
    held = Gram(
        network,
        torch.tensor(Samples().x),
        torch.tensor(Samples().y),
        models.LOSSES[loss],
    )
    assert curvature.largest_eigenvalue(held.hessian()).value == pytest.approx(
        float(exact[-1]), rel=1e-6
    )


@pytest.mark.parametrize("repeated", [False, True], ids=["samples", "repeated samples"])
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
def test_directions_in_the_span_of_the_data_are_eigenvectors_in_the_weights(
    repeated, warm
):
    data = Samples()
    network = trained()
    if repeated:  # K is singular
        data.x, data.y = (np.concatenate([a, a[:7]]) for a in (data.x, data.y))
    held = Gram(network, torch.tensor(data.x), torch.tensor(data.y), models.mse)
    hessian = held.hessian()
    found = curvature.largest_eigenvalue(hessian, tol=1e-6)
    if warm:
        noise = hessian.unwhiten(
            torch.from_numpy(np.random.default_rng(0).standard_normal(hessian.whitened))
        )
        found = curvature.largest_eigenvalue(
            hessian, tol=1e-6, vectors=found.vectors + 1e-3 * noise[:, None]
        )
    matrix = dense(network, data, "mse")
    n = len(data.x)
    v = torch.stack(
        [
            torch.cat([(u[: n * 6].view(n, 6).T @ held.x).flatten(), u[n * 6 :]])
            for u in found.vectors[0]
        ]
    )
    assert v @ v.T == pytest.approx(np.eye(3), abs=1e-8)
    assert float(
        (matrix @ v[0] - found.value * v[0]).norm()
    ) / found.value == pytest.approx(found.residual, abs=1e-7)
    assert found.residual < 2e-3 and found.value == pytest.approx(
        float(torch.linalg.eigvalsh(matrix)[-1]), rel=1e-5
    )


class Matrix(curvature.Hessian):
    """A symmetric matrix in the place of a network's Hessian."""

    def __init__(self, matrix):
        self.matrix, self.products, self.inputs = matrix, 0, [matrix]
        self.size = self.whitened = len(matrix)

    def __call__(self, v):
        self.products += 1
        return self.matrix @ v


def with_eigenvalues(values, seed=0):
    basis = torch.linalg.qr(
        torch.from_numpy(
            np.random.default_rng(seed).standard_normal((len(values),) * 2)
        )
    )[0]
    return basis, (basis * torch.as_tensor(values)) @ basis.T


def test_largest_algebraic_not_largest_magnitude():
    values = np.concatenate([[-50.0], np.linspace(0, 1, 98), [10.0]])
    assert curvature.largest_eigenvalue(
        Matrix(with_eigenvalues(values)[1])
    ).value == pytest.approx(10.0, rel=1e-6)


def test_warm_start_survives_a_crossing_of_eigenvalues():
    """At the edge the first two eigenvalues swap; a single warm vector would stay with
    the second.
    """
    values = np.concatenate([np.linspace(0, 5, 97), [9.0, 9.8, 10.0]])
    basis, _ = with_eigenvalues(values)
    vectors = curvature.largest_eigenvalue(
        Matrix((basis * torch.as_tensor(values)) @ basis.T)
    ).vectors
    values[-1], values[-2] = 9.7, 10.1
    after = Matrix((basis * torch.as_tensor(values)) @ basis.T)
    warm = curvature.largest_eigenvalue(after, vectors=vectors)
    assert warm.value == pytest.approx(10.1, rel=1e-6) and warm.products <= 6


def test_a_direction_that_the_warm_start_lacks_is_found_by_the_cold_check():
    network = trained()
    data = Samples()
    held = Plain(network, torch.tensor(data.x), torch.tensor(data.y), models.mse)
    values, columns = torch.linalg.eigh(dense(network, data, "mse"))
    probe = probes.Sharpness(every=1, check=2)
    # not the top one
    probe.state = {"calls": 2, "vectors": columns.T[None, -5:-2].flip(1)}
    found = probe.measure(held)
    assert found["sharpness"] == pytest.approx(float(values[-1]), rel=1e-6)
    assert found["missed"] == pytest.approx(
        float(1 - values[-3] / values[-1]), rel=1e-6
    )


def test_a_bias_of_one_per_cent_does_not_pass_these_tests(monkeypatch):
    network = trained()
    exact = float(torch.linalg.eigvalsh(dense(network, Samples(), "mse"))[-1])
    product = curvature.Hessian.__call__
    monkeypatch.setattr(
        curvature.Hessian, "__call__", lambda self, v: 1.01 * product(self, v)
    )
    biased = curvature.sharpness(network, Samples(), "mse").value
    assert biased != pytest.approx(exact, rel=5e-3) and biased == pytest.approx(
        1.01 * exact, rel=1e-6
    )


@pytest.mark.parametrize("form", [Plain, Gram])
def test_warm_evaluations_along_training_are_exact_and_cheap(form):
    network = trained(n_steps=60)
    data = Samples()
    vectors = None
    spent = []
    for _ in range(8):
        network = training.train(network, data, lr=0.05, n_steps=5).network
        held = form(network, torch.tensor(data.x), torch.tensor(data.y), models.mse)
        found = curvature.largest_eigenvalue(held.hessian(), vectors=vectors)
        exact = float(torch.linalg.eigvalsh(dense(network, data, "mse"))[-1])
        assert found.converged and found.value == pytest.approx(exact, rel=1e-3)
        vectors = found.vectors
        spent = [*spent, found.products]
    assert np.median(spent[1:]) <= 6 and max(spent[1:]) < spent[0]


def test_float32_networks_measure_to_their_precision():
    network = trained()
    exact = torch.linalg.eigvalsh(dense(trained(), Samples(), "mse"))[-1]
    assert curvature.sharpness(network.float(), Samples()).value == pytest.approx(
        float(exact), rel=1e-4
    )


def test_the_mini_batch_has_another_sharpness():
    data = Samples()
    few = Samples()
    few.x, few.y = data.x[:8], data.y[:8]
    network = trained()
    assert (
        curvature.sharpness(network, few).value
        > 1.05 * curvature.sharpness(network, data).value
    )


def test_random_or_running_modules_are_refused():
    noisy = models.Network(
        net().first, torch.nn.Sequential(torch.nn.Dropout(0.5), net().head)
    )
    with pytest.raises(
        ValueError, match=r"network: got dropout \(head.0\) in training mode"
    ):
        curvature.sharpness(noisy.train(), Samples())
    running = models.Network(
        net().first, torch.nn.Sequential(torch.nn.BatchNorm1d(20).double(), net().head)
    ).eval()
    with pytest.raises(ValueError, match=r"network: got running statistics \(head.0\)"):
        curvature.sharpness(running, Samples())


class Noisy(torch.nn.Module):
    """Random without a module that says so."""

    def forward(self, z):
        return torch.nn.functional.dropout(z, 0.1, training=self.training)


def test_randomness_is_found_whatever_the_module_is_made_of():
    network = models.Network(net().first, torch.nn.Sequential(Noisy(), net().head))
    for use in (
        lambda: curvature.sharpness(network, Samples()),
        lambda: training.train(network, Samples(), lr=0.1, n_steps=1),
    ):
        with pytest.raises(ValueError, match="network: got one whose outputs differ"):
            use()
    assert curvature.sharpness(network.eval(), Samples()).converged


@pytest.mark.parametrize("form", ["plain", "gram"])
@pytest.mark.parametrize("width", [1, 20])
def test_a_network_without_active_neurons_has_sharpness_0(form, width):
    data = Samples()
    network = models.two_layer(
        60, width=width, classes=3, norms=(2.0, 2.0), activation="relu"
    )
    data.x = np.abs(data.x)
    with torch.no_grad():
        network.first.weight.abs_().neg_()
    run = training.train(
        network,
        data,
        lr=0.1,
        n_steps=2,
        form=form,
        probes=[probes.Sharpness(1, check=2)],
    )
    assert (
        run.outcome == "finished"
        and not run.series["sharpness"][1].any()
        and not run.series["missed"][1].any()
    )
    data.x = np.zeros_like(data.x)
    run = training.train(
        network, data, lr=0.1, n_steps=2, form=form, probes=[probes.Sharpness(1)]
    )
    assert not run.series["sharpness"][1].any()


def test_what_was_missed_below_zero_is_a_share_of_the_size():
    class Held:
        hessian = staticmethod(
            lambda: Matrix(
                torch.diag(torch.tensor([-1.0, -2.0, -3.0, -4.0], dtype=torch.float64))
            )
        )

    probe = probes.Sharpness(1, check=1)
    probe.state = {"calls": 1, "vectors": torch.eye(4, dtype=torch.float64)[None, 1:3]}
    found = probe.measure(Held)
    assert found["sharpness"] == pytest.approx(-1) and found["missed"] == pytest.approx(
        1
    )


@pytest.mark.parametrize("tol", [1e-2, 1e-3, 1e-6])
def test_the_promised_accuracy_holds_without_a_gap(tol):
    values = 10 * np.sqrt(np.linspace(0, 1, 400))
    found = curvature.largest_eigenvalue(Matrix(with_eigenvalues(values)[1]), tol=tol)
    assert abs(found.value / 10 - 1) <= tol or not found.converged


def test_running_statistics_are_not_moved_by_measuring():
    network = models.Network(
        net().first, torch.nn.Sequential(torch.nn.BatchNorm1d(20).double(), net().head)
    )
    before = network.head[0].running_mean.clone()
    curvature.sharpness(network, Samples())
    assert torch.equal(network.head[0].running_mean, before)


def test_vectors_of_another_network_are_refused():
    for vectors, message in (
        (torch.ones(3, 10), r"got shape \(3, 10\)"),
        (torch.zeros(1, 3, 1260), "got zeros only"),
    ):
        with pytest.raises(ValueError, match=f"vectors: {message}"):
            curvature.sharpness(net(), Samples(), vectors=vectors)


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="loss: got 'hinge'"):
        curvature.sharpness(net(), Samples(), "hinge")
    with pytest.raises(ValueError, match="tol: got 0.5"):
        curvature.sharpness(net(), Samples(), tol=0.5)
    with pytest.raises(ValueError, match="tol: got 0.5"):
        probes.Sharpness(tol=0.5)


def test_cost_is_counted_and_the_last_directions_are_few():
    matrix = Matrix(with_eigenvalues(np.linspace(0, 10, 60))[1])
    found = curvature.largest_eigenvalue(matrix)
    assert found.products == matrix.products and found.vectors.shape == (
        1,
        curvature.KEPT,
        60,
    )
    small = Matrix(torch.diag(torch.tensor([1.0, 3.0, 2.0], dtype=torch.float64)))
    assert curvature.largest_eigenvalue(small).value == pytest.approx(3.0)
