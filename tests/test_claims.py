"""A claim displays what was measured, and raises when it is off or the verdict does not
follow.
"""

import html
import json
import re
from dataclasses import asdict

import numpy as np
import pytest

from lrlib import claim
from lrlib.claims import VERDICTS, ClaimFailed


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
    assert json.loads(html.unescape(data)) == asdict(shown[0])
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
        if printed in allowed:
            state(printed=printed, verdict=verdict)
        else:
            with pytest.raises(
                ClaimFailed, match=f"B.one: the verdict {verdict!r} needs printed to be"
            ):
                state(printed=printed, verdict=verdict)
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
