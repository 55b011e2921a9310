"""The rules of the project that no single module can check."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = sorted((ROOT / "lrlib").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}
# the learning rate is `lr`, everywhere
BANNED = {"eta", "h", "gamma", "step_size", "learning_rate"}
LEDGER = ROOT / "_build" / "html" / "ledger.json"


def requirements(specs):
    """{name: version specifier} of a list like ["numpy>=2.0"]."""
    return dict(re.fullmatch(r"([\w.-]+)(.*)", spec).groups() for spec in specs)


def imports(path, deferred):
    """The lrlib modules a file imports on loading; with `deferred`, also those inside
    functions.
    """
    tree = ast.parse(path.read_text(encoding="utf8"))
    found = set()
    for node in ast.walk(tree) if deferred else tree.body:
        if isinstance(node, ast.ImportFrom) and (
            node.level or (node.module or "").startswith("lrlib")
        ):
            module = re.sub(r"^lrlib\.?", "", node.module or "")
            found |= (
                {module.split(".")[0]}
                if module
                else {alias.name for alias in node.names}
            )
        elif isinstance(node, ast.Import):
            found |= {
                a.name.split(".")[1] for a in node.names if a.name.startswith("lrlib.")
            }
    return found


def import_graph(deferred=False):
    modules = {p.stem: p for p in (ROOT / "lrlib").glob("*.py") if p.stem != "__init__"}
    graph = {
        name: imports(path, deferred) & (modules.keys() | {"widgets"})
        for name, path in modules.items()
    }
    inside = set().union(
        *(imports(p, deferred) for p in (ROOT / "lrlib" / "widgets").glob("*.py"))
    )
    return graph | {"widgets": inside & modules.keys()}


def reachable(graph, start):
    seen = set()
    todo = [start]
    while todo:
        new = graph.get(todo.pop(), set()) - seen
        seen |= new
        todo += new
    return seen


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


@pytest.mark.parametrize(
    "earlier, later",
    [
        ("codegen", "landscape"),
        ("landscape", "zoo"),
        ("noise", "descent"),
        ("descent", "outcomes"),
    ],
)
def test_imports_go_one_way(earlier, later):
    graph = import_graph()
    assert earlier in reachable(graph, later)
    assert later not in reachable(graph, earlier)


def test_imports_have_no_cycle_and_nothing_imports_pictures():
    assert list(TopologicalSorter(import_graph()).static_order())  # raises on a cycle
    graph = import_graph(deferred=True)
    for name in graph.keys() - {"figures", "widgets"}:
        assert not reachable(graph, name) & {"figures", "widgets"}, name


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
    assert {name.split(".")[0] for name in register["claims"]} <= register[
        "sources"
    ].keys()
    assert all(statement.strip() for statement in register["claims"].values())
