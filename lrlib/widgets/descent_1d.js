// Gradient descent on a landscape of one coordinate: picture, loss against step, and what happened.

const SHOWN = 400; // iterates drawn at most, the newest
const STEPS_PER_SECOND = 12;
const MARGINS = { left: 14, right: 14, top: 18, bottom: 72 };
const AXIS = 34; // height of the axis above the lower end of the picture

class Descent1D extends Frame {
  constructor(view) {
    super(view, "lr-descent-1d");
    const { model } = view;
    this.landscape = openLandscape(model.get("_landscape"));
    this.runner = new Runner(this.landscape, model.get("n_steps"), model.get("_limits"));
    this.picture = new LandscapePicture(
      this.landscape, model.get("_loss_range"), model.get("loss_scale"), MARGINS);
    this.noisy = model.get("noise_max") > 0;
    this.walk = null; // while stepping or playing: the number of steps taken so far
    this.#allow();
    this.#build();
  }

  #allow() {
    const { model } = this, [low, high] = model.get("lr_range"), [[left, right]] = this.landscape.box;
    this.allowed = { lr: { low, high }, start: { low: left, high: right } };
    if (!this.noisy) return;
    this.allowed.noise = { low: 0, high: model.get("noise_max") };
    this.allowed.seed = { low: 0, high: 2 ** 32 - 1, whole: true };
  }

  #build() {
    const name = this.landscape.coordinates[0];
    const picture = new Surface("lr-picture", `Loss against ${name} with the steps of gradient descent`,
      (...at) => this.#paintPicture(...at));
    const strip = new Surface("lr-strip", "Loss against step, logarithmic", (...at) => this.#paintStrip(...at));
    this.surfaces.push(picture, strip);
    this.start0 = new Range({
      label: `Starting point ${name}`, low: this.picture.low, high: this.picture.high,
      describe: (start) => `${formatNumber(start)}`, oninput: (start) => this.set({ start }), onchange: () => this.save(),
    });
    this.start0.input.classList.add("lr-on-axis");
    this.playing = button("play", "Play", () => this.#togglePlay());
    const step = button("step", "Step", () => { this.#pause(); this.#step(); });
    this.box.append(
      element("div", { class: "lr-stage", style: stageStyle(this.model) }, picture.canvas, this.start0.input),
      strip.canvas,
      element("div", { class: "lr-controls" }, this.makeTrack(), ...this.#noiseRow(), this.makeActions(this.playing, step)));
    this.#drag(picture.canvas);
    this.signal.addEventListener("abort", () => this.#pause());
  }

  #noiseRow() {
    if (!this.noisy) return [];
    const range = new Range({
      label: "Noise", low: 0, high: this.model.get("noise_max"), describe: (noise) => formatNumber(noise),
      oninput: (noise) => this.set({ noise }), onchange: () => this.save(),
    });
    this.fresh = button("dice", "New noise", () => {
      this.set({ seed: (this.model.get("seed") + 1) % 2 ** 32 });
      this.save();
    });
    this.noiseSlider = sliderRow(range, "Noise", this.fresh);
    return [this.noiseSlider.row];
  }

  /** The start follows a pointer that takes hold near it; a click elsewhere moves it there. */
  #drag(canvas) {
    const move = (event) => {
      const theta = this.picture.theta(event.clientX - canvas.getBoundingClientRect().left);
      const start = Math.min(this.picture.high, Math.max(this.picture.low, theta));
      this.set({ start: +start.toPrecision(6) });
    };
    canvas.onpointerdown = (event) => {
      const x = event.clientX - canvas.getBoundingClientRect().left;
      if (Math.abs(x - this.picture.x(this.model.get("start"))) < 24) canvas.setPointerCapture(event.pointerId);
    };
    canvas.onpointermove = (event) => { if (canvas.hasPointerCapture(event.pointerId)) move(event); };
    canvas.onclick = (event) => { move(event); this.save(); };
  }

  state() {
    return Object.fromEntries(Object.keys(this.allowed).map((key) => [key, this.model.get(key)]));
  }

  traits(state) {
    this.#pause();
    this.walk = null;
    return state;
  }

  pythonCall() {
    const { plain, noisy } = this.model.get("_python"), state = this.state();
    return fillTemplate(state.noise > 0 ? noisy : plain, { ...state, n_steps: this.model.get("n_steps") });
  }

  // -- walking

  #togglePlay() {
    if (this.timer) return this.#pause();
    if (calm()) { // no motion: straight to the end
      this.walk = null;
      return this.invalidate();
    }
    if (this.walk === null || this.walk >= this.#last()) this.walk = 0;
    this.timer = setInterval(() => this.#step(), 1000 / STEPS_PER_SECOND);
    this.playing.relabel("pause", "Pause");
    this.invalidate();
  }

  #pause() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.playing.relabel("play", "Play");
  }

  #step() {
    this.walk = (this.walk ?? 0) + 1;
    if (this.walk >= this.#last()) {
      this.#pause();
      this.walk = null;
    }
    this.invalidate();
  }

  /** The last step worth showing: afterwards nothing changes. */
  #last() {
    const { kind, step } = this.outcome;
    return kind === DIVERGED ? step - 1 : step;
  }

  // -- computing

  update() {
    const { model, runner } = this, { lr, start, noise, seed } = this.state();
    const nSteps = model.get("n_steps");
    if (nSteps !== runner.nSteps) this.runner = new Runner(this.landscape, nSteps, model.get("_limits"));
    const unit = noise > 0
      ? unitNoise(model.get("_noise_javascript"), model.get("_noise_kind"), seed, nSteps, 1) : null;
    this.outcome = this.runner.run([start], lr, unit && { scale: noise, unit });
    this.orbit = this.runner.orbit;
    this.until = this.walk ?? this.#last();
    this.from = Math.max(1, this.until - SHOWN + 1);
    this.#report({ lr, start, noise });
  }

  #report({ lr, start, noise }) {
    const { outcome, orbit, landscape: { minima, coordinates: [name] } } = this;
    this.track.show(lr);
    this.start0.show(start);
    if (this.noisy) this.noiseSlider.show(noise, steadyNumber(noise));
    if (this.noisy) this.fresh.title = `Seed ${this.model.get("seed")}`;
    const words = this.#words();
    const colour = ["wandering", outcomeColour(outcome), "oscillating", "unstable"][outcome.kind];
    if (this.walk === null) this.showChip(chipMark(outcome), colour, words);
    else this.showChip("step", "descent", `step ${this.walk}: ${name} = ${formatNumber(orbit[this.walk], 4)}`);
    this.note.textContent = `start ${name} = ${steadyNumber(start)}`;
    if (!this.timer) this.say(`Learning rate ${this.track.describe(lr)}. Start ${formatNumber(start)}: ${words}.`);
    const { dataset } = this.root;
    dataset.outcome = outcomeLabel(outcome, minima);
    dataset.last = JSON.stringify([orbit[this.runner.nSteps]]);
  }

  /** The outcome as a reader would say it. */
  #words() {
    const { kind, detail, step } = this.outcome, { nSteps, landscape: { minima } } = this.runner;
    const steps = `${step} step${step === 1 ? "" : "s"}`;
    if (kind === DIVERGED) return `diverges at step ${step}`;
    if (kind === PERIODIC) return `period ${detail}`;
    if (kind === CONVERGED && detail >= 0) return `reaches the ${minima[detail].name} in ${steps}`;
    if (kind === CONVERGED) return `settles at ${formatNumber(this.orbit[nSteps])} in ${steps}`;
    const tail = this.orbit.subarray(nSteps >> 1);
    const low = formatNumber(tail.reduce((a, b) => Math.min(a, b))), high = formatNumber(tail.reduce((a, b) => Math.max(a, b)));
    return `bounded, not settled after ${steps}: between ${low} and ${high}`;
  }

  // -- drawing

  #paintPicture(context, width, height) {
    const { picture, palette } = this, axis = height - AXIS;
    picture.resize(width, height);
    picture.paint(context, palette, axis);
    picture.axis(context, palette, axis);
    picture.minima(context, palette);
    this.#paintJump(context);
    this.#paintDots(context);
    this.#paintStart(context, axis);
    this.#paintExits(context);
  }

  #colour() {
    return this.model.get("noise") > 0 ? this.palette.noise : this.palette.descent;
  }

  #point(t) {
    const theta = this.orbit[t];
    return [this.picture.x(theta), this.picture.y(this.landscape.loss(theta))];
  }

  /** From faint (old) to solid (newest). */
  #age(t) {
    const share = (t - this.from + 1) / (this.until - this.from + 1);
    return 0.12 + 0.88 * share ** 2;
  }

  #paintDots(context) {
    const { palette, picture } = this;
    Object.assign(context, { fillStyle: this.#colour(), strokeStyle: palette.paper, lineWidth: 1 });
    for (let t = this.from; t <= this.until; t++) {
      const [x, y] = this.#point(t);
      if (x < 0 || x > picture.width) continue;
      context.globalAlpha = this.#age(t);
      dot(context, x, y, t === this.until ? 5 : 3.4);
      context.fill();
      context.stroke();
    }
    context.globalAlpha = 1;
  }

  /** The last jump that the eye can see, as an arc. */
  #paintJump(context) {
    for (let t = this.until; t >= this.from; t--) {
      const [x, y] = this.#point(t), [oldX, oldY] = this.#point(t - 1);
      if (Math.abs(x - oldX) < 6) continue;
      const rise = Math.min(60, 12 + Math.abs(x - oldX) / 4);
      Object.assign(context, { strokeStyle: this.#colour(), lineWidth: 1.2, globalAlpha: 0.8 });
      context.beginPath();
      context.moveTo(oldX, oldY);
      context.quadraticCurveTo((x + oldX) / 2, Math.min(y, oldY) - rise, x, y);
      context.stroke();
      context.globalAlpha = 1;
      return;
    }
  }

  #paintStart(context, axis) {
    const { palette } = this, [x, y] = this.#point(0);
    Object.assign(context, { strokeStyle: this.#colour(), lineWidth: 1 });
    context.setLineDash([2, 3]);
    line(context, [x, y], [x, axis]);
    context.setLineDash([]);
    dot(context, x, y, 6);
    Object.assign(context, { fillStyle: palette.paper, lineWidth: 2.2 });
    context.fill();
    context.stroke();
  }

  /** An arrow at each edge behind which iterates went. */
  #paintExits(context) {
    const { left, right, top, bottom, width } = this.picture, middle = (top + bottom) / 2;
    const beyond = new Set();
    for (let t = this.from; t <= this.until; t++) {
      const [x] = this.#point(t);
      if (x < 0) beyond.add(-1);
      if (x > width) beyond.add(1);
    }
    if (this.outcome.kind === DIVERGED && this.walk === null) beyond.add(this.orbit[this.until] < 0 ? 1 : -1);
    context.fillStyle = this.palette.unstable;
    for (const side of beyond) {
      const tip = side < 0 ? left - 9 : right + 9;
      context.beginPath();
      for (const [dx, dy] of [[0, 0], [-12 * side, -8], [-12 * side, 8]]) context.lineTo(tip + dx, middle + dy);
      context.fill();
    }
  }

  #paintStrip(context, width, height) {
    const { orbit, palette, until } = this, { left, right } = MARGINS;
    const [floor] = this.model.get("_loss_range");
    const losses = Array.from({ length: until + 1 }, (_, t) => this.landscape.loss(orbit[t]) - floor);
    const high = losses.reduce((a, b) => (b > a && b < Infinity ? b : a), 1e-12);
    const low = Math.max(high * 1e-16, losses.reduce((a, b) => (b > 0 && b < a ? b : a), high / 10));
    const span = Math.log(high / low) || 1, last = Math.max(until, 12);
    const x = (t) => left + (t / last) * (width - left - right);
    const y = (loss) => height - 8 - (Math.log(Math.max(loss, low) / low) / span) * (height - 20);
    context.fillStyle = this.#colour();
    for (let t = 0; t <= until; t++) {
      const old = t < this.from;
      context.globalAlpha = old ? 0.25 : 0.35 + 0.65 * this.#age(t);
      dot(context, x(t), y(losses[t]), t === until ? 3.6 : until > 150 || old ? 1.3 : 2.4);
      context.fill();
    }
    context.globalAlpha = 1;
    inscribe(context, palette, "loss, log scale", left, 12, { align: "left", size: 11 });
    inscribe(context, palette, `step ${until}`, width - right, 12, { align: "right", size: 11 });
  }
}

/** The mark of the chip: a filled dot for the desired minimum, hollow for any other. */
function chipMark({ kind, detail }) {
  return kind === CONVERGED && detail !== 0 ? "elsewhere" : KIND_NAMES[kind];
}

/** The colour of a minimum: the first named is the desired one. */
function outcomeColour({ detail }) {
  return ["descent", "stable", "trapped"][detail] ?? "elsewhere";
}

const stageStyle = (model) => (model.get("height") ? `height:${model.get("height")}px;aspect-ratio:auto` : null);

export default { render: (view) => new Descent1D(view).start() };
