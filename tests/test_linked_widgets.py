"""Widgets of the kit: layers of modules, declared controls, posters."""

import json
import re
from pathlib import Path

import pytest
from cases import BANDS, Balance

from lrlib import Landscape, zoo
from lrlib.widgets import BasinMap, Descent1D, SmoothedDescent, linker
from lrlib.widgets.controls import Choice, Number, Whole

ROOT = Path(__file__).resolve().parents[1]
BOWL = Landscape(
    "x**2/2 + 0.12*(x**2 + s**2)*(1 - cos(24*asinh(x/s)))", "x", name="bowl", box=[(-4.0, 4.0)],
    minima={"minimum": 0.0}, parameters={"s": 0.05},
)  # fmt: skip


def smoothed(landscape=BOWL, **changes):
    return SmoothedDescent(
        landscape, **{"lr": 0.1, "sigma": 0.3, "start": 3.0} | changes
    )


def descent(**changes):
    return Descent1D(zoo.mohtashami_toy_1d, **{"lr": 0.0012, "start": 9.3} | changes)


def basins():
    return BasinMap(
        zoo.scalar_factorisation, lr=0.9, start=(0.3, 1.6), lr_range=(0.05, 3.0)
    )


@pytest.mark.parametrize(
    ("layer", "allowed"), [("engine", "engine"), ("draw", "engine draw")]
)
def test_layers_import_downwards_and_know_no_page(layer, allowed):
    for path in (linker.HOME / layer).glob("*.js"):
        text = path.read_text()
        imported = re.findall(r'^(?:import|\}) .*from "(.*)";$', text, re.MULTILINE)
        layers = {(path.parent / target).resolve().parent.name for target in imported}
        assert layers <= set(allowed.split()), path.name
        assert "document" not in text, path.name


def test_controls_are_declared_in_order_and_hidden_without_room():
    assert list(Descent1D.declared()) == ["lr", "n_steps", "start", "noise", "seed"]
    assert [c["name"] for c in descent()._controls] == ["lr", "start"]
    noisy = descent(noise_max=2.0)
    assert [c["kind"] for c in noisy._controls] == ["rate", "start", "number", "seed"]
    assert noisy._defaults == {"lr": 0.0012, "start": 9.3, "noise": 0.0, "seed": 0}
    json.dumps(smoothed()._controls)


def test_a_control_refuses_what_the_page_refuses():
    widget = smoothed()
    wrong = (
        ("sigma", 1.5),
        ("sigma", -0.1),
        ("start", 5.0),
        ("lr", 0.0),
        ("seed", 2**32),
    )
    for name, value in wrong:
        with pytest.raises(ValueError, match=f"{name}: got"):
            setattr(widget, name, value)
    assert widget.sigma == 0.3


def test_the_other_kinds_describe_themselves():
    class Shop(Descent1D):
        law = Choice("Law", "uniform", "normal")
        count = Whole("Runs", 1, 9)
        size = Number("Size", 0.1, 10.0, scale="log")

    widget = Shop(zoo.quadratic, lr=0.5, start=1.0, law=1, count=3, size=2.0)
    described = {c["name"]: c for c in widget._controls}
    assert (
        described["law"]["names"] == ["uniform", "normal"]
        and described["count"]["whole"]
    )
    assert (described["size"]["scale"], widget._defaults["law"]) == ("log", 1)
    with pytest.raises(ValueError, match="count: got 10"):
        widget.count = 10


def test_posters_are_small_and_well_formed():
    made = descent(bands=BANDS, sharpness=2040.0, noise_max=300.0), basins(), smoothed()
    for widget in made:
        assert (
            len(widget._poster.encode()) <= 25_000
            and Balance(widget._poster).open == []
        )
        assert widget._poster.count("lr-wide") == widget._poster.count("lr-narrow") == 2
    assert "0.00120 = 1.22 × 2/λ" in made[0]._poster
    assert (
        made[0]._poster.count('class="lr-band"') == len(BANDS) - 1
    )  # one has "lr-active"
