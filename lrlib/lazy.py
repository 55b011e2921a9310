"""Names of a package that load their module on first use: the import does no work."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def attach(
    package: str, home: Mapping[str, str], modules: Mapping[str, str] | None = None
) -> Callable[[str], object]:
    """The ``__getattr__`` of a package.

    Parameters
    ----------
    package
        The package's ``__name__``.
    home
        For each public name the module below `package` that defines it.
    modules
        Names that stand for a whole module below `package`.

    Whoever reads the imports of this library reads these tables too, so that both are
    written as literals, under the names ``_HOME`` and ``_MODULES``.
    """
    modules = modules or {}

    def load(name: str) -> object:
        if name in home:
            return getattr(import_module(f"{package}.{home[name]}"), name)
        if name in modules:
            return import_module(f"{package}.{modules[name]}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return load
