// Recorded runs: loss, lr × sharpness / 2 and weight norms of a network against the step, all seeds at once.

const MARGINS = { left: 14, right: 14, top: 6, bottom: 26 };
const TITLE = 24; // height of the words above each panel
const PANELS = [ // as in run_poster.py
  { keys: ["edge"], share: 0.42, words: "lr × sharpness / 2; the edge is at 1" },
  { keys: ["loss"], share: 0.28, words: "loss, log scale", log: true },
  { keys: ["w1", "w2"], share: 0.3, words: "norms", relative: true }, // drawn as shares of the first
];
const DASHES = [6, 4]; // the authors' curves
const GAP = 0.1; // of the run: the most between two samples that a line joins
const NORMS = [0.97, 1.03]; // the panel of norms shows at least this much around the start
const LAYERS = { w1: "first", w2: "second" };

class RunExplorer extends Frame {
  constructor(view) {
    super(view, "lr-run-explorer");
    this.cases = this.#open();
    const lrs = this.cases.flatMap((entry) => entry.lrs), last = Math.max(...this.cases.map((entry) => entry.last));
    this.allowed = {
      case: { low: 0, high: this.cases.length - 1, whole: true },
      lr: { low: Math.min(...lrs), high: Math.max(...lrs) }, step: { low: 0, high: last, whole: true },
    };
    this.root.style.setProperty("--orders", this.cases.length);
    this.root.style.setProperty("--columns", Math.min(3, this.cases.length));
    this.#build();
  }

  /** The records, each series as [steps, values]. */
  #open() {
    const grids = this.get("_grids");
    const series = (value) => (Array.isArray(value) ? [grids[value[0]], value[1]] : value);
    const run = (entry) => Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, series(value)]));
    return this.get("_cases").map((entry) => ({ ...entry, runs: entry.runs.map(run), authors: entry.authors.map(run) }));
  }

  #build() {
    const picture = new Surface("lr-picture", "Learning rate times sharpness over 2, loss and weight norms against the step",
      (...at) => this.#paint(...at));
    this.surfaces.push(picture);
    this.buttons = this.cases.map(({ title }, i) => element("button", {
      type: "button", class: "lr-toggle", onclick: () => { this.set({ case: i }); this.save(); },
    }, element("span", {}, title)));
    const stops = (key, describe) => new Stops({
      describe, oninput: (value) => this.set({ [key]: value }), onchange: () => this.save(),
    });
    this.lrRange = stops("lr", (lr) => formatNumber(lr));
    this.stepRange = stops("step", (step) => String(step));
    this.lrRow = sliderRow(this.lrRange, "Learning rate");
    this.stepRow = sliderRow(this.stepRange, "Step");
    this.box.append(
      element("div", { class: "lr-toggles", role: "group", "aria-label": "Networks" }, ...this.buttons),
      element("div", { class: "lr-stage", style: stageStyle(this.get("height")) }, picture.canvas),
      element("div", { class: "lr-controls" }, this.lrRow.row, this.stepRow.row, this.makeActions()));
    this.#scrub(picture.canvas);
  }

  /** The step follows a pressed pointer. */
  #scrub(canvas) {
    const move = ({ offsetX }) => {
      const { steps, last } = this.chosen, share = (offsetX - MARGINS.left) / (canvas.clientWidth - MARGINS.left - MARGINS.right);
      this.set({ step: steps[nearest(steps, share * last)] });
    };
    canvas.onpointerdown = (event) => { canvas.setPointerCapture(event.pointerId); move(event); };
    canvas.onpointermove = (event) => { if (canvas.hasPointerCapture(event.pointerId)) move(event); };
    canvas.onpointerup = () => this.save();
  }

  get chosen() {
    return this.cases[this.get("case")];
  }

  state() {
    return { case: this.get("case"), lr: this.get("lr"), step: this.get("step") };
  }

  /** What was not recorded becomes the nearest that was, in learning rate by its logarithm. */
  traits(state) {
    const { lrs, steps } = this.cases[state.case];
    const lr = lrs[nearest(lrs.map(Math.log), Math.log(state.lr))];
    return { case: state.case, lr, step: steps[nearest(steps, state.step)] };
  }

  /** A link may ask for a learning rate that its network does not have. */
  conflict({ case: index, lr }, asked) {
    const { lrs, title } = this.cases[index];
    if (!("lr" in asked) || lrs.includes(lr)) return null;
    return { text: `lr = ${lr} (recorded of ${title} are ${lrs.join(", ")})`, keys: ["lr"] };
  }

  pythonCall() {
    const { name, command } = this.chosen;
    return fillTemplate(this.get("_python").plain, { name, command, lr: this.get("lr") });
  }

  // -- what is on view

  update() {
    const { lr, step } = this.state(), { chosen } = this;
    this.shown = chosen.runs.filter((run) => run.lr === lr);
    this.theirs = chosen.authors.filter((run) => run.lr === lr);
    if (this.scaled !== chosen) this.#rescale(chosen);
    this.lrRow.show(lr, formatNumber(lr));
    this.stepRow.show(step, String(step));
    this.buttons.forEach((node, i) => node.setAttribute("aria-pressed", String(i === this.get("case"))));
    const [kind, colour, words] = chosen.told[chosen.lrs.indexOf(lr)];
    this.showChip(kind, colour, words);
    const seeds = `${this.shown.length} seed${this.shown.length > 1 ? "s" : ""}`;
    this.note.textContent = this.theirs.length ? `${seeds}; dots: the authors` : seeds;
    this.say(`${chosen.title}, learning rate ${formatNumber(lr)}: ${words}. At step ${step}: ${this.#told("edge")}.`);
    const { dataset } = this.root;
    dataset.outcome = words;
    dataset.last = JSON.stringify(this.shown.map((run) => Object.fromEntries(
      Object.keys(run).filter((key) => Array.isArray(run[key])).map((key) => [key, this.#at(run, key)]))));
  }

  /** Scales of a network, the same for all its learning rates; sliders stop where it was recorded. */
  #rescale(chosen) {
    this.scaled = chosen;
    this.lrRange.stopAt(chosen.lrs);
    this.stepRange.stopAt(chosen.steps);
    const runs = [...chosen.runs, ...chosen.authors];
    this.scales = PANELS.map(({ keys, log, relative }) => {
      const place = (value, first) => (relative ? value / first : log ? Math.log(value) : value);
      const values = runs.flatMap((run) => keys.flatMap((key) => run[key]?.[1].map((v) => place(v, run[key][1][0])) ?? []));
      const ends = [...values, ...(relative ? NORMS : [])];
      const [low, high] = log || relative ? [Math.min(...ends), Math.max(...ends)] : [0, chosen.ceiling];
      return { place, low, span: high - low || 1 };
    });
  }

  #at(run, key) {
    const [steps, values] = run[key];
    return values[nearest(steps, this.get("step"))];
  }

  /** The numbers of all seeds at the step, as "0.98 to 1.01". */
  #told(key) {
    const values = this.shown.filter((run) => run[key]).map((run) => this.#at(run, key));
    const ends = [Math.min(...values), Math.max(...values)].map((v) => steadyNumber(v, key in LAYERS ? 4 : 3));
    return ends[0] === ends[1] ? ends[0] : `${ends[0]} to ${ends[1]}`;
  }

  // -- drawing

  #paint(context, width, height) {
    const { palette, chosen } = this, left = MARGINS.left, right = width - MARGINS.right;
    const x = (step) => left + (Math.min(step, 1.02 * chosen.last) / chosen.last) * (right - left);
    const whole = height - MARGINS.top - MARGINS.bottom;
    let top = MARGINS.top;
    PANELS.forEach(({ keys, share, words }, i) => {
      const bottom = top + share * whole, ceiling = top + TITLE, { low, span, place } = this.scales[i];
      const y = (value, first) => bottom - 6 - ((place(value, first) - low) / span) * (bottom - 6 - ceiling);
      this.#paintPanel(context, { left, right, top, bottom, ceiling, x, y, keys });
      inscribe(context, palette, words, left, top + 16, { align: "left" });
      this.#paintNumbers(context, keys, right, top + 16);
      top = bottom;
    });
    this.#paintSteps(context, x, top, height);
  }

  /** At the right end, the last key first; a layer is named in its colour. */
  #paintNumbers(context, keys, right, height) {
    for (const key of [...keys].reverse()) {
      const text = key in LAYERS ? `${LAYERS[key]} ${this.#told(key)}` : this.#told(key);
      inscribe(context, this.palette, text, right, height, { align: "right", colour: key in LAYERS ? this.#ink(key) : this.palette.ink, size: key in LAYERS ? 11 : 12 });
      right -= context.measureText(text).width + 14;
    }
  }

  #paintPanel(context, panel) {
    const { left, right, bottom, ceiling, x, y, keys } = panel, { palette } = this;
    Object.assign(context, { strokeStyle: palette.rule, lineWidth: 1 });
    line(context, [left, bottom], [right, bottom]);
    context.save();
    context.beginPath();
    context.rect(left, ceiling - 5, right - left, bottom - ceiling + 5);
    context.clip();
    if (keys.includes("edge")) this.#paintEdge(context, left, right, y(1));
    for (const key of keys) {
      Object.assign(context, { strokeStyle: palette.noise, lineWidth: 1.6 });
      context.setLineDash(DASHES);
      for (const run of this.theirs) if (run[key]) this.#paintSeries(context, run[key], x, y);
      context.setLineDash([]);
      for (const run of this.theirs) if (run[key]) this.#paintSamples(context, run[key], x, y);
      Object.assign(context, { strokeStyle: this.#ink(key), lineWidth: 1.3 });
      for (const run of this.shown) if (run[key]) this.#paintSeries(context, run[key], x, y);
    }
    context.restore();
    for (const key of keys) this.#paintDots(context, panel, key);
  }

  /** Samples far apart are not joined: the line would be a guess. */
  #paintSeries(context, [steps, values], x, y) {
    const gap = this.chosen.last * GAP;
    context.beginPath();
    steps.forEach((step, i) => context[step - steps[i - 1] > gap ? "moveTo" : "lineTo"](x(step), y(values[i], values[0])));
    context.stroke();
  }

  #paintSamples(context, [steps, values], x, y) {
    context.fillStyle = this.palette.noise;
    steps.forEach((step, i) => { dot(context, x(step), y(values[i], values[0]), 2.2); context.fill(); });
  }

  #paintEdge(context, left, right, height) {
    const { palette } = this;
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
    context.setLineDash([4, 4]);
    line(context, [left, height], [right, height]);
    context.setLineDash([]);
  }

  #ink(key) {
    return this.palette[key === "w2" ? "flow" : "descent"];
  }

  /** Where each seed is at the step; one that diverged stays at its end, as a ring. */
  #paintDots(context, { top, ceiling, x, y }, key) {
    const { palette } = this, step = this.get("step");
    for (const run of this.shown.filter((shown) => shown[key])) {
      const lost = run.diverged && step >= run.step, at = lost ? run.step : step;
      dot(context, x(at), Math.max(y(this.#at(run, key), run[key][1][0]), (top + ceiling) / 2), 4);
      const ink = lost ? palette.unstable : this.#ink(key);
      Object.assign(context, { fillStyle: lost ? palette.paper : ink, strokeStyle: lost ? ink : palette.paper, lineWidth: 1.5 });
      context.fill();
      context.stroke();
    }
  }

  #paintSteps(context, x, bottom, height) {
    const { palette, chosen } = this, here = x(this.get("step"));
    Object.assign(context, { strokeStyle: palette.ink, lineWidth: 1 });
    context.setLineDash([3, 3]);
    line(context, [here, MARGINS.top], [here, bottom]);
    context.setLineDash([]);
    for (const tick of roundTicks(0, chosen.last, 4)) {
      const align = tick === 0 ? "left" : tick === chosen.last ? "right" : "center";
      inscribe(context, palette, tick ? String(tick) : "step 0", x(tick), height - 9, { align });
    }
  }
}

export default { render: (view) => new RunExplorer(view).start() };
