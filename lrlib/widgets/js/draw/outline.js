// Broken lines: their strokes, without the corners that nobody would miss.

/** The strokes of a broken line, each as its places [x, y]. */
export function strokesOf(places) {
  const strokes = [[]];
  for (let i = 0; i < places.length; i += 2) {
    if (Number.isNaN(places[i])) strokes.push([]);
    else strokes.at(-1).push([places[i], places[i + 1]]);
  }
  return strokes.filter((stroke) => stroke.length);
}

/** Douglas and Peucker: a corner stays if the line without it would be farther than `tolerance`. */
export function simplified(points, tolerance) {
  const [[ax, ay], [bx, by]] = [points[0], points.at(-1)];
  const length = Math.hypot(bx - ax, by - ay);
  let worst = tolerance;
  let at = 0;
  for (let i = 1; i < points.length - 1; i++) {
    const [x, y] = points[i];
    const across = Math.abs((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / length;
    const distance = length ? across : Math.hypot(x - ax, y - ay);
    if (distance > worst) [worst, at] = [distance, i];
  }
  if (!at) return points.length > 1 ? [points[0], points.at(-1)] : points;
  const before = simplified(points.slice(0, at + 1), tolerance);
  return [...before.slice(0, -1), ...simplified(points.slice(at), tolerance)];
}
