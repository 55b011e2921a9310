"""What a reader can move, declared once: in the class body of a widget.

A control is a trait. From the same declaration the page builds its slider, its key in links, its
reset and its part of the spoken sentence; and both sides refuse what it does not allow.
"""

from __future__ import annotations

from typing import Any

import traitlets

from ..checks import finite_array, whole


def nearest(stops, value):
    """The one of `stops` closest to `value`, the first where two are."""
    return min(stops, key=lambda stop: abs(stop - value))


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
    default_value: Any = 0.0
    name: str  # traitlets gives it in the class body of a widget

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


class Count(Whole):
    """A whole number that a page sets and its reader does not move."""

    def __init__(self, low: int, high: int | str, default: int = 0):
        super().__init__("", low, high)
        self.default_value = default

    def shown(self, widget) -> bool:
        return False


class Choice(Whole):
    """One of a few `names`; the value is the index. Of two names it is a toggle.

    Parameters
    ----------
    names
        What the buttons say; or the name of an attribute that has it, so that each
        instance has names of its own.
    leading
        Whether it stands before the pictures.
    """

    kind = "choice"

    def __init__(self, label, *names: str, leading: bool = False):
        super().__init__(label, 0, len(names) - 1)
        self.names = names
        self.leading = leading

    def names_of(self, widget) -> list[str]:
        """The names in this widget."""
        if len(self.names) == 1:
            return list(getattr(widget, self.names[0]))
        return list(self.names)

    def ends(self, widget) -> tuple:
        return 0, len(self.names_of(widget)) - 1

    def describe(self, widget) -> dict:
        own = {"names": self.names_of(widget), "leading": self.leading}
        return super().describe(widget) | own


class Stop(Control):
    """One of given numbers: a slider that stops nowhere else.

    Parameters
    ----------
    stops
        Name of an attribute of the widget: a list of increasing numbers for each value
        of the `Choice` whose name is `by`.
    verb
        Numbers in between are refused, saying "{verb} of {name of the choice} are ...";
        without a `verb` the nearest stop is taken.
    """

    kind = "stop"

    def __init__(
        self, label, stops: str, *, by: str, verb="", scale="linear", whole=False
    ):
        super().__init__(label, scale=scale)
        self.stops, self.by = stops, by
        self.verb, self.whole = verb, whole

    def shown(self, widget) -> bool:
        return True

    def ends(self, widget) -> tuple:
        every = [stop for stops in getattr(widget, self.stops) for stop in stops]
        return min(every), max(every)

    def validate(self, widget, value):
        index = getattr(widget, self.by)
        stops = getattr(widget, self.stops)[index]
        if value in stops:
            return value
        if self.verb:
            name = widget.declared()[self.by].names_of(widget)[index]
            listed = ", ".join(f"{stop:g}" for stop in stops)
            raise ValueError(
                f"{self.name}: got {value!r}; {self.verb} of {name} are {listed}"
            )
        if self.whole:
            value = whole(self.name, value, stops[0], stops[-1])
        else:
            value = within(self.name, value, stops[0], stops[-1])
        return nearest(stops, value)

    def describe(self, widget) -> dict:
        choice = widget.declared()[self.by]
        own = {"stopsBy": getattr(widget, self.stops), "names": choice.names_of(widget)}
        return super().describe(widget) | own | {"by": self.by, "verb": self.verb}


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
        super().__init__(row=True)
        self.kind = "upright"


class Starts(Interval):
    """An interval of starts on the axis, dragged in the picture by its ends or as a whole.

    It may be given by the name of a region or minimum of the landscape.
    """

    kind = "starts"

    def __init__(self):
        super().__init__("low", "high", lambda widget: widget.landscape.box[0])

    def validate(self, widget, value):
        if isinstance(value, str):
            box = widget.landscape.region(value)
            value = (box.lower[0], box.upper[0])
        try:
            low, high = value
        except (TypeError, ValueError):
            allowed = "a pair (low, high) or the name of a region"
            raise TypeError(f"starts: got {value!r}; allowed is {allowed}") from None
        low, high = (within("starts", end, *self.ends(widget)) for end in (low, high))
        if not low < high:
            raise ValueError(f"starts: got {(low, high)!r}; allowed is low < high")
        return [low, high]


class Point(Control):
    """A start in the box of a landscape of several coordinates; a link has a key for each.

    Frozen coordinates, the last, are sliders only.
    """

    kind = "point"
    default_value = ()

    def coordinates(self, widget) -> list[dict]:
        landscape = widget.landscape
        pairs = zip(map(str, landscape.coordinates), landscape.box, strict=True)
        return [
            {
                "key": name,
                # a frozen coordinate is a parameter, not a part of the start
                "label": name.replace("_", " ")
                if name in landscape.frozen
                else f"Start {name}",
                "low": low,
                "high": high,
            }
            for name, (low, high) in pairs
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
        own = {
            "coordinates": self.coordinates(widget),
            "moving": widget.landscape.moving,
        }
        return super().describe(widget) | own
