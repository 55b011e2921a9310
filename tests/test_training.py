"""Training: the two forms, divergence, mini-batches, probes, and checkpoints that
survive a kill.
"""

import copy

import numpy as np
import pytest
import torch
from cases import Samples, net

from lrlib.networks import models, training
from lrlib.networks.curvature import sharpness
from lrlib.networks.parametrisations import Gram, Plain
from lrlib.networks.probes import FullLoss, Norms, Probe, Sharpness

CASES = [
    (a, loss, bn)
    for a in models.ACTIVATIONS
    for loss in models.LOSSES
    for bn in (False, True)
]


@pytest.mark.parametrize("activation, loss, batch_norm", CASES)
def test_gram_form_takes_the_steps_of_plain_autograd(activation, loss, batch_norm):
    network = net(activation=activation, batch_norm=batch_norm)
    options = {
        "lr": 1e-3,
        "n_steps": 3,
        "loss": loss,
        "momentum": 0.9,
        "weight_decay": 0.1,
    }
    one, two = (
        training.train(network, Samples(), form=form, **options)
        for form in ("plain", "gram")
    )
    for p, q, before in zip(
        one.network.parameters(),
        two.network.parameters(),
        network.parameters(),
        strict=True,
    ):
        moved = (p - before).norm()
        assert moved > 0 and (p - q).norm() <= 1e-10 * moved


@pytest.mark.parametrize("activation", models.ACTIVATIONS)
def test_gram_form_stays_with_plain_autograd_before_the_edge(activation):
    options = {
        "lr": 5e-3,
        "n_steps": 200,
        "momentum": 0.5,
        "weight_decay": 0.01,
        "probes": [Norms(20), Sharpness(50, tol=1e-7)],
    }
    one, two = (
        training.train(net(activation=activation), Samples(), form=f, **options)
        for f in ("plain", "gram")
    )
    assert one.series["sharpness"][1].max() * options["lr"] / 2 < 1.0  # before the edge
    np.testing.assert_allclose(two.losses, one.losses, rtol=1e-10)
    for name in ("w1_norm", "w2_norm", "sharpness"):
        np.testing.assert_allclose(two.series[name][1], one.series[name][1], rtol=1e-6)


def test_gram_form_holds_where_samples_repeat():
    twice = Samples()
    twice.x, twice.y = np.concatenate([twice.x] * 2), np.concatenate([twice.y] * 2)
    runs = [
        training.train(
            net(), twice, lr=0.01, n_steps=20, form=f, probes=[Sharpness(20)]
        )
        for f in ("plain", "gram")
    ]
    np.testing.assert_allclose(
        runs[0].series["sharpness"][1], runs[1].series["sharpness"][1], rtol=1e-6
    )


def test_auto_form_needs_a_full_batch_and_more_inputs_than_half_the_samples():
    network = net()
    assert training.choose("auto", network, Samples(), None) == "gram"
    assert training.choose("auto", network, Samples(), 10) == "plain"
    assert training.choose("auto", network, Samples(n=200), None) == "plain"
    assert training.choose("auto", torch.nn.Linear(60, 3), Samples(), None) == "plain"
    with pytest.raises(ValueError, match="form: got 'gram'"):
        training.choose("gram", network, Samples(), 10)


def test_auto_form_is_plain_where_the_gram_form_would_train_something_else():
    frozen = net()
    skipping = net()
    frozen.first.weight.requires_grad_(False)

    class Skip(models.Network):
        def forward(self, x):
            return super().forward(x) + x[:, :3]

    for network in (frozen, Skip(skipping.first, skipping.head)):
        assert training.choose("auto", network, Samples(), None) == "plain"
        with pytest.raises(ValueError, match="form: got 'gram'"):
            training.train(network, Samples(), lr=0.1, n_steps=1, form="gram")
    run = training.train(frozen, Samples(), lr=0.1, n_steps=3)
    assert (
        torch.equal(run.network.first.weight, frozen.first.weight)
        and run.losses[-1] < run.losses[0]
    )


class TiedHead(torch.nn.Module):
    """tanh(z) times the first layer's own weight: a tied autoencoder.

    The layer is a submodule, or hidden in a list, where no list of parameters has it.
    """

    def __init__(self, first, hidden=False):
        super().__init__()
        self.layers = [first]
        self.first = None if hidden else first

    def forward(self, z):
        return torch.tanh(z) @ self.layers[0].weight


@pytest.mark.parametrize("hidden", [False, True])
def test_a_tied_autoencoder_is_trained_as_a_hand_loop_trains_it(hidden):
    data = Samples()
    data.y = data.x
    first = torch.nn.Linear(60, 5, bias=False).double()
    with torch.no_grad():
        first.weight.copy_(models.two_layer(60, width=5, norms=2.0).first.weight)
    network = models.Network(first, TiedHead(first, hidden))
    assert training.choose("auto", network, data, None) == "plain"
    with pytest.raises(ValueError, match="form: got 'gram'"):
        training.train(network, data, lr=0.02, n_steps=1, form="gram")
    run = training.train(network, data, lr=0.02, n_steps=50)
    x = torch.tensor(data.x)
    weight = first.weight.detach().clone().requires_grad_()
    for _ in range(50):
        loss = models.mse(torch.tanh(x @ weight.T) @ weight, x)
        (gradient,) = torch.autograd.grad(loss, weight)
        weight = (weight - 0.02 * gradient).detach().requires_grad_()
    expected = models.mse(torch.tanh(x @ weight.T) @ weight, x)
    assert run.losses[-1] == pytest.approx(float(expected.detach()), rel=1e-10)
    assert torch.allclose(run.network.first.weight, weight, rtol=1e-8)


def test_auto_form_is_plain_for_inputs_that_are_not_rows():
    data = Samples(n=10)
    data.x = data.x[:, :30].reshape(10, 6, 5)
    first = torch.nn.Linear(5, 4, bias=False).double()
    flat = torch.nn.Sequential(
        torch.nn.Flatten(), torch.nn.Tanh(), torch.nn.Linear(24, 3).double()
    )
    run = training.train(models.Network(first, flat), data, lr=0.01, n_steps=3)
    assert run.losses[-1] < run.losses[0]


def test_auto_form_is_plain_where_a_hook_changes_the_first_layer():
    network = net()
    network.first.register_forward_hook(lambda layer, inputs, z: z + inputs[0][:, :20])
    assert training.choose("auto", network, Samples(), None) == "plain"


def test_the_check_of_the_gram_form_leaves_the_network_and_the_random_numbers():
    network = net()
    before = copy.deepcopy(network.state_dict())
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    assert training.choose("auto", network, Samples(), None) == "gram"
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())


@pytest.mark.parametrize("form", ["plain", "gram"])
@pytest.mark.parametrize(
    "scale, dtype", [(1e200, torch.float64), (1e30, torch.float32)]
)
def test_a_network_infinite_at_the_start_diverges_at_step_0(form, scale, dtype):
    data = Samples()
    data.y = data.y * scale
    run = training.train(
        net(), data, lr=0.1, n_steps=5, form=form, dtype=dtype, probes=[Sharpness(1)]
    )
    assert (run.outcome, run.step, len(run.losses), run.series) == (
        "diverged",
        0,
        0,
        {},
    )


@pytest.mark.parametrize(
    "change",
    [
        {"y": np.ones((40, 1))},
        {"y": np.ones((1, 3))},
        {"y": np.ones((40, 1, 3))},
        {"y": np.zeros(40, int)},
        {"x": np.ones((40, 59))},
        {"x": np.full((40, 60), np.nan)},
        {"x": np.empty((0, 60)), "y": np.empty((0, 3))},
    ],
)
def test_data_that_do_not_fit_are_refused(change):
    data = Samples()
    vars(data).update(change)
    for use in (
        lambda: training.train(net(), data, lr=0.1, n_steps=1),
        lambda: sharpness(net(), data),
    ):
        with pytest.raises(ValueError, match="data: got"):
            use()


def test_probes_of_the_same_name_are_refused_and_own_probes_keep_their_arguments():
    with pytest.raises(ValueError, match="probes: got two that measure 'w1_norm'"):
        training.train(net(), Samples(), lr=0.1, n_steps=4, probes=[Norms(4), Norms(2)])

    class Count(Probe):
        def __init__(self, every, start):
            super().__init__(every)
            self.start = start

        def measure(self, held):
            self.state["n"] = self.state.get("n", self.start) + 1
            return {"n": np.float32(self.state["n"])}

    probe = Count(1, start=7)
    runs = [
        training.train(net(), Samples(), lr=0.1, n_steps=2, probes=[probe])
        for _ in range(2)
    ]
    assert [run.series["n"][1].tolist() for run in runs] == [
        [8, 9, 10]
    ] * 2 and Norms().state == {}


def test_the_given_network_is_left_alone():
    network = net()
    before = network.first.weight.clone()
    training.train(network, Samples(), lr=0.1, n_steps=3, dtype=torch.float32)
    assert torch.equal(network.first.weight, before)


@pytest.mark.parametrize("form", ["plain", "gram"])
def test_divergence_is_an_outcome_with_its_step(form):
    run = training.train(
        net(activation="relu3"),
        Samples(),
        lr=50.0,
        n_steps=100,
        form=form,
        probes=[Norms(1)],
    )
    assert (
        run.outcome == "diverged" and 0 < run.step < 20 and len(run.losses) == run.step
    )
    assert np.isfinite(run.losses).all() and all(
        np.isfinite(v).all() for _, v in run.series.values()
    )
    assert run.losses.max() <= training.MOST_GROWTH * max(1, run.losses[0])
    assert run.series["w1_norm"][0][-1] < run.step


def test_a_later_look_finds_the_same_step_of_divergence(monkeypatch):
    options = {"lr": 50.0, "n_steps": 100}
    one = training.train(net(activation="relu3"), Samples(), **options)
    loop = training._Loop.__init__

    def as_on_a_gpu(self, *args):
        loop(self, *args)
        self.stride = 100

    monkeypatch.setattr(training._Loop, "__init__", as_on_a_gpu)
    two = training.train(net(activation="relu3"), Samples(), **options)
    assert two.step == one.step and np.array_equal(two.losses, one.losses)


def test_losses_cover_every_iterate_and_probes_their_steps():
    run = training.train(
        net(), Samples(), lr=0.01, n_steps=10, probes=[Norms(4), FullLoss(5)]
    )
    assert run.outcome == "finished" and run.step == 10 and run.losses.shape == (11,)
    assert run.series["w1_norm"][0].tolist() == [0, 4, 8]
    np.testing.assert_allclose(run.series["full_loss"][1], run.losses[[0, 5, 10]])


def test_momentum_and_schedule_follow_torch():
    network = net()
    data = Samples()
    run = training.train(
        network,
        data,
        lr=0.01,
        n_steps=5,
        momentum=0.9,
        schedule=lambda t: 1 / (1 + t),
        form="plain",
    )
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    x = torch.tensor(data.x)
    y = torch.tensor(data.y)
    for t in range(5):
        optimizer.param_groups[0]["lr"] = 0.01 / (1 + t)
        optimizer.zero_grad()
        models.mse(network(x), y).backward()
        optimizer.step()
    assert torch.allclose(run.network.first.weight, network.first.weight, rtol=1e-12)


def test_mini_batches_pass_over_the_data_and_repeat():
    batches = training._Batches(40, 12, 2, seed=3)
    rows = [batches.rows(t).tolist() for t in range(12)]
    assert rows[0] == rows[1] != rows[2] == rows[3]
    # no sample twice within an epoch
    assert len(set(rows[0] + rows[2] + rows[4])) == 36
    assert [training._Batches(40, 12, 2, seed=3).rows(t).tolist() for t in (11, 4)] == [
        rows[11],
        rows[4],
    ]


def test_weights_do_not_depend_on_anything_but_the_seed():
    torch.manual_seed(1)
    one = net(seed=4)
    torch.manual_seed(2)
    two = net(seed=4)
    assert torch.equal(one.first.weight, two.first.weight) and not torch.equal(
        one.first.weight, net(seed=5).first.weight
    )
    assert (
        float(one.first.weight.detach().norm()) == pytest.approx(2.0)
        and one.first.bias is None
    )


def test_the_three_layer_net_trains_two_layers_and_keeps_its_signs():
    network = models.three_layer(60, width=20, classes=3)
    run = training.train(
        network, Samples(), lr=1e-4, n_steps=5, loss="huber", probes=[Norms(5)]
    )
    signs = run.network.head[-1].signs
    assert torch.equal(signs, network.head[-1].signs) and set(
        signs.unique().tolist()
    ) <= {-1.0, 1.0}
    assert set(run.series) == {"w1_norm", "w2_norm"}


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"lr": 0}, "lr: got 0"),
        ({"n_steps": -1}, "n_steps: got -1"),
        ({"loss": "hinge"}, "loss: got 'hinge'"),
        ({"batch": 41}, "batch: got 41"),
        ({"repeats": 0}, "repeats: got 0"),
        ({"momentum": 1}, "momentum: got 1"),
        ({"weight_decay": -1}, "weight_decay: got -1"),
        ({"form": "qr"}, "form: got 'qr'"),
        ({"dtype": torch.float16}, "dtype: got torch.float16"),
        ({"device": "gpu"}, "device: got 'gpu'"),
        ({"seed": -1}, "seed: got -1"),
        ({"device": "cuda:9"}, "device: got 'cuda:9'"),
        ({"schedule": lambda t: -1}, "schedule: got -1"),
    ],
)
def test_bad_arguments_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        training.train(net(), Samples(), **{"lr": 0.1, "n_steps": 2} | wrong)


def test_networks_name_bad_arguments():
    with pytest.raises(ValueError, match="activation: got 'gelu'"):
        models.two_layer(4, activation="gelu")
    with pytest.raises(ValueError, match="norms: got -1"):
        models.two_layer(4, norms=(-1, 2))
    with pytest.raises(ValueError, match="seed: got -1"):
        models.three_layer(4, seed=-1)
    assert [
        float(p.detach().norm()) for p in models.two_layer(4, norms=5.0).parameters()
    ] == pytest.approx([5, 5])


def test_both_forms_export_the_network_that_they_hold():
    x = torch.tensor(Samples().x)
    y = torch.tensor(Samples().y)
    for form in (Plain, Gram):
        held = form(net(), x, y, models.mse)
        assert float(models.mse(held.export()(x), y).detach()) == pytest.approx(
            float(held.loss().detach()), rel=1e-12
        )


def test_threads_are_given_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        network = models.two_layer(60, width=4, classes=3)
        assert (
            training.train(network, Samples(), lr=0.01, n_steps=1, threads=3).step == 1
        )
        assert torch.get_num_threads() == 2
        with pytest.raises(ValueError, match="threads: got 0"):
            training.train(network, Samples(), lr=0.01, n_steps=1, threads=0)
    finally:
        torch.set_num_threads(before)
