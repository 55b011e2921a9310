"""The base of all widgets: one anywidget class whose front end needs no kernel.

The JavaScript files are joined here, without a bundler. What the front end shows
travels in traits, so that nothing of it is written twice.
"""

from __future__ import annotations

import re
from pathlib import Path

import anywidget
import traitlets

from .linker import lean, style

_SHARED = ("canvas.js", "controls.js", "link.js", "frame.js")


def read(name: str) -> str:
    """A file of the front end, without indentation and lines that are only comments."""
    path = Path(__file__).with_name(name)
    if path.suffix == ".css":
        return style(path)
    return lean(path.read_text(encoding="utf-8"), name)


def sources(*names: str) -> str:
    """The front end of one widget: the shared files, then its own."""
    return "\n".join(map(read, (*_SHARED, *names)))


def within(name: str, value, low: float, high: float) -> float:
    """`value` as a number in [low, high]."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name}: got {value!r}; allowed is a number from {low!r} to {high!r}"
        ) from None
    if not low <= number <= high:
        raise ValueError(
            f"{name}: got {value!r}; allowed is a number from {low!r} to {high!r}"
        )
    return number


class Frame(anywidget.AnyWidget):
    """What all widgets share: a name, a poster, and a state that links carry."""

    _css = read("widgets.css")
    height = traitlets.Int(None, allow_none=True).tag(sync=True)
    ident = traitlets.Unicode().tag(sync=True)
    _title = traitlets.Unicode().tag(sync=True)
    _defaults = traitlets.Dict().tag(sync=True)
    _python = traitlets.Dict().tag(sync=True)
    _poster = traitlets.Unicode().tag(sync=True)

    title = ""  # of a subclass: what a screen reader calls it

    def __init__(self, subject: str, *, ident: str | None, title: str, **traits):
        super().__init__(ident=self._identity(ident, subject), _title=title, **traits)

    def _identity(self, ident: str | None, subject: str) -> str:
        """The name in links; it must not depend on what else a page shows."""
        name = (
            ident
            or re.sub(r"(?<=[a-z])(?=[A-Z0-9])", "-", type(self).__name__)
            + f"-{subject}"
        )
        name = name if ident else re.sub(r"[^a-z0-9]+", "-", name.lower())
        if not re.fullmatch(r"[A-Za-z][\w-]*", name):
            raise ValueError(
                f"ident: got {ident!r}; allowed are letters, digits, '-' and '_', "
                "a letter first"
            )
        return name

    def poster_sizes(self) -> dict[str, int]:
        """Custom properties on which the height depends, as the front end sets them."""
        return {}

    @traitlets.default("_poster")
    def _make_poster(self):
        from .poster import poster

        return poster(self)
