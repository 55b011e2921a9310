// Long runs at many learning rates: twin of lrlib/longrun/dynamics.py.

import { openLandscape } from "./landscape.js";

const DIVISORS = [8, 2, 1]; // of the columns, pass by pass

/** The Lyapunov exponent over the last `keep` steps of an orbit of one coordinate. */
export function exponentOf({ hessian }, orbit, lr, keep) {
  let sum = 0;
  for (let t = orbit.length - keep; t < orbit.length; t++) {
    sum += Math.log(Math.abs(1 - lr * hessian(orbit[t])));
  }
  return sum / keep;
}

/** Fill `orbit` from `start`; says whether it stayed within the bound. */
export function stays({ descend }, orbit, start, lr, { bound, settled }) {
  orbit[0] = start;
  return !descend(orbit, orbit.length - 1, lr, 0, null, bound, settled);
}

/** Opacity out of 255 of a cell that 0, 1, ..., `keep` iterates hit: the more the denser. */
function opacities(keep, rows) {
  return Uint8Array.from({ length: keep + 1 }, (_, hits) => (
    hits && Math.round(255 * Math.min(1, 0.3 + 3 * Math.sqrt((hits / keep) * (rows / 300))))));
}

/**
 * Where the iterates are in the long run, from `start` and from its mirror image, for the learning
 * rates `lrs` and the heights `thetas`. Yields null after each column, a chance to rest, and
 * passes from coarse to fine, {lrs, thetas, columns, rows, shares, exponents}: for each of the two
 * starts the cells' opacities out of 255, lowest row first, and the first's exponents.
 */
export function* scan({ landscape: description, limits, nSteps, keep, start, lrs, thetas, grid }) {
  const landscape = openLandscape(description);
  const orbit = new Float64Array(nSteps + 1);
  const tail = orbit.subarray(nSteps + 1 - keep);
  const { rows } = grid;
  const opacity = opacities(keep, rows);
  for (const divisor of DIVISORS) {
    const columns = Math.ceil(grid.columns / divisor);
    const hits = [0, 1].map(() => new Uint16Array(columns * rows));
    const exponents = new Float64Array(columns).fill(Infinity);
    for (let i = 0; i < columns; i++) {
      const lr = lrs[0] + ((i + 0.5) / columns) * (lrs[1] - lrs[0]);
      for (const [branch, from] of [start, -start].entries()) {
        if (!stays(landscape, orbit, from, lr, limits)) continue;
        addHits(hits[branch], i, columns, tail, thetas);
        if (!branch) exponents[i] = exponentOf(landscape, orbit, lr, keep);
      }
      if (divisor < DIVISORS[0]) yield null;
    }
    const shares = hits.map((cells) => Uint8Array.from(cells, (n) => opacity[n]));
    yield { lrs, thetas, columns, rows, shares, exponents };
  }
}

/** Add the iterates to the cells of column `i`. */
function addHits(hits, i, columns, iterates, [bottom, top]) {
  const rows = hits.length / columns;
  const scale = rows / (top - bottom);
  for (const theta of iterates) {
    const row = Math.floor((theta - bottom) * scale);
    if (row >= 0 && row < rows) hits[row * columns + i]++;
  }
}
