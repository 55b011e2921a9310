"""The one text that anywidget wants, made of the ES modules in `js`.

There is no bundler: editors, linters and ``node --test`` see the modules as they stand.
"""

from __future__ import annotations

import re
from pathlib import Path

HOME = Path(__file__).with_name("js")
_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_DECLARED = r"^{}(?:const|let|class|function\*?|async function) (\w+)"
_EXPORTED = re.compile(_DECLARED.format("export "), re.MULTILINE)
_TOP_LEVEL = re.compile(_DECLARED.format("(?:export )?"), re.MULTILINE)


def link(entry: str) -> str:
    """The module `entry`, a path in `js`, after all that it imports; each module once.

    Modules become one scope, so that a name may be declared in only one of them.

    Raises
    ------
    ValueError
        For a name that two modules declare, or an import of something that is not there.
    """
    texts: dict[Path, str] = {}
    owners: dict[str, Path] = {}

    def add(path: Path) -> None:
        if path in texts:
            return
        texts[path] = text = path.read_text(encoding="utf-8")
        for names, target in _IMPORT.findall(text):
            source = (path.parent / target).resolve()
            add(source)
            missing = set(re.findall(r"\w+", names)) - set(
                _EXPORTED.findall(texts[source])
            )
            if missing:
                raise ValueError(
                    f"{path.name}: {target} does not export {', '.join(missing)}"
                )
        for name in _TOP_LEVEL.findall(text):
            if owners.setdefault(name, path) != path:
                raise ValueError(
                    f"{name} is declared in {owners[name].name} and {path.name}"
                )
        order.append(path)

    order: list[Path] = []
    add((HOME / entry).resolve())
    return "\n".join(lean(texts[path]) for path in order)


def lean(text: str) -> str:
    """A module without imports, exports, indentation and comment lines: pages carry it."""
    text = re.sub(
        r"^ */\*.*?\*/\n", "", _IMPORT.sub("", text), flags=re.MULTILINE | re.DOTALL
    )
    text = re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE)
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
