// Pictures of a part of the plane: ticks with as many decimals as the part needs, a picture of
// another part stretched into it, a value on the x axis.

import { clamp, roundTicks } from "../engine/numbers.js";

/** A tick with the decimals that tell it from its neighbours. */
export function tickLabel(tick, span) {
  const decimals = clamp(1 - Math.floor(Math.log10(span)), 1, 12);
  return tick.toFixed(decimals).replace("-", "−");
}

const heightTicks = ({ yEnds: [low, high] }) => roundTicks(low, high, 4);

/** Faint rules; the labels come later, above the picture. */
export function paintHeightRules(pen, plot) {
  for (const tick of heightTicks(plot)) {
    const y = plot.y(tick);
    pen.line([plot.left, y, plot.right, y], { stroke: "rule" });
  }
}

/** The numbers of both axes, and the lower axis itself. */
export function paintZoomedTicks(pen, plot) {
  const { left, right, top, bottom, xEnds, yEnds } = plot;
  for (const tick of heightTicks(plot)) {
    const y = plot.y(tick);
    const words = tickLabel(tick, yEnds[1] - yEnds[0]);
    if (y > top + 14) pen.text(words, left, y - 4, { align: "left" });
  }
  pen.line([left, bottom, right, bottom], { stroke: "threshold" });
  const span = xEnds[1] - xEnds[0];
  const half = 3.2 * tickLabel(xEnds[1], span).length; // of a label, in pixels
  const count = Math.max(1, (right - left) / (2 * half + 60));
  for (const tick of roundTicks(...xEnds, count)) {
    pen.text(tickLabel(tick, span), clamp(plot.x(tick), left + half, right - half), bottom + 18);
  }
}

/** A dashed upright line at a value on the x axis. */
export function paintUpright(pen, plot, value, top, bottom) {
  const x = plot.x(value);
  if (x >= plot.left && x <= plot.right) pen.line([x, top, x, bottom], { dash: [3, 3] });
}

/** Bars of equal width over `xEnds` from the line at 0, as one outline for `sign` 1 or -1. */
export function barOutline(plot, values, sign, xEnds) {
  const [left, right] = xEnds.map((value) => plot.x(value));
  const zero = plot.y(0);
  const places = [left, zero];
  values.forEach((value, i) => {
    const counts = sign * value > 0 && value < Infinity;
    const y = counts ? plot.y(clamp(value, ...plot.yEnds)) : zero;
    const [from, to] = [i, i + 1].map((k) => left + (k / values.length) * (right - left));
    places.push(from, y, to, y);
  });
  return [...places, right, zero];
}
