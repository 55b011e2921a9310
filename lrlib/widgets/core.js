// The mathematics of the widgets: twin of lrlib/descent, without any DOM.
// Formulas, noise and limits come from Python as traits; nothing of them is typed here.

const BOUNDED = 0, CONVERGED = 1, PERIODIC = 2, DIVERGED = 3;
const KIND_NAMES = ["bounded", "converged", "periodic", "diverged"];

const compiled = new Map();

/** Value of a JavaScript expression that Python printed; each distinct text is compiled once. */
function compile(source) {
  if (!compiled.has(source)) compiled.set(source, new Function(`return ${source}`)());
  return compiled.get(source);
}

/** The landscape trait with its functions: {dim, loss, gradient, descend, report, box, minima, ...}. */
const openLandscape = (description) => ({ ...description, ...compile(description.javascript) });

const noiseCache = { key: "", unit: null };

/** `n` steps of unit noise of trajectory 0; kept between calls, since sliders reuse it. */
function unitNoise(source, kind, seed, n, dim) {
  const key = `${kind} ${seed} ${n} ${dim}`;
  if (noiseCache.key !== key) {
    noiseCache.unit = compile(source)[kind](seed, 0, n, dim);
    noiseCache.key = key;
  }
  return noiseCache.unit;
}

/** Largest coordinate difference of two rows; NaN if any coordinate is NaN. */
function rowGap(rows, s, t, dim) {
  let largest = 0;
  for (let i = 0; i < dim; i++) {
    const difference = Math.abs(rows[s * dim + i] - rows[t * dim + i]);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

function rowScale(rows, t, dim) {
  let largest = 0;
  for (let i = 0; i < dim; i++) largest = Math.max(largest, Math.abs(rows[t * dim + i]));
  return 1 + largest;
}

/** Index of the first named minimum near row `t`, or -1. */
function minimumNear(rows, t, { dim, minima }, reach) {
  return minima.findIndex(({ lower, upper }) => {
    let distance = 0;
    for (let i = 0; i < dim; i++) {
      const theta = rows[t * dim + i];
      distance = Math.max(distance, lower[i] - theta, theta - upper[i]);
    }
    return distance <= reach;
  });
}

/** Does every row p..n of `rows` repeat the row p before it? */
function repeats(rows, n, p, dim, tolerance) {
  for (let t = n; t >= p; t--) {
    if (!(rowGap(rows, t, t - p, dim) <= tolerance)) return false;
  }
  return true;
}

/** Runs one start after another without allocating; `limits` are the constants of lrlib. */
class Runner {
  constructor(landscape, nSteps, limits) {
    this.landscape = landscape;
    this.limits = limits;
    this.nSteps = nSteps;
    this.window = Math.min(limits.window, nSteps >> 1);
    this.orbit = new Float64Array((nSteps + 1) * landscape.dim);
    this.ahead = new Float64Array((limits.window + 1) * landscape.dim);
    this.spans = this.#spans();
  }

  /** The orbit in pieces that double: between two of them `fate` looks whether it may stop. */
  #spans() {
    const { nSteps, window, limits } = this;
    const spans = [];
    for (let from = 0, length = 2 * limits.window; from < nSteps; from += length, length *= 2) {
      if (from + length > nSteps - 2 * window) length = nSteps - from;
      spans.push({ from, length, rows: this.orbit.subarray(from * this.landscape.dim) });
    }
    return spans;
  }

  /** Fill `this.orbit` from `start` and classify it: {kind, detail, step}. */
  run(start, lr, noise = null) {
    const { landscape, limits, nSteps, orbit } = this;
    orbit.set(start);
    const left = landscape.descend(
      orbit, nSteps, lr, noise ? noise.scale : 0, noise && noise.unit, limits.bound, limits.settled);
    const settled = landscape.report.settled;
    const { kind, detail } = this.#classify(left, settled, nSteps, noise ? 0 : lr);
    return { kind, detail, step: kind === CONVERGED ? settled : kind === DIVERGED ? left : nSteps };
  }

  /** What `run` says, {kind, detail, step}, sooner: no steps once the orbit repeats exactly or is shrinking into a minimum. */
  fate(start, lr) {
    const { landscape, limits, nSteps, orbit } = this;
    orbit.set(start);
    let settled = 0;
    for (const { from, length, rows } of this.spans) {
      const left = landscape.descend(rows, length, lr, 0, null, limits.bound, limits.settled);
      if (left) return { kind: DIVERGED, detail: from + left, step: from + left };
      if (landscape.report.settled) settled = from + landscape.report.settled;
      const done = from + length;
      if (done === nSteps) break;
      if (settled <= done - limits.window && this.#shrinking(done)) {
        const detail = minimumNear(orbit, done, landscape, limits.near);
        if (detail >= 0) return { kind: CONVERGED, detail, step: settled };
      }
      const period = this.#exactPeriod(done);
      if (!period) continue;
      if (settled > done - period) settled = nSteps; // some step of the cycle feels a pull: always again
      return this.#timed(settled, done - period + ((nSteps - done) % period), lr);
    }
    return this.#timed(settled, nSteps, lr);
  }

  #timed(settled, final, lr) {
    const found = this.#classify(0, settled, final, lr);
    return { ...found, step: found.kind === CONVERGED ? settled : this.nSteps };
  }

  /** Row `final` stands for the end of the orbit; an `lr` of 0 skips the search for periods. */
  #classify(left, settled, final, lr) {
    const { landscape, limits, nSteps, orbit, window } = this;
    if (left) return { kind: DIVERGED, detail: left };
    const scale = rowScale(orbit, final, landscape.dim);
    if (window > 0 && settled <= nSteps - window) {
      return { kind: CONVERGED, detail: minimumNear(orbit, final, landscape, limits.near * scale) };
    }
    const period = lr > 0 && nSteps > 0 ? this.#period(final, lr, limits.settled * scale) : 0;
    return period ? { kind: PERIODIC, detail: period } : { kind: BOUNDED, detail: -1 };
  }

  /** Smallest period of the next `window` steps after row `final`, or 0; a slow drift has none. */
  #period(final, lr, tolerance) {
    const { ahead, landscape: { dim, descend }, limits, orbit } = this;
    for (let i = 0; i < dim; i++) ahead[i] = orbit[final * dim + i];
    if (descend(ahead, limits.window, lr, 0, null, limits.bound, limits.settled)) return 0;
    for (let p = 1; p <= limits.maxPeriod; p++) {
      if (repeats(ahead, limits.window, p, dim, tolerance)) return p > 1 ? p : 0;
    }
    return 0;
  }

  /** Are the steps before row `done` no longer than those a window earlier? So they keep shrinking. */
  #shrinking(done) {
    const { orbit, landscape: { dim }, limits } = this, earlier = done - limits.window;
    return rowGap(orbit, done, done - 1, dim) <= rowGap(orbit, earlier, earlier - 1, dim);
  }

  /** Smallest p such that row `done` equals row `done - p` in every bit, or 0. */
  #exactPeriod(done) {
    for (let p = 1; p <= this.limits.maxPeriod; p++) {
      if (rowGap(this.orbit, done, done - p, this.landscape.dim) === 0) return p;
    }
    return 0;
  }
}

/** The label that lrlib gives to an outcome, as "converged: sharp minimum". */
function outcomeLabel({ kind, detail }, minima) {
  if (kind === CONVERGED) return `converged: ${detail < 0 ? "unnamed point" : minima[detail].name}`;
  return kind === PERIODIC ? `periodic: ${detail}` : KIND_NAMES[kind];
}

/** The last step worth showing: afterwards nothing changes. */
const lastStep = ({ kind, step }) => (kind === DIVERGED ? step - 1 : step);

/** `count` equally spaced numbers from `low` to `high`, rounded as numpy.linspace does. */
function linspace(low, high, count) {
  const step = count > 1 ? (high - low) / (count - 1) : 0;
  const values = Float64Array.from({ length: count }, (_, i) => low + i * step);
  if (count > 1) values[count - 1] = high;
  return values;
}

/** 0..n-1 reordered so that every beginning of the list is spread evenly (coarse to fine). */
function coarseToFine(n) {
  const order = [];
  let stride = 1;
  while (stride < n) stride *= 2;
  for (let i = 0; i < n; i += stride) order.push(i);
  for (; stride > 1; stride /= 2) {
    for (let i = stride / 2; i < n; i += stride) order.push(i);
  }
  return order;
}
