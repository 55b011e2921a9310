// Gradient descent on a landscape of one coordinate: picture, loss against step, and what happened.

const MARGINS = { left: 14, right: 14, top: 18, bottom: 72 };
const AXIS = 34; // height of the axis above the lower end of the picture

class Descent1D extends LandscapeFrame {
  constructor(view) {
    super(view, "lr-descent-1d", MARGINS);
    this.noisy = this.get("noise_max") > 0;
    this.#allow();
    this.#build();
  }

  #allow() {
    const [low, high] = this.get("lr_range"), [[left, right]] = this.landscape.box;
    this.allowed = { lr: { low, high }, start: { low: left, high: right } };
    if (!this.noisy) return;
    this.allowed.noise = { low: 0, high: this.get("noise_max") };
    this.allowed.seed = { low: 0, high: 2 ** 32 - 1, whole: true };
  }

  #build() {
    const [name] = this.landscape.coordinates;
    const picture = new Surface("lr-picture", `Loss against ${name} with the steps of gradient descent`,
      (...at) => this.#paintPicture(...at));
    const strip = new Surface("lr-strip", "Loss against step, logarithmic",
      (context, width, height) => paintStrip(context, this.view, width, height, this.get("_loss_range")[0]));
    this.surfaces.push(picture, strip);
    this.startRange = new Range({
      label: `Starting point ${name}`, low: this.picture.low, high: this.picture.high,
      describe: (start) => this.picture.format(start), oninput: (start) => this.set({ start }), onchange: () => this.save(),
    });
    this.startRange.input.classList.add("lr-on-axis");
    this.walk = new Walk(this);
    const actions = this.makeActions(...this.walk.buttons);
    this.box.append(
      element("div", { class: "lr-stage", style: stageStyle(this.get("height")) }, picture.canvas, this.startRange.input),
      strip.canvas,
      element("div", { class: "lr-controls" }, this.makeTrack(), ...this.#noiseRow(), actions));
    this.#drag(picture.canvas);
  }

  #noiseRow() {
    if (!this.noisy) return [];
    const range = new Range({
      low: 0, high: this.get("noise_max"), describe: (noise) => formatNumber(noise),
      oninput: (noise) => this.set({ noise }), onchange: () => this.save(),
    });
    this.fresh = button("bounded", "New noise", () => {
      this.set({ seed: (this.get("seed") + 1) % 2 ** 32 });
      this.save();
    });
    this.noiseSlider = sliderRow(range, "Noise", this.fresh);
    return [this.noiseSlider.row];
  }

  /** The start follows a pointer that takes hold near it; a click elsewhere moves it there. */
  #drag(canvas) {
    const { picture } = this;
    const move = ({ offsetX }) => {
      const start = Math.min(picture.high, Math.max(picture.low, picture.theta(offsetX)));
      this.set({ start: +start.toPrecision(6) });
    };
    canvas.onpointerdown = ({ offsetX, pointerId }) => {
      if (Math.abs(offsetX - picture.x(this.get("start"))) < 24) canvas.setPointerCapture(pointerId);
    };
    canvas.onpointermove = (event) => { if (canvas.hasPointerCapture(event.pointerId)) move(event); };
    canvas.onclick = (event) => { move(event); this.save(); };
  }

  state() {
    return Object.fromEntries(Object.keys(this.allowed).map((key) => [key, this.get(key)]));
  }

  traits(state) {
    return state;
  }

  pythonCall() {
    const { plain, noisy } = this.get("_python"), state = this.state();
    return fillTemplate(state.noise > 0 ? noisy : plain, { ...state, n_steps: this.get("n_steps") });
  }

  stopWalking() {
    this.walk.stop();
  }

  // -- computing

  update() {
    const { lr, start, noise, seed } = this.state(), nSteps = this.get("n_steps");
    if (nSteps !== this.runner?.nSteps) this.runner = this.makeRunner();
    const unit = noise > 0
      ? unitNoise(this.get("_noise_javascript"), this.get("_noise_kind"), seed, nSteps, 1) : null;
    this.outcome = this.runner.run([start], lr, unit && { scale: noise, unit });
    const { walk: { until }, palette, picture, landscape: { loss } } = this;
    this.view = {
      palette, picture, loss, orbit: this.runner.orbit, until, from: Math.max(1, until - SHOWN + 1),
      colour: noise > 0 ? palette.noise : palette.descent,
    };
    this.#report({ lr, start, noise });
  }

  #report({ lr, start, noise }) {
    const { outcome, view: { orbit }, walk: { taken, playing }, landscape: { minima, coordinates: [name] } } = this;
    this.track.show(lr);
    this.startRange.show(start);
    if (this.noisy) this.noiseSlider.show(noise, steadyNumber(noise));
    if (this.noisy) this.fresh.title = `Seed ${this.get("seed")}`;
    const words = this.#words();
    const colour = ["wandering", outcomeColour(outcome), "oscillating", "unstable"][outcome.kind];
    if (taken === null) this.showChip(chipMark(outcome), colour, words);
    else this.showChip("step", "descent", `step ${taken}: ${name} = ${formatNumber(orbit[taken], 4)}`);
    this.note.textContent = `start ${name} = ${this.picture.format(start)}`;
    if (!playing) this.say(`Learning rate ${this.track.describe(lr)}. Start ${this.picture.format(start)}: ${words}.`);
    const { dataset } = this.root;
    dataset.outcome = outcomeLabel(outcome, minima);
    dataset.last = JSON.stringify([orbit[this.runner.nSteps]]);
  }

  /** The outcome as a reader would say it. */
  #words() {
    const { kind, detail, step } = this.outcome, { nSteps, orbit, landscape: { minima } } = this.runner;
    const steps = `${step} step${step === 1 ? "" : "s"}`;
    if (kind === DIVERGED) return `diverges at step ${step}`;
    if (kind === PERIODIC) return `period ${detail}`;
    if (kind === CONVERGED && detail >= 0) return `reaches the ${minima[detail].name} in ${steps}`;
    if (kind === CONVERGED) return `settles at ${formatNumber(orbit[nSteps])} in ${steps}`;
    const tail = orbit.subarray(nSteps >> 1).slice().sort();
    return `bounded, not settled after ${steps}: between ${formatNumber(tail[0])} and ${formatNumber(tail.at(-1))}`;
  }

  // -- drawing

  #paintPicture(context, width, height) {
    const { picture, palette, view, outcome } = this, axis = height - AXIS;
    picture.resize(width, height);
    picture.paint(context, palette, axis);
    picture.axis(context, palette, axis);
    picture.minima(context, palette);
    paintJump(context, view);
    paintDots(context, view);
    paintStart(context, view, axis);
    const fled = outcome.kind === DIVERGED && this.walk.taken === null;
    paintExits(context, view, fled ? -Math.sign(this.landscape.gradient(view.orbit[view.until])) : 0);
  }
}

/** The mark of the chip: a filled dot for the desired minimum, hollow for any other. */
function chipMark({ kind, detail }) {
  return kind === CONVERGED && detail !== 0 ? "elsewhere" : KIND_NAMES[kind];
}

export default { render: (view) => new Descent1D(view).start() };
