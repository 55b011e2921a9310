/* Small repairs of the theme; runs in the head, before the page is painted. */
(() => {
  "use strict";
  const html = document.documentElement;
  // The theme resolves "auto" only after the page is shown: a white flash for readers in the dark.
  if (html.dataset.mode === "auto") {
    html.dataset.theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }
  // Search works from file://, but browsers refuse it the pages that its excerpts come from.
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }
  // The fonts of formulas are in their style sheet: ready before the first line is painted, when
  // nobody waits for a formula to ask for them.
  for (const face of document.fonts) if (face.family.startsWith("MJX")) face.load();
  // The theme hides the page's contents while a margin note is in view, and fails where a page has
  // none.
  document.addEventListener("DOMContentLoaded", () => {
    if (!document.querySelector("div.bd-sidebar-secondary")) {
      const none = document.createElement("div");
      none.className = "bd-sidebar-secondary";
      none.hidden = true;
      none.style.display = "none";
      document.body.append(none);
    }
  });
})();
