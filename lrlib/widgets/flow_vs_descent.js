// Gradient descent as dots over its modified flows as lines, both against time.

const MARGINS = { left: 14, right: 14, top: 18, bottom: 34 };
const DASHES = [[2, 4], [], [9, 4], [10, 4, 2, 4]]; // as ORDERS in lrlib/figures.py
const CLOSE = 0.05; // of the distance between start and minimum: what counts as following
const LOWEST = 1e-9; // error at the foot of the strip, at least

class FlowVsDescent extends LandscapeFrame {
  constructor(view) {
    super(view, "lr-flow-vs-descent", MARGINS);
    const [low, high] = this.get("lr_range"), [[left, right]] = this.landscape.box;
    this.orders = this.get("orders");
    this.terms = compile(this.get("_terms"));
    this.allowed = {
      lr: { low, high }, start: { low: left, high: right },
      shown: { low: 0, high: 2 ** this.orders.length - 1, whole: true },
    };
    this.root.style.setProperty("--orders", this.orders.length);
    this.#build();
  }

  #build() {
    const [name] = this.landscape.coordinates;
    const picture = new Surface("lr-picture", `${name} against time: gradient descent as dots, flows as lines`,
      (...at) => this.#paintPicture(...at));
    const strip = new Surface("lr-strip", "Error of each flow against time, logarithmic", (...at) => this.#paintStrip(...at));
    this.surfaces.push(picture, strip);
    const range = new Range({
      low: this.picture.low, high: this.picture.high, describe: (start) => this.picture.format(start),
      oninput: (start) => this.set({ start }), onchange: () => this.save(),
    });
    this.startSlider = sliderRow(range, `Start ${name}`);
    this.toggles = this.orders.map((order, i) => this.#toggle(order, i));
    this.box.append(
      element("div", { class: "lr-stage", style: stageStyle(this.get("height")) }, picture.canvas), strip.canvas,
      element("div", { class: "lr-toggles", role: "group", "aria-label": "Flows" }, ...this.toggles.map(({ node }) => node)),
      element("div", { class: "lr-controls" }, this.makeTrack(), this.startSlider.row, this.makeActions()));
    this.#drag(picture.canvas);
  }

  /** A button that shows or hides a flow: its line, its name and its largest error. */
  #toggle(order, i) {
    const sample = drawing("lr-sample", `viewBox="0 0 32 4" stroke-dasharray="${DASHES[order].join(" ")}"`, "M0 2H32");
    const error = element("span", { class: "lr-error" });
    const node = element("button", {
      type: "button", class: "lr-toggle", onclick: () => { this.set({ shown: this.get("shown") ^ (1 << i) }); this.save(); },
    }, sample, element("span", {}, order ? `order ${order}` : "gradient flow"), error);
    return { node, error };
  }

  /** The start follows a pointer that takes hold of it; a click moves it to that height. */
  #drag(canvas) {
    const { picture } = this;
    const move = ({ offsetY }) => {
      const share = (this.bottom - offsetY) / (this.bottom - MARGINS.top);
      const start = picture.low + Math.min(1, Math.max(0, share)) * (picture.high - picture.low);
      this.set({ start: +start.toPrecision(4) });
    };
    canvas.onpointerdown = ({ offsetX, offsetY, pointerId }) => {
      if (Math.hypot(offsetX - this.x(0), offsetY - this.y(this.get("start"))) < 24) canvas.setPointerCapture(pointerId);
    };
    canvas.onpointermove = (event) => { if (canvas.hasPointerCapture(event.pointerId)) move(event); };
    canvas.onclick = (event) => { move(event); this.save(); };
  }

  state() {
    return { lr: this.get("lr"), start: this.get("start"), shown: this.get("shown") };
  }

  traits(state) {
    return state;
  }

  pythonCall() {
    return fillTemplate(this.get("_python").plain, { ...this.state(), n_steps: this.grid.steps });
  }

  isShown(i) {
    return (this.get("shown") >> i) % 2 === 1;
  }

  // -- computing

  update() {
    const { lr, start } = this.state(), { landscape: { minima }, orders } = this;
    this.runner ??= this.makeRunner();
    this.outcome = this.runner.run([start], lr);
    this.orbit = this.runner.orbit;
    this.grid = flowGrid(lr, this.get("time"));
    if (this.outcome.kind === DIVERGED) this.grid.steps = Math.min(this.grid.steps, this.outcome.step - 1);
    const { spacing, count } = this.grid, { bound } = this.get("_limits");
    this.flows = orders.map((order) => followFlow(modifiedField(this.terms, lr, order), start, spacing, count, bound));
    this.errors = this.flows.map((flow) => flowError(flow, this.orbit, this.grid));
    const distances = minima.map(({ lower, upper }) => Math.abs(start - (lower[0] + upper[0]) / 2));
    this.scale = distances.length ? Math.min(...distances) : 1;
    this.#report();
  }

  #report() {
    const { orders, errors, outcome, landscape: { minima, coordinates: [name] } } = this, { lr, start } = this.state();
    this.track.show(lr);
    this.startSlider.show(start, this.picture.format(start));
    this.toggles.forEach(({ node, error }, i) => {
      node.setAttribute("aria-pressed", String(this.isShown(i)));
      const unbounded = Number.isNaN(errors[i]) ? "too stiff" : "blows up";
      error.textContent = errors[i] < Infinity ? `error ${formatNumber(errors[i], 2)}` : unbounded;
    });
    const first = errors.findIndex((error) => error <= CLOSE * this.scale);
    const words = this.#words(first);
    if (first < 0 && outcome.kind === DIVERGED) this.showChip("diverged", "unstable", words);
    else if (first < 0) this.showChip("bounded", "oscillating", words);
    else this.showChip("converged", "flow", words);
    this.note.textContent = `${this.grid.steps} steps from ${name} = ${this.picture.format(start)}`;
    const told = orders.map((order, i) => `${order ? `order ${order}` : "gradient flow"} ${this.toggles[i].error.textContent}`);
    this.say(`Learning rate ${this.track.describe(lr)}: ${words}. ${told.join(", ")}.`);
    const { dataset } = this.root;
    dataset.outcome = outcomeLabel(outcome, minima);
    dataset.last = JSON.stringify([this.orbit[this.runner.nSteps]]);
    dataset.errors = JSON.stringify(errors.map((error) => (error < Infinity ? error : null)));
  }

  /** Which is the lowest order that follows? */
  #words(first) {
    const order = this.orders[first], within = `within ${100 * CLOSE}\u00a0%`;
    if (first < 0 && this.outcome.kind === DIVERGED) return "gradient descent diverges, no flow follows";
    if (first < 0) return `no flow follows ${within}`;
    return order ? `order ${order} follows ${within}` : `the gradient flow follows ${within}`;
  }

  // -- drawing

  x(time) {
    return MARGINS.left + (time / this.get("time")) * (this.width - MARGINS.left - MARGINS.right);
  }

  y(theta) {
    const { low, high } = this.picture;
    return this.bottom - ((theta - low) / (high - low)) * (this.bottom - MARGINS.top);
  }

  #paintPicture(context, width, height) {
    Object.assign(this, { width, bottom: height - MARGINS.bottom });
    this.#paintAxes(context, height);
    context.save();
    context.beginPath();
    context.rect(0, 4, width - MARGINS.right, this.bottom - 4);
    context.clip();
    this.#eachFlow(context, ({ path }, i) => this.x(i * this.grid.spacing), ({ path }, i) => this.y(path[i]));
    context.restore();
    this.#paintDots(context);
  }

  #paintAxes(context, height) {
    const { palette, picture: { low, high }, width, bottom, landscape: { minima } } = this, right = width - MARGINS.right;
    for (const tick of roundTicks(low, high, 4)) {
      Object.assign(context, { strokeStyle: palette.rule, lineWidth: 1 });
      line(context, [MARGINS.left, this.y(tick)], [right, this.y(tick)]);
      inscribe(context, palette, formatNumber(tick), right, this.y(tick) - 4, { align: "right" });
    }
    context.setLineDash([5, 4]);
    for (const { lower, upper } of minima) {
      const y = this.y((lower[0] + upper[0]) / 2);
      Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
      line(context, [MARGINS.left, y], [right, y]);
    }
    context.setLineDash([]);
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
    line(context, [MARGINS.left, bottom], [right, bottom]);
    const ticks = roundTicks(0, this.get("time"), width / 90);
    for (const tick of ticks) inscribe(context, palette, tick ? formatNumber(tick) : "time 0", this.x(tick), height - 12, { align: tick ? "center" : "left" });
  }

  /** One line for each flow that is shown; `x` and `y` place sample i of it; from sample `stride` on where given. */
  #eachFlow(context, x, y, stride = 0) {
    this.flows.forEach((flow, which) => {
      if (!this.isShown(which)) return;
      const last = Math.min(this.grid.count, Math.floor(flow.left / this.grid.spacing));
      Object.assign(context, { strokeStyle: this.palette.flow, lineWidth: 1.8, lineJoin: "round" });
      context.setLineDash(DASHES[this.orders[which]]);
      context.beginPath();
      for (let i = stride; i <= last; i += stride || 1) context.lineTo(x(flow, i), y(flow, i));
      context.stroke();
    });
    context.setLineDash([]);
  }

  #paintDots(context) {
    const { palette, orbit, grid: { steps, per, spacing }, bottom } = this;
    const apart = this.x(per * spacing) - this.x(0), radius = Math.min(4.5, Math.max(1.8, 0.35 * apart));
    Object.assign(context, { fillStyle: palette.descent, strokeStyle: palette.paper, lineWidth: 1 });
    for (let k = steps; k >= 0; k--) {
      const x = this.x(k * per * spacing), y = this.y(orbit[k]);
      if (!(y > 4 && y < bottom)) {
        this.#paintExit(context, x, y < bottom);
        continue;
      }
      dot(context, x, y, k ? radius : 6.5);
      context.fill();
      if (radius > 3 || !k) context.stroke();
    }
  }

  /** An arrowhead where an iterate left the picture. */
  #paintExit(context, x, upwards) {
    const tip = upwards ? 6 : this.bottom - 2, back = upwards ? 9 : -9;
    context.save();
    context.fillStyle = this.palette.unstable;
    context.beginPath();
    for (const [dx, dy] of [[0, 0], [-5, back], [5, back]]) context.lineTo(x + dx, tip + dy);
    context.fill();
    context.restore();
  }

  /** Distance between each flow and the steps. */
  #paintStrip(context, width, height) {
    const { palette, orbit, grid: { per, spacing, steps }, errors, flows } = this;
    const high = Math.max(10 * LOWEST, ...errors.filter((error) => error < Infinity));
    const gap = ({ path }, k) => Math.abs(path[k * per] - orbit[k]);
    const ends = flows.flatMap((flow) => [gap(flow, 1), gap(flow, steps)]).filter((end) => end > LOWEST);
    const low = Math.min(high / 10, ...ends);
    const y = (size) => height - 6 - (Math.log(Math.max(size, low) / low) / Math.log(high / low)) * (height - 30);
    context.save();
    context.beginPath();
    context.rect(0, 0, this.x(steps * per * spacing), height);
    context.clip();
    this.#eachFlow(context, (_, i) => this.x(i * spacing), (flow, i) => y(i / per <= steps ? gap(flow, i / per) : 0), per);
    context.restore();
    inscribe(context, palette, "error, log scale", MARGINS.left, 14, { align: "left" });
    inscribe(context, palette, `largest ${formatNumber(high, 2)}`, width - MARGINS.right, 14, { align: "right" });
  }
}

export default { render: (view) => new FlowVsDescent(view).start() };
