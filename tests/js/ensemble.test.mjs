// The parts of the kit that OutcomeBars and RunExplorer brought.
import assert from "node:assert/strict";
import test from "node:test";
import { paintAxis, paintCurve, underCurve } from "../../lrlib/widgets/js/draw/curve.js";
import { HATCH_SIZE, hatchPath } from "../../lrlib/widgets/js/draw/hatch.js";
import { CanvasPen } from "../../lrlib/widgets/js/draw/pen.js";
import { Plot } from "../../lrlib/widgets/js/draw/plot.js";
import { SvgPen } from "../../lrlib/widgets/js/draw/svg_pen.js";
import { ensembleOf, outcomeScan, stretchesOf } from "../../lrlib/widgets/js/engine/ensemble.js";
import { openLandscape } from "../../lrlib/widgets/js/engine/landscape.js";
import { coarseToFine, nearest } from "../../lrlib/widgets/js/engine/numbers.js";
import { makeFates } from "../../lrlib/widgets/js/engine/outcomes.js";
import { Runner } from "../../lrlib/widgets/js/engine/runner.js";
import { StandInDocument } from "../../lrlib/widgets/js/node_dom.js";
import { makeControls } from "../../lrlib/widgets/js/ui/controls.js";
import { StartsControl } from "../../lrlib/widgets/js/ui/interval_of_starts.js";
import { legend } from "../../lrlib/widgets/js/ui/legend.js";
import { StopControl } from "../../lrlib/widgets/js/ui/stop.js";

const margins = { left: 10, right: 10, top: 0, bottom: 20 };
const LIMITS = { bound: 1e6, settled: 1e-9, window: 64, maxPeriod: 32, near: 1e-3 };

// x^2 / 2: converges below 2, has period 2 there, diverges above it
const BOWL = {
  name: "bowl",
  coordinates: ["x"],
  box: [[-2, 2]],
  minima: [{ name: "minimum", lower: [0], upper: [0] }],
  javascript: `(() => {
    const report = { settled: 0 };
    const descend = (rows, n, lr, scale, unit, bound, pull) => {
      report.settled = 0;
      for (let t = 0; t < n; t++) {
        if (Math.abs(rows[t]) > pull) report.settled = t + 1;
        rows[t + 1] = rows[t] - lr * rows[t];
        if (!(Math.abs(rows[t + 1]) <= bound)) return t + 1;
      }
      return 0;
    };
    return { dim: 1, loss: (x) => x * x / 2, gradient: (x) => x, descend, report };
  })()`,
};

const job = (changes) => ({
  landscape: BOWL, limits: LIMITS, nSteps: 600, lr: 0.5, interval: [-1, 1.5], n: 40,
  lrRange: [0.5, 4], ...changes,
});
const passes = (changes) => [...outcomeScan(job(changes))].filter(Boolean);

test("every beginning of an order from coarse to fine is spread", () => {
  assert.deepEqual(coarseToFine(6), [0, 4, 2, 1, 3, 5]);
  const all = [...coarseToFine(121)].sort((a, b) => a - b);
  assert.deepEqual(all, Array.from({ length: 121 }, (_, i) => i));
});

test("the nearest number, the first where two are", () => {
  assert.equal(nearest([0, 30, 60], 44), 1);
  assert.equal(nearest([0, 30, 60], 45), 1);
  assert.equal(nearest([0, 30, 60], -9), 0);
});

test("the first pass has all starts, the last all shares", () => {
  const all = passes({});
  const [first] = all;
  assert.equal(first.n, 40);
  assert.deepEqual(first.counts, { "converged: minimum": 40 });
  assert.deepEqual(first.tally, [40, 0, 0, 0, 0]);
  const { columns } = all.at(-1);
  assert.equal(columns.length, 121);
  for (const shares of columns) {
    assert.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 1e-12);
  }
  const largest = (shares) => shares.indexOf(Math.max(...shares));
  assert.equal(largest(columns[0]), 0); // 0.5 converges
  assert.equal(largest(columns[80]), 2); // 2 has period 2
  assert.equal(largest(columns[120]), 4); // 4 diverges
});

test("an ensemble has a fate for each start", () => {
  const runner = new Runner(openLandscape(BOWL), 600, LIMITS);
  const found = ensembleOf(runner, [0, 1], 3, 2);
  assert.deepEqual([...found.fates], [0, 2, 2]); // the start at the minimum stays
  assert.deepEqual(found.counts, { "converged: minimum": 1, "periodic: 2": 2 });
  assert.deepEqual([found.n, found.lr, found.interval], [3, 2, [0, 1]]);
});

test("another learning rate keeps the scan, another interval begins it again", () => {
  passes({});
  const kept = passes({ lr: 3 });
  assert.equal(kept.length, 1);
  assert.equal(kept[0].counts.diverged, 40);
  assert.ok(kept[0].columns.every(Boolean));
  const again = passes({ interval: [0.5, 1] });
  assert.ok(again.length > 5);
  assert.ok(again[0].columns.every(Boolean), "the old columns stay until they are replaced");
  assert.ok(passes({ lrRange: [0.5, 3] }).length > 5);
});

test("stretches of one fate", () => {
  assert.deepEqual(stretchesOf([2, 2, 0, 2], 3), [[0.5, 0.75], [], [0, 0.5, 0.75, 1]]);
  assert.deepEqual(stretchesOf([2, 2, 0, 2], 3, 2), [[], [], [0, 1]]); // looks at two of four
});

test("every hatch of a fate has marks, or is plain", () => {
  const minima = ["a", "b", "c", "d", "e"].map((name) => ({ name }));
  for (const { hatch } of makeFates(minima)) {
    assert.ok(hatch === "plain" || hatchPath(hatch, HATCH_SIZE), hatch);
  }
  const kinds = makeFates(minima.slice(0, 3)).map(({ hatch }) => hatch);
  assert.equal(new Set(kinds).size, kinds.length);
});

test("a hatch repeats: twice the square has four times the dots", () => {
  assert.equal(hatchPath("plain", 7), "");
  assert.equal(hatchPath("level", 14), "M0 3.5h14M0 10.5h14");
  const dots = (size) => hatchPath("dots", size).match(/M/g).length;
  assert.equal(dots(2 * HATCH_SIZE), 4 * dots(HATCH_SIZE));
});

test("the region under a curve ends on it", () => {
  const plot = new Plot({ width: 220, height: 120 }, { x: [0, 1], y: [0, 1], margins });
  const outline = plot.graph((x) => x);
  const places = underCurve(outline, 60.2, 61.9, 110);
  const corners = places.flatMap((x, i) => (i % 2 ? [] : [[x, places[i + 1]]]));
  assert.deepEqual([corners[0], corners.at(-1)], [[60.2, 110], [61.9, 110]]);
  assert.deepEqual(corners.slice(2, -2).map(([x]) => x), [60.5, 61, 61.5]);
  for (const [x, y] of corners.slice(1, -1)) assert.ok(Math.abs(y - plot.y(plot.atX(x))) < 1e-9);
  const whole = underCurve(outline, plot.left, plot.right, 110);
  assert.ok(whole.every(Number.isFinite));
});

test("a curve and its axis can be painted apart", () => {
  const scene = {
    landscape: { loss: (x) => x * x }, get: () => "linear",
  };
  const pen = new SvgPen(220, 120);
  const plot = new Plot(pen, { x: [-1, 1], y: [0, 1], margins });
  assert.deepEqual(paintCurve(pen, plot, scene, 110), plot.graph((x) => x * x));
  paintAxis(pen, plot, 110);
  const svg = pen.svg("lr-wide");
  assert.match(svg, /fill="var\(--w-wash\)"/);
  assert.match(svg, />0.5<.*>−1</); // heights, then places
});

test("the poster's pen writes each hatch once, with the drawing's name", () => {
  const pen = new SvgPen(100, 50, "bars-0w");
  const box = (x) => [x, 0, x + 10, 0, x + 10, 9, x, 9];
  pen.area(box(0), { fill: "flow", hatch: "rising" });
  pen.area(box(20), { fill: "flow", hatch: "rising", alpha: 0.5 });
  pen.area([...box(40), NaN, NaN, 60, 0, 60.1, 0, 60.1, 9, 60, 9], { fill: "descent" });
  const svg = pen.svg("lr-wide");
  assert.equal(svg.match(/<pattern /g).length, 1);
  assert.equal(svg.match(/url\(#bars-0w0\)/g).length, 2);
  assert.match(svg, /d="M80 0h20v18h-20" fill="var\(--w-descent\)"/); // the thin one is left out
});

test("the canvas's pen makes each hatch once for a palette", () => {
  const made = [];
  globalThis.Path2D = class {};
  globalThis.DOMMatrix = class {
    scale() {
      return this;
    }
  };
  const context = new Proxy({}, { get: (own, name) => own[name] ?? (() => {}) });
  globalThis.OffscreenCanvas = class {
    getContext() {
      return context;
    }
  };
  context.createPattern = (tile) => {
    made.push(tile);
    return { setTransform() {} };
  };
  const pen = new CanvasPen(context, 100, 50, { flow: "green", paper: "white" });
  for (const hatch of ["rising", "rising", "plain", "dots"]) {
    pen.area([0, 0, 9, 0, 9, 9], { fill: "flow", hatch });
  }
  assert.equal(made.length, 2);
});

test("a legend has hatches where it is asked for", () => {
  globalThis.document = new StandInDocument();
  const fates = makeFates([{ name: "a" }, { name: "b" }]);
  const svgs = (hatched) => (
    legend(fates, () => [], "side", hatched).node.outerHTML.match(/<svg/g) ?? []).length;
  assert.deepEqual([svgs(false), svgs(true)], [0, fates.length - 1]);
});

const BASE = { label: "", low: -2, high: 2, scale: "linear", whole: false, beside: "" };

test("an interval moves by its ends, which never cross, and as a whole", () => {
  globalThis.document = new StandInDocument();
  const moves = [];
  const [control] = makeControls(
    [{ ...BASE, kind: "starts", name: "interval", keys: ["low", "high"] }],
    (name, value) => moves.push(value), () => {}, { starts: StartsControl });
  control.show([-1, 1]);
  assert.deepEqual(control.fields.map(({ key, index }) => [key, index]), [["low", 0], ["high", 1]]);
  assert.equal(control.text([-1, 1]), "from −1.00 to 1.00");
  const [low] = control.ranges;
  low.input.value = 1000;
  control.overlay[0].oninput();
  assert.ok(moves.pop()[0] < 1);
  control.show([-1, 1]);
  const plot = new Plot({ width: 420, height: 120 }, { x: [-2, 2], y: [0, 1], margins });
  assert.equal(control.holds(plot, plot.x(1.5)), false);
  assert.deepEqual(control.valueAt(plot, plot.x(0)), [-1, 1]);
  assert.equal(control.holds(plot, plot.x(0.5)), true);
  assert.deepEqual(control.valueAt(plot, plot.x(0)), [-1.5, 0.5]);
  assert.deepEqual(control.valueAt(plot, plot.x(2)), [0, 2]); // it stops at the end of the axis
});

test("a slider over given numbers takes the nearest, and explains a link", () => {
  globalThis.document = new StandInDocument();
  const moves = [];
  const stop = {
    ...BASE, kind: "stop", by: "case", names: ["tanh", "relu"], low: 0.1, high: 9,
    stopsBy: [[0.1, 1, 9], [1]], name: "lr", label: "Learning rate", verb: "recorded", scale: "log",
  };
  const declared = [stop, { ...stop, name: "step", verb: "", scale: "linear", whole: true }];
  const move = (name, value) => moves.push(value);
  const [lr, step] = makeControls(declared, move, () => {}, { stop: StopControl });
  assert.equal(lr.fit({ case: 0, lr: 3.2 }), 9); // by the logarithm
  assert.equal(step.fit({ case: 0, step: 3.2 }), 1);
  assert.equal(lr.fit({ case: 1, lr: 9 }), 1);
  lr.show(1, { case: 0 });
  assert.equal(lr.range.valueAt(2), 9);
  lr.range.input.value = 2;
  lr.range.input.oninput();
  assert.deepEqual(moves, [9]);
  assert.equal(lr.conflict({ case: 0, lr: 1 }, { lr: 1 }), "");
  assert.equal(lr.conflict({ case: 1, lr: 9 }, { case: 1 }), "");
  assert.equal(lr.conflict({ case: 1, lr: 9 }, { lr: 9 }), "lr = 9 (recorded of relu are 1)");
  assert.equal(step.conflict({ case: 1, step: 9 }, { step: 9 }), "");
  const plot = new Plot({ width: 420, height: 120 }, { x: [0, 1], y: [0, 1], margins });
  assert.ok(lr.holds());
  assert.equal(lr.valueAt(plot, plot.x(1)), 9);
});

test("a start is held near its place only", () => {
  globalThis.document = new StandInDocument();
  const [start] = makeControls([{ ...BASE, kind: "start", name: "start" }], () => {}, () => {});
  start.show(0.5);
  const plot = new Plot({ width: 420, height: 120 }, { x: [-2, 2], y: [0, 1], margins });
  assert.ok(start.holds(plot, plot.x(0.5) + 20));
  assert.ok(!start.holds(plot, plot.x(0.5) + 30));
});
