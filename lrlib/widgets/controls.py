"""What a reader can move, declared once: in the class body of a widget.

A control is a trait. From the same declaration the page builds its slider, its key in links, its
reset and its part of the spoken sentence; and both sides refuse what it does not allow.
"""

from __future__ import annotations

import traitlets

from ..checks import finite_array, whole


def within(name: str, value, low: float, high: float) -> float:
    """`value` as a number in [low, high]."""
    allowed = f"a number from {low!r} to {high!r}"
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name}: got {value!r}; allowed is {allowed}") from None
    if not low <= number <= high:
        raise ValueError(f"{name}: got {value!r}; allowed is {allowed}")
    return number


class Control(traitlets.TraitType):
    """A number in [low, high], moved by a slider.

    Parameters
    ----------
    label
        What stands beside it and is spoken.
    low, high
        Its limits. The name of another trait stands for the value of that trait: then each
        instance has limits of its own. A control whose limits agree is not shown.
    scale
        Of its slider: "linear" or "log".
    beside
        Name of the control in whose row it stands, where it is a button.
    """

    kind = "number"
    whole = False
    default_value = 0.0

    def __init__(self, label="", low=0.0, high=1.0, *, scale="linear", beside=""):
        super().__init__()
        self.tag(sync=True)
        self.label, self.scale, self.beside = label, scale, beside
        self.low, self.high = low, high

    def ends(self, widget) -> tuple:
        """Its limits in this widget."""
        return tuple(
            getattr(widget, e) if isinstance(e, str) else e
            for e in (self.low, self.high)
        )

    def shown(self, widget) -> bool:
        low, high = self.ends(widget)
        return low < high

    def validate(self, widget, value):
        return within(self.name, value, *self.ends(widget))

    def values(self, widget) -> dict:
        """What a link carries of it."""
        return {self.name: getattr(widget, self.name)}

    def describe(self, widget) -> dict:
        """What the page needs to build it."""
        low, high = self.ends(widget)
        names = ("name", "kind", "label", "scale", "whole", "beside")
        return {name: getattr(self, name) for name in names} | {
            "low": low,
            "high": high,
        }


class Number(Control):
    """See `Control`."""


class Whole(Control):
    """A whole number in [low, high]."""

    whole = True
    default_value = 0

    def validate(self, widget, value):
        return whole(self.name, value, *self.ends(widget))


class Seed(Whole):
    """The seed of the noise: a button that goes to the next, beside another control."""

    kind = "seed"

    def __init__(self, label="New noise", *, beside):
        super().__init__(label, 0, 2**32 - 1, beside=beside)

    def shown(self, widget) -> bool:
        return widget.declared()[self.beside].shown(widget)


class Choice(Whole):
    """One of a few `names`; the value is the index. Of two names it is a toggle."""

    kind = "choice"

    def __init__(self, label, *names: str):
        super().__init__(label, 0, len(names) - 1)
        self.names = names

    def describe(self, widget) -> dict:
        return super().describe(widget) | {"names": list(self.names)}


class Toggles(Whole):
    """Several switches in one number: bit i says whether entry i is on.

    `entries` is the name of the trait that lists them, each with its "name" and the "dash" of
    the line that it shows or hides.
    """

    kind = "toggles"

    def __init__(self, label, entries: str):
        super().__init__(label)
        self.entries = entries

    def ends(self, widget) -> tuple:
        return 0, 2 ** len(getattr(widget, self.entries)) - 1

    def describe(self, widget) -> dict:
        return super().describe(widget) | {"entries": getattr(widget, self.entries)}


class Rate(Control):
    """The learning rate, on the track with the page's bands."""

    kind = "rate"

    def __init__(self):
        super().__init__("Learning rate", scale="log")

    def ends(self, widget) -> tuple:
        return tuple(widget.lr_range)

    def describe(self, widget) -> dict:
        track = {"bands": widget._bands, "sharpness": widget.sharpness}
        return super().describe(widget) | track


class Interval(Control):
    """A pair of numbers, the first below the second: the part of an axis that a picture shows.

    Parameters
    ----------
    lower, upper
        The keys of its ends in links.
    limits
        A function of the widget that gives the smallest first and the largest second number.
    """

    kind = "interval"
    default_value = ()

    def __init__(self, lower, upper, limits):
        super().__init__()
        self.keys, self.limits = [lower, upper], limits

    def ends(self, widget) -> tuple:
        return tuple(map(float, self.limits(widget)))

    def validate(self, widget, value):
        low, high = self.ends(widget)
        try:
            first, second = value
        except (TypeError, ValueError):
            allowed = f"a pair from {low!r} to {high!r}"
            raise TypeError(
                f"{self.name}: got {value!r}; allowed is {allowed}"
            ) from None
        first, second = (within(self.name, end, low, high) for end in (first, second))
        if not first < second:
            allowed = "a pair with its first number below its second"
            raise ValueError(
                f"{self.name}: got {(first, second)!r}; allowed is {allowed}"
            )
        return [first, second]

    def values(self, widget) -> dict:
        return dict(zip(self.keys, getattr(widget, self.name), strict=True))

    def describe(self, widget) -> dict:
        return super().describe(widget) | {"keys": self.keys}


class Start(Control):
    """A start on the axis of a landscape of one coordinate, dragged in its picture; in a
    `row` of its own it is a slider like others.
    """

    def __init__(self, *, row=False):
        super().__init__("Start" if row else "Starting point")
        self.kind = "number" if row else "start"

    def ends(self, widget) -> tuple:
        return widget.landscape.box[0]

    def describe(self, widget) -> dict:
        (name,) = widget.landscape.coordinates
        return super().describe(widget) | {"label": f"{self.label} {name}"}


class Upright(Start):
    """The same where its coordinate goes upwards in the picture: its slider has a row."""

    def __init__(self):
        super().__init__()
        self.kind = "upright"

    def describe(self, widget) -> dict:
        (name,) = widget.landscape.coordinates
        return super().describe(widget) | {"label": f"Start {name}"}


class Point(Control):
    """A start in the box of a landscape of several coordinates; a link has a key for each."""

    kind = "point"
    default_value = ()

    def coordinates(self, widget) -> list[dict]:
        pairs = zip(widget.landscape.coordinates, widget.landscape.box, strict=True)
        return [
            {"key": str(name), "low": low, "high": high} for name, (low, high) in pairs
        ]

    def validate(self, widget, value):
        point = finite_array(self.name, value, widget.landscape.dim, ndim=1).tolist()
        pairs = zip(self.coordinates(widget), point, strict=True)
        return [
            within(f"{self.name} {c['key']}", v, c["low"], c["high"]) for c, v in pairs
        ]

    def values(self, widget) -> dict:
        keys = (c["key"] for c in self.coordinates(widget))
        return dict(zip(keys, getattr(widget, self.name), strict=True))

    def describe(self, widget) -> dict:
        return super().describe(widget) | {"coordinates": self.coordinates(widget)}
