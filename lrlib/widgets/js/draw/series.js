// Numbers against the step, and which steps of an orbit are shown how.

import { clamp } from "../engine/numbers.js";

const SHOWN = 400; // iterates drawn at most, the newest

/** The steps to draw when `until` is the newest. */
export const shownSteps = (until) => ({ from: Math.max(1, until - SHOWN + 1), until });

/** From faint (old) to solid (newest). */
export function ages({ from, until }, faintest) {
  return Float64Array.from({ length: Math.max(0, until - from + 1) }, (_, i) => (
    faintest + (1 - faintest) * ((i + 1) / (until - from + 1)) ** 2));
}

/** Shares of the height on a log scale that holds all `values`. */
function logShare(values) {
  const high = values.reduce((a, b) => (b > a && b < Infinity ? b : a), 1e-12);
  const least = values.reduce((a, b) => (b > 0 && b < a ? b : a), high / 10);
  const low = Math.max(high * 1e-24, least);
  return (value) => Math.log(Math.max(value, low) / low) / Math.log(high / low);
}

/** The same on a linear scale, up to a few times `level`; what is far above ends at the top. */
function levelShare(values, level) {
  const finite = values.filter(Number.isFinite);
  const highest = finite.reduce((a, b) => Math.max(a, b), level);
  const low = finite.reduce((a, b) => Math.min(a, b), highest / 10);
  const high = Math.min(highest, 4 * level) * 1.06;
  return (value) => clamp((value - low) / (high - low), 0, 1.02);
}

/**
 * One number for each step as dots, on a log scale or around a `level`, {value, name}: a dashed
 * line. Old steps, which the picture hides, are faint.
 */
export function paintSeries(pen, values, { from }, style) {
  const { colour, name, level = null, inset = 12, faintest = 0.6 } = style;
  const until = values.length - 1;
  const right = pen.width - inset;
  const share = level ? levelShare(values, level.value) : logShare(values);
  const x = (t) => inset + (t / Math.max(until, 12)) * (right - inset);
  const y = (value) => pen.height - 8 - share(value) * (pen.height - 32);
  const places = values.flatMap((value, t) => (
    Number.isFinite(value) ? [x(t), y(value)] : [NaN, NaN]));
  const height = level && y(level.value);
  if (level) {
    const dashed = { stroke: "threshold", width: 1.2, dash: [4, 4] };
    pen.line([inset, height, right, height], dashed);
  }
  const fresh = ages({ from, until }, faintest);
  const alpha = values.map((_, t) => (t < from ? 0.3 : fresh[t - from]));
  const small = until > 150 ? 1.3 : 2.4;
  pen.dots(places.slice(0, -2), { radius: small, fill: colour, alpha });
  pen.dots(places.slice(-2), { radius: 3.6, fill: colour });
  if (level) pen.text(level.name, right, height - 5, { align: "right" });
  pen.text(name, inset, 14, { align: "left" });
  pen.text(`step ${until}`, right, 14, { align: "right" });
}
