// Areas in the colours and hatches of the fates.

import { makeFates } from "../engine/outcomes.js";

/** Areas of all fates; `places(fate)` gives the corners of one, `alpha` thins them. */
export function paintFates(pen, { landscape: { minima } }, places, alpha = 1) {
  makeFates(minima).forEach(({ colour, hatch }, index) => {
    const corners = places(index);
    if (corners.length) pen.area(corners, { fill: colour, hatch, alpha });
  });
}

/** Corners of a rectangle, which others may follow. */
export const box = (x0, y0, x1, y1) => [x0, y0, x1, y0, x1, y1, x0, y1, NaN, NaN];

/** Calls `make(from, to)` for each pair of a flat list and joins what it gives. */
export const eachPair = (ends, make) => ends.flatMap((from, i) => (
  i % 2 ? [] : make(from, ends[i + 1])));
