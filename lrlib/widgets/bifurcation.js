// Where gradient descent is in the long run, at every learning rate: zoomable, computed in the page.

const BUDGET = 9; // milliseconds of computing in one frame
const SHOWN_ITERATES = 48;
const NARROWEST = 1e-9; // of a view, in either direction
const BLURRED = 1e-8; // of a view: near a threshold rounding shows, and the orbits are not there yet
const KEYS = "Plus and minus zoom, arrows move the view, shift and arrows the learning rate, Home shows all.";

class Bifurcation extends LandscapeFrame {
  constructor(view) {
    super(view, "lr-bifurcation", MARGINS);
    const [low, high] = this.get("lr_range"), [[bottom, top]] = this.landscape.box;
    this.allowed = {
      lr: { low, high }, start: { low: bottom, high: top }, low: { low, high }, high: { low, high },
      bottom: { low: bottom, high: top }, top: { low: bottom, high: top },
    };
    this.hovered = null; // learning rate under the mouse
    this.drawing = null; // being drawn: [x0, y0, x1, y1]
    this.#build();
  }

  #build() {
    const [name] = this.landscape.coordinates;
    const picture = new Surface("lr-picture", `Long-run ${name} against the learning rate. ${KEYS}`,
      (context, width, height) => this.diagram.paint(context, height, this.#shownNow()));
    const strip = new Surface("lr-strip", "Lyapunov exponent against the learning rate",
      (context, width, height) => this.diagram.paintStrip(context, height, this.#shownNow()));
    this.canvas = picture.canvas;
    this.diagram = new Diagram(this.canvas, () => this.state());
    this.canvas.setAttribute("tabindex", 0);
    this.canvas.setAttribute("role", "application"); // it takes keys, see KEYS
    const range = new Range({
      low: this.allowed.start.low, high: this.allowed.start.high, describe: (start) => formatNumber(start),
      oninput: (start) => this.set({ start }), onchange: () => this.save(),
    });
    this.startSlider = sliderRow(range, `Start ${name}`);
    const zoom = [["zoomIn", "Zoom in", 0.5], ["zoomOut", "Zoom out", 2]].map(([mark, words, factor]) => (
      button(mark, words, () => this.zoom(factor))));
    this.box.append(
      element("div", { class: "lr-stage", style: stageStyle(this.get("height")) }, picture.canvas), strip.canvas,
      element("div", { class: "lr-controls" }, this.makeTrack(), this.startSlider.row, this.makeActions(...zoom)));
    this.surfaces.push(picture, strip);
    for (const canvas of [picture.canvas, strip.canvas]) this.#point(canvas, canvas === picture.canvas);
    this.canvas.onkeydown = (event) => this.#press(event);
  }

  state() {
    const [low, high] = this.get("view_lr"), [bottom, top] = this.get("view_theta");
    return { lr: this.get("lr"), start: this.get("start"), low, high, bottom, top };
  }

  traits({ lr, start, low, high, bottom, top }) {
    return { lr, start, view_lr: [low, high], view_theta: [bottom, top] };
  }

  conflict({ low, high, bottom, top }) {
    const wrong = low < high ? bottom < top ? null : { bottom, top } : { low, high };
    if (!wrong) return null;
    const keys = Object.keys(wrong), [lower, upper] = keys;
    const given = keys.map((key) => `${key} = ${wrong[key]}`).join(" and ");
    return { text: `${given} (allowed is ${lower} below ${upper})`, keys };
  }

  pythonCall() {
    const [n_steps, keep] = [this.get("n_steps"), this.get("keep")];
    return fillTemplate(this.get("_python").plain, { ...this.state(), mirror: -this.get("start"), n_steps, keep });
  }

  // -- the view

  /** Both ends of an interval moved into [low, high], its width kept where it fits. */
  #fit(from, to, { low, high }) {
    const width = Math.min(high - low, Math.max(to - from, NARROWEST));
    const left = Math.min(Math.max(from, low), high - width);
    return [left, left + width].map((end) => +Math.min(high, Math.max(low, end)).toPrecision(12));
  }

  look(lrs, thetas) {
    const [low, high] = this.#fit(...lrs, this.allowed.low), [bottom, top] = this.#fit(...thetas, this.allowed.bottom);
    this.set({ low, high, bottom, top });
    this.save();
  }

  /** About the shown learning rate where it is in view, and the middle of the iterates beside it. */
  zoom(factor) {
    const { lr, low, high, bottom, top } = this.state(), centre = lr > low && lr < high ? lr : (low + high) / 2;
    const seen = [...this.tail].filter((theta) => theta > bottom && theta < top);
    const middle = seen.length ? seen.at(-1) : (bottom + top) / 2;
    const about = (at, a, b) => [at - factor * (at - a), at + factor * (b - at)];
    this.look(about(centre, low, high), about(factor < 1 ? middle : (bottom + top) / 2, bottom, top));
  }

  #press(event) {
    const { key, shiftKey } = event, { lr, low, high, bottom, top } = this.state();
    const dx = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0, dy = { ArrowDown: -1, ArrowUp: 1 }[key] ?? 0;
    if (key === "+" || key === "=") this.zoom(0.5);
    else if (key === "-" || key === "−") this.zoom(2);
    else if (key === "Home") this.look([-Infinity, Infinity], [-Infinity, Infinity]);
    else if (dx && shiftKey) { this.#pick(lr + dx * (high - low) / 200); this.save(); }
    else if (dx || dy) {
      const x = dx * (high - low) / 8, y = dy * (top - bottom) / 8;
      this.look([low + x, high + x], [bottom + y, top + y]);
    } else return;
    event.preventDefault();
  }

  #pick(lr) {
    const { low, high } = this.allowed.lr;
    this.set({ lr: +Math.min(high, Math.max(low, lr)).toPrecision(10) });
  }

  // -- pointers: a mouse draws a box, a finger moves the learning rate; both pick by a click

  #point(canvas, boxes) {
    let held = null;
    canvas.onpointerdown = ({ offsetX, offsetY, pointerId, pointerType, button: which }) => {
      if (which) return;
      held = { x: offsetX, y: offsetY, touch: pointerType === "touch" || !boxes };
      canvas.setPointerCapture(pointerId);
    };
    canvas.onpointermove = ({ offsetX, offsetY, pointerType }) => {
      this.hovered = held || pointerType === "touch" ? null : this.diagram.lrAt(offsetX);
      if (held?.touch) this.#pick(this.diagram.lrAt(offsetX));
      else if (held) this.drawing = [held.x, held.y, offsetX, offsetY];
      if (held && Math.hypot(offsetX - held.x, offsetY - held.y) <= 5) this.drawing = null;
      this.invalidate();
    };
    canvas.onpointerup = ({ offsetX }) => {
      const drawn = this.drawing;
      [held, this.drawing] = [null, null];
      if (drawn) this.#zoomTo(drawn);
      else { this.#pick(this.diagram.lrAt(offsetX)); this.save(); }
    };
    canvas.onpointercancel = () => { [held, this.drawing] = [null, null]; this.invalidate(); };
    canvas.onpointerleave = () => { this.hovered = null; this.invalidate(); };
  }

  #zoomTo([x0, y0, x1, y1]) {
    const { bottom, top } = this.state(), lrs = [x0, x1].map((x) => this.diagram.lrAt(x)).sort((a, b) => a - b);
    const flat = Math.abs(y1 - y0) < 8; // a stroke along the axis: all heights
    const thetas = flat ? [bottom, top] : [y0, y1].map((y) => this.diagram.thetaAt(y)).sort((a, b) => a - b);
    if (Math.abs(x1 - x0) < 4) return;
    this.look(lrs, thetas);
    if (this.get("lr") < lrs[0] || this.get("lr") > lrs[1]) this.#pick((lrs[0] + lrs[1]) / 2);
  }

  // -- computing

  update() {
    const state = this.state(), nSteps = this.get("n_steps");
    if (nSteps !== this.runner?.nSteps) {
      this.runner = this.makeRunner();
      this.orbit = new Float64Array(nSteps + 1);
    }
    this.#follow(this.hovered ?? state.lr, state.start);
    const { area } = this.diagram, ratio = Math.min(2, window.devicePixelRatio || 1);
    const [columns, rows] = [area.right - area.left, area.bottom - area.top].map((side) => Math.round(side * ratio));
    if (columns > 0 && rows > 0) this.#scan(state, columns, rows, nSteps);
    this.#report(state);
  }

  #scan({ start, low, high, bottom, top }, columns, rows, nSteps) {
    const inks = [this.palette.descent, this.palette.noise];
    const key = JSON.stringify([start, low, high, bottom, top, columns, rows, nSteps, inks]);
    if (key !== this.key) {
      this.key = key;
      this.scan = new Scan(columns, rows, { low, high, bottom, top });
    }
    if (this.scan.finished) return;
    const colours = inks.map((ink) => ink.match(/[\d.]+/g).slice(0, 3).map(Number));
    this.scan.advance(performance.now() + BUDGET, this.landscape, this.orbit, [start, -start], this.get("keep"),
      this.get("_limits"), colours);
    if (!this.scan.finished) this.invalidate();
  }

  /** The orbit at one learning rate: what it does, its last iterates, its exponent. */
  #follow(lr, start) {
    const { runner, landscape } = this, { nSteps } = runner, limits = this.get("_limits");
    this.exponent = scanColumn(landscape, this.orbit, start, lr, nSteps, nSteps - (nSteps >> 2), limits);
    this.outcome = runner.run([start], lr);
    this.tail = this.outcome.kind === DIVERGED ? [] : runner.orbit.slice(nSteps + 1 - SHOWN_ITERATES);
    this.shown = lr;
  }

  #shownNow() {
    const { palette, scan, shown, tail, drawing } = this;
    return { palette, scan, shown, tail, box: drawing };
  }

  #report({ lr, start }) {
    const { outcome, landscape: { minima }, shown } = this, { dataset } = this.root;
    this.track.show(lr);
    this.startSlider.show(start, steadyNumber(start));
    const words = this.#words();
    const colour = ["wandering", outcomeColour(outcome), "oscillating", "unstable"][outcome.kind];
    this.showChip(KIND_NAMES[outcome.kind], colour, words);
    const ends = Math.min(this.scan?.high - this.scan?.low, this.scan?.top - this.scan?.bottom) < BLURRED;
    const warning = ends ? "; double precision ends" : "";
    this.note.textContent = `learning rate ${shown.toPrecision(this.#digits())}${warning}`;
    if (this.hovered === null) this.say(`Learning rate ${this.track.describe(lr)}. ${words}.`);
    if (this.hovered !== null) return;
    dataset.outcome = outcomeLabel(outcome, minima);
    dataset.last = JSON.stringify([this.runner.orbit[this.runner.nSteps]]);
    dataset.exponent = this.exponent;
    dataset.pending = this.scan && !this.scan.finished ? "yes" : "no";
  }

  /** Digits that tell neighbouring columns apart. */
  #digits() {
    const { low, high } = this.state();
    return Math.min(12, Math.max(4, Math.ceil(3.5 - Math.log10((high - low) / high))));
  }

  #words() {
    const { kind, detail, step } = this.outcome, { minima } = this.landscape;
    if (kind === DIVERGED) return `diverges at step ${step}`;
    if (kind === PERIODIC) return `period ${detail}`;
    if (kind === CONVERGED) return detail < 0 ? "settles at one point" : `reaches ${minima[detail].name}`;
    const size = formatNumber(this.exponent, 2);
    const name = this.exponent > 0 ? "chaos" : `no period up to ${this.get("_limits").maxPeriod}`;
    return `${name}, exponent ${size}`;
  }
}

export default { render: (view) => new Bifurcation(view).start() };
