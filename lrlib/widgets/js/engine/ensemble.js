// An ensemble of starts on a line: their fates at one learning rate, and the shares at many.

import { openLandscape } from "./landscape.js";
import { coarseToFine, linspace } from "./numbers.js";
import { fateIndex, makeFates, outcomeLabel } from "./outcomes.js";
import { Runner } from "./runner.js";

const COLUMNS = 121; // learning rates of the scan, equal steps of their logarithm
const STARTS = 200; // at each of them
const REST = 20; // starts after which a worker may look for a newer job
const NEWS = 16; // columns after which a page hears of them

/** The fates of `n` equally spaced starts: {n, lr, interval, fates, tally, counts}. */
export function ensembleOf(runner, interval, n, lr) {
  const { minima } = runner.landscape;
  const starts = linspace(...interval, n);
  const found = { n, lr, interval, fates: new Uint8Array(n), counts: {} };
  found.tally = makeFates(minima).map(() => 0);
  starts.forEach((start, i) => {
    const outcome = runner.fate([start], lr);
    const fate = fateIndex(outcome, minima.length);
    const label = outcomeLabel(outcome, minima);
    found.fates[i] = fate;
    found.tally[fate]++;
    found.counts[label] = (found.counts[label] ?? 0) + 1;
  });
  return found;
}

/**
 * Per fate the ends [from, to, from, to, ...] of the stretches in which it stands alone, in shares
 * of the whole; of more than `cells` fates as many are looked at.
 */
export function stretchesOf(fates, kinds, cells = fates.length) {
  const stretches = Array.from({ length: kinds }, () => []);
  const n = Math.min(fates.length, Math.max(1, Math.floor(cells)));
  const at = (i) => fates[Math.floor(((i + 0.5) * fates.length) / n)];
  let from = 0;
  for (let i = 1; i <= n; i++) {
    if (i < n && at(i) === at(from)) continue;
    stretches[at(from)].push(from / n, i / n);
    from = i;
  }
  return stretches;
}

/** Where each fate begins and ends in the sorted bar, in shares of it: [from, to]. */
export function sortedEnds({ n, tally }) {
  let from = 0;
  return tally.map((count) => {
    const ends = count ? [from / n, (from + count) / n] : [];
    from += count;
    return ends;
  });
}

/** What a worker has of the newest scan: another learning rate does not begin it again. */
const scan = { about: "", range: "", queue: [], columns: [] };

/** Of another interval the columns are wrong, but near: they stay until they are replaced. */
function beginScan(about, range) {
  if (scan.range !== range) scan.columns = Array(COLUMNS).fill(null);
  if (scan.about !== about) scan.queue = coarseToFine(COLUMNS);
  Object.assign(scan, { about, range });
}

/**
 * Yields the ensemble at `lr`, whole and at once, with the `columns` of the scan as they are,
 * and again as they become known: shares of the fates at each learning rate, null where unknown.
 */
export function* outcomeScan({ landscape: description, limits, nSteps, lr, interval, n, lrRange }) {
  const landscape = openLandscape(description);
  const runner = new Runner(landscape, nSteps, limits);
  const about = [description.javascript, nSteps, lrRange];
  beginScan(JSON.stringify([...about, interval]), JSON.stringify(about));
  const found = ensembleOf(runner, interval, n, lr);
  yield { ...found, columns: scan.columns };
  const [low, high] = lrRange;
  const starts = linspace(...interval, STARTS);
  while (scan.queue.length) {
    const column = scan.queue[0];
    const rate = low * (high / low) ** (column / (COLUMNS - 1));
    const shares = makeFates(landscape.minima).map(() => 0);
    for (let i = 0; i < STARTS; i++) {
      const fate = fateIndex(runner.fate([starts[i]], rate), landscape.minima.length);
      shares[fate] += 1 / STARTS;
      if (i % REST === REST - 1) yield null;
    }
    scan.columns[column] = shares;
    scan.queue.shift();
    if (scan.queue.length % NEWS === 0) yield { ...found, columns: scan.columns };
  }
}
