// What the tests of the front end share: a landscape, and a pen that remembers.

export const LIMITS = { bound: 1e8, settled: 1e-8, window: 64, maxPeriod: 32, near: 1e-3 };

/** As lrlib prints a landscape of one coordinate, from the texts of its loss and gradient. */
function printed(loss, gradient) {
  return `(() => {
    const report = { settled: 0 };
    const loss = (x) => ${loss};
    const gradient = (x) => ${gradient};
    function descend(orbit, n, lr, scale, unit, bound, settled) {
      let last = 0;
      for (let t = 0; t < n; t++) {
        const pull = gradient(orbit[t]) + (unit ? scale * unit[t] : 0);
        orbit[t + 1] = orbit[t] - lr * pull;
        if (!(Math.abs(orbit[t + 1]) <= bound)) {
          orbit.fill(orbit[t], t + 1, n + 1);
          return t + 1;
        }
        if (Math.abs(pull) > settled) last = t + 1;
      }
      report.settled = last;
      return 0;
    }
    return { dim: 1, loss, gradient, descend, report };
  })()`;
}

export const QUADRATIC = {
  name: "quadratic",
  coordinates: ["x"],
  box: [[-2, 2]],
  minima: [{ name: "the minimum", lower: [0], upper: [0] }],
  javascript: printed("x * x / 2", "x"),
};

export const DOUBLE_WELL = {
  name: "double well",
  coordinates: ["x"],
  box: [[-2, 2]],
  minima: [
    { name: "right minimum", lower: [1], upper: [1] },
    { name: "left minimum", lower: [-1], upper: [-1] },
  ],
  javascript: printed("(x * x - 1) ** 2 / 4", "x ** 3 - x"),
};

/** Two coordinates that do not feel each other: x falls to 1 or -1, y to 0. */
export const VALLEYS = {
  name: "valleys",
  coordinates: ["x", "y"],
  box: [[-1.5, 1.5], [-1, 1]],
  minima: [
    { name: "right", lower: [1, 0], upper: [1, 0] },
    { name: "left", lower: [-1, 0], upper: [-1, 0] },
  ],
  javascript: `(() => {
    const report = { settled: 0 };
    function descend(orbit, n, lr, scale, unit, bound, settled) {
      let last = 0;
      for (let t = 0; t < n; t++) {
        const [x, y] = [orbit[2 * t], orbit[2 * t + 1]];
        const pull = [x ** 3 - x, y];
        orbit[2 * t + 2] = x - lr * pull[0];
        orbit[2 * t + 3] = y - lr * pull[1];
        if (Math.max(...pull.map(Math.abs)) > settled) last = t + 1;
      }
      report.settled = last;
      return 0;
    }
    return { dim: 2, descend, report };
  })()`,
};

/** Takes every operation of a pen down: `calls` is [[name, ...arguments], ...]. */
export class RecordingPen {
  constructor(width = 400, height = 200) {
    Object.assign(this, { width, height, calls: [], depth: 0 });
  }

  line(places, style = {}) {
    this.calls.push(["line", [...places], style]);
  }

  area(places, style) {
    this.calls.push(["area", [...places], style]);
  }

  dots(places, style) {
    this.calls.push(["dots", [...places], style]);
  }

  text(words, x, y, style = {}) {
    this.calls.push(["text", words, x, y, style]);
  }

  raster(...given) {
    this.calls.push(["raster", ...given]);
  }

  measure(words, size) {
    return 0.5 * size * words.length;
  }

  within(x, y, width, height, paint) {
    this.calls.push(["within", x, y, width, height]);
    paint();
  }

  /** The calls of one operation, without its name. */
  all(operation) {
    return this.calls.filter(([name]) => name === operation).map(([, ...given]) => given);
  }

  get words() {
    return this.all("text").map(([words]) => words);
  }
}
