// Modified flows: the printed terms of the field under the classical Runge-Kutta method.

const AGREED = 1e-7; // two solutions, one with half the step, differ by less, relative to 1 + |x|
const MOST = 65536; // Runge-Kutta steps at most

/** The modified field up to lr ** order; `terms(x)` lists F_0, F_1, ... */
export function modifiedField(terms, lr, order) {
  return (x) => {
    const parts = terms(x);
    let sum = parts[order];
    for (let j = order - 1; j >= 0; j--) sum = parts[j] + lr * sum;
    return sum;
  };
}

function rungeKutta(field, x, h) {
  const a = field(x);
  const b = field(x + (h / 2) * a);
  const c = field(x + (h / 2) * b);
  const d = field(x + h * c);
  return x + (h / 6) * (a + 2 * b + 2 * c + d);
}

/**
 * Fill `path` with x at equally spaced times, `parts` steps of length `h` between two. Gives the
 * time of a blow-up, or Infinity, or NaN where the steps are too long: x flew out although the
 * field points inwards.
 */
function integrate(field, path, h, parts, bound) {
  let x = path[0];
  for (let i = 1; i < path.length; i++) {
    for (let part = 0; part < parts; part++) {
      const next = rungeKutta(field, x, h);
      if (!(Math.abs(next) <= bound)) {
        path.fill(x, i);
        return field(x) * x > 0 ? ((i - 1) * parts + part + 1) * h : NaN;
      }
      x = next;
    }
    path[i] = x;
  }
  return Infinity;
}

function agree(path, left, finer, finerLeft) {
  if (left !== Infinity || finerLeft !== Infinity) {
    return Math.abs(left - finerLeft) <= 0.01 * finerLeft;
  }
  return path.every((x, i) => Math.abs(x - finer[i]) <= AGREED * (1 + Math.abs(finer[i])));
}

/**
 * The flow from `start` at `count` + 1 times, `spacing` apart: {path, left}, where it has left
 * at a blow-up or not, with steps halved until that changes nothing.
 */
export function followFlow(field, start, { spacing, count }, bound) {
  let path = new Float64Array(count + 1);
  let finer = new Float64Array(count + 1);
  path[0] = start;
  finer[0] = start;
  let left = integrate(field, path, spacing, 1, bound);
  for (let parts = 2; parts * count <= MOST; parts *= 2) {
    const finerLeft = integrate(field, finer, spacing / parts, parts, bound);
    const done = agree(path, left, finer, finerLeft);
    [path, finer, left] = [finer, path, finerLeft];
    if (done) break;
  }
  return { path, left };
}

/** Steps of gradient descent within `time`, and the finer grid of the flows: `per` a step. */
export function flowGrid(lr, time) {
  const steps = Math.floor(time / lr + 1e-9);
  const per = Math.max(2, Math.ceil((200 * lr) / time));
  return { steps, per, spacing: lr / per, count: Math.ceil((time / lr) * per - 1e-9) };
}

/**
 * Largest distance of the flow from the first `steps` iterates; infinite after a blow-up, NaN
 * where it is not resolved.
 */
export function flowError({ path, left }, orbit, { steps, per, spacing }) {
  if (!(left > steps * per * spacing)) return left > 0 ? Infinity : NaN;
  let largest = 0;
  for (let k = 0; k <= steps; k++) {
    largest = Math.max(largest, Math.abs(orbit[k] - path[k * per]));
  }
  return largest;
}
