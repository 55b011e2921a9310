/* A citation shows its entry under the pointer and at keyboard focus. Without this script the
   browser shows the same words as a title. */
(() => {
  "use strict";
  const GAP = 6; // px, also the least distance from the window's edge

  document.addEventListener("DOMContentLoaded", () => {
    const links = document.querySelectorAll(".bibtex-citation a[title]");
    if (!links.length) return;
    const entry = Object.assign(document.createElement("div"), {
      id: "lr-entry",
      className: "lr-entry",
      hidden: true,
    });
    entry.setAttribute("role", "tooltip");
    document.body.append(entry);
    let leaving = 0;

    function place(link) {
      const line = link.getClientRects()[0]; // a citation may be broken over two lines
      const room = document.documentElement.clientWidth - entry.offsetWidth - GAP;
      const below = line.bottom + GAP;
      const above = line.top - GAP - entry.offsetHeight;
      const fits = below + entry.offsetHeight < innerHeight || above < 0;
      entry.style.left = `${scrollX + Math.max(GAP, Math.min(line.left, room))}px`;
      entry.style.top = `${scrollY + (fits ? below : above)}px`;
    }
    function show(link) {
      clearTimeout(leaving);
      entry.textContent = link.dataset.entry;
      entry.hidden = false;
      link.setAttribute("aria-describedby", entry.id);
      place(link);
    }
    function hide() {
      clearTimeout(leaving);
      entry.hidden = true;
    }
    // The pointer may cross to the entry, to select a title there.
    function leave() {
      leaving = setTimeout(hide, 200);
    }
    for (const link of links) {
      link.dataset.entry = link.title;
      link.removeAttribute("title");
      link.addEventListener("pointerenter", () => show(link));
      link.addEventListener("pointerleave", leave);
      link.addEventListener("focus", () => show(link));
      link.addEventListener("blur", hide);
    }
    entry.addEventListener("pointerenter", () => clearTimeout(leaving));
    entry.addEventListener("pointerleave", leave);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
    });
  });
})();
