/* The counts above the ledger become filters. Kinds of one line are alternatives, lines add up:
   "[B] or [M], and refuted". The address keeps the choice, so that a view can be sent. */
(() => {
  "use strict";

  document.addEventListener("DOMContentLoaded", () => {
    const total = document.querySelector(".lr-ledger-total");
    if (!total) return;
    const rows = [...document.querySelectorAll(".lr-ledger > tbody > tr")];
    const tables = [...document.querySelectorAll("table.lr-ledger")];
    const chosen = new Map(); // field: set of kinds
    const all = total.textContent;
    const address = new URL(location.href);

    function show() {
      for (const row of rows) {
        row.hidden = [...chosen].some(
          ([field, kinds]) => kinds.size && !kinds.has(row.dataset[field]),
        );
      }
      for (const table of tables) {
        table.hidden = !table.querySelector(":scope > tbody > tr:not([hidden])");
      }
      const shown = rows.filter((row) => !row.hidden).length;
      total.textContent = shown < rows.length ? `${shown} of ${all}` : all;
    }
    function remember() {
      for (const [field, kinds] of chosen) {
        address.searchParams.delete(field);
        for (const kind of kinds) address.searchParams.append(field, kind);
      }
      history.replaceState(null, "", address);
    }
    function filter(field, label) {
      const kinds = chosen.get(field);
      const { kind } = label.dataset;
      const button = Object.assign(document.createElement("button"), {
        type: "button",
        className: label.className,
      });
      button.append(...label.childNodes);
      const mark = () => button.setAttribute("aria-pressed", kinds.has(kind));
      if (address.searchParams.getAll(field).includes(kind)) kinds.add(kind);
      button.addEventListener("click", () => {
        if (!kinds.delete(kind)) kinds.add(kind);
        mark();
        show();
        remember();
      });
      mark();
      label.replaceWith(button);
    }
    for (const line of document.querySelectorAll(".lr-kinds")) {
      const { field } = line.dataset;
      chosen.set(field, new Set());
      for (const label of line.querySelectorAll(".lr-kind")) filter(field, label);
      line.setAttribute("role", "group");
      line.setAttribute("aria-label", `Show only, by ${field}`);
    }
    show();
    // a link to a row: never hidden by a filter, and in view
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target) target.hidden = false;
  });
})();
