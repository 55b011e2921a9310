/* Excerpts of search results are plain text: formulas as one would type them. */
(() => {
  "use strict";
  const SPACED = /^[=<>≤≥≈≠≪≫∼∈⊂→←↦+−±⋅]$/;
  const UNSEEN = /[\u2061-\u2064]/g; // "applied to" and the like

  const grouped = (text) => (/^√?[\p{L}\p{N}.∞∗⊤]*$/u.test(text) ? text : `(${text})`);

  // How the parts of an element are joined, unless one after the other
  const below = (base, index) => `${base}_${grouped(index)}`;
  const above = (base, exponent) =>
    /^[′″‴]+$/.test(exponent) ? base + exponent : `${base}^${grouped(exponent)}`;
  const both = (base, index, exponent) => above(below(base, index), exponent);
  const JOINED = {
    mfrac: (numerator, denominator) => `${grouped(numerator)}/${grouped(denominator)}`,
    msqrt: (...parts) => `√${grouped(parts.join(""))}`,
    mroot: (base, degree) => `${grouped(base)}^(1/${degree})`,
    msub: below,
    munder: below,
    msup: above,
    mover: above,
    msubsup: both,
    munderover: both,
  };

  function plain(node) {
    const parts = [...node.children].map(plain);
    if (parts.length) return JOINED[node.localName]?.(...parts) ?? parts.join("");
    const text = node.textContent.replace(UNSEEN, "");
    return SPACED.test(text) ? ` ${text} ` : text;
  }

  // before the search begins, which waits for the same event
  document.addEventListener("DOMContentLoaded", () => {
    const read = Search.htmlToText;
    Search.htmlToText = (html, anchor) => {
      const page = new DOMParser().parseFromString(html, "text/html");
      for (const formula of page.querySelectorAll("mjx-container")) {
        formula.replaceWith(plain(formula.querySelector("math")));
      }
      return read(page.documentElement.outerHTML, anchor);
    };
  });
})();
