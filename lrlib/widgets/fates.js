// The fates that outcomes are sorted into: their names, colours and patterns.

const PATTERNS = ["plain", "rising", "dots", "level", "upright", "falling", "crossed"];

/** The fates in the order of the bars: named minima, another point, periodic, bounded, diverged. */
function makeFates(minima) {
  const settled = minima.map(({ name }, detail) => [
    name, `reach the ${name}`, outcomeColour({ detail }), detail ? "elsewhere" : "converged", PATTERNS[Math.min(detail, 4)]]);
  return [...settled,
    ["another point", "settle elsewhere", "elsewhere", "elsewhere", "upright"],
    ["periodic", "are periodic", "oscillating", "periodic", "level"],
    ["bounded", "stay bounded", "wandering", "bounded", "crossed"],
    ["diverged", "diverge", "unstable", "diverged", "falling"],
  ].map(([name, verb, colour, mark, pattern], index) => ({ name, verb, colour, mark, pattern, index, count: 0 }));
}

/** A canvas pattern: `colour` with marks in the colour of the paper. */
function hatch(colour, paper, pattern) {
  const size = 7, ratio = 2, tile = element("canvas", { width: size * ratio, height: size * ratio });
  const context = tile.getContext("2d");
  context.scale(ratio, ratio);
  context.fillStyle = colour;
  context.fillRect(0, 0, size, size);
  Object.assign(context, { strokeStyle: paper, fillStyle: paper, lineWidth: 1.1, globalAlpha: 0.6 });
  const slope = { rising: [-1], falling: [1], crossed: [-1, 1] }[pattern] ?? [];
  for (const direction of slope) {
    for (const shift of [-size, 0, size]) line(context, [shift, direction < 0 ? size : 0], [shift + size, direction < 0 ? 0 : size]);
  }
  if (pattern === "dots") { dot(context, size / 2, size / 2, 1.1); context.fill(); }
  if (pattern === "level") line(context, [0, size / 2], [size, size / 2]);
  if (pattern === "upright") line(context, [size / 2, 0], [size / 2, size]);
  const ink = context.createPattern(tile, "repeat");
  ink.setTransform(new DOMMatrix().scale(1 / ratio));
  return ink;
}

/** With one decimal: exact for 1,000 starts, so that the shares add up to 100. */
const percentage = (share) => `${+(100 * share).toFixed(1)} %`;

/** Index of an outcome among the fates. */
function fateIndex({ kind, detail }, named) {
  if (kind === CONVERGED) return detail < 0 ? named : detail;
  return named + { [PERIODIC]: 1, [BOUNDED]: 2, [DIVERGED]: 3 }[kind];
}
