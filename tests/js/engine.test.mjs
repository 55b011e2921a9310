// js/engine: mathematics, numbers, outcomes.
import assert from "node:assert/strict";
import test from "node:test";
import { basins, gridOf, PASSES, placeNames } from "../../lrlib/widgets/js/engine/basins.js";
import { compile, openLandscape, unitNoise } from "../../lrlib/widgets/js/engine/landscape.js";
import {
  clamp, formatNumber, formatPlace, linspace, percentage, plural, roundTicks, steadyNumber,
} from "../../lrlib/widgets/js/engine/numbers.js";
import {
  BOUNDED, CONVERGED, DIVERGED, fateIndex, fateOf, KIND_NAMES, lastStep, makeFates, outcomeLabel,
  outcomeWords, PERIODIC,
} from "../../lrlib/widgets/js/engine/outcomes.js";
import { Runner } from "../../lrlib/widgets/js/engine/runner.js";
import { swarm } from "../../lrlib/widgets/js/engine/swarm.js";
import { DOUBLE_WELL, LIMITS, QUADRATIC, VALLEYS } from "./kit.mjs";

test("clamp, percentage, plural", () => {
  assert.deepEqual([-3, 0.5, 9].map((value) => clamp(value, 0, 1)), [0, 0.5, 1]);
  assert.deepEqual([0, 0.3335, 1].map(percentage), ["0 %", "33.4 %", "100 %"]);
  assert.deepEqual([0, 1, 2].map((n) => plural(n, "step")), ["0 steps", "1 step", "2 steps"]);
});

test("linspace ends where it should", () => {
  assert.deepEqual([...linspace(0, 0.3, 4)], [0, 0.09999999999999999, 0.19999999999999998, 0.3]);
  assert.deepEqual([...linspace(2, 9, 1)], [2]);
  assert.equal(linspace(-1, 1, 101)[50], 0);
});

test("ticks are round and inside", () => {
  assert.deepEqual(roundTicks(-2, 2, 4), [-2, -1, 0, 1, 2]);
  assert.deepEqual(roundTicks(0.03, 0.11, 4), [0.04, 0.06, 0.08, 0.1]);
  assert.deepEqual(roundTicks(3, 47, 5), [10, 20, 30, 40]);
});

test("numbers as a reader writes them", () => {
  const numbers = [0, 1.5, -0.0012, 123456, 5.8e-6, -2e9, Infinity];
  assert.deepEqual(numbers.map((value) => formatNumber(value)),
    ["0", "1.5", "−0.0012", "1.23 × 10⁵", "5.8 × 10⁻⁶", "−2 × 10⁹", "Infinity"]);
  assert.deepEqual([1.5, -0.0012, 5.8e-6].map((value) => steadyNumber(value)),
    ["1.50", "−0.00120", "5.8 × 10⁻⁶"]);
  assert.equal(formatPlace(-0.5, -1, 1), "−0.50");
  assert.equal(formatPlace(0.12345, 0, 0.01), "0.1235");
});

test("a text from Python is compiled once", () => {
  assert.equal(compile("((x) => 2 * x)")(3), 6);
  assert.equal(compile("({})"), compile("({})"));
  const { box, loss, gradient } = openLandscape(QUADRATIC);
  assert.deepEqual([box[0][1], loss(3), gradient(3)], [2, 4.5, 3]);
});

test("noise is kept while nothing that it depends on changes", () => {
  const asked = [];
  const noise = { uniform: (...given) => asked.push(given) && Float64Array.of(given[0]) };
  const first = unitNoise(noise, "uniform", 4, 10, 1);
  assert.equal(unitNoise(noise, "uniform", 4, 10, 1), first);
  assert.notEqual(unitNoise(noise, "uniform", 5, 10, 1), first);
  assert.deepEqual(asked, [[4, 0, 10, 1], [5, 0, 10, 1]]);
});

const MINIMA = [{ name: "wide" }, { name: "sharp" }];

test("every outcome has a label, a fate and words", () => {
  const outcomes = [
    { kind: CONVERGED, detail: 1, step: 1 },
    { kind: CONVERGED, detail: -1, step: 7 },
    { kind: PERIODIC, detail: 3, step: 9 },
    { kind: BOUNDED, detail: -1, step: 9 },
    { kind: DIVERGED, detail: 5, step: 5 },
  ];
  assert.deepEqual(outcomes.map((outcome) => outcomeLabel(outcome, MINIMA)),
    ["converged: sharp", "converged: unnamed point", "periodic: 3", "bounded", "diverged"]);
  assert.deepEqual(outcomes.map((outcome) => fateIndex(outcome, 2)), [1, 2, 3, 4, 5]);
  assert.deepEqual(outcomes.map((outcome) => fateOf(outcome, MINIMA).mark),
    ["elsewhere", "elsewhere", "periodic", "bounded", "diverged"]);
  assert.deepEqual(outcomes.map(lastStep), [1, 7, 9, 9, 4]);
  assert.deepEqual(outcomes.map(({ kind }) => KIND_NAMES[kind]),
    ["converged", "converged", "periodic", "bounded", "diverged"]);
  const say = { name: (i) => `the ${MINIMA[i].name}`, place: () => "0.3" };
  assert.deepEqual(outcomes.map((outcome) => outcomeWords(outcome, say)), [
    "reaches the sharp in 1 step", "settles at 0.3 in 7 steps", "period 3",
    "bounded, not settled after 9 steps", "diverges at step 5",
  ]);
  const ranged = outcomeWords(outcomes[3], { range: () => ": between 1 and 2" });
  assert.equal(ranged, "bounded, not settled after 9 steps: between 1 and 2");
});

test("fates are the minima and then what else can happen", () => {
  const fates = makeFates([...MINIMA, { name: "third" }, { name: "fourth" }]);
  assert.deepEqual(fates.map(({ colour }) => colour), [
    "descent", "stable", "trapped", "elsewhere", "elsewhere", "oscillating", "wandering",
    "unstable",
  ]);
  assert.equal(fates[0].verb, "reach the wide");
});

/** Outcome by `run` and by `fate`, which must be the same. */
function outcomeOf(landscape, start, lr, nSteps = 1000) {
  const runner = new Runner(openLandscape(landscape), nSteps, LIMITS);
  const quick = runner.fate([start], lr);
  const outcome = runner.run([start], lr);
  assert.deepEqual(quick, outcome);
  return outcomeLabel(outcome, landscape.minima);
}

test("the runner knows the four outcomes", () => {
  assert.equal(outcomeOf(QUADRATIC, 1.5, 0.5), "converged: the minimum");
  assert.equal(outcomeOf(QUADRATIC, 1.5, 2), "periodic: 2");
  assert.equal(outcomeOf(QUADRATIC, 1.5, 2.5), "diverged");
  assert.equal(outcomeOf(DOUBLE_WELL, 0.3, 0.5), "converged: right minimum");
  assert.equal(outcomeOf(DOUBLE_WELL, -0.3, 0.5), "converged: left minimum");
  assert.equal(outcomeOf(DOUBLE_WELL, 0, 0.5), "converged: unnamed point");
  assert.equal(outcomeOf(DOUBLE_WELL, 0.3, 1.9), "bounded");
});

test("a run keeps its orbit, and noise moves it", () => {
  const runner = new Runner(openLandscape(QUADRATIC), 3, LIMITS);
  runner.run([1], 0.5);
  assert.deepEqual([...runner.orbit], [1, 0.5, 0.25, 0.125]);
  runner.run([1], 0.5, { scale: 2, unit: Float64Array.of(1, 0, -1) });
  assert.deepEqual([...runner.orbit], [1, -0.5, -0.25, 0.875]);
});

test("basins come in passes, each of which counts all its starts", () => {
  const about = { landscape: VALLEYS, limits: LIMITS, nSteps: 300, lr: 0.3 };
  const all = [...basins({ ...about, finest: 100, view: VALLEYS.box, frozen: [] })];
  const passes = all.filter(Boolean);
  assert.deepEqual(passes.map(({ n }) => n), PASSES.slice(0, 2));
  assert.equal(all.findIndex(Boolean), 0); // the first without a rest
  for (const { n, tally, counts, fates } of passes) {
    assert.deepEqual(tally, [n * n / 2, n * n / 2, 0, 0, 0, 0]);
    assert.deepEqual(counts, { "converged: left": n * n / 2, "converged: right": n * n / 2 });
    assert.deepEqual([fates[0], fates[n - 1]], [1, 0]);
  }
});

test("a part of the plane has the fates of its starts", () => {
  const view = [[-1, -0.5], [0, 1]];
  const about = { landscape: VALLEYS, limits: LIMITS, nSteps: 300, lr: 0.3, finest: 50 };
  const [{ counts }] = [...basins({ ...about, view, frozen: [] })].filter(Boolean);
  assert.deepEqual(counts, { "converged: left": 2500 });
});

test("the later a start is decided, the more of its colour is seen", () => {
  const n = 2;
  const depths = Float32Array.of(3, 30, 7, 7);
  const fates = Uint8Array.of(0, 0, 1, 1);
  const { columns, ink, share } = gridOf({ n, fates, depths }, 2);
  assert.deepEqual([columns, ink], [2, fates]);
  assert.ok(share[0] < 0.3 * 255 && share[1] === 255);
  assert.deepEqual([share[2], share[3]], [255, 255]); // all at the same step
});

test("names stand in the middle of what they name, away from what is in the way", () => {
  const n = 50;
  const fates = Uint8Array.from({ length: n * n }, (_, k) => (k % n < 20 ? 1 : 0));
  const [right, left, none] = placeNames({ n, fates }, 3, []);
  assert.ok(right.x > 0.5 && left.x < 0.35 && none.depth === 0);
  const [moved] = placeNames({ n, fates }, 3, [[right.x, right.y]]);
  assert.ok(Math.hypot(moved.x - right.x, moved.y - right.y) > 0.05);
});

test("a swarm is its runs, and rests now and then", () => {
  const noise = "({ uniform: (seed, run, n) => new Float64Array(n).fill(run ? -1 : 1) })";
  const job = { landscape: QUADRATIC, limits: LIMITS, noise, seed: 0, start: 1 };
  const passes = [...swarm({ ...job, lr: 0.5, sigma: 0.25, runs: 200, n: 2 })];
  assert.deepEqual(passes.slice(0, -1), [null, null]);
  const { rows } = passes.at(-1);
  assert.equal(rows.length, 200);
  assert.deepEqual([...rows[0]], [1, 0.25, -0.125]);
  assert.deepEqual([...rows[1]], [1, 0.75, 0.625]);
});
