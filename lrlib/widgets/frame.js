// The frame that all widgets share: chip, pictures, buttons, link, spoken status.

const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * One mounted widget. A subclass has
 *   state(): the numbers that a link carries, traits(state): the same as traits to set,
 *   allowed: {key: {low, high, whole}}, update(): compute, surfaces: what to draw,
 *   pythonCall(): the text of "copy as Python", stopWalking(): end what the buttons play.
 */
class Frame {
  constructor({ model, el }, className) {
    this.model = model;
    this.closing = new AbortController();
    this.signal = this.closing.signal;
    this.surfaces = [];
    this.root = element("div", {
      class: `lr-widget ${className}`, role: "group", "aria-label": this.get("_title"),
      "data-lm-suppress-shortcuts": "true", // JupyterLab would take the arrow keys
      onkeydown: (event) => event.stopPropagation(), // so would other notebooks
    });
    this.note = element("p", { class: "lr-note" });
    this.chip = element("p", { class: "lr-chip" });
    this.notice = element("p", { class: "lr-notice", role: "status", hidden: "" });
    this.status = element("p", { class: "lr-status", role: "status" });
    this.box = element("div", { class: "lr-frame" }, element("div", { class: "lr-head" }, this.note, this.chip));
    this.root.append(this.notice, this.box, this.status);
    el.append(this.root);
  }

  /** Call last, on the whole widget; gives back a way to end it. */
  start() {
    const { model, signal, root } = this;
    const redraw = () => this.invalidate(), recolour = () => { this.palette = null; redraw(); };
    const observer = new ResizeObserver(redraw);
    const print = (on) => { root.classList.toggle("lr-printing", on); this.palette = null; this.draw(); };
    const listen = (name, listener) => window.addEventListener(name, listener, { signal });
    model.on("change", redraw);
    observer.observe(root);
    watchTheme(recolour, signal);
    listen("resize", redraw);
    listen("hashchange", () => this.followLink());
    listen("beforeprint", () => print(true));
    listen("afterprint", () => print(false));
    this.followLink();
    this.draw();
    root.dataset.ready = performance.now().toFixed(0);
    return () => { model.off("change", redraw); observer.disconnect(); this.closing.abort(); };
  }

  get(trait) {
    return this.model.get(trait);
  }

  /** Buttons of the widget itself, then those that every widget has. */
  makeActions(...own) {
    const reset = button("reset", "Reset", () => this.reset());
    const link = button("link", "Copy link", () => this.copyLink(link));
    const python = button("copy", "Copy as Python", () => this.copy(python, this.pythonCall()));
    return element("div", { class: "lr-actions" },
      element("div", {}, ...own, reset), element("div", {}, link, python));
  }

  set(state) {
    this.stopWalking();
    this.model.set(this.traits({ ...this.state(), ...state }));
    this.invalidate();
  }

  stopWalking() {}

  /** Place what depends on the width, after `update`. */
  layout() {}

  save() {
    this.model.save_changes(); // on release only: no flood of messages while a slider moves
  }

  reset() {
    this.set(this.get("_defaults"));
    this.save();
    this.notice.hidden = true;
  }

  invalidate() {
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    if (this.signal.aborted) return;
    const begun = performance.now();
    this.palette ??= readPalette(this.root);
    this.update();
    this.layout();
    for (const surface of this.surfaces) surface.draw();
    const { dataset } = this.root;
    dataset.state = JSON.stringify(this.state());
    dataset.frames = Number(dataset.frames ?? 0) + 1;
    dataset.ms = (performance.now() - begun).toFixed(2);
  }

  /** The outcome in words, with a mark and a colour of its kind. */
  showChip(kind, colour, words) {
    if (this.chip.title === words && this.chip.dataset.kind === kind) return;
    this.chip.dataset.kind = kind;
    this.chip.style.setProperty("--mark", `var(--w-${colour})`);
    this.chip.title = words;
    this.chip.replaceChildren(icon(kind), element("span", {}, words));
  }

  /** One spoken sentence, once the reader's hand rests. */
  say(sentence) {
    if (this.sentence === sentence) return;
    this.sentence = sentence;
    clearTimeout(this.speaking);
    this.speaking = setTimeout(() => { this.status.textContent = sentence; }, 400);
  }

  followLink() {
    const pairs = linkedState(this.get("ident"));
    if (!pairs.length) return;
    const { state, complaints } = checkState(pairs, this.allowed);
    const conflict = this.conflict?.({ ...this.state(), ...state }, state);
    if (conflict) complaints.push(conflict.text);
    for (const key of conflict?.keys ?? []) delete state[key];
    this.notice.hidden = !complaints.length;
    this.notice.textContent = complaints.length ? `Ignored from the link: ${complaints.join("; ")}.` : "";
    this.set(state);
    this.save();
  }

  copyLink(source) {
    const link = linkTo(this.get("ident"), this.state());
    try {
      history.replaceState(history.state, "", link);
    } catch {
      location.hash = link.split("#")[1]; // some browsers refuse replaceState on file://
    }
    return this.copy(source, link);
  }

  async copy(source, text) {
    this.root.dataset.copied = text;
    const copied = await copyText(text);
    const label = source.querySelector("span"), words = source.dataset.words ??= label.textContent;
    label.textContent = copied ? "Copied" : "Not allowed";
    this.status.textContent = copied ? `${words}: copied.` : "The browser does not allow copying.";
    clearTimeout(source.restoring);
    source.restoring = setTimeout(() => { label.textContent = words; }, 1500);
  }
}
