// Where gradient descent is in the long run, at every learning rate: zoomable, computed in the page.

const MARGINS = { left: 14, right: 14, top: 14, bottom: 26 };
const BUDGET = 9; // milliseconds of computing in one frame
const SHOWN_ITERATES = 48;
const LEAST = -1.5, FLAT = 0.002; // of the strip: the lowest exponent shown, and the smallest range above and below 0
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
      (...at) => this.#paintPicture(...at));
    const strip = new Surface("lr-strip", "Lyapunov exponent against the learning rate",
      (...at) => this.#paintStrip(...at));
    this.canvas = picture.canvas;
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
      this.hovered = held || pointerType === "touch" ? null : this.#lrAt(offsetX);
      if (held?.touch) this.#pick(this.#lrAt(offsetX));
      else if (held) this.drawing = [held.x, held.y, offsetX, offsetY];
      if (held && Math.hypot(offsetX - held.x, offsetY - held.y) <= 5) this.drawing = null;
      this.invalidate();
    };
    canvas.onpointerup = ({ offsetX }) => {
      const drawn = this.drawing;
      [held, this.drawing] = [null, null];
      if (drawn) this.#zoomTo(drawn);
      else { this.#pick(this.#lrAt(offsetX)); this.save(); }
    };
    canvas.onpointercancel = () => { [held, this.drawing] = [null, null]; this.invalidate(); };
    canvas.onpointerleave = () => { this.hovered = null; this.invalidate(); };
  }

  #zoomTo([x0, y0, x1, y1]) {
    const { bottom, top } = this.state(), lrs = [x0, x1].map((x) => this.#lrAt(x)).sort((a, b) => a - b);
    const flat = Math.abs(y1 - y0) < 8; // a stroke along the axis: all heights
    const thetas = flat ? [bottom, top] : [y0, y1].map((y) => this.#thetaAt(y)).sort((a, b) => a - b);
    if (Math.abs(x1 - x0) < 4) return;
    this.look(lrs, thetas);
    if (this.get("lr") < lrs[0] || this.get("lr") > lrs[1]) this.#pick((lrs[0] + lrs[1]) / 2);
  }

  #area() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return { left: MARGINS.left, right: width - MARGINS.right, top: MARGINS.top, bottom: height - MARGINS.bottom };
  }

  #lrAt(x) {
    const { low, high } = this.state(), { left, right } = this.#area();
    return Math.min(high, Math.max(low, low + ((x - left) / (right - left)) * (high - low)));
  }

  #thetaAt(y) {
    const state = this.state(), { top, bottom } = this.#area();
    return state.bottom + ((bottom - y) / (bottom - top)) * (state.top - state.bottom);
  }

  #x(lr) {
    const { low, high } = this.state(), { left, right } = this.#area();
    return left + ((lr - low) / (high - low)) * (right - left);
  }

  #y(theta) {
    const state = this.state(), { top, bottom } = this.#area();
    return bottom - ((theta - state.bottom) / (state.top - state.bottom)) * (bottom - top);
  }

  // -- computing

  update() {
    const state = this.state(), nSteps = this.get("n_steps");
    if (nSteps !== this.runner?.nSteps) {
      this.runner = this.makeRunner();
      this.orbit = new Float64Array(nSteps + 1);
    }
    this.#follow(this.hovered ?? state.lr, state.start);
    const area = this.#area(), ratio = Math.min(2, window.devicePixelRatio || 1);
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

  // -- drawing

  #paintPicture(context, width, height) {
    const { palette, scan } = this, area = this.#area(), { low, high, bottom, top } = this.state();
    context.save();
    context.beginPath();
    context.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    context.clip();
    for (const tick of roundTicks(bottom, top, 4)) {
      Object.assign(context, { strokeStyle: palette.rule, lineWidth: 1 });
      line(context, [area.left, this.#y(tick)], [area.right, this.#y(tick)]);
    }
    const { left, right } = area;
    if (scan) context.drawImage(scan.image, left, area.top, right - left, area.bottom - area.top);
    this.#paintOrbit(context, area);
    context.restore();
    for (const tick of roundTicks(bottom, top, 4)) {
      const y = this.#y(tick), words = this.#label(tick, top - bottom);
      if (y > area.top + 14) inscribe(context, palette, words, area.left, y - 4, { align: "left" });
    }
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
    line(context, [area.left, area.bottom], [area.right, area.bottom]);
    const half = 3.2 * this.#label(high, high - low).length; // of a label, in pixels
    for (const tick of roundTicks(low, high, Math.max(1, (area.right - area.left) / (2 * half + 60)))) {
      const x = Math.min(area.right - half, Math.max(area.left + half, this.#x(tick)));
      inscribe(context, palette, this.#label(tick, high - low), x, height - 8);
    }
    if (this.drawing) this.#paintBox(context);
  }

  #label(tick, span) {
    return tick.toFixed(Math.max(1, Math.min(12, 1 - Math.floor(Math.log10(span))))).replace("-", "−");
  }

  /** A line at the learning rate, and on it the last iterates. */
  #paintOrbit(context, area) {
    const { palette, shown } = this, x = this.#x(shown);
    Object.assign(context, { strokeStyle: palette.ink, lineWidth: 1 });
    context.setLineDash([3, 3]);
    line(context, [x, area.top], [x, area.bottom]);
    context.setLineDash([]);
    Object.assign(context, { fillStyle: palette.ink, strokeStyle: palette.paper, lineWidth: 1.2 });
    for (const theta of this.tail) {
      dot(context, x, this.#y(theta), 3.4);
      context.fill();
      context.stroke();
    }
  }

  #paintBox(context) {
    const [x0, y0, x1, y1] = this.drawing, { palette } = this;
    Object.assign(context, { strokeStyle: palette.ink, fillStyle: palette.rule, lineWidth: 1.2 });
    context.fillRect(x0, y0, x1 - x0, y1 - y0);
    context.strokeRect(x0, y0, x1 - x0, y1 - y0);
  }

  #paintStrip(context, width, height) {
    const { palette, scan } = this, { left, right } = this.#area();
    const [least, most] = this.#exponentRange();
    const y = (value) => height - 3 - ((value - least) / (most - least)) * (height - 6), zero = y(0);
    for (let i = 0; i < (scan?.columns ?? 0); i++) {
      const value = scan.exponents[i];
      if (!(value < Infinity)) continue;
      const from = left + (i / scan.columns) * (right - left), to = y(Math.min(most, Math.max(least, value)));
      context.fillStyle = value > 0 ? palette.unstable : palette.stable;
      context.fillRect(from, Math.min(zero, to), (right - left) / scan.columns + 0.2, Math.abs(to - zero));
    }
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
    line(context, [left, zero], [right, zero]);
    context.strokeStyle = palette.ink;
    context.setLineDash([3, 3]);
    line(context, [this.#x(this.shown), 0], [this.#x(this.shown), height]);
    context.setLineDash([]);
    const words = `Lyapunov exponent, ${formatNumber(least, 2)} to ${formatNumber(most, 2)}`;
    inscribe(context, palette, words, left, 14, { align: "left" });
    inscribe(context, palette, "above the line: chaos", right, height - 6, { align: "right" });
  }

  /** So that what the view holds fills the strip. */
  #exponentRange() {
    const finite = this.scan ? this.scan.exponents.filter(Number.isFinite) : [];
    return finite.reduce(([least, most], v) => [Math.max(LEAST, Math.min(least, v)), Math.max(most, v)], [-FLAT, FLAT]);
  }
}

export default { render: (view) => new Bifurcation(view).start() };
