// The frame of the widgets for two coordinates: a start to drag, an overlay, the dots of an orbit.

/** What the widgets of two coordinates share: start, overlay, and the controls of the start. */
class PlaneFrame extends LandscapeFrame {
  makePicture() {
    return new PlanePicture(this.landscape);
  }

  prepare(label) {
    const [low, high] = this.get("lr_range"), { landscape: { coordinates, box } } = this;
    this.allowed = { lr: { low, high } };
    coordinates.forEach((name, i) => { this.allowed[name] = { low: box[i][0], high: box[i][1] }; });
    const { overlay, sharpness } = this.get("_formulas");
    this.overlay = overlay && compile(overlay);
    this.sharpness = compile(sharpness);
    this.surface = new Surface("lr-picture", label, (...at) => this.paintPicture(...at));
    this.surfaces.push(this.surface);
    this.handle = element("button", { type: "button", class: "lr-handle", onkeydown: (event) => this.#press(event) });
    this.#drag(this.surface.canvas, this.handle);
    this.rows = coordinates.map((name, i) => {
      const range = new Range({
        low: box[i][0], high: box[i][1], describe: (value) => this.picture.format(value),
        oninput: (value) => this.set({ [name]: value }), onchange: () => this.save(),
      });
      return sliderRow(range, `Start ${name}`);
    });
    const style = stageStyle(this.get("height"));
    return element("div", { class: "lr-stage", style }, this.surface.canvas, this.handle);
  }

  /** Picture and side, below them the controls. */
  fill(stage, side, ...buttons) {
    const rows = this.rows.map(({ row }) => row);
    this.box.append(
      element("div", { class: "lr-plane" }, stage, element("div", { class: "lr-side" }, ...side)),
      element("div", { class: "lr-controls" }, this.makeTrack(), ...rows, this.makeActions(...buttons)));
  }

  #drag(canvas, handle) {
    const move = ({ clientX, clientY }) => {
      const { left, top } = canvas.getBoundingClientRect();
      this.moveStart(this.picture.point(clientX - left, clientY - top));
    };
    handle.onpointerdown = (event) => { handle.setPointerCapture(event.pointerId); };
    handle.onpointermove = (event) => { if (handle.hasPointerCapture(event.pointerId)) move(event); };
    handle.onpointerup = () => this.save();
    canvas.onclick = (event) => { move(event); this.save(); };
  }

  #press(event) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!direction) return;
    event.preventDefault();
    const pace = event.shiftKey ? 0.05 : 0.005;
    this.moveStart(this.startPoint().map((value, i) => {
      const [low, high] = this.landscape.box[i];
      return +Math.min(high, Math.max(low, value + direction[i] * pace * (high - low))).toPrecision(6);
    }));
    this.save();
  }

  moveStart(point) {
    this.set(Object.fromEntries(this.landscape.coordinates.map((name, i) => [name, point[i]])));
  }

  startPoint() {
    return this.get("start");
  }

  state() {
    const start = this.startPoint();
    return { lr: this.get("lr"), ...Object.fromEntries(this.landscape.coordinates.map((name, i) => [name, start[i]])) };
  }

  traits({ lr, ...point }) {
    return { lr, start: this.landscape.coordinates.map((name) => point[name]) };
  }

  pythonCall() {
    const start = `[${this.startPoint().join(", ")}]`;
    const [lr, n_steps, resolution] = ["lr", "n_steps", "resolution"].map((name) => this.get(name));
    return fillTemplate(this.get("_python").plain, { lr, start, n_steps, resolution });
  }

  /** "(0.30, 1.60)" */
  place(values, digits) {
    return `(${Array.from(values, (value) => this.picture.format(value, digits)).join(", ")})`;
  }

  /** The handle lies over the start as it is drawn. */
  layPicture(width, height) {
    const { picture, handle: { style } } = this, [x, y] = this.startPoint();
    picture.resize(width, height);
    Object.assign(style, { left: `${picture.x(x)}px`, top: `${picture.y(y)}px` });
  }

  /** Controls and spoken place follow the state. */
  showStart() {
    const start = this.startPoint(), { picture } = this;
    this.rows.forEach((row, i) => row.show(start[i], picture.format(start[i])));
    this.note.textContent = `start ${this.place(start)}`;
    this.handle.setAttribute("aria-label", `Start ${this.place(start)}; drag it, or press the arrow keys`);
  }

  /** Row `t` of the orbit. */
  row(t) {
    return this.runner.orbit.subarray(2 * t, 2 * t + 2);
  }

  /** Values of `f` along the orbit up to step `until`. */
  along(f, until) {
    return Array.from({ length: until + 1 }, (_, t) => f(...this.row(t)));
  }

  /** What the orbit did, in words. */
  words({ kind, detail, step }) {
    const steps = `${step} step${step === 1 ? "" : "s"}`, { minima } = this.landscape;
    if (kind === DIVERGED) return `diverges at step ${step}`;
    if (kind === PERIODIC) return `period ${detail}`;
    if (kind === BOUNDED) return `bounded, not settled after ${steps}`;
    if (detail >= 0) return `reaches ${minima[detail].name} in ${steps}`;
    return `settles at ${this.place(this.row(this.runner.nSteps))} in ${steps}`;
  }

  report(outcome, colour, words) {
    const { dataset } = this.root;
    this.track.show(this.get("lr"));
    this.showStart();
    const mark = outcome.kind === CONVERGED && outcome.detail < 0 ? "elsewhere" : KIND_NAMES[outcome.kind];
    this.showChip(mark, colour, words);
    dataset.outcome = outcomeLabel(outcome, this.landscape.minima);
    dataset.last = JSON.stringify(Array.from(this.row(this.runner.nSteps)));
  }

  paintOverlay(context, colour) {
    if (!this.overlay) return;
    const { palette, picture } = this, { lr } = this.state();
    const { path, highest } = picture.zeroSet((x, y) => this.overlay(x, y, lr));
    picture.clip(context);
    Object.assign(context, { lineJoin: "round", lineCap: "round" });
    for (const [ink, width] of [[palette.paper, 4], [colour ?? palette.ink, 1.8]]) {
      Object.assign(context, { strokeStyle: ink, lineWidth: width });
      context.stroke(path);
    }
    context.restore();
    if (!highest) return;
    context.font = `11px ${palette.font}`;
    const name = this.get("_overlay_name"), half = context.measureText(name).width / 2 + 6, [x, y] = highest;
    const place = Math.min(picture.right - half, Math.max(picture.left + half + 14, x));
    inscribe(context, palette, name, place, y - picture.top < 22 ? y + 18 : y - 7, { colour: palette.ink });
  }

  /** Dots with a halo that fade with age; the start is a ring. */
  paintOrbit(context, orbit, from, until, colour, halo) {
    const { picture, palette } = this;
    picture.clip(context);
    Object.assign(context, { strokeStyle: halo, fillStyle: colour });
    for (let t = from; t <= until; t++) {
      const x = picture.x(orbit[2 * t]), y = picture.y(orbit[2 * t + 1]);
      context.globalAlpha = ageOf({ from, until }, t);
      dot(context, x, y, t === until ? 5.5 : 3.6);
      context.lineWidth = 2;
      context.stroke();
      context.fill();
    }
    context.globalAlpha = 1;
    context.restore();
    dot(context, picture.x(orbit[0]), picture.y(orbit[1]), 7);
    Object.assign(context, { fillStyle: palette.paper, strokeStyle: halo, lineWidth: 5 });
    context.stroke();
    context.fill();
    Object.assign(context, { strokeStyle: colour, lineWidth: 2.4 });
    context.stroke();
  }
}
