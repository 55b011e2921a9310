// A loss in the plane as bands of a colour ramp.

import { simplified } from "./outline.js";
import { zeroLines } from "./plane.js";

const BANDS = 14;
const CELLS = 120; // along a side: a band narrower than a cell has gaps
const FINE = 0.15; // pixels that an outline may be off
const CIVIDIS = [ // at 0, 1/4, ..., 1
  [0, 34, 78], [65, 77, 107], [124, 123, 120], [187, 173, 108], [254, 232, 56],
];

/** The colour at a share of the ramp, dark to light, the same in all themes. */
export function rampColour(share) {
  const at = 4 * share;
  const i = Math.min(3, Math.floor(at));
  const mixed = CIVIDIS[i].map((v, c) => Math.round(v + (at - i) * (CIVIDIS[i + 1][c] - v)));
  return `#${mixed.map((v) => v.toString(16).padStart(2, "0")).join("")}`;
}

/** The field of a loss from `low` to `high` in bands that crowd at the bottom. */
export function paintField(pen, plot, loss, [low, high]) {
  const { left, top, right, bottom } = plot;
  const bands = plot.keep("field", () => traceBands(plot, loss, low, high));
  const all = [left, top, right, top, right, bottom, left, bottom];
  plot.inside(pen, () => [all, ...bands].forEach((places, k) => {
    pen.area(places, { fill: rampColour(k / (BANDS - 1)) });
  }));
}

/** For each band but the lowest, the outlines of where the loss is at least as high. */
export function traceBands(plot, loss, low, high, cells = CELLS) {
  const { left, top, right, bottom, xEnds: [xLow, xHigh], yEnds: [yLow, yHigh] } = plot;
  const most = high + (high - low); // more makes no difference, and infinity no place
  const heights = Array.from({ length: cells + 1 }, (_, j) => {
    const y = yHigh - (j / cells) * (yHigh - yLow);
    return Float64Array.from({ length: cells + 1 }, (__, i) => {
      const height = loss(xLow + (i / cells) * (xHigh - xLow), y);
      return height < most ? height : most;
    });
  });
  const place = ([i, j]) => [
    left + ((i - 1) / cells) * (right - left), top + ((j - 1) / cells) * (bottom - top),
  ];
  return Array.from({ length: BANDS - 1 }, (_, k) => {
    const level = low + ((k + 1) / BANDS) ** 3 * (high - low);
    const lines = zeroLines((j) => ringedRow(heights[j - 1], cells, level), cells + 2);
    return lines.flatMap((line) => [...simplified(line.map(place), FINE).flat(), NaN, NaN]);
  });
}

/** Heights above `level` with a low ring around the picture, which closes all outlines. */
function ringedRow(heights, cells, level) {
  const row = new Float64Array(cells + 3).fill(-1);
  if (heights) for (let i = 0; i <= cells; i++) row[i + 1] = heights[i] - level;
  return row;
}
