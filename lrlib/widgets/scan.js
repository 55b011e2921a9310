// Long runs at many learning rates: twin of lrlib/longrun, without any DOM.

/**
 * Run `start` at `lr`: the last `keep` iterates then stand at the end of `orbit`.
 * Gives back the Lyapunov exponent over them, or Infinity where the orbit left all bounds.
 */
function scanColumn({ descend, hessian }, orbit, start, lr, nSteps, keep, { bound, settled }) {
  orbit[0] = start;
  if (descend(orbit, nSteps, lr, 0, null, bound, settled)) return Infinity;
  let sum = 0;
  for (let t = nSteps - keep + 1; t <= nSteps; t++) sum += Math.log(Math.abs(1 - lr * hessian(orbit[t])));
  return sum / keep;
}

/** Columns 0..n-1 coarse to fine, as [column, how many it stands for until finer ones come]. */
function refine(n) {
  const order = [];
  for (const stride of [8, 4, 2, 1]) {
    for (let i = 0; i < n; i += stride) {
      if (stride === 8 || i % (2 * stride)) order.push([i, Math.min(stride, n - i)]);
    }
  }
  return order;
}

/** The diagram as pixels: one column for each learning rate, one colour for each of two starts. */
class Scan {
  constructor(columns, rows, { low, high, bottom, top }) {
    Object.assign(this, { columns, rows, low, high, bottom, top });
    this.hits = [0, 1].map(() => new Uint16Array(columns * rows));
    this.exponents = new Float64Array(columns);
    this.image = element("canvas", { width: columns, height: rows });
    this.pixels = new ImageData(columns, rows);
    this.order = refine(columns);
    this.done = 0;
  }

  get finished() {
    return this.done >= this.order.length;
  }

  lrOf(column) {
    return this.low + ((column + 0.5) / this.columns) * (this.high - this.low);
  }

  /** Columns until `deadline`, in milliseconds of performance.now(); at least one. */
  advance(deadline, landscape, orbit, starts, keep, limits, inks) {
    do {
      const [column, width] = this.order[this.done++], lr = this.lrOf(column);
      starts.forEach((start, branch) => {
        const exponent = scanColumn(landscape, orbit, start, lr, orbit.length - 1, keep, limits);
        if (!branch) this.exponents.fill(exponent, column, column + width);
        this.#count(this.hits[branch], column, exponent < Infinity ? orbit.subarray(orbit.length - keep) : []);
      });
      this.#colour(column, width, keep, inks);
    } while (!this.finished && performance.now() < deadline);
    this.image.getContext("2d").putImageData(this.pixels, 0, 0);
  }

  #count(hits, column, iterates) {
    const { columns, rows, bottom, top } = this, scale = rows / (top - bottom);
    for (const theta of iterates) {
      const row = Math.floor((top - theta) * scale);
      if (row >= 0 && row < rows) hits[row * columns + column]++;
    }
  }

  /** The first start's ink over the second's; the more hits the denser. */
  #colour(column, width, keep, [first, second]) {
    const { columns, rows, hits: [a, b], pixels: { data } } = this;
    const opacity = (n) => (n ? Math.min(1, 0.3 + 3 * Math.sqrt((n / keep) * (rows / 300))) : 0);
    for (let row = 0; row < rows; row++) {
      const here = opacity(a[row * columns + column]), under = opacity(b[row * columns + column]) * (1 - here);
      for (let i = column; i < column + width; i++) {
        const at = 4 * (row * columns + i);
        for (let c = 0; c < 3; c++) data[at + c] = (first[c] * here + second[c] * under) / (here + under || 1);
        data[at + 3] = 255 * (here + under);
      }
    }
  }
}
