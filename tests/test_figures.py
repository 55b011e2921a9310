"""Figures as the page gets them: one well-formed picture, the reader's colours, no
clashes.
"""

import re
import xml.etree.ElementTree as ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lrlib import Landscape, figures, gradient_descent, zoo
from lrlib.descent.outcomes import sweep
from lrlib.figures import output
from lrlib.landscapes.heights import has_pole, heights


def picture(alt="Loss against x"):
    fig, ax = figures.axes()
    figures.curve(ax, zoo.mohtashami_toy_1d)
    figures.dots(
        ax,
        zoo.mohtashami_toy_1d,
        gradient_descent(zoo.mohtashami_toy_1d, 9.3, lr=3e-3, n_steps=20),
    )
    return figures.show(fig, alt)


def shares():
    fig, ax = figures.axes()
    lrs = np.geomspace(1e-3, 0.07, 9)
    figures.shares(
        ax, lrs, sweep(zoo.mohtashami_toy_1d, np.linspace(9, 10, 60), lrs, n_steps=500)
    )
    figures.thresholds(ax, {"2/λ": 0.01})
    return figures.show(fig, "Shares")


@pytest.fixture(scope="module")
def pair():
    return picture(), picture(), shares()


def test_svg_is_well_formed_and_sized_by_the_page(pair):
    for figure in pair:
        root = ElementTree.fromstring(figure.svg)
        assert root.tag.endswith("svg") and root.get("viewBox")
        assert root.get("width") is None and root.get("height") is None


def test_svg_says_what_it_shows(pair):
    for figure, alt in zip(
        pair, ("Loss against x", "Loss against x", "Shares"), strict=True
    ):
        root = ElementTree.fromstring(figure.svg)
        assert root.get("role") == "img" and root.get("aria-label") == alt == figure.alt
    odd = """It's "2/λ" < 3 & more"""
    assert ElementTree.fromstring(picture(odd).svg).get("aria-label") == odd


def test_no_colour_is_fixed_to_one_theme(pair):
    for figure in pair:
        used = set(
            re.findall(r"(?:fill|stroke|stop-color|color): ?([^;\"']+)", figure.svg)
        ) | set(re.findall(r'(?:fill|stroke|stop-color)="([^"]+)"', figure.svg))
        plain = {c.strip() for c in used if not c.strip().startswith(("var(", "url(#"))}
        assert plain <= {"none", "currentColor", "inherit"}, plain
        texts = [
            t
            for t in ElementTree.fromstring(figure.svg).iter()
            if t.tag.endswith("}text")
        ]
        assert texts and "currentColor" in figure.svg and "black" not in figure.svg


def test_ids_are_unique_on_a_page_and_every_reference_is_met(pair):
    ids = [re.findall(r' id="([^"]+)"', figure.svg) for figure in pair]
    together = [name for names in ids for name in names]
    assert len(together) == len(set(together))
    for figure, names in zip(pair, ids, strict=True):
        wanted = re.findall(r'href="#([^"]+)"', figure.svg) + re.findall(
            r"url\(#([^)]+)\)", figure.svg
        )
        assert wanted and set(wanted) <= set(names)


def test_nothing_comes_from_elsewhere(pair):
    for figure in pair:
        links = re.findall(r'(?:href|src)="([^"]+)"', figure.svg)
        assert all(link.startswith(("#", "data:")) for link in links)
        assert (
            "<script" not in figure.svg
            and "<metadata" not in figure.svg
            and "<?xml" not in figure.svg
        )


def test_figures_are_closed_and_described():
    before = plt.get_fignums()
    made = picture()
    assert plt.get_fignums() == before and repr(made) == "Figure: Loss against x"
    assert (
        made._repr_html_().startswith('<div class="lr-figure"')
        and made.svg in made._repr_html_()
    )


def test_curve_draws_the_loss_and_every_minimum_in_view():
    fig, ax = figures.axes()
    figures.curve(ax, zoo.mohtashami_toy_1d, span=(1.8, 9.0))
    line = ax.lines[0]
    np.testing.assert_array_equal(
        line.get_ydata(), zoo.mohtashami_toy_1d.loss(line.get_xdata()[:, None])
    )
    names = {t.get_text().replace("\n", " ") for t in ax.texts}
    assert {"sharp minimum", "plateau"} <= names and "wide minimum" not in names
    plt.close(fig)


def test_paths_become_steps_that_do_not_drift():
    corners = [(0.0, 0.0), (0.004, 1.0), (0.008, 2.0), (10.504, 2.0), (10.5, -3.25)]
    first, *others = (f"{x} {y}" for x, y in corners)
    path = f"M {first} \nL " + " \nL ".join(others) + " \nz\nM 1 2 \nL 3 3 \n"
    assert output._relative(path) == "M0 0v1l.01 1h10.49v-5.25zM1 2l2 1"
    bend = "M 0 0 \nL 1 0 \nL 2 0 \nL 2 0 \nL 2 5 \nL 2 4 \n"
    assert output._relative(bend) == "M0 0h2v5v-1"
    many = "M 0 0 \n" + "".join(f"L {k} {k % 2}.04 \n" for k in range(1, 600))
    assert output._relative(many).startswith("M0 0l1 1l1 -1l1 1")
    curve = "M 0 3 \nC 1 2 3 4 5 6 \nC 5 7 4 8 3 8.004 \nz\n"
    assert output._relative(curve) == "M0 3c1 -1 3 1 5 3c0 1 -1 2 -2 2z"
    arc = "M 0 3 \nQ 1 2 3 4 \nz\n"
    assert output._relative(arc) == arc


def boxed(formula, coordinates="x", low=-1.0, high=1.0):
    box = [(low, high)] * len(coordinates.split())
    return Landscape(formula, coordinates, name="case", box=box)


POLES = {
    "even": (boxed("1/x**2"), (1.0, 60.0)),
    "odd": (boxed("1/x"), (-9.0, 9.0)),
    "downwards": (boxed("-1/x**2"), (-60.0, -1.0)),
    "off the grid": (boxed("1/(x - 0.3)**2 + x"), (-0.5, 60.0)),
    "at an end": (boxed("1/(x - 1)**2"), (0.25, 14.0)),
    "several": (boxed("tan(3*x)"), (-5.0, 5.0)),
    "in the plane": (boxed("1/(x**2 + y**2)", "x y"), (0.5, 9.0)),
}


@pytest.mark.parametrize("name", POLES)
def test_a_pole_does_not_flatten_a_picture(name):
    landscape, (low, high) = POLES[name]
    bottom, top = heights(landscape)
    assert low <= bottom < top <= high
    fig, ax = plt.subplots()
    draw = figures.curve if landscape.dim == 1 else figures.contours
    draw(ax, landscape)
    if landscape.dim == 1:
        assert ax.get_ylim() == (bottom, top)
    else:
        bands = ax.collections[0].get_array()
        assert len(np.unique(bands)) > 8
    plt.close(fig)


def test_pictures_without_a_pole_keep_their_range():
    for landscape in vars(zoo).values():
        if isinstance(landscape, Landscape) and landscape.dim < 3:
            assert not has_pole(landscape, landscape.box)
    narrow = boxed("x**2 + 1e6*exp(-(3000*x)**2)")
    assert not has_pole(narrow, narrow.box)


def test_a_box_without_losses_is_named():
    for landscape in (
        boxed("log(x)", low=-2.0),
        boxed("sqrt(-1 - x**2 - y**2)", "x y"),
    ):
        fig, ax = plt.subplots()
        draw = figures.curve if landscape.dim == 1 else figures.contours
        if landscape.dim == 1:
            draw(ax, landscape)  # a part of it is there
            landscape = boxed("log(x)", low=-2.0, high=-1.0)
        for use in (
            lambda one=landscape, ax=ax, draw=draw: draw(ax, one),
            lambda one=landscape: heights(one),
        ):
            with pytest.raises(
                ValueError, match="landscape: got case, whose loss is fin"
            ):
                use()
        plt.close(fig)
