// Where gradient descent ends, as a function of where it starts: a map that a worker refines.

const SLOWEST = 400; // steps from which on a start has the full colour

class BasinMap extends PlaneFrame {
  constructor(view) {
    super(view, "lr-basin-map", PLANE_MARGINS);
    this.fates = makeFates(this.landscape.minima);
    this.root.style.setProperty("--fates", this.fates.length);
    this.jobs = 0;
    this.#build();
    this.channel = openBasins((found) => this.#receive(found));
    this.signal.addEventListener("abort", () => this.channel.close());
  }

  #build() {
    const stage = this.prepare("Starts coloured by outcome; dots show the trajectory from the chosen start");
    const strip = new Surface("lr-strip", "Loss against step, logarithmic", (context, width, height) => {
      paintSeries(context, this.palette, width, height, this.series);
    });
    this.surfaces.push(strip, ...this.fates.map((fate) => this.#swatch(fate)));
    const entries = this.fates.map((fate) => {
      fate.share = element("span", { class: "lr-share" });
      return element("li", {}, fate.swatch.canvas, element("span", {}, fate.name), fate.share);
    });
    this.key = element("p", { class: "lr-key" }, "Share of the starts in the picture. Fainter: decided sooner.");
    this.fill(stage, [element("ul", { class: "lr-legend" }, ...entries), this.key, strip.canvas]);
  }

  #swatch(fate) {
    fate.swatch = new Surface("lr-swatch", "", (context, width, height) => {
      context.fillStyle = this.palette[fate.colour];
      context.fillRect(0, 0, width, height);
    });
    fate.swatch.canvas.setAttribute("aria-hidden", "true");
    return fate.swatch;
  }

  // -- computing

  update() {
    const { lr } = this.state(), nSteps = this.get("n_steps");
    if (nSteps !== this.runner?.nSteps) this.runner = this.makeRunner();
    if (this.asked !== `${lr} ${nSteps}`) this.#ask(lr, nSteps);
    const { landscape, runner, palette } = this, outcome = runner.run(this.startPoint(), lr);
    const { colour } = this.fates[fateIndex(outcome, landscape.minima.length)];
    const until = lastStep(outcome), from = Math.max(1, until - SHOWN + 1);
    this.view = { from, until };
    const values = this.along((x, y) => landscape.loss(x, y) - this.get("_loss_range")[0], until);
    this.series = { values, colour: palette[colour], name: "loss from the start, log scale", log: true, from };
    const words = this.words(outcome);
    this.report(outcome, colour, words);
    if (this.imagePalette !== palette) this.#mix();
    this.labels = this.found ? this.#place(this.found, [this.row(0), this.row(until)]) : [];
    this.#tell(lr, words);
  }

  #ask(lr, nSteps) {
    this.asked = `${lr} ${nSteps}`;
    this.root.dataset.busy = ++this.jobs;
    this.channel?.post({
      id: this.jobs, landscape: this.get("_landscape"), limits: this.get("_limits"), nSteps, lr,
      box: this.landscape.box, finest: this.get("resolution"),
    });
  }

  /** A pass, perhaps of a request that is no longer the newest: better than none. */
  #receive(found) {
    const { counts, id, n } = found, { dataset } = this.root;
    this.found = found;
    for (const fate of this.fates) fate.count = 0;
    found.fates.forEach((index) => { this.fates[index].count += 1 / found.fates.length; });
    for (const { share, count } of this.fates) share.textContent = percentage(count);
    this.imagePalette = null;
    dataset.level = n;
    dataset.counts = JSON.stringify(counts);
    if (n === this.get("resolution") && id === this.jobs) delete dataset.busy;
    this.invalidate();
  }

  #tell(lr, words) {
    const seen = this.fates.filter(({ count }) => count > 0);
    const shares = seen.map(({ count, verb }) => `${percentage(count)} ${verb}`).join(", ");
    this.say(`Learning rate ${this.track.describe(lr)}. ${shares}. Start ${this.place(this.startPoint())}: ${words}.`);
  }

  // -- drawing

  /** The pass as a small picture: the colour of the fate, the fainter the sooner it was decided. */
  #mix() {
    this.imagePalette = this.palette;
    if (!this.found) return;
    const { n, fates, steps } = this.found, inks = this.fates.map(({ colour }) => channels(this.palette[colour]));
    const paper = channels(this.palette.paper), pixels = new ImageData(n, n);
    const shares = Float64Array.from({ length: SLOWEST }, (_, t) => 0.3 + (0.7 * Math.log(1 + t)) / Math.log(SLOWEST));
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        const cell = (n - 1 - j) * n + i, ink = inks[fates[cell]], at = 4 * (j * n + i);
        const share = shares[Math.min(steps[cell], SLOWEST - 1)];
        for (let c = 0; c < 3; c++) pixels.data[at + c] = paper[c] + share * (ink[c] - paper[c]);
        pixels.data[at + 3] = 255;
      }
    }
    this.image = element("canvas", { width: n, height: n });
    this.image.getContext("2d").putImageData(pixels, 0, 0);
  }

  /** Fates of 50 by 50 cells, and -1 where a name would hide one of `ends`. */
  #thin({ n, fates }, ends) {
    const m = PASSES[0], stride = n / m, [[xLow, xHigh], [yLow, yHigh]] = this.landscape.box;
    const taken = ends.map(([x, y]) => [m * (x - xLow) / (xHigh - xLow), m * (y - yLow) / (yHigh - yLow)]);
    return Int8Array.from({ length: m * m }, (_, k) => {
      const i = k % m, j = (k - i) / m;
      if (taken.some(([x, y]) => Math.abs(x - i) < 9 && Math.abs(y - j) < 3)) return -1;
      return fates[Math.floor((j + 0.5) * stride) * n + Math.floor((i + 0.5) * stride)];
    });
  }

  /** For each fate the cell of 50 by 50 that is farthest from other fates, and from both ends of the orbit. */
  #place(found, ends) {
    const m = PASSES[0], coarse = this.#thin(found, ends);
    return this.fates.map((fate, index) => {
      const depth = new Float64Array((m + 2) * (m + 2)), w = m + 2;
      let best = { depth: 0 };
      for (let j = 1; j <= m; j++) {
        for (let i = 1; i <= m; i++) {
          const k = j * w + i;
          if (coarse[(j - 1) * m + i - 1] !== index) continue;
          depth[k] = 1 + Math.min(depth[k - 1], depth[k - w], depth[k - w - 1]);
        }
      }
      for (let j = m; j > 0; j--) {
        for (let i = m; i > 0; i--) {
          const k = j * w + i;
          if (depth[k]) depth[k] = Math.min(depth[k], 1 + Math.min(depth[k + 1], depth[k + w], depth[k + w + 1]));
          if (depth[k] > best.depth) best = { depth: depth[k], x: (i - 0.5) / m, y: (j - 0.5) / m };
        }
      }
      return { ...best, depth: best.depth / m, name: fate.name };
    });
  }

  paintPicture(context, width, height) {
    const { picture, palette, runner: { orbit }, view: { from, until } } = this;
    this.layPicture(width, height);
    if (this.image) picture.image(context, this.image, false);
    this.paintOverlay(context);
    picture.axes(context, palette);
    const across = picture.right - picture.left, up = picture.bottom - picture.top;
    for (const { depth, name, x, y } of this.labels) {
      context.font = `12px ${palette.font}`;
      if (!depth || context.measureText(name).width > 3 * depth * across || depth * up < 9) continue;
      const place = [picture.left + x * across, picture.bottom - y * up + 4];
      inscribe(context, palette, name, ...place, { colour: palette.ink, size: 12 });
    }
    this.paintOrbit(context, orbit, from, until, palette.ink, palette.paper);
  }
}

export default { render: (view) => new BasinMap(view).start() };
