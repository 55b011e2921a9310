"""A site that asks nobody else for anything, and links only to addresses that exist."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "book" / "_static"
# The theme has them on every page, for a search while one types, which this site leaves
# out: a quarter of a megabyte that grows with the book.
SEARCH_SCRIPTS = re.compile(
    r'\s*<script src="[^"]*(?:searchtools|language_data|searchindex)\.js"></script>'
)
# The forges the theme can link into, and where each keeps its editor.
FORGES = {
    "github.com": ("GitHub", "/edit/{branch}/{file}"),
    "gitlab.com": ("GitLab", "/-/edit/{branch}/{file}"),
    "bitbucket.org": ("Bitbucket", "/src/{branch}/{file}?mode=edit"),
}
# The theme's script rewrites each icon as SVG; its style sheet and font draw the same
# icons.
ICON_SCRIPT = re.compile(r'\s*<script defer src="[^"]*/fontawesome\.js[^"]*"></script>')


# hosts for networks that let only https through
ALIASES = {
    "ssh.github.com": "github.com",
    "altssh.gitlab.com": "gitlab.com",
    "altssh.bitbucket.org": "bitbucket.org",
}
# https://host/path, ssh://git@host:port/path, git@host:path
ADDRESS = re.compile(
    r"(?:(?:https|ssh|git)://(?:git@)?(?P<host>[\w.-]+)(?::\d+)?/|git@(?P<scp>[\w.-]+):/?)"
    r"(?P<path>[\w.-]+/[\w./-]+?)(?:\.git)?/?"
)


def repository_address(environ=os.environ, root=ROOT):
    """The https address of the repository on a public forge, or "" where there is none."""
    address = environ.get("LRLIB_REPOSITORY", "").strip() or git_origin(root)
    match = ADDRESS.fullmatch(address)
    if not match:
        return ""
    host = match["host"] or match["scp"]
    host = ALIASES.get(host, host)
    # groups within groups are GitLab's alone
    nested = match["path"].count("/") > 1
    if host not in FORGES or (nested and host != "gitlab.com"):
        return ""
    return f"https://{host}/{match['path']}"


def repository_branch(environ=os.environ, root=ROOT):
    """The branch that links lead to: what LRLIB_BRANCH names, else the remote's main one,
    else the one at hand.
    """
    remote = git(root, "symbolic-ref", "--short", "refs/remotes/origin/HEAD")
    here = git(root, "branch", "--show-current")
    named = environ.get("LRLIB_BRANCH", "").strip()
    return named or remote.removeprefix("origin/") or here or "main"


def git_origin(root):
    return git(root, "remote", "get-url", "origin")


def git(root, *words):
    """What git answers, or "" where there is no answer."""
    # an unpacked archive must not inherit a surrounding repository
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:  # no git on this machine
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def configure(app, config):
    config.html_context["default_mode"] = "auto"
    for path in sorted(STATIC.glob("*.css")):
        app.add_css_file(path.name)
    for path in sorted(STATIC.glob("*.js")):
        app.add_js_file(path.name)
    link_repository(config, repository_address())


def link_repository(config, address):
    """Repository, edit and launch buttons; none of them without an address."""
    options = config.html_theme_options
    branch = quote(repository_branch())
    options["repository_url"] = address
    options["repository_branch"] = branch
    options["use_repository_button"] = options["use_edit_page_button"] = bool(address)
    if not address:
        return
    forge, editor = FORGES[address.split("/")[2]]
    # People edit the .md twin of a notebook, so "suggest edit" opens that one.
    twin = "{{ file_name.replace('.ipynb', '.md') }}"
    config.html_context["edit_page_provider_name"] = forge
    config.html_context["edit_page_url_template"] = address + editor.format(
        branch=branch, file=twin
    )
    launch = options["launch_buttons"] = {
        "notebook_interface": "jupyterlab",
        "thebe": False,
    }
    launch["binderhub_url"] = "https://mybinder.org"
    if forge == "GitHub":  # Colab opens no other
        launch["colab_url"] = "https://colab.research.google.com"


# A script, and the words in a page without which it has nothing to do.
NEEDED_BY = {
    "design-tabs": "sd-tab-set",
    "citations.js": "bibtex-citation",
    "ledger.js": "lr-ledger-total",
}


def trim_scripts(app, pagename, templatename, context, doctree):
    """Drop thebe (remote, unused), what a page has no use for, and what is linked twice."""
    seen = set()
    kept = []
    body = context.get("body", "")
    unused = [
        "thebe",
        *(name for name, words in NEEDED_BY.items() if words not in body),
    ]
    if pagename != "search":
        unused.append("excerpts.js")
    for script in context.get("script_files", []):
        key = (
            str(getattr(script, "filename", script)),
            getattr(script, "attributes", {}).get("body"),
        )
        if key not in seen and not any(name in str(key).lower() for name in unused):
            seen.add(key)
            kept.append(script)
    context["script_files"][:] = kept
    context["css_files"][:] = [
        sheet for sheet in context["css_files"] if "thebe" not in str(sheet)
    ]


def launch_only_notebooks(app, pagename, templatename, context, doctree):
    """A page of text with code cells has no .ipynb that Binder or Colab could open."""
    if context.get("page_source_suffix") != ".ipynb":
        buttons = context.get("header_buttons", [])
        buttons[:] = [
            button for button in buttons if button.get("label") != "launch-buttons"
        ]


def slim(app, error):
    """Half a page's weight is scripts that nothing needs there; source maps help no
    reader.
    """
    if error or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        html = page.read_text(encoding="utf8")
        lighter = ICON_SCRIPT.sub("", html)
        if page.name != "search.html":
            lighter = SEARCH_SCRIPTS.sub("", lighter)
        if lighter != html:
            page.write_text(lighter, encoding="utf8")
    static = Path(app.outdir, "_static")
    for path in [static / "scripts" / "fontawesome.js", *static.rglob("*.map")]:
        path.unlink(missing_ok=True)


def setup(app):
    app.connect("config-inited", configure, priority=900)
    app.connect("html-page-context", trim_scripts, priority=990)
    app.connect("html-page-context", launch_only_notebooks, priority=990)
    app.connect("build-finished", slim, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
