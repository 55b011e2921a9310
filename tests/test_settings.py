"""Settings: one object from `train` to the record and the command line, and back."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from cases import Samples, net

from lrlib import results
from lrlib.networks import training
from lrlib.networks.data import Data, Subset, digits
from lrlib.networks.probes import FullLoss, Norms, Probe, Sharpness
from lrlib.networks.settings import Architecture, Settings, comments
from lrlib.records import command
from lrlib.records.experiments import EXPERIMENTS

SMALL = Settings(
    model=Architecture(3, "relu3", batch_norm=True, width=5, norms=(1.0, 2.0)),
    data=Subset("digits", 20, seed=3),
    lr=0.01,
    n_steps=4,
    loss="huber",
    form="plain",
    momentum=0.5,
    weight_decay=0.1,
    batch=10,
    repeats=2,
    seed=1,
    probes=(Sharpness(2, tol=1e-2, check=3), Norms(4), FullLoss(2)),
    dtype="float32",
)


def test_settings_come_back_from_json_whatever_they_are():
    defaults = {field.name: field.default for field in fields(Settings)}
    same = [name for name in defaults if getattr(SMALL, name) == defaults[name]]
    assert same == ["schedule", "device"]  # all else is tried
    assert Settings.from_dict(json.loads(json.dumps(SMALL.to_dict()))) == SMALL


def test_both_ways_to_train_make_the_same_settings_and_numbers():
    samples = SMALL.samples()
    one = training.train(SMALL)
    others = {
        field.name: getattr(SMALL, field.name)
        for field in fields(Settings)
        if field.name not in ("model", "data")
    }
    two = training.train(SMALL.model.network(64, 10, seed=1), samples, **others)
    assert np.array_equal(one.losses, two.losses)
    assert one.settings == SMALL
    assert replace(two.settings, model=SMALL.model, data=SMALL.data) == SMALL
    again = training.train(two.settings)
    assert np.array_equal(again.losses, one.losses)
    assert again.settings == two.settings


def test_a_run_remembers_its_start_not_what_becomes_of_the_network():
    network = net()
    run = training.train(network, Samples(), lr=0.1, n_steps=2)
    with torch.no_grad():
        network.first.weight.zero_()
    again = training.train(replace(run.settings, n_steps=2))
    assert np.array_equal(again.losses, run.losses)


def test_samples_of_a_data_set_are_remembered_by_name():
    samples = digits(20, seed=3)
    asked = replace(SMALL, data=samples)
    assert asked.to_dict() == SMALL.to_dict()
    loaded = SMALL.samples()
    assert np.array_equal(loaded.x, samples.x) and loaded.source == SMALL.data


@pytest.mark.parametrize(
    "name, value",
    [
        ("model", net()),
        ("data", Samples()),
        ("data", Data("own", Samples().x, Samples().y)),
        ("schedule", lambda step: 0.5),
    ],
)
def test_what_was_handed_over_leaves_a_fingerprint_and_is_asked_for(name, value):
    asked = replace(SMALL, **{name: value})
    found = json.loads(json.dumps(asked.to_dict()))
    with pytest.raises(ValueError, match=f"{name}: got a fingerprint only"):
        Settings.from_dict(found)
    assert Settings.from_dict(found, **{name: value}) == asked


@pytest.mark.parametrize(
    "wrong, error, message",
    [
        ({"model": "tanh"}, TypeError, "model: got 'tanh'"),
        ({"data": None}, TypeError, "data: got None"),
        ({"batch": 21}, ValueError, "batch: got 21; allowed is .* at most 20"),
        ({"batch": 2.5}, TypeError, "batch: got 2.5"),
        ({"schedule": 0.5}, TypeError, "schedule: got 0.5"),
        ({"probes": 3}, TypeError, "probes: got 3"),
        ({"probes": ["sharpness"]}, TypeError, "probes: got 'sharpness'"),
        ({"dtype": "float16"}, ValueError, "dtype: got 'float16'"),
        ({"device": "gpu"}, ValueError, "device: got 'gpu'"),
        ({"loss": "hinge"}, ValueError, "loss: got 'hinge'; allowed are 'mse'"),
    ],
)
def test_settings_refuse_what_is_out_of_range(wrong, error, message):
    with pytest.raises(error, match=message):
        replace(SMALL, **wrong)


def test_unknown_and_doubled_arguments_are_named():
    with pytest.raises(TypeError, match="train: got 'eta'; allowed are lr, n_steps"):
        training.train(net(), Samples(), eta=0.1, n_steps=1)
    with pytest.raises(TypeError, match="network: got Settings, and data, lr as well"):
        training.train(SMALL, Samples(), lr=0.1)
    with pytest.raises(ValueError, match="data: got 'imagenet'; allowed are 'cifar10'"):
        Subset("imagenet")
    with pytest.raises(ValueError, match="split: got 'test'; allowed are 'train'"):
        Subset("digits", split="test")
    with pytest.raises(ValueError, match="layers: got 4; allowed are 2, 3"):
        training.train(replace(SMALL, model=Architecture(4)))


def test_every_setting_has_a_comment():
    for kind in (Settings, Architecture, Subset, command.Sweep):
        assert list(comments(kind)) == [field.name for field in fields(kind)]


def test_the_command_line_is_made_from_the_fields():
    line = "six_networks --momentum 0.9 --batch 7 --n-steps 12 --form plain --loss mse"
    found = vars(command.parser().parse_args([*line.split(), "--dtype", "float32"]))
    wanted = {"momentum": 0.9, "batch": 7, "n_steps": 12, "form": "plain"}
    assert found.items() >= wanted.items()
    assert found["dtype"] == "float32" and "repeats" not in found
    options = command.parser()._option_string_actions
    simple = {field.name for field in fields(Settings) if field.type in command.WORDS}
    for name in simple - set(results.SWEPT):
        assert comments(Settings)[name] in options[f"--{name.replace('_', '-')}"].help


@pytest.mark.parametrize(
    "line, message",
    [
        ("--scale huge", "--scale: got 'huge'"),
        ("--lrs 0.1 0.1", "--lrs: got"),
        ("--momentum 2", "--momentum: got 2.0"),
        ("--batch 0", "--batch: got 0"),
    ],
)
def test_the_command_line_refuses_before_it_loads_anything(line, message, capsys):
    with pytest.raises(SystemExit):
        command.main(["six_networks", *line.split()])
    assert message in capsys.readouterr().err


def test_a_record_gives_back_the_settings_that_made_it(tmp_path):
    line = (
        "six_networks --data digits --cases tanh-mse --lrs 0.001 --seeds 1 "
        f"--n-steps 3 --momentum 0.5 --device cpu --out {tmp_path}"
    )
    command.main(line.split())
    name = "six_networks-tanh-mse-digits-n_steps_3-momentum_0.5-0.001"
    record = results.load(name, tmp_path)
    (run,) = record["runs"]
    asked = results.settings(record, run)
    case = EXPERIMENTS["six_networks"]["tanh-mse"]
    given = {"data": Subset("digits", 1000), "lr": 0.001}
    assert asked == case.settings(**given, n_steps=3, momentum=0.5)
    again = results.entry(training.train(asked))
    assert again["series"] == run["series"]


def test_runs_of_others_have_no_settings():
    record = results.load("wang2025_authors")
    assert "about" in record["config"]
    with pytest.raises(results.RecordError, match="got no settings"):
        results.settings(record, record["runs"][0])


def written(name):
    return json.loads((results.HOME / f"{name}.json").read_text())


@pytest.mark.parametrize(
    "name", [name for name in results.names() if written(name)["schema"] == 1]
)
def test_records_of_the_first_schema_keep_their_numbers_and_know_their_settings(name):
    record = results.load(name)
    assert record["runs"] == written(name)["runs"]
    cases = EXPERIMENTS[record["config"]["experiment"]]
    for run in record["runs"]:
        asked = cases[record["config"]["case"]].settings(
            data=Subset("cifar10", 1000), lr=run["lr"], seed=run["seed"]
        )
        assert results.settings(record, run) == asked


def test_a_probe_of_ones_own_is_refused_by_name_when_it_is_read_back():
    class Own(Probe):
        pass

    found = replace(SMALL, probes=[Own(2)]).to_dict()
    with pytest.raises(ValueError, match="probe: got 'Own'; allowed are 'Norms'"):
        Settings.from_dict(found)
    assert Settings.from_dict(found, probes=[Own(2)]).probes == (Own(2),)
