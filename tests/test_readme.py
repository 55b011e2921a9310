"""Every command and snippet in README and CONTRIBUTING works as printed, and every link
leads somewhere.
"""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lrlib.records import command as run
from lrlib.records import experiments

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "CONTRIBUTING.md")
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
    "optional-dependencies"
]
# Hosts a reader may be sent to; an address elsewhere is likely to be invented.
HOSTS = {"keepachangelog.com", "creativecommons.org", "localhost"}


def blocks(page, language):
    found = FENCE.findall((ROOT / page).read_text(encoding="utf8"))
    return [
        re.sub(f"^{indent}", "", body, flags=re.MULTILINE)
        for indent, kind, body in found
        if kind == language
    ]


def commands():
    for page in PAGES:
        for block in blocks(page, "bash"):
            yield from (
                pytest.param(line, id=f"{page}: {line}")
                for line in block.splitlines()
                if line.strip()
            )
        # A command printed within a sentence counts too.
        prose = FENCE.sub("", (ROOT / page).read_text(encoding="utf8"))
        for line in re.findall(r"`((?:make [a-z]|\.venv/bin/)[^`]*)`", prose):
            yield pytest.param(line, id=f"{page}: {line}")


def snippets():
    return [
        pytest.param(code, id=f"{page}-{i}")
        for page in PAGES
        for i, code in enumerate(blocks(page, "python"))
    ]


def installed(program):
    """The program's name, where `make test` or one of the extras brings it."""
    return Path(sys.executable).with_name(program).exists()


@pytest.mark.parametrize("command", list(commands()))
def test_command(command):
    program, *arguments = shlex.split(command)
    # would build and test from within a test: have make say what it would run
    if program == "make":
        dry = subprocess.run(
            ["make", "-n", *arguments], cwd=ROOT, capture_output=True, text=True
        )
        assert dry.returncode == 0 and dry.stdout, dry.stderr
    elif program == "conda":
        file = arguments[arguments.index("-f") + 1]
        assert arguments[:2] == ["env", "create"] and (ROOT / file).exists()
    elif arguments[:3] == ["-m", "pip", "install"]:
        assert program == ".venv/bin/python"
        (extra,) = re.findall(r"\.\[(\w+)\]", command)
        assert extra in EXTRAS
        assert (ROOT / arguments[arguments.index("-c") + 1]).exists()
    elif arguments[:2] == ["-m", "lrlib.run"]:
        chosen = run.parser().parse_args(arguments[2:])
        assert set(chosen.cases or ()) <= set(experiments.experiment(chosen.name))
    elif program == ".venv/bin/python" and arguments[0].endswith(".py"):
        assert (ROOT / arguments[0]).exists()
    else:
        check_tool(Path(program), arguments)


def check_tool(program, arguments):
    """A tool in .venv is the entry point of something an extra installs, and its files
    exist.
    """
    assert program.parent == Path(".venv/bin")
    brings = {
        "jupyter": "jupyterlab",
        "jupytext": "jupytext",
        "pre-commit": "pre-commit",
    }[program.name]
    assert any(spec.startswith(brings) for specs in EXTRAS.values() for spec in specs)
    for argument in arguments:
        if "/" in argument or argument == "notebooks":
            assert list(ROOT.glob(argument)), argument
    if installed(program.name):
        tool = [str(Path(sys.executable).with_name(program.name)), "--version"]
        assert subprocess.run(tool, capture_output=True).returncode == 0


@pytest.mark.parametrize("code", snippets())
def test_python_snippet(code, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_there_is_something_to_check():
    assert len(list(commands())) >= 10 and len(snippets()) >= 2


@pytest.mark.parametrize("page", [*PAGES, "CHANGELOG.md"])
def test_links_lead_somewhere(page):
    for target in re.findall(
        r"\]\(([^)\s]+)\)", (ROOT / page).read_text(encoding="utf8")
    ):
        if "://" in target:
            assert target.split("/")[2] in HOSTS, f"{target}: is this a real address?"
        else:
            assert (ROOT / target).exists(), (
                f"{page} links to {target}, which does not exist"
            )


@pytest.mark.parametrize("page", PAGES)
def test_named_files_exist(page):
    text = FENCE.sub("", (ROOT / page).read_text(encoding="utf8"))
    named = re.findall(r"`((?:book|lrlib|notebooks|tests|bench)/[\w./-]*)`", text)
    assert named or page == "README.md"
    for path in named:
        assert (ROOT / path).exists(), f"{page} names {path}, which does not exist"
