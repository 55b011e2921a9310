// Gradient descent as dots over its modified flows as lines, both against time.

import { flowError, flowGrid, followFlow, modifiedField } from "../engine/flow.js";
import { formatNumber, roundTicks } from "../engine/numbers.js";
import { DIVERGED, outcomeLabel } from "../engine/outcomes.js";
import { isOn, TogglesControl } from "../ui/toggles.js";
import { UprightControl } from "../ui/upright.js";
import { widget } from "../widget.js";

const MARGINS = { left: 14, right: 14, top: 18, bottom: 34 };
const CLOSE = 0.05; // of the distance between start and minimum: what counts as following
const LOWEST = 1e-9; // error at the foot of the strip, at least

const middle = ({ lower: [low], upper: [high] }) => (low + high) / 2;

/** The end of the error that a switch tells. */
function errorWords(error) {
  if (error < Infinity) return `error ${formatNumber(error, 2)}`;
  return Number.isNaN(error) ? "too stiff" : "blows up";
}

const remarks = ({ result: { errors } }) => errors.map(errorWords);

/** Lines of the flows that are shown; `places(flow, last)` has them up to sample `last`. */
function paintFlows(pen, { get, result: { flows, grid }, state: { shown } }, places) {
  flows.forEach((flow, i) => {
    if (!isOn(shown, i)) return;
    const last = Math.min(grid.count, Math.floor(flow.left / grid.spacing));
    const { dash } = get("_flows")[i];
    pen.line(places(flow, last), { stroke: "flow", width: 1.8, dash });
  });
}

function paintAxes(pen, plot, { landscape: { minima } }) {
  const { left, right, bottom, xEnds: [, time], yEnds } = plot;
  for (const tick of roundTicks(...yEnds, 4)) {
    pen.line([left, plot.y(tick), right, plot.y(tick)], { stroke: "rule" });
    pen.text(formatNumber(tick), right, plot.y(tick) - 4, { align: "right" });
  }
  for (const y of minima.map((minimum) => plot.y(middle(minimum)))) {
    pen.line([left, y, right, y], { stroke: "threshold", dash: [5, 4] });
  }
  pen.line([left, bottom, right, bottom], { stroke: "threshold" });
  for (const tick of roundTicks(0, time, plot.width / 90)) {
    const words = tick ? formatNumber(tick) : "time 0";
    pen.text(words, plot.x(tick), plot.height - 12, { align: tick ? "center" : "left" });
  }
}

/** Dots of gradient descent, the start large; an arrowhead where one is outside. */
function paintSteps(pen, plot, { result: { grid, orbit }, state: { lr } }) {
  const { bottom } = plot;
  const radius = Math.min(4.5, Math.max(1.8, 0.35 * (plot.x(lr) - plot.x(0))));
  const seen = [];
  for (let k = grid.steps; k >= 0; k--) {
    const [x, y] = [plot.x(k * lr), plot.y(orbit[k])];
    if (y > 4 && y < bottom) seen.push(x, y);
    else paintExit(pen, x, ...(y < bottom ? [6, 9] : [bottom - 2, -9]));
  }
  const style = { fill: "descent", width: 1 };
  pen.dots(seen, { ...style, radius, stroke: radius > 3 ? "paper" : null });
  const start = [plot.x(0), plot.y(orbit[0])];
  pen.dots(start, { ...style, radius: 6.5, stroke: "paper" });
}

function paintExit(pen, x, tip, back) {
  pen.area([x, tip, x - 5, tip + back, x + 5, tip + back], { fill: "unstable" });
}

function paintPicture(pen, scene, plot) {
  const { spacing } = scene.result.grid;
  paintAxes(pen, plot, scene);
  pen.within(0, 4, plot.right, plot.bottom - 4, () => paintFlows(pen, scene, ({ path }, last) => (
    Array.from(path.subarray(0, last + 1), (x, i) => [plot.x(i * spacing), plot.y(x)]).flat())));
  paintSteps(pen, plot, scene);
}

/** Distance between each flow and the steps, on a log scale. */
function paintErrors(pen, scene, plot) {
  const { result: { errors, flows, grid: { per, steps }, orbit }, state: { lr } } = scene;
  const high = Math.max(10 * LOWEST, ...errors.filter((error) => error < Infinity));
  const gap = ({ path }, k) => Math.abs(path[k * per] - orbit[k]);
  const ends = flows.flatMap((flow) => [gap(flow, 1), gap(flow, steps)]);
  const low = Math.min(high / 10, ...ends.filter((end) => end > LOWEST));
  const y = (size) => plot.y(Math.log(Math.max(size, low) / low) / Math.log(high / low));
  paintFlows(pen, scene, (flow, last) => {
    const length = Math.min(steps, Math.floor(last / per));
    return Array.from({ length }, (_, i) => [plot.x((i + 1) * lr), y(gap(flow, i + 1))]).flat();
  });
  pen.text("error, log scale", plot.left, 14, { align: "left" });
  pen.text(`largest ${formatNumber(high, 2)}`, plot.right, 14, { align: "right" });
}

/** Which is the lowest order that follows? */
function chipOf({ get, result: { errors, outcome, scale } }) {
  const first = errors.findIndex((error) => error <= CLOSE * scale);
  const within = `within ${100 * CLOSE}\u00a0%`;
  if (first >= 0) {
    const { name, order } = get("_flows")[first];
    const words = `${order ? "" : "the "}${name} follows ${within}`;
    return { mark: "converged", colour: "flow", words };
  }
  const fled = outcome.kind === DIVERGED;
  return {
    mark: fled ? "diverged" : "bounded",
    colour: fled ? "unstable" : "oscillating",
    words: fled ? "gradient descent diverges, no flow follows" : `no flow follows ${within}`,
  };
}

export default widget({
  className: "lr-flow-vs-descent",
  kinds: { toggles: TogglesControl, upright: UprightControl },

  compute({ formulas: { terms }, get, landscape: { minima }, runner, state: { lr, start } }) {
    const outcome = runner.run([start], lr);
    const { orbit } = runner;
    const grid = flowGrid(lr, get("time"));
    if (outcome.kind === DIVERGED) grid.steps = Math.min(grid.steps, outcome.step - 1);
    const flows = get("orders").map((order) => (
      followFlow(modifiedField(terms, lr, order), start, grid, get("_limits").bound)));
    const errors = flows.map((flow) => flowError(flow, orbit, grid));
    const distances = minima.map((minimum) => Math.abs(start - middle(minimum)));
    const scale = distances.length ? Math.min(...distances) : 1;
    return { outcome, orbit, grid, flows, errors, scale };
  },

  tell(scene) {
    const { get, landscape: { coordinates: [name], minima }, result, text } = scene;
    const { errors, grid, orbit, outcome } = result;
    const chip = chipOf(scene);
    const told = remarks(scene).map((remark, i) => `${get("_flows")[i].name} ${remark}`);
    return {
      ...chip,
      note: `${grid.steps} steps from ${name} = ${text.start}`,
      spoken: `${chip.words}. ${told.join(", ")}.`,
      data: {
        outcome: outcomeLabel(outcome, minima),
        last: [orbit.at(-1)],
        errors: errors.map((error) => (error < Infinity ? error : null)),
      },
    };
  },

  views: ({ get, landscape: { box, coordinates: [name] } }) => [{
    place: "stage",
    label: `${name} against time: gradient descent as dots, flows as lines`,
    drag: "start",
    plot: () => ({ x: [0, get("time")], y: box[0], margins: MARGINS }),
    paint: paintPicture,
  }, {
    place: "strip",
    label: "Error of each flow against time, logarithmic",
    plot: () => ({ x: [0, get("time")], y: [0, 1], margins: { ...MARGINS, top: 24, bottom: 6 } }),
    paint: paintErrors,
  }, {
    place: "switches",
    control: "shown",
    remarks,
  }],
});
