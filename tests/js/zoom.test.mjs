// Views that zoom, long runs, and pointers: node --test tests/js/*.test.mjs
import assert from "node:assert/strict";
import test from "node:test";
import { Plot } from "../../lrlib/widgets/js/draw/plot.js";
import { paintRasters } from "../../lrlib/widgets/js/draw/rasters.js";
import { SvgPen } from "../../lrlib/widgets/js/draw/svg_pen.js";
import {
  barOutline, paintHeightRules, paintUpright, paintZoomedTicks, tickLabel,
} from "../../lrlib/widgets/js/draw/zoomed.js";
import { fitted, scaled, shifted } from "../../lrlib/widgets/js/engine/interval.js";
import { openLandscape } from "../../lrlib/widgets/js/engine/landscape.js";
import { exponentOf, scan, stays } from "../../lrlib/widgets/js/engine/longrun.js";
import { StandInDocument } from "../../lrlib/widgets/js/node_dom.js";
import { makeControls } from "../../lrlib/widgets/js/ui/controls.js";
import { checkState } from "../../lrlib/widgets/js/ui/link.js";
import { followPointer } from "../../lrlib/widgets/js/ui/pointer.js";
import { RecordingPen } from "./kit.mjs";

const limits = { low: 0.8, high: 2 };
const margins = { left: 10, right: 10, top: 10, bottom: 30 };
const plot = new Plot({ width: 220, height: 140 }, { x: [1, 2], y: [-1, 1], margins });

test("an interval is moved into its limits with its width", () => {
  assert.deepEqual(fitted(0.7, 1.1, limits), [0.8, 1.2]);
  assert.deepEqual(fitted(1.9, 2.1, limits), [1.8, 2]);
  assert.deepEqual(fitted(-Infinity, Infinity, limits), [0.8, 2]);
  const [low, high] = fitted(1.5, 1.5, limits);
  assert.ok(low < high && high - low < 1.1e-9);
});

test("an interval is scaled about a place and moved by its width", () => {
  assert.deepEqual(scaled([1, 2], 1.5, 0.5), [1.25, 1.75]);
  assert.deepEqual(scaled([1, 2], 1, 2), [1, 3]);
  assert.deepEqual(shifted([1, 3], 0.25), [1.5, 3.5]);
});

test("ticks have the decimals that the view needs", () => {
  assert.equal(tickLabel(-1, 3), "−1.0");
  assert.equal(tickLabel(1.43, 0.07), "1.430");
  assert.equal(tickLabel(1.5, 1e-30), "1.500000000000");
});

test("a raster of another part is stretched into the view, and clipped there", () => {
  const pen = new RecordingPen(220, 140);
  paintRasters(pen, plot, ["grid"], [["noise"]], [0.5, 2.5], [-3, 1]);
  paintRasters(pen, plot, ["grid"], [["noise"]], [-1e9, 1e9], [-1, 1]); // too far away
  assert.deepEqual(pen.calls, [
    ["within", 10, 10, 200, 100],
    ["raster", "grid", ["noise"], -90, 10, 400, 200],
  ]);
});

test("an upright line is drawn only where the view has it", () => {
  const pen = new RecordingPen(220, 140);
  paintUpright(pen, plot, 1.5, 0, 9);
  paintUpright(pen, plot, 2.5, 0, 9);
  assert.deepEqual(pen.all("line").map(([places]) => places), [[110, 0, 110, 9]]);
});

test("tick labels stay in the picture", () => {
  const pen = new RecordingPen(220, 140);
  paintZoomedTicks(pen, plot);
  const below = pen.all("text").filter(([, , y]) => y > plot.bottom);
  assert.ok(below.length >= 2);
  for (const [words, x] of below) {
    const half = 3.2 * words.length;
    assert.ok(x - half >= plot.left - 1e-9 && x + half <= plot.right + 1e-9, words);
  }
});

test("faint rules are at the heights that have numbers", () => {
  const pen = new RecordingPen(220, 140);
  paintHeightRules(pen, plot);
  const heights = pen.all("line").map(([places]) => places[1]);
  assert.deepEqual(heights, [-1, -0.5, 0, 0.5, 1].map((value) => plot.y(value)));
  assert.ok(pen.all("line").every(([, { stroke }]) => stroke === "rule"));
});

test("bars of one sign are one outline from the line at 0", () => {
  const places = barOutline(plot, [0.5, -0.5, Infinity, -Infinity], 1, [1, 2]);
  assert.deepEqual(places.slice(0, 6), [10, 60, 10, 35, 60, 35]);
  assert.ok(places.slice(6).every((value, i) => i % 2 === 0 || value === 60));
  const under = barOutline(plot, [0.5, -0.5, Infinity, -Infinity], -1, [1, 2]);
  assert.deepEqual(under.filter((_, i) => i % 2), [60, 60, 60, 85, 85, 60, 60, 110, 110, 60]);
});

// gradient descent on theta^4 / 4 - theta^2 / 2: two minima, and cycles beyond lr = 1
const LANDSCAPE = {
  dim: 1,
  javascript: `{
    hessian: (theta) => 3 * theta * theta - 1,
    descend(rows, n, lr, scale, unit, bound) {
      for (let t = 0; t < n; t++) {
        const theta = rows[t];
        rows[t + 1] = theta - lr * (theta * theta * theta - theta);
        if (!(Math.abs(rows[t + 1]) <= bound)) return t + 1;
      }
      return 0;
    },
  }`,
};
const JOB = {
  landscape: LANDSCAPE,
  limits: { bound: 1e6, settled: 0 },
  nSteps: 400,
  keep: 50,
  start: 0.5,
  lrs: [0.5, 1.5],
  thetas: [-2, 2], // rows of a tenth
  grid: { columns: 20, rows: 40 },
};

test("the exponent of a fixed point is the logarithm of its multiplier", () => {
  const orbit = new Float64Array(100).fill(1);
  assert.ok(Math.abs(exponentOf({ hessian: () => 2 }, orbit, 0.75, 40) - Math.log(0.5)) < 1e-12);
});

test("an orbit is filled to its end, and whether it stays is said", () => {
  const landscape = openLandscape(LANDSCAPE);
  const orbit = new Float64Array(400);
  assert.ok(stays(landscape, orbit, 0.5, 0.5, JOB.limits));
  assert.ok(Math.abs(orbit.at(-1) - 1) < 1e-9);
  assert.ok(!stays(landscape, orbit, 0.5, 7, JOB.limits));
});

test("a scan comes coarse to fine, and its first pass in one piece", () => {
  const passes = [...scan(JOB)];
  assert.ok(passes[0]);
  const found = passes.filter(Boolean);
  assert.deepEqual(found.map(({ columns }) => columns), [3, 10, 20]);
  assert.equal(passes.filter((pass) => !pass).length, 30);
  for (const { columns, rows, shares, exponents } of found) {
    assert.equal(exponents.length, columns);
    for (const share of shares) assert.equal(share.length, columns * rows);
  }
});

test("a scan marks the minima of both starts, and the cycle beyond", () => {
  const { columns, rows, shares, exponents } = [...scan(JOB)].at(-1);
  const marked = (share, i) => Array.from({ length: rows }, (_, j) => j)
    .filter((j) => share[j * columns + i]);
  const row = (theta) => Math.floor((theta + 2) * 10);
  assert.deepEqual(marked(shares[0], 3), [row(1.05)]);
  assert.deepEqual(marked(shares[1], 3), [row(-0.95)]);
  assert.equal(marked(shares[0], 13).length, 2); // lr = 1.175: period 2
  assert.ok(exponents[3] < 0 && exponents[13] < 0);
});

test("an orbit that leaves has no iterates and an infinite exponent", () => {
  const { shares, exponents } = [...scan({ ...JOB, lrs: [6, 8] })].at(-1);
  assert.ok(exponents.every((value) => value === Infinity));
  assert.ok(shares.every((share) => share.every((value) => value === 0)));
});

test("empty cells of a raster cost nothing, and columns are strokes where that is shorter", () => {
  const grid = { columns: 3, rows: 3, share: Uint8Array.of(255, 0, 0, 255, 0, 0, 255, 0, 128) };
  const pen = new SvgPen(30, 30);
  pen.raster({ ...grid, levels: 2 }, ["noise"], 0, 0, 30, 30);
  const svg = pen.svg("lr-wide");
  assert.match(svg, /translate\(\.5 0\)/);
  assert.match(svg, /d="M0 0v3" stroke="var\(--w-noise\)"\/>/);
  assert.match(svg, /d="M2 0v1" stroke="var\(--w-noise\)" opacity="0.5"/);
  assert.equal(svg.match(/<path/g).length, 2);
});

test("an interval has a key for each end, which must not cross", () => {
  globalThis.document = new StandInDocument();
  const declared = { name: "view", kind: "interval", label: "", keys: ["low", "high"], ...limits };
  const [control] = makeControls([declared], () => {}, () => {});
  const { fields } = control;
  assert.deepEqual(fields.map(({ key, index }) => [key, index]), [["low", 0], ["high", 1]]);
  const now = { low: 0.9, high: 1.5 };
  assert.deepEqual(checkState([["low", "1.2"]], [control], now).values, { low: 1.2 });
  const crossed = checkState([["low", "1.7"]], [control], now);
  assert.deepEqual(crossed.values, {});
  assert.deepEqual(crossed.complaints, ["low = 1.7 and high = 1.5 (allowed is low below high)"]);
});

/** A node under a hand: `events` are [kind, x, y]; gives what the listener was told. */
function told(events, pointerType, takes = true, free = false) {
  const seen = [];
  const node = {
    getBoundingClientRect: () => ({ left: 0, top: 0 }),
    setPointerCapture() {},
  };
  const note = (name) => () => seen.push(name);
  const names = ["drag", "drop", "cancel", "tap", "hover", "leave"];
  const on = { takes: () => takes, ...Object.fromEntries(names.map((name) => [name, note(name)])) };
  followPointer(node, on, node, free);
  for (const [kind, clientX, clientY] of events) {
    node[`onpointer${kind}`]({ clientX, clientY, pointerType, pointerId: 1, button: 0 });
  }
  return seen;
}

const DOWN = ["down", 50, 50];

test("a finger that scrolls neither drags nor taps", () => {
  assert.deepEqual(told([DOWN, ["move", 52, 70], ["cancel", 52, 70]], "touch"), []);
  const turned = [DOWN, ["move", 52, 70], ["move", 99, 72], ["up", 99, 72]];
  assert.deepEqual(told(turned, "touch"), []);
});

test("a finger that goes sideways drags, one that stays taps", () => {
  const sideways = [DOWN, ["move", 70, 52], ["move", 90, 99], ["up", 90, 99]];
  assert.deepEqual(told(sideways, "touch"), ["drag", "drag", "drop"]);
  assert.deepEqual(told(sideways, "touch", false), []);
  assert.deepEqual(told([DOWN, ["move", 52, 53], ["up", 52, 53]], "touch"), ["tap"]);
});

test("a drag that the browser takes for a scroll is taken back", () => {
  const sideways = [DOWN, ["move", 70, 52], ["cancel", 70, 52], ["move", 90, 52]];
  assert.deepEqual(told(sideways, "touch"), ["drag", "cancel"]);
});

test("on what does not scroll a finger drags in every direction", () => {
  const down = [DOWN, ["move", 52, 70], ["up", 52, 70]];
  assert.deepEqual(told(down, "touch", true, true), ["drag", "drop"]);
});

test("a mouse hovers, drags in every direction, and clicks where nothing is taken", () => {
  assert.deepEqual(told([["move", 1, 1], ["leave", 1, 1]], "mouse"), ["hover", "leave"]);
  const down = [DOWN, ["move", 52, 70], ["up", 52, 70]];
  assert.deepEqual(told(down, "mouse"), ["drag", "drop"]);
  assert.deepEqual(told(down, "mouse", false), ["tap"]);
});
