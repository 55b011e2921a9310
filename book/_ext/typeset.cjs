// Node's entry: formulas of the whole book, set by MathJax without a browser.
//
// Reads {mathjax, macros, formulas: [[tex, display], ...]} from stdin and prints
// {html: [...], errors: [...], style}: an entry of `html` is null where `errors` has a reason.
// `style` has the rules for the characters of these formulas, and of no others.

const { readFileSync } = require("node:fs");

// Widths are those of MathJax's own fonts: nothing is measured, so the page's size plays no part.
const METRICS = { em: 16, ex: 8, containerWidth: 1e6 };
// TeX's packages are in the bundle; these two would print what they do not know in red.
const PACKAGES = { "[-]": ["noundefined", "noerrors"] };

function refuse(jax, error) {
  throw error;
}

const LONG = 20; // characters; shorter formulas stay on one line, as in print

/** Lets a line end after a relation of a long formula: its parts become boxes of their own. */
function allowBreaks(adaptor, math) {
  if (adaptor.tags(math, "mjx-c").length < LONG) return;
  // a relation has space around it: it bears the space before it, what follows the one behind it
  const isSpaced = (part) => adaptor.getAttribute(part, "space") === "4";
  const runs = [[]];
  for (const part of [...adaptor.childNodes(math)]) {
    const follows = runs.length > 1 && runs.at(-1).length === 0;
    runs.at(-1).push(part);
    if (adaptor.kind(part) === "mjx-mo" && isSpaced(part) && !follows) runs.push([]);
  }
  if (runs.length === 1) return;
  const boxes = runs.map((parts) => adaptor.node("mjx-run", {}, parts));
  // the space after a relation must not begin a line
  runs.slice(1).forEach(([first], i) => {
    const space = first && adaptor.getAttribute(first, "space");
    if (!space) return;
    adaptor.removeAttribute(first, "space");
    adaptor.setAttribute(boxes[i], "rspace", space);
  });
  for (const box of boxes) adaptor.append(math, box);
  adaptor.addClass(math, "lr-runs");
}

function setOne(MathJax, tex, display) {
  const { adaptor } = MathJax.startup;
  const made = MathJax.tex2chtml(tex, { display, ...METRICS });
  if (adaptor.tags(made, "mjx-utext").length) throw new Error("a character that the fonts lack");
  if (!display) allowBreaks(adaptor, adaptor.firstChild(made));
  return adaptor.outerHTML(made);
}

function setAll(MathJax, formulas) {
  const errors = [];
  const html = formulas.map(([tex, display], i) => {
    try {
      errors.push(null);
      return setOne(MathJax, tex, display);
    } catch (error) {
      errors[i] = error.message;
      return null;
    }
  });
  const style = MathJax.startup.adaptor.textContent(MathJax.chtmlStylesheet());
  return { html, errors, style };
}

const { mathjax, macros, formulas } = JSON.parse(readFileSync(0, "utf8"));
const config = {
  loader: {
    load: ["input/tex-full", "output/chtml", "adaptors/liteDOM", "a11y/assistive-mml"],
    paths: { mathjax },
    versionWarnings: false,
  },
  tex: { packages: PACKAGES, formatError: refuse, macros },
  startup: { typeset: false },
};
require(`${mathjax}/node-main.js`)
  .init(config)
  .then((MathJax) => process.stdout.write(JSON.stringify(setAll(MathJax, formulas))))
  .catch((error) => {
    process.stderr.write(`${error.message ?? error}\n`);
    process.exitCode = 1;
  });
