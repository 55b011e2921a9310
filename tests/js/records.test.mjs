// Recorded runs as pages carry them; the areas, bars and rasters of fates.
import assert from "node:assert/strict";
import test from "node:test";
import { box, eachPair, paintFates } from "../../lrlib/widgets/js/draw/fates.js";
import { gridOf } from "../../lrlib/widgets/js/engine/basins.js";
import { sortedEnds } from "../../lrlib/widgets/js/engine/ensemble.js";
import { HEIGHTS, openRecord, valueAt } from "../../lrlib/widgets/js/engine/records.js";

test("a record is opened with its steps and the ends of its panels", () => {
  const run = { seed: 0, edge: [0, [0.5, 1]], loss: [0, [1, Math.E]], w1: [0, [4, 5]] };
  const record = { ceiling: 3, runs: [run], authors: [] };
  const panels = [{ keys: ["edge"] }, { keys: ["loss"] }, { keys: ["w1", "w2"] }];
  const { runs, ranges } = openRecord(record, [[0, 10]], panels);
  assert.deepEqual(runs[0].loss, [[0, 10], [1, Math.E]]);
  assert.equal(runs[0].seed, 0);
  assert.deepEqual(ranges, [[0, 3], [0, 1], [0.97, 1.25]]);
  assert.equal(HEIGHTS.w2(6, 4), 1.5);
  assert.equal(valueAt(runs[0].edge, 7), 1);
});

test("sorted fates lie side by side, and those of no start nowhere", () => {
  assert.deepEqual(sortedEnds({ n: 4, tally: [1, 0, 3] }), [[0, 0.25], [], [0.25, 1]]);
});

test("the raster of a basin is the fainter the sooner a start was decided", () => {
  const found = { n: 2, fates: new Uint8Array(4), steps: Uint16Array.of(0, 10, 399, 9999) };
  const { columns, rows, ink, share } = gridOf(found);
  assert.deepEqual([columns, rows, ink], [2, 2, found.fates]);
  assert.ok(share[0] < share[1] && share[1] < share[2]);
  assert.equal(share[2], share[3]);
});

test("only fates with corners are painted", () => {
  const areas = [];
  const pen = { area: (corners, style) => areas.push({ corners, ...style }) };
  const places = (fate) => (fate ? [] : eachPair([0, 1, 2, 3], (from, to) => box(from, 0, to, 5)));
  paintFates(pen, { landscape: { minima: [{ name: "low" }] } }, places, 0.5);
  assert.equal(areas.length, 1);
  const [{ alpha, corners, fill }] = areas;
  assert.deepEqual([alpha, fill, corners.length], [0.5, "descent", 20]);
  assert.deepEqual(corners.slice(10, 18), [2, 0, 3, 0, 3, 5, 2, 5]);
});
