"""The package as a wheel, installed elsewhere: records travel with it, and none are
written beside it.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the installed package, and nothing else of this clone."""
    pytest.importorskip("setuptools", minversion="77", reason="builds a wheel")
    folder = tmp_path_factory.mktemp("wheel")
    names = ["lrlib", "results", "pyproject.toml", "README.md", "LICENSE"]
    for name in names:
        subprocess.run(["cp", "-r", ROOT / name, folder], check=True)
    pip = [sys.executable, "-m", "pip", "-q"]
    subprocess.run(
        [*pip, "wheel", ".", "--no-build-isolation", "--no-deps", "-w", "made"],
        cwd=folder,
        check=True,
    )
    (wheel,) = (folder / "made").glob("*.whl")
    place = folder / "site"
    subprocess.run([*pip, "install", "--no-deps", "--target", place, wheel], check=True)
    return place


def python(installed, *words, **variables):
    """What Python does there, in a folder of its own."""
    environment = os.environ | {"PYTHONPATH": str(installed)} | variables
    return subprocess.run(
        [sys.executable, *words],
        env=environment,
        cwd=installed.parent / "made",
        capture_output=True,
        text=True,
    )


def test_an_installed_package_has_its_records(installed):
    script = (
        "import lrlib; from lrlib import results; print(lrlib.__file__); "
        "print(len(results.names()), results.load('wang2025_authors')['name'])"
    )
    done = python(installed, "-c", script)
    assert done.returncode == 0, done.stderr
    place, found = done.stdout.split("\n")[:2]
    here = [p for p in (ROOT / "results").glob("*.json") if "bench" not in p.name]
    assert Path(place).is_relative_to(installed)
    assert found == f"{len(here)} wang2025_authors"


def test_an_installed_package_writes_where_it_is_told(installed, tmp_path):
    before = sorted(installed.rglob("*.json"))
    line = "-m lrlib.run six_networks --data digits --cases tanh-mse --lrs 0.001"
    line += " --seeds 1 --n-steps 2 --device cpu"
    refused = python(installed, *line.split())
    assert refused.returncode == 2
    assert "--out: folder: got none to write records to" in refused.stderr
    assert "LRLIB_RESULTS" in refused.stderr
    for place, words, variables in (
        (tmp_path / "option", ["--out", str(tmp_path / "option")], {}),
        (tmp_path / "named", [], {"LRLIB_RESULTS": str(tmp_path / "named")}),
    ):
        done = python(installed, *line.split(), *words, **variables)
        assert done.returncode == 0, done.stderr
        assert len(list(place.glob("*.json"))) == 1 and (place / ".partial").is_dir()
    assert sorted(installed.rglob("*.json")) == before


def test_a_folder_that_is_not_there_is_named(installed):
    script = "from lrlib import results; results.load('six')"
    done = python(installed, "-c", script, LRLIB_RESULTS="/nowhere")
    assert (
        "LRLIB_RESULTS: got '/nowhere'; allowed is a folder that exists" in done.stderr
    )
