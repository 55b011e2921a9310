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


# Layers of the package, the lowest first: a module imports its own layer or lower ones.
LAYERS = (
    ("checks", "claims", "files"),
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


def library_modules(root=ROOT / "lrlib"):
    """{dotted name below root: path} of every module; a package is its ``__init__``."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts).removesuffix("__init__").strip(".")] = path
    return found


def imported(name, path, modules):
    """The modules of lrlib that module `name` imports, those inside functions included."""
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [
                a.name.removeprefix("lrlib.") for a in node.names if "lrlib." in a.name
            ]
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join(
                package.split(".")[: len(package.split(".")) - node.level + 1]
            )
            home = ".".join(filter(None, [base, node.module or ""]))
            names = [f"{home}.{a.name}".strip(".") for a in node.names]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
            "lrlib"
        ):
            home = node.module.removeprefix("lrlib").strip(".")
            names = [f"{home}.{a.name}".strip(".") for a in node.names]
        else:
            continue
        for found in names:
            yield found if found in modules else found.rpartition(".")[0]


def import_graph(root=ROOT / "lrlib"):
    modules = library_modules(root)
    return {
        name: set(imported(name, path, modules)) - {"", name}
        for name, path in modules.items()
        if name
    }


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


def upward_imports(graph):
    """What imports something of a higher layer, or beside it in its own layer."""
    for name, imports in graph.items():
        for found in imports:
            beside = found.split(".")[0] != name.split(".")[0]
            if layer(found) > layer(name) or (layer(found) == layer(name) and beside):
                yield f"{name} imports {found}"


def test_imports_go_one_way():
    """Every import, also one inside a function, goes to the same layer or a lower one."""
    graph = import_graph()
    # it sees packages and modules
    assert graph["descent.outcomes"]
    assert graph["figures"]
    assert list(upward_imports(graph)) == []


@pytest.mark.parametrize(
    "path, text, wrong",
    [
        (
            "landscapes/formula.py",
            "def draw(self):\n    from ..figures import line\n    return line\n",
            "landscapes.formula imports figures.line",
        ),
        (
            "landscapes/__init__.py",
            "def __getattr__(name):\n    from lrlib.descent import stepping\n",
            "landscapes imports descent.stepping",
        ),
        (
            "descent/stepping.py",
            "class Steps:\n    def draw(self):\n        import lrlib.figures.line\n",
            "descent.stepping imports figures.line",
        ),
        (
            "networks/models.py",
            "from ..longrun import cycles\n",
            "networks.models imports longrun.cycles",
        ),
    ],
)
def test_an_import_that_goes_up_is_found(tmp_path, path, text, wrong):
    """A small package that is in order, and then one file of it that is not."""
    sound = {
        "__init__.py": "",
        "checks.py": "",
        "landscapes/__init__.py": "",
        "landscapes/formula.py": "from .. import checks\n",
        "descent/__init__.py": "",
        "descent/stepping.py": "from ..landscapes.formula import Landscape\n",
        "longrun/__init__.py": "",
        "longrun/cycles.py": "from ..descent import stepping\n",
        "networks/__init__.py": "",
        "networks/models.py": "",
        "figures/__init__.py": "from .line import curve\n",
        "figures/line.py": "from ..descent.stepping import advance\n",
    }
    for name, content in sound.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    assert list(upward_imports(import_graph(tmp_path))) == []
    (tmp_path / path).write_text(text)
    assert list(upward_imports(import_graph(tmp_path))) == [wrong]


def test_a_circle_is_found(tmp_path):
    (tmp_path / "descent").mkdir()
    for name, content in {
        "__init__.py": "",
        "ensembles.py": "def words():\n    from .outcomes import decide\n",
        "outcomes.py": "from . import ensembles\n",
    }.items():
        (tmp_path / "descent" / name).write_text(content)
    with pytest.raises(CycleError):
        list(TopologicalSorter(import_graph(tmp_path)).static_order())


def test_imports_have_no_cycle():
    graph = import_graph()
    # the old posters, which go with the last widget that moves to the kit
    graph.get("widgets.plane_poster", set()).discard("widgets.poster")
    assert list(TopologicalSorter(graph).static_order())  # raises on a cycle


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
