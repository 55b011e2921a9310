// The fates of an ensemble: each start coloured by where it ends, the same starts sorted into a bar,
// and the bar against all learning rates, over which the current one sweeps.

const MARGINS = { left: 14, right: 14, top: 16, bottom: 172 };
const AXIS = 134; // heights above the lower end of the picture
const STRIP = { top: 82, height: 24 }, BAR = { top: 36, height: 26 };
const BUDGET = 9; // milliseconds of computing in one frame

class OutcomeBars extends LandscapeFrame {
  constructor(view) {
    super(view, "lr-outcome-bars", MARGINS);
    const [low, high] = this.get("lr_range"), [[left, right]] = this.landscape.box;
    this.allowed = { lr: { low, high }, low: { low: left, high: right }, high: { low: left, high: right } };
    this.fates = makeFates(this.landscape.minima);
    this.root.style.setProperty("--fates", this.fates.length);
    this.#build();
    this.history = new History(this.landscape, this.get("lr_range"), this.fates, () => this.invalidate());
    this.signal.addEventListener("abort", () => this.history.stop());
  }

  #build() {
    const picture = new Surface("lr-picture", "Landscape, and each start coloured by its outcome",
      (...at) => this.#paintPicture(...at));
    const history = new Surface("lr-history", "Shares of the outcomes against the learning rate",
      (...at) => this.#paintHistory(...at));
    this.ends = ["low", "high"].map((end) => this.#endRange(end));
    const track = this.makeTrack();
    track.firstChild.after(history.canvas);
    this.box.append(
      element("div", { class: "lr-stage", style: stageStyle(this.get("height")) }, picture.canvas, ...this.ends.map((end) => end.input)),
      element("ul", { class: "lr-legend" }, ...this.fates.map((fate) => this.#legendEntry(fate))),
      element("div", { class: "lr-controls" }, track, this.makeActions()));
    this.surfaces.push(picture, history, ...this.fates.map((fate) => fate.swatch));
    this.#drag(picture.canvas);
  }

  #endRange(end) {
    const { low, high } = this.picture, gap = (high - low) / POSITIONS;
    const range = new Range({
      label: end === "low" ? "First start" : "Last start", low, high, describe: (theta) => this.picture.format(theta),
      oninput: (theta) => {
        const state = this.state();
        this.set({ [end]: end === "low" ? Math.min(theta, state.high - gap) : Math.max(theta, state.low + gap) });
      },
      onchange: () => this.save(),
    });
    range.input.classList.add("lr-on-axis", "lr-pair");
    return range;
  }

  #legendEntry(fate) {
    fate.swatch = new Surface("lr-swatch", "", (context, width, height) => {
      context.fillStyle = this.inks[fate.index];
      context.fillRect(0, 0, width, height);
    });
    fate.swatch.canvas.setAttribute("aria-hidden", "true");
    fate.share = element("span", { class: "lr-share" });
    return element("li", {}, fate.swatch.canvas, element("span", {}, fate.name), fate.share);
  }

  /** A pointer that takes hold inside the interval moves it as a whole. */
  #drag(canvas) {
    let held = null;
    const { picture } = this;
    canvas.onpointerdown = ({ offsetX, pointerId }) => {
      const theta = picture.theta(offsetX), { low, high } = this.state();
      if (theta < low || theta > high) return;
      held = { theta, low, high };
      canvas.setPointerCapture(pointerId);
    };
    canvas.onpointermove = ({ offsetX, pointerId }) => {
      if (!held || !canvas.hasPointerCapture(pointerId)) return;
      const wanted = picture.theta(offsetX) - held.theta;
      const shift = Math.min(picture.high - held.high, Math.max(picture.low - held.low, wanted));
      this.set({ low: +(held.low + shift).toPrecision(6), high: +(held.high + shift).toPrecision(6) });
    };
    canvas.onpointerup = () => { held = null; this.save(); };
  }

  state() {
    const [low, high] = this.get("interval");
    return { lr: this.get("lr"), low, high };
  }

  traits({ lr, low, high }) {
    return { lr, interval: [low, high] };
  }

  conflict({ low, high }) {
    return low < high ? null : { text: `low = ${low} and high = ${high} (allowed is low below high)`, keys: ["low", "high"] };
  }

  pythonCall() {
    const values = { ...this.state(), n_steps: this.get("n_steps"), n_starts: this.get("n_starts") };
    return fillTemplate(this.get("_python").plain, values);
  }

  // -- computing

  update() {
    const { lr, low, high } = this.state(), about = `${low} ${high} ${this.get("n_steps")} ${this.get("n_starts")}`;
    if (this.about !== about) this.#restart(about, low, high);
    if (this.key !== `${lr} ${about}`) {
      this.key = `${lr} ${about}`;
      this.computed = 0;
      this.known.fill(0);
      for (const fate of this.fates) fate.count = 0;
      this.counts = {};
    }
    this.#compute(lr);
    this.inks = this.inkPalette === this.palette ? this.inks : this.#mixInks();
    this.#report(lr, low, high);
    if (this.computed < this.starts.length) this.invalidate();
  }

  #restart(about, low, high) {
    this.about = about;
    this.runner = this.makeRunner();
    this.starts = linspace(low, high, this.get("n_starts"));
    this.order = coarseToFine(this.starts.length);
    this.fateOf = new Uint8Array(this.starts.length);
    this.known = new Uint8Array(this.starts.length);
    this.history.restart(low, high, this.makeRunner());
  }

  /** As many starts as one frame allows, spread evenly; the first paint already shows the new state. */
  #compute(lr) {
    const deadline = performance.now() + BUDGET, start = [0];
    while (this.computed < this.order.length) {
      if (this.computed % 16 === 15 && performance.now() > deadline) return;
      const i = this.order[this.computed++];
      start[0] = this.starts[i];
      const outcome = this.runner.fate(start, lr), index = fateIndex(outcome, this.landscape.minima.length);
      this.fateOf[i] = index;
      this.known[i] = 1;
      this.fates[index].count++;
      const label = outcomeLabel(outcome, this.landscape.minima);
      this.counts[label] = (this.counts[label] ?? 0) + 1;
    }
  }

  #report(lr, low, high) {
    const { fates, computed, starts, landscape, picture } = this, { dataset } = this.root;
    this.track.show(lr);
    this.ends[0].show(low);
    this.ends[1].show(high);
    for (const { share, count } of fates) share.textContent = percentage(count / computed);
    const first = fates.reduce((a, b) => (b.count > a.count ? b : a)), seen = fates.filter(({ count }) => count);
    const told = seen.map(({ count, verb }) => `${count === computed ? "all" : percentage(count / computed)} ${verb}`);
    this.showChip(first.mark, first.colour, told[seen.indexOf(first)]);
    this.note.textContent = `${starts.length} starts, ${landscape.coordinates[0]} from ${picture.format(low)} to ${picture.format(high)}`;
    this.say(`Learning rate ${this.track.describe(lr)}. ${told.join(", ")}.`);
    const labels = Object.entries(this.counts).sort((a, b) => b[1] - a[1]);
    dataset.outcome = labels[0][0];
    dataset.counts = JSON.stringify(Object.fromEntries(labels));
    dataset.computed = computed;
  }

  // -- drawing

  /** One pattern for each fate: colour is never the only cue. */
  #mixInks() {
    this.inkPalette = this.palette;
    return this.fates.map(({ colour, pattern }) => hatch(this.palette[colour], this.palette.paper, pattern));
  }

  #paintPicture(context, width, height) {
    const { picture, palette } = this, axis = height - AXIS, { low, high } = this.state();
    picture.resize(width, height);
    picture.paint(context, palette, axis);
    this.#paintFan(context, picture.x(low), picture.x(high), axis, height - STRIP.top);
    this.#paintUnderCurve(context, picture.x(low), picture.x(high), axis);
    picture.axis(context, palette, axis);
    picture.minima(context, palette);
    this.#paintStarts(context, picture.left, picture.right, height - STRIP.top, height - STRIP.top + STRIP.height);
    const y = height - STRIP.top + STRIP.height + 14;
    inscribe(context, palette, picture.format(low), picture.left, y, { align: "left" });
    inscribe(context, palette, picture.format(high), picture.right, y, { align: "right" });
    inscribe(context, palette, "each start, then sorted by outcome", width / 2, y);
    const { left, right } = picture, x = (share) => left + share * (right - left);
    this.#stack(context, (from, to) => context.fillRect(x(from), height - BAR.top, x(to) - x(from), BAR.height));
  }

  /** From the interval on the axis to the strip, which is its magnified image. */
  #paintFan(context, low, high, top, bottom) {
    const { left, right } = this.picture, { palette } = this;
    context.beginPath();
    for (const [x, y] of [[low, top], [high, top], [right, bottom], [left, bottom]]) context.lineTo(x, y);
    context.fillStyle = palette.wash;
    context.fill();
    Object.assign(context, { strokeStyle: palette.rule, lineWidth: 1 });
    line(context, [low, top], [left, bottom]);
    line(context, [high, top], [right, bottom]);
  }

  #paintUnderCurve(context, low, high, axis) {
    context.save();
    context.clip(this.picture.under(axis));
    context.globalAlpha = 0.8;
    this.#paintStarts(context, low, high, 0, axis);
    context.restore();
  }

  /** The starts side by side, each in the ink of its fate; neighbours that agree in one stroke. */
  #paintStarts(context, left, right, top, bottom) {
    const n = this.starts.length, at = (i) => left + (i / n) * (right - left);
    let current = this.fateOf[0], from = 0;
    for (let i = 1; i <= n; i++) {
      if (i < n && (!this.known[i] || this.fateOf[i] === current)) continue;
      context.fillStyle = this.inks[current];
      context.fillRect(at(from), top, at(i) - at(from), bottom - top);
      current = this.fateOf[i];
      from = i;
    }
  }

  /** One stretch for each fate, in proportion; `fill` gets where it begins and ends, in shares. */
  #stack(context, fill) {
    let from = 0;
    for (const { count, index } of this.fates) {
      const to = from + count / this.computed;
      context.fillStyle = this.inks[index];
      fill(from, to);
      from = to;
    }
  }

  #paintHistory(context, width, height) {
    const { left, right } = this.picture;
    this.history.paint(context, this.inks, left, right, 4, height);
    const share = this.track.range.share(this.get("lr"));
    this.#paintColumn(context, left + share * (right - left), 4, height);
  }

  /** The current learning rate: the bar, upright, in full colour. */
  #paintColumn(context, centre, top, bottom) {
    const { palette } = this, half = 7;
    context.fillStyle = palette.paper;
    context.fillRect(centre - half - 2, top - 2, 2 * half + 4, bottom - top + 2);
    const y = (share) => bottom - share * (bottom - top);
    this.#stack(context, (from, to) => context.fillRect(centre - half, y(to), 2 * half, y(from) - y(to)));
    Object.assign(context, { strokeStyle: palette.ink, lineWidth: 1.2 });
    context.strokeRect(centre - half - 0.5, top - 0.5, 2 * half + 1, bottom - top + 1);
  }
}

export default { render: (view) => new OutcomeBars(view).start() };
