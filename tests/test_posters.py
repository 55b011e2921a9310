"""Posters have the proportions that the style sheet gives to the mounted pictures."""

import re

import pytest
from browser import mounted, stand_in

from lrlib import results, zoo
from lrlib.widgets import (
    BasinMap,
    Descent1D,
    OutcomeBars,
    RunExplorer,
    SmoothedDescent,
)

ANY = "book/how-to-read.html"
# widths of a widget: in a page of the book, and in one on a phone
WIDTHS = {"lr-wide": 704, "lr-narrow": 328}
MADE = [
    Descent1D(zoo.mohtashami_toy_1d, lr=0.0012, start=9.3),
    SmoothedDescent(zoo.quartic, lr=0.1, start=1.2, sigma=0.3),
    OutcomeBars(zoo.mohtashami_toy_1d, "initialisation", lr=0.0012, n_starts=200),
    RunExplorer([results.load("six_networks-tanh-huber-cifar10")], step=600),
    BasinMap(zoo.scalar_factorisation, lr=0.9, start=(0.3, 1.6), lr_range=(0.05, 3.0)),
]
DRAWN = r'<svg class="lr-drawing %s".*?viewBox="0 0 (\d+) (\d+)"'


@pytest.mark.parametrize("made", MADE, ids=lambda made: type(made).__name__)
@pytest.mark.parametrize("name", WIDTHS)
def test_a_drawing_has_the_shape_of_its_picture(made, name, open_page):
    margin = 8
    viewport = {"width": WIDTHS[name] + 2 * margin, "height": 800}
    page = open_page(ANY, rewrite=stand_in(made), viewport=viewport)
    widget = mounted(page)
    boxes = [canvas.bounding_box() for canvas in widget.locator("canvas").all()]
    drawn = re.findall(DRAWN % name, made._poster, re.DOTALL)
    assert len(drawn) == len(boxes) > 0
    for (width, height), box in zip(drawn, boxes, strict=True):
        # drawings are in half pixels
        assert int(width) / 2 == pytest.approx(box["width"], abs=3)
        assert int(height) / 2 == pytest.approx(box["height"], abs=3)
