"""The linker loses nothing: what it joins computes the same, what it cannot it refuses."""

import json
import re
import subprocess

import pytest

from lrlib import widgets
from lrlib.widgets import linker, still

FRONTS = sorted(path.stem for path in (linker.HOME / "widgets").glob("*.js"))
KINDS = [getattr(widgets, name) for name in widgets.__all__ if name != "Band"]

# Reads [[text, ...], ...]: the tokens of each list of modules, without imports and "export".
TOKENS = """
const { parse } = require("internal/deps/acorn/acorn/dist/acorn");
function tokensOf(text) {
  const all = [];
  const tree = parse(text, { ecmaVersion: "latest", sourceType: "module", onToken: all });
  const left = tree.body.filter(({ type }) => type === "ImportDeclaration")
    .map(({ start, end }) => [start, end]);
  const named = tree.body.filter(({ type }) => type === "ExportNamedDeclaration")
    .map(({ start }) => [start, start + 1]);
  const kept = all.filter(({ start, type }) => type.label !== "eof"
    && ![...left, ...named].some(([from, to]) => start >= from && start < to));
  const plain = (value) => (value?.pattern ? `/${value.pattern}/${value.flags}` : String(value));
  return kept.map(({ type, value }) => `${type.label} ${plain(value)}`);
}
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(given.map((texts) => texts.flatMap(tokensOf))));
"""

SHARED = """\
/* What a reader
 * 3 would not compute.
 */
export const three = 3;

export function* count(n) {
  for (let i = 0; i < n; i++) yield i;
}
export async function later(x) {
  return x;
}
"""
TRICKY = r"""
// A comment with `one quote of a template.
import { three } from "../widget.js";
import {
  count,
  later,
} from "../widget.js";

export class Bag {
  size = 2
    * 3
    * three;
}
/** One line. */ export const after = 1;
const address = "http://example.org/* not a comment */";
const template = `//${address} /* kept */   spaced`;
const slashes = "a//b/*c*/d".split(/\/\*/);
const divided = 12
  / three
  / 2;
const wide = /[/*]  {2}/.source;
const inline = 2 /* two */ * 3; // trailing
const quoted = '  // "  `  ` ';
/* before */ const sum = [...count(4)]
  .reduce((a, b) => a + b, 0);
export default {
  bag: new Bag().size, after, address, template, slashes, divided, wide, inline, quoted, sum,
  later: later.name,
};
"""


def lay_out(folder, modules):
    for name, text in modules.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')


def in_node(*arguments, given=""):
    call = [still.node(), *map(str, arguments)]
    run = subprocess.run(call, input=given, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def tokens(*groups):
    return in_node("--expose-internals", "--eval", TOKENS, given=json.dumps(groups))


def default_export(path):
    script = f'import found from "{path.as_uri()}"; console.log(JSON.stringify(found))'
    return in_node("--input-type=module", "--eval", script)


def linked_modules(front):
    """The files of a widget in the order in which they are joined."""
    found = linker.Linker()
    for name in (linker.SHARED, f"widgets/{front}.js"):
        found.add((linker.HOME / name).resolve())
    return list(found.exports)


def test_joined_text_and_modules_compute_the_same(tmp_path, monkeypatch):
    lay_out(tmp_path, {"widget.js": SHARED, "widgets/odd.js": TRICKY})
    monkeypatch.setattr(linker, "HOME", tmp_path)
    joined = tmp_path / "joined.js"
    joined.write_text(linker.link("widgets/odd.js"))
    found = default_export(joined)
    assert found == default_export(tmp_path / "widgets" / "odd.js")
    assert (found["bag"], found["divided"], found["sum"]) == (18, 2, 6)
    assert "A comment" not in joined.read_text()
    one, two = tokens([joined.read_text()], [SHARED, TRICKY])
    assert one == two


def test_every_token_of_the_modules_is_served():
    groups = []
    for front in FRONTS:
        groups.append([path.read_text() for path in linked_modules(front)])
        groups.append([linker.link(f"widgets/{front}.js")])
    found = tokens(*groups)
    assert len(found[0]) > 5000
    assert found[::2] == found[1::2]


@pytest.mark.parametrize("kind", KINDS)
def test_what_jupyter_gets_is_one_module(kind, tmp_path):
    path = tmp_path / "front.mjs"
    path.write_text(kind._esm)
    subprocess.run([still.node(), "--check", str(path)], check=True)
    assert kind._esm.count("export default") == 1
    assert not re.search(r"^import |^export (?!default)", kind._esm, re.MULTILINE)


def test_widgets_share_most_of_their_text():
    parts = [linker.parts(f"widgets/{front}.js") for front in FRONTS]
    assert len({shared for shared, _ in parts}) == 1
    assert all(len(own) < len(shared) for shared, own in parts)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('import { nothing } from "../widget.js";', "does not export nothing"),
        ('import { one } from "./absent.js";', "imports ./absent.js, which is not the"),
        ('import { one } from "./odd.js";', "each other: odd.js -> odd.js"),
        ('import { back } from "../b.js";', "each other: odd.js -> b.js -> odd.js"),
        ("const three = 1;", "three is declared in widget.js and odd.js"),
        ("async function count() {}", "count is declared in"),
        ('import * as all from "../widget.js";', "does not know 'import "),
        ('import "../widget.js";', "does not know 'import "),
        ('import { three as t } from "../widget.js";', "does not know 'three as t'"),
        (
            'const a = 1;\nimport { three } from "../widget.js";',
            "does not know 'import",
        ),
        ("const a = 1;\nexport { a };", "does not know 'export { a }"),
        ('export * from "../widget.js";', "does not know 'export "),
        ("const [a, b] = [1, 2];", "does not know 'const "),
        ("const a = `one\n  two`;", "odd.js: line 1 has part of a string: 'const a"),
        ('const a = "one\\\n  two";', "line 1 has part of a string"),
        ("export default 1;", "the widget, and only it, has a default"),
    ],
)
def test_what_cannot_be_joined_is_refused(line, message, tmp_path, monkeypatch):
    modules = {
        "widget.js": SHARED,
        "b.js": 'import { one } from "./widgets/odd.js";\nexport const back = 1;\n',
        "widgets/odd.js": f"{line}\nexport default 1;\n",
    }
    lay_out(tmp_path, modules)
    monkeypatch.setattr(linker, "HOME", tmp_path)
    with pytest.raises(ValueError) as error:
        linker.link("widgets/odd.js")
    assert message in str(error.value)


def test_a_style_sheet_keeps_its_rules(tmp_path):
    path = tmp_path / "a.css"
    path.write_text(
        "/* a comment\n * { color: red }\n */\n"
        "* { margin: 0 }\n"
        "  .a > * , .b { /* kept */ color: red; background: blue }\n"
        '.c::after { content: ": {  }; /* no comment */" }\n'
        "/* one line */ .d { top: 1px }\n"
    )
    assert linker.style(path).splitlines() == [
        "*{margin:0 }",
        ".a > * ,.b{/* kept */ color:red;background:blue }",
        '.c::after { content: ": {  }; /* no comment */" }',
        ".d{top:1px }",
    ]
