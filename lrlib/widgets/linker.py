"""The one text that anywidget wants, made of the ES modules in `js`, and the style sheet.

There is no bundler: editors, linters and ``node --test`` see the modules as they stand.
What the linker cannot join without loss it refuses, by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).with_name("js")
SHARED = "widget.js"  # with all that it imports it is the first part of every widget
_SKIPPED = r"(?:\s|//[^\n]*\n|/\*.*?\*/)*"
_IMPORT = re.compile(
    _SKIPPED
    + r'(?P<whole>import \{(?P<names>[^}]*)\} from "(?P<target>\.{1,2}/[^"]+)";\n)',
    re.DOTALL,
)
_DECLARED = r"^{}(?:const|let|var|class|(?:async )?function\*?) (\w+)"
_EXPORTED = re.compile(_DECLARED.format("export "), re.MULTILINE)
_TOP_LEVEL = re.compile(_DECLARED.format("(?:export )?"), re.MULTILINE)
_UNKNOWN = re.compile(
    r"^(?:import\b.*|export (?!default\b|const \w|let \w|class|function|async function).*"
    r"|(?:export )?(?:const|let|var) [\[{].*)",
    re.MULTILINE,
)
_TRAILING = re.compile(r"""^([^'"`/]*?)\s*//.*$""")


class Linker:
    """Modules in the order in which each follows all that it imports."""

    def __init__(self):
        self.exports: dict[Path, set[str]] = {}
        self.owners: dict[str, Path] = {}
        self.open: list[Path] = []  # modules whose imports are being added
        self.linked: list[str] = []

    def add(self, path: Path) -> None:
        if path in self.open:
            names = [p.name for p in (*self.open[self.open.index(path) :], path)]
            raise ValueError(f"modules import each other: {' -> '.join(names)}")
        if path in self.exports:
            return
        imports, body = split(path.name, path.read_text(encoding="utf-8"))
        self.open.append(path)
        for names, target in imports:
            self._follow(path, names, target)
        self.open.pop()
        self._declare(path, body)
        self.linked.append(body)

    def _follow(self, path: Path, names: list[str], target: str) -> None:
        source = (path.parent / target).resolve()
        if not source.is_file():
            raise ValueError(f"{path.name} imports {target}, which is not there")
        self.add(source)
        missing = [name for name in names if name not in self.exports[source]]
        if missing:
            raise ValueError(
                f"{path.name}: {target} does not export {', '.join(missing)}"
            )

    def _declare(self, path: Path, body: str) -> None:
        self.exports[path] = set(_EXPORTED.findall(body))
        for name in _TOP_LEVEL.findall(body):
            owner = self.owners.setdefault(name, path)
            if owner != path:
                raise ValueError(f"{name} is declared in {owner.name} and {path.name}")

    def take(self) -> str:
        """The text of what was added since the last call."""
        text = "\n".join(self.linked)
        self.linked.clear()
        text = re.sub(r"^export (?!default\b)", "", text, flags=re.MULTILINE)
        return "\n".join(map(squeezed, text.split("\n")))


def squeezed(line: str) -> str:
    """A line without its indentation, and without spaces beside punctuation outside of its
    strings; unless something in it could be a regular expression or another string.
    """
    line = line.lstrip(" ")
    if line.startswith("export default ") or re.search("['`/]", line):
        return line
    parts = re.split(r'("(?:[^"\\]|\\.)*")', line)  # strings are every second
    spaces = re.compile(r" *([=,;:?{}()\[\]<>&|*%]) *")
    parts[::2] = [spaces.sub(r"\1", part) for part in parts[::2]]
    return "".join(parts)


def split(name: str, text: str) -> tuple[list[tuple[list[str], str]], str]:
    """Imports of a module, (names, where from), and its other lines of code.

    Raises
    ------
    ValueError
        For an import or an export in a form that the linker does not know.
    """
    imports = []
    at = 0
    while found := _IMPORT.match(text, at):
        names = [part.strip() for part in found["names"].split(",") if part.strip()]
        renamed = [part for part in names if not re.fullmatch(r"\w+", part)]
        if renamed:
            raise ValueError(f"{name}: the linker does not know {renamed[0]!r}")
        imports.append((names, found["target"]))
        at = found.end()
    body = "\n".join(code_lines(text[at:], name))
    if unknown := _UNKNOWN.search(body):
        raise ValueError(f"{name}: the linker does not know {unknown[0]!r}")
    return imports, body


def parts(entry: str) -> list[str]:
    """The linked text of the module `entry` in two: what all widgets share, and its own.

    Modules become one scope, so that a name may be declared in only one of them.

    Raises
    ------
    ValueError
        For a name that two modules declare, an import of something that is not there,
        modules that import each other, and what cannot be joined.
    """
    linker = Linker()
    found = []
    for name in (SHARED, entry):
        linker.add((HOME / name).resolve())
        found.append(linker.take())
    defaults = [len(re.findall("^export default ", t, re.MULTILINE)) for t in found]
    if defaults != [0, 1]:
        raise ValueError(f"{entry}: the widget, and only it, has a default export")
    return found


def link(entry: str) -> str:
    """The module `entry`, a path in `js`, after all that it imports; each module once."""
    return "\n".join(parts(entry))


def code_lines(text: str, name: str, comment: str = "//") -> Iterator[str]:
    """Lines of `text` that are not blank and not only comments; a comment at the end of a line
    goes where nothing before it could begin a string or a regular expression.

    A line is taken for what it seems, so that a string over several lines is refused.
    """
    inside = False  # of a comment of several lines
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not inside and comment and bare.startswith(comment):
            continue
        inside = inside or bare.startswith("/*")
        if inside:
            _, closed, line = line.partition("*/")
            inside = not closed
        if comment and (line.count("`") % 2 or line.endswith("\\")):
            raise ValueError(f"{name}: line {number} has part of a string: {line!r}")
        if comment:
            line = _TRAILING.sub(r"\1", line)
        if line.strip():
            yield line.rstrip()


def lean(text: str, name: str, comment: str = "//") -> str:
    """The lines of code without their indentation."""
    return "\n".join(line.strip() for line in code_lines(text, name, comment))


def style(path: Path) -> str:
    """A style sheet as pages carry it; lines with strings keep all their spaces."""
    lines = lean(path.read_text(encoding="utf-8"), path.name, comment="").splitlines()
    spaces = re.compile(r"(?<=[:;,{]) | (?={)")
    return "\n".join(
        line if re.search("[\"']", line) else spaces.sub("", line) for line in lines
    )
