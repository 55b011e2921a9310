"""The base of all widgets: one anywidget class; its picture is a module in `js/widgets`."""

from __future__ import annotations

import re
from typing import Any

import anywidget
import traitlets

from .controls import Control
from .linker import HOME, link, style


def fill(template: str, values: dict) -> str:
    """`template` with its ``{names}`` filled; others stay, braces of Python among them."""
    return re.sub(
        r"\{(\w+)\}", lambda hole: str(values.get(hole[1], hole[0])), template
    )


class Widget(anywidget.AnyWidget):
    """A picture with controls.

    A subclass names its module, `front`, and a `title`, declares its controls as traits, and
    gives `python`, the templates of "copy as Python": of {"noise": ..., "": ...} the first is
    taken whose trait is not 0. Holes in them are traits, keys of links, or `words` given to
    ``__init__``.
    """

    front = ""
    title = ""
    python: dict[str, str] = {}
    _css = style(HOME.with_name("widgets.css"))
    height = traitlets.Int(None, allow_none=True).tag(sync=True)
    ident = traitlets.Unicode().tag(sync=True)
    _title = traitlets.Unicode().tag(sync=True)
    _controls: traitlets.List = traitlets.List().tag(sync=True)
    _defaults = traitlets.Dict().tag(sync=True)
    _formulas = traitlets.Dict().tag(sync=True)  # JavaScript expressions by name
    _python = traitlets.Dict().tag(sync=True)
    # custom properties on which the height depends
    _sizes = traitlets.Dict().tag(sync=True)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # not in the classes that anywidget derives for its traits
        if "front" in vars(cls):
            cls._esm = link(f"widgets/{cls.front}.js")

    def __init__(
        self,
        subject: str,
        *,
        ident: str | None = None,
        words: dict[str, Any] | None = None,
        formulas: dict[str, str] | None = None,
        **traits: Any,
    ):
        python = {key: fill(text, words or {}) for key, text in self.python.items()}
        if formulas is not None:
            traits["_formulas"] = formulas
        traits |= {"_python": python}
        traits |= {"_title": f"{self.title} on {subject.replace('_', ' ')}"}
        moved = self.declared()
        # limits before what they limit
        ordered = sorted(traits, key=moved.__contains__)
        named = {name: traits[name] for name in ordered}
        super().__init__(ident=self._identity(ident, subject), **named)

    def _identity(self, ident: str | None, subject: str) -> str:
        """The name in links; it must not depend on what else a page shows."""
        kind = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "-", type(self).__name__)
        name = ident or re.sub(r"[^a-z0-9]+", "-", f"{kind}-{subject}".lower())
        if not re.fullmatch(r"[A-Za-z][\w-]*", name):
            allowed = "letters, digits, '-' and '_', a letter first"
            raise ValueError(f"ident: got {ident!r}; allowed are {allowed}")
        return name

    @classmethod
    def declared(cls) -> dict[str, Control]:
        """All controls, in the order of their declaration, which `traits` forgets."""
        found: dict[str, Control] = {}
        for part in reversed(cls.__mro__):
            found |= {
                name: t for name, t in vars(part).items() if isinstance(t, Control)
            }
        return found

    def controls(self) -> list[Control]:
        """Those that are shown."""
        return [control for control in self.declared().values() if control.shown(self)]

    @traitlets.default("_controls")
    def _describe_controls(self) -> list[dict]:
        return [control.describe(self) for control in self.controls()]

    @traitlets.default("_defaults")
    def _link_values(self) -> dict[str, Any]:
        return {
            k: v for control in self.controls() for k, v in control.values(self).items()
        }

    @property
    def _poster(self) -> str:
        """HTML of the present state; Jupyter needs none, the site's build paints its own."""
        from .still import poster

        return poster(self)

    def python_call(self) -> str:
        """What "copy as Python" gives."""
        pairs = self._python.items()
        template = next(text for key, text in pairs if not key or getattr(self, key))
        traits = {name: getattr(self, name) for name in self.trait_names()}
        return fill(template, traits | self._link_values() | self.words())

    def words(self) -> dict[str, str]:
        """What fills holes of `python` besides the state and the traits."""
        return {}
