// Gradient descent on a landscape of two coordinates: field, trajectory, loss and sharpness against step.

const LEVELS = 14;
const CIVIDIS = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [187, 173, 108], [254, 232, 56]]; // at 0, 1/4, ..., 1

/** The colour at a share of the map. */
function cividis(share) {
  const at = Math.min(3.999, 4 * share), i = Math.floor(at);
  return CIVIDIS[i].map((v, c) => v + (at - i) * (CIVIDIS[i + 1][c] - v));
}

class Descent2D extends PlaneFrame {
  constructor(view) {
    super(view, "lr-descent-2d", PLANE_MARGINS);
    const stage = this.prepare("The loss as a field, with the steps of gradient descent as dots");
    const names = { loss: "Loss against step, logarithmic", curve: "Sharpness against step" };
    const strips = Object.entries(names).map(([key, name]) => new Surface("lr-strip", name, (context, ...size) => {
      paintSeries(context, this.palette, ...size, this.series[key]);
    }));
    this.surfaces.push(...strips);
    this.walk = new Walk(this);
    this.fill(stage, strips.map(({ canvas }) => canvas), ...this.walk.buttons);
  }

  stopWalking() {
    this.walk.stop();
  }

  // -- computing

  update() {
    const { lr } = this.state(), nSteps = this.get("n_steps"), { palette, walk, landscape: { loss, coordinates } } = this;
    if (nSteps !== this.runner?.nSteps) this.runner = this.makeRunner();
    this.outcome = this.runner.run(this.startPoint(), lr);
    const { until } = walk, from = Math.max(1, until - SHOWN + 1);
    const common = { colour: palette.descent, from }, height = (x, y) => loss(x, y) - this.get("_loss_range")[0];
    const level = { value: 2 / lr, name: "2/lr" };
    this.view = { from, until };
    this.series = {
      loss: { ...common, values: this.along(height, until), name: "loss, log scale", log: true },
      curve: { ...common, values: this.along(this.sharpness, until), name: "sharpness λ", level },
    };
    const words = this.words(this.outcome), now = `(${coordinates.join(", ")}) = ${this.place(this.row(until), 3)}`;
    const colour = ["wandering", outcomeColour(this.outcome), "oscillating", "unstable"][this.outcome.kind];
    this.report(this.outcome, colour, words);
    if (walk.taken !== null) this.showChip("step", "descent", `step ${walk.taken}: ${now}`);
    if (walk.playing) return;
    this.say(`Learning rate ${this.track.describe(lr)}. Start ${this.place(this.startPoint())}: ${words}.`);
  }

  // -- drawing

  /** The field in bands that crowd at the bottom; computed once for each size. */
  #field() {
    const { picture, landscape: { loss } } = this, [low, high] = this.get("_loss_range");
    const columns = Math.round(picture.right - picture.left), rows = Math.round(picture.bottom - picture.top);
    if (this.field?.width === columns && this.field.height === rows) return this.field;
    const pixels = new ImageData(columns, rows);
    const inks = Array.from({ length: LEVELS }, (_, k) => cividis(k / (LEVELS - 1)));
    for (let j = 0, at = 0; j < rows; j++) {
      const y = picture.yHigh - ((j + 0.5) / rows) * (picture.yHigh - picture.yLow);
      for (let i = 0; i < columns; i++, at += 4) {
        const x = picture.xLow + ((i + 0.5) / columns) * (picture.xHigh - picture.xLow);
        const share = Math.cbrt(Math.max(0, (loss(x, y) - low) / (high - low)));
        pixels.data.set(inks[Math.min(LEVELS - 1, Math.floor(LEVELS * share))], at);
        pixels.data[at + 3] = 255;
      }
    }
    this.field = element("canvas", { width: columns, height: rows });
    this.field.getContext("2d").putImageData(pixels, 0, 0);
    return this.field;
  }

  paintPicture(context, width, height) {
    const { picture, palette, runner: { orbit }, view: { from, until }, landscape: { minima } } = this;
    this.layPicture(width, height);
    picture.image(context, this.#field(), true);
    this.paintOverlay(context);
    picture.axes(context, palette);
    for (const { name, lower, upper } of minima) {
      const x = picture.x((lower[0] + upper[0]) / 2), y = picture.y((lower[1] + upper[1]) / 2);
      dot(context, x, y, 4.5);
      Object.assign(context, { fillStyle: palette.ink, strokeStyle: palette.paper, lineWidth: 2 });
      context.stroke();
      context.fill();
      inscribe(context, palette, name, x, y + 20, { colour: palette.ink, size: 12 });
    }
    this.paintOrbit(context, orbit, from, until, palette.descent, "white");
  }
}

export default { render: (view) => new Descent2D(view).start() };
