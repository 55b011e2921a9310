"""The Sphinx extensions of book/_ext, apart from Sphinx."""

import json
import re
import shutil
import subprocess
import sys
from html import escape
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from fontTools.ttLib import TTFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "book" / "_ext"))
pytest.importorskip("sphinx", reason="needs the extra [book]")
import icons  # noqa: E402
import ledger  # noqa: E402
import live_widgets  # noqa: E402
import offline  # noqa: E402
from docutils import nodes  # noqa: E402

from lrlib import zoo  # noqa: E402
from lrlib.claims import Claim  # noqa: E402
from lrlib.widgets import Descent1D  # noqa: E402

CLAIM = {
    "id": "B.one",
    "statement": "It's < $2/L$ & more",
    "source": "[B] 1",
    "measured": "The $x$ that was seen",
    "observed": "0.333",
    "compared": "expected",
    "expected": "0.33",
    "tolerance": "0.01",
    "evidence": "statistics",
    "n": 2500,
    "verdict": "holds",
    "entries": [["1", "0.333", "0.33"]],
}
MANY = CLAIM | {
    "id": "B.many",
    "evidence": "recorded",
    "n": None,
    "entries": [[name, "1", "1"] for name in "abcd"],
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
        ([CLAIM | {"evidence": "trust"}], "has the evidence 'trust'"),
    ],
)
def test_each_disorder_of_the_ledger_is_reported(claims, complaint):
    claims = [claim | {"page": "notebooks/a"} for claim in claims]
    (message,) = [text for _, text in ledger.problems(claims, ["B.one"])]
    assert complaint in message


def test_an_orderly_ledger_is_silent():
    assert list(ledger.problems([CLAIM | {"page": "a"}], ["B.one"])) == []


def test_rows_are_escaped_and_formulas_marked():
    register = {"sources": {"B": "The blog", "M": "absent"}, "unseen": ["B.one"]}
    html = ledger.table([CLAIM, MANY], register, lambda claim: "a.html#claim-B.one")
    assert "It&#x27;s &lt; " in html and "&amp; more" in html
    assert r'<span class="math notranslate nohighlight">\(2/L\)</span>' in html
    assert "<b>0.333</b>" in html and "± 0.01" in html
    assert 'href="a.html#claim-B.one"' in html and "lr-verdict-holds" in html
    assert "absent" not in html
    assert "statistics, n = 2,500" in html
    assert html.count("figure not seen") == 1
    assert "4 numbers</summary>" in html and html.count("<details>") == 1
    assert 'data-kind="statistics">statistics 1<' in html
    assert 'data-kind="recorded">recorded 1<' in html
    assert 'id="ledger-B.one" data-source="B" data-verdict="holds"' in html


def test_a_claim_leads_to_its_row():
    document = nodes.container()
    document += nodes.raw("", Claim(**CLAIM)._repr_html_(), format="html")
    builder = SimpleNamespace(get_relative_uri=lambda start, end: f"{start} to {end}")
    app = SimpleNamespace(env=SimpleNamespace(ledger_pages={"ledger"}), builder=builder)
    ledger.link_claims(app, document, "page")
    assert 'href="page to ledger#ledger-B.one"' in document.astext()


def test_the_code_of_a_claim_is_folded():
    document = nodes.container()
    cells = [nodes.container(classes=["cell", tag]) for tag in ("tag_claim", "tag_x")]
    document += cells
    ledger.fold(None, document)
    assert [cell.get("hide_mode") for cell in cells] == ["input", None]
    assert cells[0]["prompt_show"] == "How it was checked"


@pytest.mark.parametrize(
    "given, address",
    [
        ("https://github.com/someone/book.git", "https://github.com/someone/book"),
        ("git@github.com:someone/book.git", "https://github.com/someone/book"),
        ("ssh://git@gitlab.com/group/part/book", "https://gitlab.com/group/part/book"),
        ("https://bitbucket.org/someone/book/", "https://bitbucket.org/someone/book"),
        ("ssh://git@github.com:22/someone/book.git", "https://github.com/someone/book"),
        ("ssh://git@ssh.github.com:443/me/book.git", "https://github.com/me/book"),
        ("ssh://git@altssh.gitlab.com:443/a/b/book", "https://gitlab.com/a/b/book"),
        ("https://github.com:443/someone/book", "https://github.com/someone/book"),
        ("git@github.com:/someone/book.git", "https://github.com/someone/book"),
        ("https://github.com/someone/a.book.git", "https://github.com/someone/a.book"),
        ("https://github.com/someone/book/tree/main", ""),
        ("git@github.com:22/someone/book", ""),
        ("ssh://git@git.internal.example:2222/someone/book", ""),
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


def git(folder, *words):
    subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True)


@pytest.fixture
def clones(tmp_path):
    """An origin on `master`, and its clone."""
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "-q", "-b", "master")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    git(origin, *who, "commit", "-q", "--allow-empty", "-m", "first")
    git(tmp_path, "clone", "-q", origin, "clone")
    return origin, tmp_path / "clone"


def test_links_lead_to_the_branch_of_the_clone(clones, tmp_path):
    origin, clone = clones
    assert offline.repository_branch({}, clone) == "master"
    assert offline.repository_branch({}, origin) == "master"  # has no remote
    git(clone, "checkout", "-q", "-b", "draft")
    assert offline.repository_branch({}, clone) == "master"
    assert offline.repository_branch({"LRLIB_BRANCH": "draft"}, clone) == "draft"
    git(clone, "checkout", "-q", "--detach")
    assert offline.repository_branch({}, clone) == "master"
    assert offline.repository_branch({}, tmp_path) == "main"


def test_branches_are_quoted_in_links(monkeypatch):
    monkeypatch.setenv("LRLIB_BRANCH", "a/b #1")
    config = SimpleNamespace(html_theme_options={}, html_context={})
    offline.link_repository(config, "https://github.com/someone/book")
    assert config.html_theme_options["repository_branch"] == "a/b%20%231"
    assert "/edit/a/b%20%231/" in config.html_context["edit_page_url_template"]


def test_the_printed_link_is_quoted(tmp_path):
    """It is pasted into a browser: neither a blank nor a # may end it."""
    folder = tmp_path / "my book #2"
    folder.mkdir()
    shutil.copy(offline.ROOT / "Makefile", folder)
    done = subprocess.run(
        ["make", "-s", "where", f"BIN={Path(sys.executable).parent}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    expected = (folder.resolve() / "_build" / "html" / "index.html").as_uri()
    assert expected in done.stdout and " #" not in expected


def test_no_origin_no_address(tmp_path):
    assert offline.repository_address({}, tmp_path) == ""


def test_buttons_appear_only_with_an_address(monkeypatch):
    monkeypatch.setenv("LRLIB_BRANCH", "main")

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


STYLE = (
    r'.fa-moon:before{content:"\f186"}.fa-bars:before,.fa-navicon:before{content:"\f0c9"}'
    '.fa-spin{animation:fa-spin}html{--pst-icon-bell:"\uf0f3"}'
)


def test_icons_that_no_page_shows_leave_style_sheet_and_font(tmp_path):
    (tmp_path / "a.html").write_text('<i class="fa-solid fa-navicon fa-spin"></i>')
    names = icons.names_in(tmp_path)
    style = icons.without_unused(STYLE, names)
    assert "fa-moon" not in style and "fa-bars" in style and "fa-spin{" in style
    assert icons.characters([style]) == {0xF0C9, 0xF0F3}
    font = icons.THEME / icons.FONTS / "fa-solid-900.woff2"
    small = icons.cut(font, {0xF0C9, 0xF0F3})
    assert len(small) < 3000
    assert set(TTFont(BytesIO(small)).getBestCmap()) == {0xF0C9, 0xF0F3}


def made_state():
    widget = Descent1D(zoo.quadratic, lr=0.5, start=1.0)
    return widget.get_state()


def test_a_page_keeps_the_state_and_names_of_the_code():
    state = made_state()
    kept, code, poster = live_widgets.served(state)
    assert not live_widgets.NO_STATE & kept.keys() and kept["lr"] == 0.5
    assert kept["_code"] == list(code)
    assert "\n".join(code.values()) == state["_esm"]
    assert poster.startswith('<div role="img"') and "lr-still" in poster
    json.dumps(kept)


def test_names_change_with_the_content():
    name = live_widgets.stamped("shared", "a", ".js")
    assert re.fullmatch(r"shared\.[0-9a-f]{12}\.js", name)
    assert name != live_widgets.stamped("shared", "b", ".js")


def test_a_registered_text_is_the_text(node):
    text = "const a = `\\u2028 \u2028 </script> ${'é'}`;\n// \"quoted\""
    script = live_widgets.registration("a.js", text)
    assert "</script" not in script
    body = "globalThis.window = {}; new Function(data)(); return window.widgetCode;"
    assert node(body, script) == {"a.js": text}


def test_widgets_of_others_stay_as_they_are():
    state = {"_anywidget_id": "other.Widget", "_esm": "export default {}", "_css": ""}
    assert live_widgets.served(state) == (state, {}, "")


def test_pages_are_written_again_when_the_front_end_has_changed(tmp_path, monkeypatch):
    old = tmp_path / "_static" / "widgets" / "shared.0.js"
    old.parent.mkdir(parents=True)
    old.write_text("")
    app = SimpleNamespace(outdir=tmp_path)
    env = SimpleNamespace(found_docs={"a", "b"})
    assert sorted(live_widgets.outdated(app, env)) == ["a", "b"] and not old.exists()
    assert live_widgets.outdated(app, env) == []
    monkeypatch.setattr(live_widgets, "front_end", lambda: "changed")
    assert sorted(live_widgets.outdated(app, env)) == ["a", "b"]
