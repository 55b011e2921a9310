"""Records: what is written can be read, and what is no record is refused by name."""

import json
import os
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest
from cases import Samples
from make_authors import make

from lrlib import experiments, results, training
from lrlib.networks.probes import Norms, Sharpness
from lrlib.networks.settings import Architecture, Settings
from lrlib.records import command

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = (
    Path(os.environ.get("LRLIB_REFERENCE", ROOT.parent / "shared" / "reference"))
    / "wang2025_cifar10_1k_runs.json"
)


def samples():
    data = Samples(n=30)
    data.name = "samples"
    return data


def settings(**options):
    """Settings of a run that no test trains."""
    data = samples()
    return Settings(
        **{"model": Architecture(), "data": data, "lr": 0.1, "n_steps": 2} | options
    )


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """Experiments of 40 steps whose checkpoints go elsewhere."""
    monkeypatch.setitem(experiments.SCALES, "small", {"n_steps": 40, "every": 2})
    monkeypatch.setenv(results.FOLDER, str(tmp_path / "elsewhere"))


def record(**options):
    return command.record(
        "six_networks", "tanh-huber", samples(), seeds=2, lrs=(1e-4, 2e-4), **options
    )


def test_a_record_comes_back_as_it_was_saved(tiny, tmp_path):
    made = record()
    path = results.save(made, tmp_path)
    assert path.name == "six_networks-tanh-huber-samples-0.0001-0.0002.json"
    assert results.load(made["name"], tmp_path) == made
    assert [(r["lr"], r["seed"]) for r in made["runs"]] == [
        (1e-4, 0),
        (1e-4, 1),
        (2e-4, 0),
        (2e-4, 1),
    ]
    assert {"commit", "versions", "device", "seconds", "command"} <= set(
        made["provenance"]
    )
    assert list(tmp_path.glob("*.json")) == [path]


def test_a_record_says_what_training_did(tiny):
    (first, *_) = record()["runs"]
    again = training.train(
        experiments.SIX["tanh-huber"].network(60, 3, 0),
        samples(),
        lr=1e-4,
        n_steps=40,
        loss="huber",
        probes=[Sharpness(2), Norms(2)],
    )
    np.testing.assert_allclose(
        first["series"]["loss"]["value"], again.losses, rtol=1e-4
    )
    assert first["series"]["loss"]["step"] == list(range(41))
    edge = 1e-4 * again.series["sharpness"][1][10:] / 2
    assert first["summary"]["late_edge_median"] == pytest.approx(
        np.median(edge), rel=1e-4
    )


def test_a_record_of_all_paper_runs_fits_into_its_file(tmp_path):
    rng = np.random.default_rng(0)
    steps = np.arange(0, 100_001, 400)
    series = {
        name: (steps, rng.uniform(1, 2, len(steps)))
        for name in ("sharpness", "w1_norm", "w2_norm", "residual")
    }
    one = training.Run(
        "finished", 100_000, rng.uniform(1, 2, 100_001), series, None, 1.0, None
    )
    runs = [
        results.entry(replace(one, settings=settings(lr=lr, seed=seed)))
        for lr in experiments.SIX["relu3-mse"].paper
        for seed in range(5)
    ]
    made = {
        "schema": results.SCHEMA,
        "name": "long",
        "title": "",
        "config": {},
        "provenance": {},
        "runs": runs,
    }
    with pytest.raises(results.RecordError, match="allowed are 100000"):
        results.save(made, tmp_path)
    fitted = results.fitted(made)
    # no more was left out than must be
    assert results.save(fitted, tmp_path).stat().st_size > 60_000
    kept = fitted["runs"][-1]["series"]["sharpness"]
    assert (
        kept["step"][0] == 0
        and kept["step"][-1] == 100_000
        and len(fitted["runs"]) == 55
    )


def test_runs_without_sharpness_or_losses_have_an_entry():
    bare = training.Run("finished", 2, np.array([3.0, 2, 1]), {}, None, 0.0, settings())
    assert results.entry(bare)["summary"] == {
        "max_loss": 3.0,
        "late_rises": 0.0,
    }
    lost = results.entry(
        training.Run("diverged", 0, np.empty(0), {}, None, 0.0, settings())
    )
    assert lost["summary"] == {} and lost["series"] == {
        "loss": {"step": [], "value": []}
    }
    early = {"sharpness": (np.array([0]), np.array([1.0]))}
    assert "late_edge_median" not in results.summary(
        training.Run("finished", 2, np.ones(3), early, None, 0.0, settings())
    )


@pytest.mark.parametrize(
    "options, message",
    [
        ({"scale": "huge"}, "scale: got 'huge'"),
        ({"label": "gelu"}, "label: got 'gelu'"),
        ({"lrs": (1e-4, 1e-4)}, "lrs: got"),
        ({"lrs": (-1.0,)}, "lrs: got -1"),
        ({"device": "tpu"}, "device: got 'tpu'"),
        ({"seeds": 0}, "seeds: got 0"),
    ],
)
def test_experiments_name_bad_arguments(tiny, options, message):
    with pytest.raises(ValueError, match=message):
        command.record(
            "six_networks", options.pop("label", "tanh-huber"), samples(), **options
        )


def test_scale_and_learning_rates_are_in_the_name(tiny, monkeypatch):
    monkeypatch.setitem(experiments.SCALES, "paper", {"n_steps": 4, "every": 2})
    assert (
        command.record("six_networks", "outer-huber", samples(), seeds=1)["name"]
        == "six_networks-outer-huber-samples"
    )
    made = command.record(
        "six_networks", "outer-huber", samples(), seeds=1, scale="paper"
    )
    assert made["name"] == "six_networks-outer-huber-samples-paper"


def test_a_machine_without_git_records_too(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert results.provenance("cpu", "")["commit"] == "unknown"


def test_summary_counts_the_rises_and_the_edge():
    made = training.Run(
        "finished",
        8,
        np.array([9.0, 8, 7, 6, 5, 6, 5, 6, 5]),
        {"sharpness": (np.arange(9), np.array([0, 0, 0, 0, 1.98, 2.0, 2.2, 1.9, 2.1]))},
        None,
        0.0,
        settings(lr=1.0),
    )
    found = results.summary(made)
    assert found == {
        "max_loss": 9.0,
        "late_edge_median": 1.0,
        "late_edge_share": 0.6,
        "late_rises": 0.5,
    }


def test_late_edge_is_the_median_over_steps_then_seeds_without_diverged_rates():
    def made(lr, outcome, values):
        pair = {"step": [0, 50, 100], "value": values}
        return {
            "lr": lr,
            "outcome": outcome,
            "step": 100,
            "series": {"sharpness": pair},
        }

    runs = [made(0.5, "finished", [9, 4.0, v]) for v in (4.0, 8.0, 4.4)] + [
        made(1.0, "diverged", [9, 9, 9])
    ]
    assert results.late_edge({"runs": runs}) == pytest.approx({0.5: 1.05})


def test_thinning_keeps_both_ends_and_never_more_than_asked():
    thinned = results.thin(range(1001), np.linspace(0, 1, 1001), 50)
    assert (
        len(thinned["step"]) == 50
        and thinned["step"][0] == 0
        and thinned["step"][-1] == 1000
    )
    assert results.thin([], []) == {"step": [], "value": []}


def test_a_resumed_experiment_gives_the_same_numbers(tiny, monkeypatch, tmp_path):
    whole = record()["runs"]
    monkeypatch.setitem(experiments.SCALES, "small", {"n_steps": 20, "every": 2})
    record()  # stops half way: its checkpoints are at step 20
    assert len(list((tmp_path / "elsewhere" / ".partial").glob("*.pt"))) == 4
    monkeypatch.setitem(experiments.SCALES, "small", {"n_steps": 40, "every": 2})
    visited = []
    visit = training._Loop._visit
    monkeypatch.setattr(
        training._Loop, "_visit", lambda self: visited.append(self.step) or visit(self)
    )
    resumed = record(resume=True)["runs"]
    assert min(visited) == 20 and [r["series"] for r in resumed] == [
        r["series"] for r in whole
    ]


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda r: r.pop("provenance"), "provenance: got NoneType; expected is dict"),
        (lambda r: r.update(schema=3), "schema: got 3; expected is 2"),
        (
            lambda r: r["runs"][0].update(outcome="exploded"),
            r"runs\[0\]: outcome: got 'exploded'",
        ),
        (
            lambda r: r["runs"][1]["series"]["loss"]["value"].pop(),
            r"runs\[1\]: series: loss",
        ),
        (
            lambda r: r["runs"][1]["series"]["loss"]["value"].__setitem__(
                0, float("nan")
            ),
            "finite",
        ),
        (
            lambda r: r["runs"][0].update(seed="0"),
            r"runs\[0\]: seed: got str; expected is int",
        ),
        (lambda r: r["runs"][0].update(lr=-1.0), r"runs\[0\]: got lr -1.0"),
        (
            lambda r: r["runs"][0]["series"]["loss"]["step"].reverse(),
            "steps that are integers and rise",
        ),
        (
            lambda r: r["runs"][0]["series"]["loss"]["value"].__setitem__(0, "1"),
            "finite",
        ),
        (
            lambda r: r["runs"][0]["summary"].update(max_loss=None),
            "summary: got .*expected are finite numbers",
        ),
    ],
)
def test_what_is_no_record_is_refused(tiny, change, message, tmp_path):
    made = record()
    change(made)
    with pytest.raises(results.RecordError, match=message):
        results.save(made, tmp_path)
    (tmp_path / f"{made['name']}.json").write_text(json.dumps(made))
    with pytest.raises(results.RecordError, match=message):
        results.load(made["name"], tmp_path)


def test_unknown_long_and_broken_files(tiny, tmp_path):
    with pytest.raises(
        FileNotFoundError, match="name: got 'nothing'; allowed are none yet"
    ):
        results.load("nothing", tmp_path)
    made = record()
    made["runs"] *= 40
    with pytest.raises(results.RecordError, match="allowed are 100000"):
        results.save(made, tmp_path)
    (tmp_path / "half.json").write_text('{"schema": 1,')
    (tmp_path / "latin.json").write_bytes(b'{"title": "\xe9"}')
    (tmp_path / "other.json").write_text(json.dumps(record()))
    for name, message in {
        "half": "expected is JSON",
        "latin": "expected is JSON",
        "other": "expected is 'other'",
    }.items():
        with pytest.raises(results.RecordError, match=f"{name}.json.*{message}"):
            results.load(name, tmp_path)


@pytest.mark.parametrize("name", results.names())
def test_every_committed_record_is_one(name):
    made = results.load(name)
    assert made["name"] == name and made["runs"]
    assert (results.HOME / f"{name}.json").stat().st_size <= results.LIMIT
    assert "--out" not in made["provenance"]["command"]


@pytest.mark.parametrize(
    "words",
    [
        "--out there --seeds 2",
        "--seeds 2 --out there",
        "--seeds 2 --out=there",
        "--seeds 2",
    ],
)
def test_where_a_record_was_put_is_no_part_of_its_command(words):
    assert (
        command._command(["six_networks", *words.split()])
        == "python -m lrlib.run six_networks --seeds 2"
    )


def test_a_dask_cluster_can_take_the_sweep(tiny):
    distributed = pytest.importorskip("distributed", reason="needs distributed")
    alone = record()["runs"]
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        with distributed.Client(cluster), joblib.parallel_config(backend="dask"):
            spread = record()["runs"]
    assert [r["series"] for r in spread] == [r["series"] for r in alone]


def test_the_authors_curves_are_theirs():
    if not REFERENCE.exists():
        pytest.skip(
            f"needs the authors' curves, {REFERENCE.name}, in the folder that "
            "LRLIB_REFERENCE names"
        )
    assert make(json.loads(REFERENCE.read_text(encoding="utf-8"))) == results.load(
        "wang2025_authors"
    )


def test_the_command_line_names_what_it_knows(capsys):
    with pytest.raises(SystemExit):
        command.main(["seven_networks"])
    assert "six_networks" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main(["six_networks", "--data", "digits", "--cases", "gelu"])
    assert "--cases: got 'gelu'; allowed are tanh-huber" in capsys.readouterr().err
    with pytest.raises(
        ValueError, match="experiment: got 'none'; allowed are 'six_networks'"
    ):
        experiments.experiment("none")
