"""The Sphinx extensions of book/_ext, apart from Sphinx."""

import json
import sys
from html import escape
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))
pytest.importorskip("sphinx", reason="needs the extra [book]")
import ledger  # noqa: E402
import offline  # noqa: E402

CLAIM = {
    "id": "B.one",
    "statement": "It's < $2/L$ & more",
    "source": "[B] 1",
    "measured": "The $x$ that was seen",
    "observed": "0.333",
    "expected": "0.33",
    "tolerance": "0.01",
    "verdict": "holds",
}


def box(claim):
    return (
        f"<div class='output lr-claim' id='claim-{claim['id']}' "
        f"data-claim='{escape(json.dumps(claim))}'>x</div>"
    )


def test_claims_are_read_from_html():
    page = (
        f"<p>before</p>{box(CLAIM)}<div "
        f"class='lr-claims'></div>{box(CLAIM | {'id': 'B.two'})}"
    )
    assert ledger.Boxes(page).claims == [CLAIM, CLAIM | {"id": "B.two"}]


@pytest.mark.parametrize(
    "claims, complaint",
    [
        ([], "decided by no executed notebook"),
        ([CLAIM, CLAIM], "also decided in"),
        ([CLAIM, CLAIM | {"id": "B.typo"}], "'B.typo' is not registered"),
        ([CLAIM | {"verdict": "fine"}], "has the verdict 'fine'"),
    ],
)
def test_each_disorder_of_the_ledger_is_reported(claims, complaint):
    claims = [claim | {"page": "notebooks/a"} for claim in claims]
    (message,) = [text for _, text in ledger.problems(claims, {"B.one": "..."})]
    assert complaint in message


def test_an_orderly_ledger_is_silent():
    assert list(ledger.problems([CLAIM | {"page": "a"}], {"B.one": "..."})) == []


def test_rows_are_escaped_and_formulas_marked():
    html = ledger.table(
        [CLAIM], {"B": "The blog", "M": "absent"}, lambda claim: "a.html#claim-B.one"
    )
    assert "It&#x27;s &lt; " in html and "&amp; more" in html
    assert r'<span class="math notranslate nohighlight">\(2/L\)</span>' in html
    assert "<b>0.333</b>" in html and "± 0.01" in html
    assert 'href="a.html#claim-B.one"' in html and "lr-verdict-holds" in html
    assert "absent" not in html


@pytest.mark.parametrize(
    "given, address",
    [
        ("https://github.com/someone/book.git", "https://github.com/someone/book"),
        ("git@github.com:someone/book.git", "https://github.com/someone/book"),
        ("ssh://git@gitlab.com/group/part/book", "https://gitlab.com/group/part/book"),
        ("https://bitbucket.org/someone/book/", "https://bitbucket.org/someone/book"),
        ("/srv/git/book.git", ""),
        ("file:///srv/git/book.git", ""),
        ("../book", ""),
        ("https://git.internal.example/someone/book", ""),
        ("https://user:secret@github.com/someone/book", ""),
        ("https://github.com.evil.example/someone/book", ""),
    ],
)
def test_only_public_addresses_become_links(given, address):
    assert offline.repository_address({"LRLIB_REPOSITORY": given}) == address


def test_no_origin_no_address(tmp_path):
    assert offline.repository_address({}, tmp_path) == ""


def test_buttons_appear_only_with_an_address():
    def options(address):
        config = SimpleNamespace(html_theme_options={}, html_context={})
        offline.link_repository(config, address)
        return config.html_theme_options, config.html_context

    theme, context = options("")
    assert (
        theme["repository_url"] == ""
        and not theme["use_edit_page_button"]
        and "launch_buttons" not in theme
    )
    theme, context = options("https://gitlab.com/someone/book")
    assert "colab_url" not in theme["launch_buttons"]
    theme, context = options("https://github.com/someone/book")
    assert {"binderhub_url", "colab_url"} <= theme["launch_buttons"].keys()
    assert context["edit_page_url_template"].startswith(
        "https://github.com/someone/book/edit/main/{{"
    )
