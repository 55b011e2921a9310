// Flows and fields of the page: node --test tests/js/*.test.mjs
import assert from "node:assert/strict";
import test from "node:test";
import { rampColour, traceBands } from "../../lrlib/widgets/js/draw/field.js";
import { simplified, strokesOf } from "../../lrlib/widgets/js/draw/outline.js";
import { zeroLines } from "../../lrlib/widgets/js/draw/plane.js";
import { Plot } from "../../lrlib/widgets/js/draw/plot.js";
import { paintSeries } from "../../lrlib/widgets/js/draw/series.js";
import { SvgPen } from "../../lrlib/widgets/js/draw/svg_pen.js";
import {
  flowError, flowGrid, followFlow, modifiedField,
} from "../../lrlib/widgets/js/engine/flow.js";
import { formatPlace } from "../../lrlib/widgets/js/engine/numbers.js";
import { planeReport } from "../../lrlib/widgets/js/engine/outcomes.js";
import { StandInDocument } from "../../lrlib/widgets/js/node_dom.js";
import { makeControls } from "../../lrlib/widgets/js/ui/controls.js";
import { isOn, TogglesControl } from "../../lrlib/widgets/js/ui/toggles.js";
import { UprightControl } from "../../lrlib/widgets/js/ui/upright.js";

const near = (found, expected, tolerance = 1e-9) => (
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not ${expected}`));
const margins = { left: 10, right: 20, top: 5, bottom: 15 };

test("the modified field is the sum of its terms", () => {
  const field = modifiedField((x) => [-x, -x / 2, -x / 3, -x / 4], 0.5, 2);
  near(field(3), -3 * (1 + 0.25 + 0.25 / 3));
});

test("the gradient flow of a parabola decays", () => {
  const grid = flowGrid(0.3, 6);
  assert.deepEqual([grid.steps, grid.per, grid.count], [20, 10, 200]);
  const { path, left } = followFlow((x) => -x, 2, grid, 1e6);
  assert.equal(left, Infinity);
  path.forEach((x, i) => near(x, 2 * Math.exp(-i * grid.spacing), 1e-6));
  const orbit = Float64Array.from({ length: 21 }, (_, k) => 2 * 0.7 ** k);
  const gap = Math.abs(orbit[3] - path[3 * grid.per]);
  assert.equal(flowError({ path, left }, orbit, { ...grid, steps: 3 }), gap);
});

test("a flow that blows up, and one that is too stiff", () => {
  const grid = flowGrid(0.1, 2);
  const { path, left } = followFlow((x) => x * x, 1, grid, 1e6);
  near(left, 1, 0.02);
  assert.equal(flowError({ path, left }, [1, 1], grid), Infinity);
  const stiff = followFlow((x) => -1e9 * x, 1, grid, 1e6);
  assert.ok(Number.isNaN(stiff.left) && Number.isNaN(flowError(stiff, [1, 1], grid)));
});

test("the ramp goes from dark to light through its stops", () => {
  const at = [0, 0.25, 0.5, 0.75, 1].map(rampColour);
  assert.deepEqual(at, ["#00224e", "#414d6b", "#7c7b78", "#bbad6c", "#fee838"]);
});

/** Twice the area inside of closed outlines, each with its own sign. */
function areas(places) {
  return strokesOf(places).map((corners) => corners.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length];
    return sum + x * nextY - nextX * y;
  }, 0));
}

test("the bands of a bowl are the picture without discs", () => {
  const plot = new Plot({ width: 430, height: 420 }, { x: [-2, 2], y: [-2, 2], margins });
  const bands = traceBands(plot, (x, y) => x * x + y * y, 0, 8);
  assert.equal(bands.length, 13);
  bands.slice(0, 6).forEach((places, k) => {
    const outlines = areas(places).map((area) => Math.abs(area) / 2).sort((a, b) => a - b);
    assert.equal(outlines.length, 2); // the disc, and the rim of the picture
    near(outlines[0] / (100 * 100), Math.PI * 8 * ((k + 1) / 14) ** 3, 0.01);
    assert.ok(outlines[1] >= 400 * 400);
  });
});

test("a loss that is infinite somewhere has bands of finite places", () => {
  const plot = new Plot({ width: 100, height: 100 }, { x: [-1, 1], y: [-1, 1], margins });
  const bands = traceBands(plot, (x) => 1 / Math.abs(x), 0, 10);
  for (const places of bands) {
    for (const [x, y] of strokesOf(places).flat()) assert.ok(Number.isFinite(x + y));
  }
});

test("zero lines are whole", () => {
  const row = (j) => Float64Array.from({ length: 41 }, (_, i) => (
    Math.hypot(i - 12, j - 20) - 7.3) * (Math.hypot(i - 29, j - 18) - 5.1));
  const lines = zeroLines(row, 40);
  assert.equal(lines.length, 2);
  for (const line of lines) {
    assert.deepEqual(line[0].map(Math.fround), line.at(-1).map(Math.fround));
  }
});

test("a line without the corners that nobody would miss", () => {
  const bent = [[0, 0], [1, 0.01], [2, 0], [2, 1], [2, 2]];
  assert.deepEqual(simplified(bent, 0.1), [[0, 0], [2, 0], [2, 2]]);
  assert.deepEqual(strokesOf([0, 1, NaN, NaN, 2, 3, 4, 5]), [[[0, 1]], [[2, 3], [4, 5]]]);
});

test("a series around a level has its line, and no number above the picture", () => {
  const pen = new SvgPen(200, 96);
  const values = [1, 3, 900, 2];
  const level = { value: 2, name: "2/lr" };
  const drawn = [];
  pen.dots = (places) => drawn.push(...places);
  paintSeries(pen, values, { from: 1, until: 3 }, { colour: "descent", name: "sharpness", level });
  assert.match(pen.svg("lr-wide"), /stroke-dasharray="4 4".*2\/lr.*sharpness/);
  const heights = drawn.filter((_, i) => i % 2);
  assert.ok(heights.every((y) => y > 20 && y <= 88));
  assert.equal(heights[0], 88); // the smallest
});

test("a plot puts what is far outside just outside the picture", () => {
  const plot = new Plot({ width: 100, height: 80 }, { x: [0, 1], y: [-1, 1], margins });
  assert.deepEqual([1e9, -1e9].map((value) => plot.y(value)), [-20, 100]);
  near(plot.y(-1.1), 65 + 0.05 * 60);
});

test("a report of an orbit in the plane", () => {
  const minima = [{ name: "valley" }];
  const landscape = { box: [[-2, 2], [-2, 2]], dim: 2, moving: 2, minima };
  const report = (kind, detail) => planeReport({
    landscape,
    result: { outcome: { kind, detail, step: 4 }, orbit: [0, 0, 0.5, -1.25] },
  });
  assert.deepEqual(report(1, 0), {
    mark: "converged", colour: "descent", words: "reaches valley in 4 steps",
    label: "converged: valley", end: [0.5, -1.25],
  });
  assert.equal(report(1, -1).words, "settles at (0.50, −1.25) in 4 steps");
  assert.equal(report(1, -1).mark, "elsewhere");
  assert.deepEqual([report(2, 3).words, report(3, 4).words], ["period 3", "diverges at step 4"]);
  assert.equal(formatPlace(0.5, -2, 2, 3), "0.500");
});

test("switches share a number, and a start may go upwards", () => {
  globalThis.document = new StandInDocument();
  const entries = [{ name: "gradient flow", dash: [2, 4] }, { name: "order 1", dash: [] }];
  const number = { low: -2, high: 2, scale: "linear", whole: false, beside: "" };
  const declared = [
    { ...number, kind: "toggles", name: "shown", label: "Flows", low: 0, high: 3, entries },
    { ...number, kind: "upright", name: "start", label: "Start x" },
  ];
  const moves = [];
  const kinds = { toggles: TogglesControl, upright: UprightControl };
  const note = (...move) => moves.push(move);
  const [toggles, start] = makeControls(declared, note, () => {}, kinds);
  toggles.show(3);
  toggles.remark(["error 1", "blows up"]);
  const buttons = toggles.node.children;
  buttons[0].onclick();
  buttons[1].onclick();
  assert.deepEqual(moves, [["shown", 2], ["shown", 0]]);
  toggles.show(2);
  const html = toggles.node.outerHTML;
  assert.match(html, /aria-pressed="false".*gradient flow.*error 1.*aria-pressed="true".*blows up/);
  assert.deepEqual([isOn(2, 0), isOn(2, 1)], [false, true]);
  start.show(0.5);
  const plot = new Plot({ width: 100, height: 80 }, { x: [0, 1], y: [-2, 2], margins });
  assert.equal(start.text(0.5), "0.50");
  assert.equal(start.valueAt(plot, 50, 35), 0);
  assert.ok(start.holds(plot, 12, plot.y(0.5) + 20) && !start.holds(plot, 60, plot.y(0.5)));
});
