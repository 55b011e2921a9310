"""What a page depends on: the modules of the library that its code imports, and so on.

Read from the code, never run: an import inside a function counts, and a name that a
package loads on first use counts for the module it comes from.
"""

import ast
from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "lrlib"
# The front end is put into the pages when they are written, not when they are executed.
FRONT_END = {".js", ".css"}
# A module that reads recorded runs depends on every one of them.
READS_RECORDS = "records.store"
LAZY_TABLES = ("_HOME", "_MODULES")


class Library:
    """The modules below `root`/lrlib, by dotted name; "" is the package itself."""

    def __init__(self, root=ROOT):
        self.root = Path(root)
        self.modules = {}
        for path in sorted((self.root / PACKAGE).rglob("*.py")):
            parts = path.relative_to(self.root / PACKAGE).with_suffix("").parts
            self.modules[".".join(p for p in parts if p != "__init__")] = path
        self._trees = {}
        self._imports = {}

    def tree(self, module):
        if module not in self._trees:
            text = self.modules[module].read_text(encoding="utf8")
            self._trees[module] = ast.parse(text)
        return self._trees[module]

    def is_package(self, module):
        return self.modules[module].name == "__init__.py"

    def lazy_names(self, package):
        """{name: module} of what a package loads on first use."""
        found = {}
        for node in self.tree(package).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
                if getattr(node.targets[0], "id", None) in LAZY_TABLES:
                    table = ast.literal_eval(node.value)
                    found |= {
                        name: _join(package, home) for name, home in table.items()
                    }
        return found

    def imported(self, tree, home=None):
        """Modules that a piece of code imports; `home` is the package it stands in.

        With ``from package import name`` the package counts, and the module that the
        name comes from.
        """
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name.split(".")[0] == PACKAGE:
                        yield from self._named(
                            alias.name.removeprefix(PACKAGE).strip(".")
                        )
            elif isinstance(node, ast.ImportFrom):
                base = self._base(node, home)
                if base is not None:
                    for alias in node.names:
                        yield from self._from(base, alias.name)

    def _base(self, node, home):
        """The module that a ``from`` names, or None for one of another library."""
        if not node.level:
            parts = (node.module or "").split(".")
            return ".".join(parts[1:]) if parts[0] == PACKAGE else None
        parts = home.split(".") if home else []
        above = parts[: len(parts) - (node.level - 1)]
        return ".".join([*above, *filter(None, [node.module])])

    def _from(self, base, name):
        yield base
        if _join(base, name) in self.modules:
            yield _join(base, name)
        elif base in self.modules and self.is_package(base):
            lazy = self.lazy_names(base)
            yield from lazy.values() if name == "*" else filter(None, [lazy.get(name)])

    def _named(self, name):
        yield name

    def imports(self, module):
        """Modules that `module` imports directly, those inside functions included."""
        if module not in self._imports:
            home = module if self.is_package(module) else module.rpartition(".")[0]
            found = set(self.imported(self.tree(module), home))
            self._imports[module] = (found & self.modules.keys()) - {module}
        return self._imports[module]

    def closure(self, start):
        """`start` and all that is imported from there on, with the packages above."""
        seen = set()
        todo = list(start)
        while todo:
            module = todo.pop()
            if module in seen or module not in self.modules:
                continue
            seen.add(module)
            todo += self.imports(module)
            if module:
                todo.append(module.rpartition(".")[0])
        return seen

    def files(self, code):
        """Every file that the outcome of `code` depends on."""
        used = self.closure(self.imported(ast.parse(code)))
        found = {self.modules[module] for module in used}
        # data of a package belongs to the modules beside it
        for folder in {path.parent for path in found}:
            found |= {p for p in folder.iterdir() if self._is_data(p)}
        if READS_RECORDS in used:
            found |= set((self.root / "results").glob("*.json"))
        return sorted(found)

    @staticmethod
    def _is_data(path):
        return path.is_file() and path.suffix not in FRONT_END | {".py", ".pyc"}

    def digest(self, code):
        """A hash of `code` with all that its outcome depends on."""
        digest = sha256(code.encode())
        for path in [*self.files(code), self.root / "constraints.txt"]:
            digest.update(path.relative_to(self.root).as_posix().encode() + b"\0")
            digest.update(_content(path, path.stat().st_mtime_ns))
        return digest.hexdigest()


@cache
def _content(path, changed):
    return sha256(path.read_bytes()).digest()


def _join(*parts):
    return ".".join(filter(None, parts))
