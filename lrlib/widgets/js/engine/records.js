// Recorded runs, as a page carries them: series of several seeds with steps in common.

import { nearest } from "./numbers.js";

/** What is drawn of a value: norms as shares of the first. */
export const HEIGHTS = { edge: (v) => v, loss: Math.log, w1: (v, first) => v / first };
HEIGHTS.w2 = HEIGHTS.w1;
const NORMS = [0.97, 1.03]; // the panel of norms shows at least this much around the start

/** Ends of a panel, the same for all learning rates of a network. */
function rangeOf({ keys }, { ceiling }, runs) {
  if (keys.includes("edge")) return [0, ceiling];
  const heights = runs.flatMap((run) => keys.flatMap((key) => (
    run[key]?.[1].map((value) => HEIGHTS[key](value, run[key][1][0])) ?? [])));
  const ends = [...heights, ...(keys.includes("w1") ? NORMS : [])];
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  return [low, high > low ? high : low + 1];
}

/** A record, its series opened to [steps, values], with the ends of all panels. */
export function openRecord(record, grids, panels) {
  const series = (value) => (Array.isArray(value) ? [grids[value[0]], value[1]] : value);
  const open = (run) => Object.fromEntries(
    Object.entries(run).map(([key, value]) => [key, series(value)]));
  const [runs, authors] = [record.runs, record.authors].map((some) => some.map(open));
  const ranges = panels.map((panel) => rangeOf(panel, record, [...runs, ...authors]));
  return { ...record, runs, authors, ranges };
}

/** The number of a series at the step that is nearest. */
export const valueAt = ([steps, values], step) => values[nearest(steps, step)];
