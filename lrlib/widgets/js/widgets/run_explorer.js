// Recorded runs: loss, lr × sharpness / 2 and weight norms of a network against the step, all
// seeds at once.

import { Plot } from "../draw/plot.js";
import { plural, roundTicks, steadyNumber } from "../engine/numbers.js";
import { HEIGHTS, openRecord, valueAt } from "../engine/records.js";
import { StopControl } from "../ui/stop.js";
import { widget } from "../widget.js";

const MARGINS = { left: 14, right: 14, top: 6, bottom: 26 };
const TITLE = 24; // height of the words above each panel
const PANELS = [
  { keys: ["edge"], share: 0.42, words: "lr × sharpness / 2; the edge is at 1" },
  { keys: ["loss"], share: 0.28, words: "loss, log scale" },
  { keys: ["w1", "w2"], share: 0.3, words: "norms" }, // drawn as shares of the first
];
const KEYS = PANELS.flatMap(({ keys }) => keys);
const DASHES = [6, 4]; // the authors' curves
const GAP = 0.1; // of the run: the most between two samples that a line joins
const LAYERS = { w1: "first", w2: "second" };

const colourOf = (key) => (key === "w2" ? "flow" : "descent");

/** The numbers of all seeds at the step, as "0.98 to 1.01". */
function spanOf({ result: { shown }, state: { step } }, key) {
  const values = shown.filter((run) => run[key]).map((run) => valueAt(run[key], step));
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => (
    steadyNumber(value, key in LAYERS ? 4 : 3)));
  return low === high ? low : `${low} to ${high}`;
}

function paint(pen, scene) {
  const { result: { record } } = scene;
  const whole = pen.height - MARGINS.top - MARGINS.bottom;
  let { top } = MARGINS;
  PANELS.forEach(({ keys, share, words }, i) => {
    const bottom = top + share * whole;
    const margins = { ...MARGINS, top: top + TITLE, bottom: pen.height - bottom + 6 };
    const plot = new Plot(pen, { x: [0, record.last], y: record.ranges[i], margins });
    paintPanel(pen, scene, plot, { keys, top, bottom });
    pen.text(words, plot.left, top + 16, { align: "left" });
    paintNumbers(pen, scene, keys, plot.right, top + 16);
    top = bottom;
  });
  paintSteps(pen, scene, top);
}

/** At the right end, the last key first; a layer is named in its colour. */
function paintNumbers(pen, scene, keys, right, height) {
  let end = right;
  for (const key of [...keys].reverse()) {
    const layer = LAYERS[key];
    const words = layer ? `${layer} ${spanOf(scene, key)}` : spanOf(scene, key);
    const size = layer ? 11 : 12;
    pen.text(words, end, height, { align: "right", colour: layer ? colourOf(key) : "ink", size });
    end -= pen.measure(words, size) + 14;
  }
}

function paintPanel(pen, scene, plot, { keys, top, bottom }) {
  const { result: { shown, theirs, record }, state: { step } } = scene;
  const { left, right, top: ceiling } = plot;
  const height = (key, value, first) => plot.y(HEIGHTS[key](value, first));
  const places = (key, { [key]: [steps, values] }) => steps.flatMap((at, i) => [
    ...(at - steps[i - 1] > record.last * GAP ? [NaN, NaN] : []), // the line would be a guess
    plot.x(at), height(key, values[i], values[0])]);
  pen.line([left, bottom, right, bottom], { stroke: "rule" });
  pen.within(left, ceiling - 5, right - left, bottom - ceiling + 5, () => {
    if (keys.includes("edge")) {
      pen.line([left, plot.y(1), right, plot.y(1)], { stroke: "threshold", dash: [4, 4] });
    }
    for (const key of keys) {
      const having = (runs) => runs.filter((run) => run[key]).map((run) => places(key, run));
      for (const line of having(theirs)) {
        pen.line(line, { stroke: "noise", width: 1.6, dash: DASHES });
        pen.dots(line, { radius: 2.2, fill: "noise" });
      }
      for (const line of having(shown)) pen.line(line, { stroke: colourOf(key), width: 1.3 });
    }
  });
  for (const key of keys) {
    for (const run of shown.filter((one) => one[key])) {
      const lost = run.diverged && step >= run.step; // it stays at its end, as a ring
      const y = height(key, valueAt(run[key], step), run[key][1][0]);
      const ink = lost ? "unstable" : colourOf(key);
      pen.dots([plot.x(lost ? run.step : step), Math.max(y, (top + ceiling) / 2)], {
        radius: 4, fill: lost ? "paper" : ink, stroke: lost ? ink : "paper", width: 1.5,
      });
    }
  }
}

function paintSteps(pen, { result: { record: { last } }, state: { step } }, bottom) {
  const [left, right] = [MARGINS.left, pen.width - MARGINS.right];
  const x = (at) => left + (at / last) * (right - left);
  pen.line([x(step), MARGINS.top, x(step), bottom], { dash: [3, 3] });
  for (const tick of roundTicks(0, last, 4)) {
    const align = tick === 0 ? "left" : tick === last ? "right" : "center";
    pen.text(tick ? String(tick) : "step 0", x(tick), pen.height - 9, { align });
  }
}

export default widget({
  className: "lr-run-explorer",
  kinds: { stop: StopControl },
  follows: [],

  compute({ get, keep, state: { lr } }) {
    const index = get("case");
    const record = keep("record", index, () => (
      openRecord(get("_cases")[index], get("_grids"), PANELS)));
    const [shown, theirs] = [record.runs, record.authors].map((runs) => (
      runs.filter((run) => run.lr === lr)));
    return { record, shown, theirs };
  },

  tell(scene) {
    const { result: { record, shown, theirs }, state: { lr, step } } = scene;
    const [mark, colour, words] = record.told[record.lrs.indexOf(lr)];
    const seeds = plural(shown.length, "seed");
    const last = shown.map((run) => Object.fromEntries(KEYS.filter((key) => run[key]).map((key) => (
      [key, valueAt(run[key], step)]))));
    return {
      mark,
      colour,
      words,
      note: theirs.length ? `${seeds}; dots: the authors` : seeds,
      spoken: `${words}. At this step: ${spanOf(scene, "edge")}.`,
      data: { outcome: words, last },
    };
  },

  words: ({ result: { record: { name, command } } }) => ({ name, command }),

  views: () => [{
    place: "stage",
    label: "Learning rate times sharpness over 2, loss and weight norms against the step",
    drag: "step",
    heights: [420, 420],
    plot: () => ({ x: [0, 1], y: [0, 1], margins: MARGINS }),
    paint,
  }],
});
