"""The rules of the project that no single module can check."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))
from dependencies import Library  # noqa: E402
from schedule import unit  # noqa: E402

LIBRARY = sorted((ROOT / "lrlib").rglob("*.py"))
TESTS = sorted((ROOT / "tests").glob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
# the learning rate is `lr`, everywhere
BANNED = {"eta", "h", "gamma", "step_size", "learning_rate"}
LEDGER = ROOT / "_build" / "html" / "ledger.json"


def requirements(specs):
    """{name: version specifier} of a list like ["numpy>=2.0"]."""
    return dict(re.fullmatch(r"([\w.-]+)(.*)", spec).groups() for spec in specs)


# Layers of the package, the lowest first: a module imports its own layer or lower ones.
LAYERS = (
    ("lazy", "checks", "claims", "files"),
    ("codegen",),
    ("landscapes",),
    ("descent",),
    ("longrun", "certify", "networks"),
    ("theory",),
    ("records",),
    ("figures",),
    ("widgets",),
    ("run",),
)


def import_graph(root=ROOT):
    """{module: modules that it imports}, packages and deferred imports included."""
    library = Library(root)
    return {name: library.imports(name) - {""} for name in library.modules if name}


def layer(name):
    head = name.split(".")[0]
    return next(i for i, heads in enumerate(LAYERS) if head in heads)


def test_environment_agrees_with_pyproject():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = {
        CONDA_NAMES.get(name, name): spec for name, spec in requirements(listed).items()
    }
    conda.pop("pip")
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda == requirements(
        PROJECT["dependencies"] + EXTRAS["torch"] + EXTRAS["lab"]
    )


def test_constraints_satisfy_pyproject():
    from packaging.specifiers import SpecifierSet

    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = dict(
        line.lower().replace("_", "-").split("==")
        for line in lines
        if line and not line.startswith("#")
    )
    specs = (
        PROJECT["dependencies"]
        + EXTRAS["torch"]
        + EXTRAS["book"]
        + EXTRAS["test"]
        + EXTRAS["dev"]
    )
    for name, spec in requirements(specs).items():
        assert pins[name] in SpecifierSet(spec), (
            f"{name}{spec} is pinned to {pins[name]}"
        )


def test_versions_agree():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]


def upward(graph):
    """Imports of a higher layer, or of another folder of the same."""
    for name, imports in graph.items():
        for found in imports:
            beside = layer(found) == layer(name)
            same_folder = found.split(".")[0] == name.split(".")[0]
            if layer(found) > layer(name) or (beside and not same_folder):
                yield f"{name} imports {found}"


def test_imports_go_one_way():
    assert not list(upward(import_graph()))


@pytest.mark.parametrize(
    "path, line, wrong",
    [
        ("descent/outcomes.py", "from ..widgets import Bars", "widgets.bars"),
        ("descent/__init__.py", "import lrlib.widgets", "widgets"),
        ("networks/probes.py", "def f():\n    from ..longrun import cycles", "longrun"),
        (
            "claims.py",
            "def f():\n    from lrlib import Landscape",
            "landscapes.formula",
        ),
    ],
)
def test_an_import_upwards_is_seen(tmp_path, path, line, wrong):
    """The test above turns red: also inside a function, from a package, by a lazy name."""
    files = {
        "__init__.py": "_HOME = {'Landscape': 'landscapes.formula'}",
        "landscapes/__init__.py": "",
        "landscapes/formula.py": "",
        "longrun/__init__.py": "",
        "widgets/__init__.py": "_HOME = {'Bars': 'bars'}",
        "widgets/bars.py": "from ..longrun import cycles",
        path: line,
    }
    for name, text in files.items():
        file = tmp_path / "lrlib" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    module = path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    assert f"{module} imports {wrong}" in list(upward(import_graph(tmp_path)))


def test_imports_have_no_cycle():
    graph = import_graph()
    # The one circle that is left: settings load without torch, and ask the modules
    # that need it only when they are used.
    with_torch = {"models", "probes", "parametrisations"}
    graph["networks.settings"] -= {f"networks.{name}" for name in with_torch}
    assert list(TopologicalSorter(graph).static_order())  # raises on a cycle


def test_a_circle_is_seen(tmp_path):
    folder = tmp_path / "lrlib" / "descent"
    folder.mkdir(parents=True)
    (tmp_path / "lrlib" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("")
    (folder / "outcomes.py").write_text("from .ensembles import ensemble\n")
    (folder / "ensembles.py").write_text("def f():\n    from .outcomes import decide\n")
    with pytest.raises(CycleError):
        list(TopologicalSorter(import_graph(tmp_path)).static_order())


@pytest.mark.parametrize("path", TESTS, ids=lambda p: p.name)
def test_no_test_file_imports_another(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not [name for name in names if name.startswith("test_")]


def test_import_is_light():
    code = (
        "import lrlib, sys; print(*[m for m in ('torch', 'numba', 'sympy', "
        "'matplotlib') if m in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("path", LIBRARY, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_the_learning_rate_has_one_name(path):
    tree = ast.parse(path.read_text(encoding="utf8"))
    names = {
        arg.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arguments)
        for arg in parameters(node)
    }
    assert not names & BANNED


def parameters(arguments):
    extra = [a for a in (arguments.vararg, arguments.kwarg) if a]
    return arguments.posonlyargs + arguments.args + arguments.kwonlyargs + extra


def test_ledger_is_complete():
    if not LEDGER.exists() and not os.environ.get("CI"):
        pytest.skip("the site is not built: run `make book`")
    claims = json.loads(LEDGER.read_text(encoding="utf8"))["claims"]
    registered = yaml.safe_load((ROOT / "book" / "statements.yml").read_text())[
        "claims"
    ]
    assert sorted(c["id"] for c in claims) == sorted(registered)
    for claim in claims:
        page, anchor = claim["link"].split("#")
        assert f'id="{anchor}"' in (LEDGER.parent / page).read_text(
            encoding="utf8"
        ).replace("'", '"')


def test_statements_name_a_source():
    register = yaml.safe_load((ROOT / "book" / "statements.yml").read_text())
    ids = register["claims"]
    assert {name.split(".")[0] for name in ids} <= register["sources"].keys()
    assert len(set(ids)) == len(ids)
    assert set(register["unseen"]) <= set(ids)


@pytest.mark.parametrize(
    "nodeid, expected",
    [
        ("notebooks/regimes/a.ipynb::Cell 3", "notebooks/regimes/a.ipynb"),
        ("notebooks/regimes/a.ipynb::claims", "notebooks/regimes/a.ipynb"),
        ("tests/test_zoo.py::test_x[2-a]", "tests/test_zoo.py"),
        ("tests/test_site_looks.py::test_x[light]", "tests/test_site_looks.py"),
        (
            "tests/test_site_looks.py::test_x[notebooks/escaping/toy_1d]",
            "tests/test_site_looks.py notebooks/escaping/toy_1d",
        ),
    ],
)
def test_cells_of_a_page_stay_with_one_worker(nodeid, expected):
    assert unit(nodeid) == expected
