// js/draw: what the pictures ask of a pen, and what the two pens make of it.
import assert from "node:assert/strict";
import test from "node:test";
import { linePlot, paintLandscape, paintMinima } from "../../lrlib/widgets/js/draw/curve.js";
import {
  paintDots, paintExits, paintJump, paintStart,
} from "../../lrlib/widgets/js/draw/orbit.js";
import { ages, paintSeries, shownSteps } from "../../lrlib/widgets/js/draw/series.js";
import { paintField, rampColour } from "../../lrlib/widgets/js/draw/field.js";
import { CanvasPen } from "../../lrlib/widgets/js/draw/pen.js";
import {
  paintPlaneAxes, paintPlaneOrbit, paintZeroSet, PLANE_MARGINS, pointOf,
} from "../../lrlib/widgets/js/draw/plane.js";
import { placesOf, Plot } from "../../lrlib/widgets/js/draw/plot.js";
import { SvgPen } from "../../lrlib/widgets/js/draw/svg_pen.js";
import { openLandscape } from "../../lrlib/widgets/js/engine/landscape.js";
import { DOUBLE_WELL, RecordingPen } from "./kit.mjs";

const traits = { _loss_range: [0, 2.25], loss_scale: "linear" };
const scene = { landscape: openLandscape(DOUBLE_WELL), get: (name) => traits[name] };
const wide = () => {
  const pen = new RecordingPen(700, 300);
  return { pen, plot: new Plot(pen, linePlot(scene, 40)) };
};

test("a landscape: a filled curve, rules below it, an axis with numbers", () => {
  const { pen, plot } = wide();
  const axis = paintLandscape(pen, plot, scene);
  assert.equal(axis, 266);
  const [[outline, { fill }]] = pen.all("area");
  assert.equal(fill, "wash");
  assert.deepEqual(outline.slice(-4), [plot.right, axis, plot.left, axis]);
  assert.deepEqual(outline.slice(0, 2), [plot.left, plot.y(2.25)]);
  assert.equal(pen.calls.findIndex(([name]) => name === "area") > 0, true); // rules come first
  for (const tick of ["−2", "0", "2"]) assert.ok(pen.words.includes(tick), tick);
});

test("minima: the first is filled, names break where the picture is narrow", () => {
  const { pen, plot } = wide();
  paintMinima(pen, plot, scene.landscape);
  assert.deepEqual(pen.words, ["right minimum", "left minimum"]);
  assert.deepEqual(pen.all("dots").map(([, { fill }]) => fill), ["ink", "paper"]);
  assert.deepEqual(pen.all("dots")[0][0], [plot.x(1), plot.y(0)]);
  const narrow = new RecordingPen(320, 200);
  paintMinima(narrow, new Plot(narrow, linePlot(scene, 40)), scene.landscape);
  assert.deepEqual(narrow.words, ["right", "minimum", "left", "minimum"]);
});

test("the newest steps are shown, the older the fainter", () => {
  assert.deepEqual(shownSteps(3), { from: 1, until: 3 });
  assert.deepEqual(shownSteps(1000), { from: 601, until: 1000 });
  assert.deepEqual([...ages({ from: 1, until: 2 }, 0.2)], [0.4, 1]);
  assert.deepEqual([...ages({ from: 1, until: 0 }, 0.2)], []);
});

test("dots of an orbit: only the last of a crowd is large, what is outside is left out", () => {
  const { pen, plot } = wide();
  const orbit = [9, 1, 1.001, -1, 50, 0];
  paintDots(pen, plot, (t) => [orbit[t], 0], shownSteps(5), "descent");
  const [crowd, rimmed, last] = pen.all("dots").map(([places]) => places);
  assert.deepEqual(crowd, [plot.x(1.001), plot.y(0)]);
  assert.deepEqual(rimmed.filter((_, i) => i % 2 === 0), [1, -1, 0].map((x) => plot.x(x)));
  assert.deepEqual(last, [plot.x(0), plot.y(0)]);
});

test("the last jump that can be seen is an arc from place to place", () => {
  const { pen, plot } = wide();
  const orbit = [-1.5, 1.2, 1.2];
  paintJump(pen, plot, (t) => [orbit[t], 0.5], shownSteps(2), "descent");
  const [[places]] = pen.all("line");
  assert.deepEqual(places.slice(0, 2), [plot.x(-1.5), plot.y(0.5)]);
  assert.deepEqual(places.slice(-2), [plot.x(1.2), plot.y(0.5)]);
  assert.ok(places[33] < plot.y(0.5) - 20);
  paintJump(pen, plot, () => [1, 0], shownSteps(2), "descent");
  assert.equal(pen.all("line").length, 1); // nothing moved: no arc
});

test("the start hangs on a thread from the axis", () => {
  const { pen, plot } = wide();
  paintStart(pen, plot, [1, 0], "noise", 266);
  const [[thread]] = pen.all("line");
  assert.deepEqual(thread, [plot.x(1), plot.y(0), plot.x(1), 266]);
  assert.deepEqual(pen.all("dots")[0][0], thread.slice(0, 2));
});

test("an arrow at each edge that iterates crossed", () => {
  const exits = (orbit, flight) => {
    const { pen, plot } = wide();
    const steps = { from: 1, until: orbit.length - 1 };
    paintExits(pen, plot, (t) => [orbit[t], 0], steps, flight);
    return pen.all("area").map(([[tip]]) => (tip < 350 ? "left" : "right"));
  };
  assert.deepEqual(exits([0, 1, -1], 0), []);
  assert.deepEqual(exits([0, 1, -9], 0), ["left"]);
  assert.deepEqual(exits([0, 9, -9], 0), ["right", "left"]);
  assert.deepEqual(exits([0, 1], 1), ["right"]);
});

test("a series on a log scale: the first is highest, the last large, no NaN", () => {
  const pen = new RecordingPen(424, 80);
  paintSeries(pen, [1, 0.1, NaN, 0.001], shownSteps(3), { colour: "descent", name: "loss" });
  const [[places, { alpha }], [last, { radius }]] = pen.all("dots");
  assert.deepEqual(places.slice(0, 2), [12, 24]);
  assert.ok(Math.abs(places[3] - 40) < 1e-9 && Number.isNaN(places[4]));
  assert.equal(alpha.length, 4);
  assert.deepEqual([last[1], radius], [72, 3.6]);
  assert.deepEqual(pen.words, ["loss", "step 3"]);
});

const square = () => {
  const pen = new RecordingPen(446, 440);
  return { pen, plot: new Plot(pen, { x: [-2, 2], y: [-2, 2], margins: PLANE_MARGINS }) };
};

test("a plane has a closed frame, ticks on both sides and names", () => {
  const { pen, plot } = square();
  paintPlaneAxes(pen, plot, ["a", "b"]);
  const [[frame]] = pen.all("line");
  assert.deepEqual(frame.slice(0, 2), frame.slice(-2));
  assert.deepEqual(pen.words.slice(-2), ["a", "b"]);
  assert.equal(pen.words.filter((words) => words === "−1").length, 2);
});

test("a zero line is traced once for each key, and named", () => {
  const { pen, plot } = square();
  let calls = 0;
  const circle = (radius) => (x, y) => {
    calls += 1;
    return x * x + y * y - radius;
  };
  paintZeroSet(pen, plot, circle(1), 1, "circle");
  const once = calls;
  paintZeroSet(pen, plot, circle(1), 1, "circle");
  assert.equal(calls, once);
  paintZeroSet(pen, plot, circle(2), 2, "circle");
  assert.equal(calls, 2 * once);
  assert.deepEqual(pen.words, ["circle", "circle", "circle"]);
  assert.deepEqual(pen.all("line")[0][1], { stroke: "paper", width: 4 });
  paintZeroSet(pen, plot, () => 1, 3, "nowhere");
  assert.ok(!pen.words.includes("nowhere"));
});

test("an orbit in the plane: faint dots, a larger last one, a ring at the start", () => {
  const { pen, plot } = square();
  const orbit = [[0, 0], [1, 0], [1, 1]];
  paintPlaneOrbit(pen, plot, (t) => orbit[t], shownSteps(2));
  const dots = pen.all("dots");
  const seen = dots.slice(0, 2).map(([, { radius, width }]) => +(radius - width / 2).toFixed(9));
  assert.deepEqual(seen, [3.6, 5.5]); // inside of the halo
  assert.deepEqual(dots.slice(2).map(([, { radius }]) => radius), [7, 7]);
  assert.deepEqual(dots[1][0], [plot.x(1), plot.y(1)]);
  assert.deepEqual(dots[3][0], [plot.x(0), plot.y(0)]);
});

test("a field is painted from the darkest band, which is everywhere, to the lightest", () => {
  const { pen, plot } = square();
  paintField(pen, plot, (x, y) => x * x + y * y, [0, 8]);
  const fills = pen.all("area").map(([, { fill }]) => fill);
  assert.deepEqual([fills[0], fills.at(-1)], [rampColour(0), rampColour(1)]);
  assert.equal(new Set(fills).size, fills.length);
  const { left, top, right, bottom } = plot;
  assert.deepEqual(pen.all("area")[0][0], [left, top, right, top, right, bottom, left, bottom]);
});

test("an orbit in the plane has two numbers a step, and the frozen ones", () => {
  const orbit = Float64Array.of(1, 2, 9, 3, 4, 9);
  const point = pointOf({ landscape: { dim: 3 }, result: { orbit } });
  assert.deepEqual([...point(0), ...point(1)], [...orbit]);
});

test("a plot is kept while its size and its ranges stay", () => {
  const ranges = { x: [0, 1], y: [2, 3], margins: PLANE_MARGINS };
  const plot = new Plot({ width: 300, height: 200 }, ranges);
  assert.ok(plot.fits({ width: 300, height: 200 }, { x: [0, 1], y: [2, 3] }));
  assert.ok(!plot.fits({ width: 301, height: 200 }, { x: [0, 1], y: [2, 3] }));
  assert.ok(!plot.fits({ width: 300, height: 200 }, { x: [0, 1], y: [2, 3.1] }));
  assert.deepEqual([plot.holds(150, 100), plot.holds(301, 100)], [true, false]);
});

test("places are flat", () => {
  const { plot } = square();
  const places = placesOf(plot, 2, (i) => [i, -i]);
  assert.deepEqual([...places], [plot.x(0), plot.y(0), plot.x(1), plot.y(-1)]);
});

/** A canvas context that lists what it is asked for, with its style at that moment. */
function recordingContext() {
  const calls = [];
  const style = {};
  const context = new Proxy({}, {
    get: (_, name) => (name in style ? style[name] : (...given) => {
      calls.push([name, ...given, ...(name === "stroke" || name === "fill" ? [{ ...style }] : [])]);
      return { width: 10 * String(given[0]).length };
    }),
    set: (_, name, value) => {
      style[name] = value;
      return true;
    },
  });
  return { context, calls, style };
}
const PALETTE = { ink: "black", paper: "white", descent: "blue", muted: "grey", font: "serif" };

test("on a canvas a NaN lifts the pen, and nothing of a style stays", () => {
  const { context, calls, style } = recordingContext();
  const pen = new CanvasPen(context, 100, 50, PALETTE);
  pen.line([0, 0, 1, 1, NaN, NaN, 5, 5, 6, 6], { stroke: "descent", dash: [2], alpha: 0.5 });
  assert.deepEqual(calls.filter(([name]) => /To$/.test(name)),
    [["moveTo", 0, 0], ["lineTo", 1, 1], ["moveTo", 5, 5], ["lineTo", 6, 6]]);
  const [, drawn] = calls.find(([name]) => name === "stroke");
  assert.deepEqual([drawn.strokeStyle, drawn.globalAlpha], ["blue", 0.5]);
  assert.deepEqual(calls.at(-1), ["setLineDash", []]);
  assert.equal(style.globalAlpha, 1);
});

test("on a canvas every disc has its own opacity, text a rim of paper", () => {
  const { context, calls } = recordingContext();
  const pen = new CanvasPen(context, 100, 50, PALETTE);
  pen.dots([1, 2, 3, 4], { radius: 3, fill: "ink", alpha: [0.25, 1] });
  const filled = calls.filter(([name]) => name === "fill");
  assert.deepEqual(filled.map(([, { globalAlpha }]) => globalAlpha), [0.25, 1]);
  assert.ok(!calls.some(([name]) => name === "stroke"));
  pen.text("words", 5, 6);
  assert.deepEqual(calls.slice(-2), [["strokeText", "words", 5, 6], ["fillText", "words", 5, 6]]);
  assert.equal(context.font, "11px serif");
  assert.equal(pen.measure("abc", 12), 30);
  pen.within(0, 1, 2, 3, () => pen.area([0, 0, 1, 0, 1, 1], { fill: "descent" }));
  const names = calls.slice(-9).map(([name]) => name);
  assert.deepEqual([names[0], names.at(-1)], ["beginPath", "restore"]);
  assert.ok(names.includes("clip") && names.includes("fill"));
});

test("in a poster crowds become one dot, text stands at shares of the picture", () => {
  const pen = new SvgPen(200, 100);
  pen.dots([10, 10, 10.2, 10.2, 50, 50, 999, 0], { radius: 3, fill: "ink", alpha: [1, 1, 0.3, 1] });
  pen.text("a < b", 50, 25, { align: "right" });
  const svg = pen.svg("lr-wide");
  assert.equal(svg.match(/h0/g).length, 2);
  assert.match(svg, /stroke="currentColor".* opacity="0.5"/);
  assert.match(svg, /<text x="25%" y="25%" text-anchor="end".*>a &#60; b<\/text>/);
  assert.match(svg, /^<svg class="lr-drawing lr-wide" aria-hidden="true">/);
});

test("in a poster a raster is runs of equal cells, and a clip is a frame of its own", () => {
  const pen = new SvgPen(100, 100);
  const grid = { columns: 3, rows: 1, ink: [0, 0, 1], share: [255, 255, 64] };
  pen.raster(grid, ["descent", "stable"], 0, 0, 100, 100);
  pen.within(10, 20, 50, 40, () => pen.area([0, 0, 1, 0, 1, 1], { fill: "ink" }));
  const svg = pen.svg("lr-narrow");
  assert.match(svg, /d="M0 0h2" stroke="var\(--w-descent\)"\/>/);
  assert.match(svg, /d="M2 0h1" stroke="var\(--w-stable\)" opacity="0.25"/);
  assert.match(svg, /<svg x="10%" y="20%" width="50%" height="40%" viewBox="20 40 100 80"/);
});
