// Intervals inside limits: what a view that zooms shows of an axis.

import { clamp } from "./numbers.js";

const NARROWEST = 1e-9; // doubles of size 1 have 1e-16 between them, and a picture 1e3 columns

/** Both ends moved into [low, high], the width kept where it fits; twelve digits, for links. */
export function fitted(from, to, { low, high }) {
  const width = clamp(to - from, NARROWEST, high - low);
  const left = clamp(from, low, high - width);
  return [left, left + width].map((end) => +clamp(end, low, high).toPrecision(12));
}

/** Both ends drawn towards `centre`, or away from it where `factor` is above 1. */
export const scaled = ([from, to], centre, factor) => (
  [centre - factor * (centre - from), centre + factor * (to - centre)]);

/** Moved by a share of its width. */
export const shifted = ([from, to], share) => (
  [from + share * (to - from), to + share * (to - from)]);
