"""A claim displays what was measured, and raises when it is off or the verdict does not
follow.
"""

import html
import json
import re
from dataclasses import asdict

import numpy as np
import pytest
import sympy as sp

from lrlib import claim
from lrlib.claims import EVIDENCE, VERDICTS, ClaimFailed


@pytest.fixture
def shown(monkeypatch):
    things = []
    monkeypatch.setattr("IPython.display.display", things.append)
    return things


def state(observed=0.5, expected=0.5, **changes):
    given = {
        "id": "B.one",
        "statement": "Steps < 2/L & more shrink.",
        "source": "[B, Thm]",
        "verdict": "holds",
        "evidence": "closed form",
    } | changes
    claim(given.pop("id"), observed=observed, expected=expected, **given)


def test_a_claim_that_holds_is_displayed(shown):
    state(observed=0.33331, expected=1 / 3, tolerance=1e-3)
    (made,) = shown
    text = made._repr_html_()
    assert (
        text.startswith('<div class="lr-claim" id="claim-B.one"')
        and "lr-verdict-holds" in text
    )
    assert (
        "Steps &lt; 2/L &amp; more shrink." in text
        and "0.3333" in text
        and "± 0.001" in text
    )
    assert "B.one" in repr(made) and "holds" in repr(made)


def test_the_data_survive_the_page(shown):
    state(
        statement="""It's < "2/L" & 'more', η > $x^2$""",
        observed=[1.0, 2.5],
        expected=[1.0, 2.5],
        source="[M, “App.”]",
    )
    text = shown[0]._repr_html_()
    (data,) = re.findall(r'data-claim="([^"]*)"', text)
    assert json.loads(html.unescape(data)) == json.loads(json.dumps(asdict(shown[0])))
    assert (
        "<" not in data
        and r'<span class="math notranslate nohighlight">\(x^2\)</span>' in text
    )


@pytest.mark.parametrize(
    "observed, expected, tolerance",
    [
        (0.51, 0.5, 0.0),
        (0.5011, 0.5, 1e-3),
        (float("nan"), 0.5, 1.0),
        (float("nan"), float("nan"), 1.0),
        (float("inf"), 1.0, 1e300),
        ([1.0, 2.0], [1.0, 2.2], 0.1),
        ([1.0, np.nan], [1.0, 2.0], 9.0),
        ([1.0, 2.0], 1.5, 1.0),
        ([1.0, 2.0], [1.0, 2.0, 3.0], 1.0),
        ("periodic: 2", "periodic: 4", 0.0),
        (True, False, 0.0),
        (1, True, 0.0),
        ({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.2}, 0.1),
        ({"a": 1.0}, {"b": 1.0}, 1.0),
        ({"a": 1.0}, {}, 1.0),
        ({"a": np.nan}, {"a": 1.0}, 1.0),
        ({"bounded": 3}, {"bounded": 4}, 0.0),
        (0.5, 0.5, float("nan")),
    ],
)
def test_a_number_that_is_off_raises(observed, expected, tolerance, shown):
    with pytest.raises(ClaimFailed, match=r"^B\.one: measured .* expected "):
        state(observed, expected, tolerance=tolerance)
    assert shown == []


@pytest.mark.parametrize(
    "observed, expected, tolerance",
    [
        (0.5, 0.5, 0.0),
        (3, 3.0, 0.0),
        (0.5009, 0.5, 1e-3),
        (np.array([1.0, 2.05]), (1.0, 2.0), 0.1),
        ([3, 4], [3, 4], 0),
        ({"a": 1.05, "b": 2}, {"a": 1.0, "b": 2}, 0.1),
        ({"a": [1.0, 2.05]}, {"a": [1.0, 2.0]}, 0.1),
        ("bounded", "bounded", 0.0),
        ({"converged: minimum": 3}, {"converged: minimum": 3}, 0.0),
        (True, True, 0.0),
    ],
)
def test_a_number_within_tolerance_passes(observed, expected, tolerance, shown):
    state(observed, expected, tolerance=tolerance)
    assert len(shown) == 1 and shown[0].observed and json.dumps(asdict(shown[0]))


@pytest.mark.parametrize("verdict, allowed", VERDICTS.items())
def test_the_verdict_follows_from_what_was_printed(verdict, allowed, shown):
    for printed in (True, False, None, np.True_):
        given = {"printed": printed, "verdict": verdict, "evidence": "exact algebra"}
        if printed in allowed:
            state(**given)
        else:
            with pytest.raises(
                ClaimFailed, match=f"B.one: the verdict {verdict!r} needs printed to be"
            ):
                state(**given)
    assert shown and all(made.verdict == verdict for made in shown)


def test_an_unknown_verdict_names_the_known_ones():
    with pytest.raises(
        ValueError,
        match=r"verdict: got 'true'; allowed are holds, .*refuted as printed.*open",
    ):
        state(verdict="true")


def test_numbers_carry_the_digits_that_the_tolerance_supports(shown):
    state(observed=np.pi, expected=np.pi, tolerance=1e-3)
    state(observed=1234.56789, expected=1234.56789, tolerance=0.1)
    state(
        observed={"bounded": 3, "diverged": 4}, expected={"bounded": 3, "diverged": 4}
    )
    assert [made.observed for made in shown] == [
        "3.1416",
        "1234.57",
        "bounded 3, diverged 4",
    ]


INFINITY = float("inf")


@pytest.mark.parametrize(
    "observed, within, holds",
    [
        (0.5, (0.5, 1), True),
        (1.0, (0.5, 1), True),
        (1.01, (0.5, 1), False),
        (float("nan"), (-INFINITY, INFINITY), False),
        ([0.6, 0.7], (0.5, INFINITY), True),
        ([0.6, 0.4], (0.5, INFINITY), False),
        ([1.0, 9.0], ([0, 8], [2, 10]), True),
        ("bounded", (0, 1), False),
        (True, (0, 1), False),
    ],
)
def test_a_criterion_holds_on_its_bounds_and_inside(observed, within, holds, shown):
    if holds:
        state(observed, None, within=within)
        assert shown[0].compared == "within" and "required" in shown[0]._repr_html_()
    else:
        with pytest.raises(ClaimFailed, match=r"^B\.one: measured .*, within "):
            state(observed, None, within=within)


def test_bounds_are_words(shown):
    for within in ((0, 1), (-INFINITY, 1), (0.5, INFINITY)):
        state(0.5, None, within=within)
    assert [made.expected for made in shown] == ["0 to 1", "at most 1", "at least 0.5"]


def test_a_number_of_this_code_is_called_recorded(shown):
    state(0.5, None, recorded=0.5, evidence="recorded")
    assert "recorded 0.5" in shown[0].numbers()
    assert "expected" not in shown[0].numbers()
    with pytest.raises(ClaimFailed, match="recorded 0.6"):
        state(0.5, None, recorded=0.6, evidence="recorded")


@pytest.mark.parametrize(
    "changes, complaint",
    [
        ({"expected": None}, "expected, within, recorded: got none of them"),
        ({"recorded": 1}, "got expected and recorded; give exactly one"),
        ({"within": (0, 1)}, "got expected and within; give exactly one"),
        ({"evidence": "trust"}, "evidence: got 'trust'; allowed are exact algebra, "),
        ({"evidence": "recorded"}, "'recorded' goes with recorded="),
        ({"expected": None, "recorded": 0.5}, "got 'closed form' with recorded="),
        ({"evidence": "statistics"}, "n: got None; statistics need the number"),
        ({"evidence": "statistics", "n": 0}, "n: got 0; statistics need"),
        ({"evidence": "statistics", "n": 2.5}, "n: got 2.5; statistics need"),
        ({"n": 3}, "n: got 3; only statistics have it, not 'closed form'"),
        ({"verdict": "certified"}, "'certified' needs exact algebra or interval proof"),
        ({"expected": None, "within": (0, 1), "tolerance": 0.1}, "tolerance: got 0.1"),
        ({"expected": None, "within": 1}, "within: got 1; give the lowest and"),
        ({"expected": None, "within": (1, 0)}, "the lowest value comes first"),
        ({"labels": ["a", "b"]}, "labels: got 2 of them for 1 numbers"),
    ],
)
def test_arguments_that_do_not_go_together(changes, complaint, shown):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        state(**changes)
    assert shown == []


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_the_page_says_what_the_evidence_is(evidence, shown):
    n = 20_000 if evidence == "statistics" else None
    if evidence == "recorded":
        state(expected=None, recorded=0.5, evidence=evidence)
    else:
        state(evidence=evidence, n=n)
    text = f"{evidence}, n = 20,000" if n else evidence
    assert f"Evidence: {text}<" in shown[0]._repr_html_()


def test_more_than_three_numbers_are_a_table(shown):
    state([1.0, 2.0, 3.0], [1, 2, 3])
    state([1.0, 2.0, 3.0, -4.0], [1, 2, 3, -4], labels=["a", "b", "c", 0.5])
    state([[1, 2], [3, 4]], [[1, 2], [3, 4]], labels=(["a", "b"], ["$x$", "y"]))
    short, long, square = (made._repr_html_() for made in shown)
    assert "<table" not in short and "(1, 2, 3)" in short
    assert long.count('<th scope="row">') == 4
    assert '<th scope="row">0.5</th><td>−4</td><td>−4</td>' in long
    assert [label for label, *_ in shown[2].entries] == [
        "a, $x$",
        "a, y",
        "b, $x$",
        "b, y",
    ]
    assert r"a, <span" in square


def test_numbers_are_typeset(shown):
    state([-0.5, 1e-7, 2.5e-9], [-0.5, 1e-7, 2.5e-9])
    assert shown[0].observed == "(−0.5, 10⁻⁷, 2.5 × 10⁻⁹)"


def test_formulas_are_compared_and_typeset(shown):
    x = sp.Symbol("x")
    state(x**2 + x, x * (x + 1))
    state([sp.Integer(0), (x + 1) ** 2], [0, x**2 + 2 * x + 1])
    assert shown[0].observed == "$x^{2} + x$"
    assert r"\(x^{2} + x\)" in shown[0]._repr_html_()
    with pytest.raises(ClaimFailed):
        state([x, x], [x, 2 * x])


def test_a_table_takes_formulas_with_braces(shown):
    labels = [rf"$\sqrt{{{k} + x^2}}$" for k in range(4)]
    numbers = [1.0, 2.0, 3.0, 4.0]
    state(observed=numbers, expected=numbers, labels=labels)
    assert r"\sqrt{3 + x^2}" in shown[0]._repr_html_()
    assert r"\sqrt{3 + x^2}" in shown[0].numbers(folded=True)
