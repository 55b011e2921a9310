// What several seeds, many starts and all cells of a map become in a picture.

import assert from "node:assert/strict";
import { test } from "node:test";
import { box, eachPair, paintFates } from "../../lrlib/widgets/js/draw/fates.js";
import { sortedEnds } from "../../lrlib/widgets/js/engine/ensemble.js";
import { HEIGHTS, openRecord, valueAt } from "../../lrlib/widgets/js/engine/records.js";

test("fates lie one after the other in the sorted bar", () => {
  assert.deepEqual(sortedEnds({ n: 4, tally: [1, 0, 3] }), [[0, 0.25], [], [0.25, 1]]);
});

test("each pair of ends gives a rectangle, and only fates that have one are painted", () => {
  const areas = [];
  const pen = { area: (corners, style) => areas.push([corners, style]) };
  const places = (fate) => (fate ? [] : eachPair([0, 1], (from, to) => box(from, 2, to, 3)));
  paintFates(pen, { landscape: { minima: [] } }, places);
  assert.equal(areas.length, 1);
  const [[corners, { alpha }]] = areas;
  assert.deepEqual(corners.slice(0, 8), [0, 2, 1, 2, 1, 3, 0, 3]);
  assert.equal(alpha, 1);
});

test("a record is opened: steps in common, and ends of each panel over all runs", () => {
  const run = (values) => ({ lr: 1, loss: [0, values], w1: [0, values] });
  const record = { ceiling: 2, runs: [run([1, 2])], authors: [run([4, 8])] };
  const panels = [{ keys: ["edge"] }, { keys: ["loss"] }, { keys: ["w1"] }];
  const { runs: [{ loss }], ranges } = openRecord(record, [[0, 10]], panels);
  assert.deepEqual(loss, [[0, 10], [1, 2]]);
  assert.deepEqual(ranges, [[0, 2], [0, Math.log(8)], [0.97, 2]]);
  assert.equal(valueAt(loss, 8), 2);
  assert.equal(HEIGHTS.w2(6, 3), 2);
});
