// Where gradient descent is in the long run, at every learning rate: a diagram that zooms.

import { paintRasters } from "../draw/rasters.js";
import { barOutline, paintHeightRules, paintUpright, paintZoomedTicks } from "../draw/zoomed.js";
import { exponentOf, scan } from "../engine/longrun.js";
import { formatNumber } from "../engine/numbers.js";
import {
  CONVERGED, DIVERGED, fateOf, KIND_NAMES, outcomeLabel, PERIODIC,
} from "../engine/outcomes.js";
import { picking } from "../ui/picking.js";
import { widget } from "../widget.js";

const SHOWN = 48; // iterates drawn at the marked learning rate
const BLURRED = 1e-8; // of a view: near a threshold rounding shows, and orbits are not there yet
const MARGINS = { left: 14, right: 14, top: 14, bottom: 26 };
const LEAST = -1.5; // of the strip: the lowest exponent shown
const FLAT = 0.002; // of the strip: the smallest range above and below 0

function paintPicture(pen, scene, plot) {
  const { pass, result: { tail }, state: { lr } } = scene;
  const [bottom, top] = plot.yEnds;
  paintHeightRules(pen, plot);
  if (pass) {
    const { columns, rows, lrs, thetas } = pass;
    pass.grids ??= pass.shares.map((share) => ({ columns, rows, share, levels: 2 }));
    paintRasters(pen, plot, [...pass.grids].reverse(), [["noise"], ["descent"]], lrs, thetas);
  }
  paintUpright(pen, plot, lr, plot.top, plot.bottom);
  const seen = Array.from(tail).filter((theta) => theta >= bottom && theta <= top);
  const places = seen.flatMap((theta) => [plot.x(lr), plot.y(theta)]);
  const style = { radius: 3.4, fill: "ink", stroke: "paper", width: 1.2 };
  plot.inside(pen, () => pen.dots(places, style));
  paintZoomedTicks(pen, plot);
}

/** So that what the view holds fills the strip. */
function exponentRange({ pass }) {
  const finite = Array.from(pass?.exponents ?? []).filter(Number.isFinite);
  const lowest = finite.reduce((a, b) => Math.min(a, b), -FLAT);
  return [Math.max(LEAST, lowest), finite.reduce((a, b) => Math.max(a, b), FLAT)];
}

function paintStrip(pen, { pass, state: { lr } }, plot) {
  const { left, right } = plot;
  const [least, most] = plot.yEnds;
  if (pass) {
    plot.inside(pen, () => [["stable", -1], ["unstable", 1]].forEach(([fill, sign]) => {
      pen.area(barOutline(plot, pass.exponents, sign, pass.lrs), { fill });
    }));
  }
  pen.line([left, plot.y(0), right, plot.y(0)], { stroke: "threshold" });
  paintUpright(pen, plot, lr, 0, pen.height);
  const range = `${formatNumber(least, 2)} to ${formatNumber(most, 2)}`;
  pen.text(`Lyapunov exponent, ${range}`, left, 14, { align: "left" });
  pen.text("above the line: chaos", right, pen.height - 6, { align: "right" });
}

/** The outcome as a reader would say it. */
function words({ get, landscape: { minima }, result: { exponent, outcome } }) {
  const { kind, detail, step } = outcome;
  if (kind === DIVERGED) return `diverges at step ${step}`;
  if (kind === PERIODIC) return `period ${detail}`;
  if (kind === CONVERGED) {
    return detail < 0 ? "settles at one point" : `reaches ${minima[detail].name}`;
  }
  const name = exponent > 0 ? "chaos" : `no period up to ${get("_limits").maxPeriod}`;
  return `${name}, exponent ${formatNumber(exponent, 2)}`;
}

/** The marked learning rate, with the digits that tell neighbouring columns apart. */
function note({ state: { lr, view_lr: [low, high], view_theta: [bottom, top] } }) {
  const digits = Math.min(12, Math.max(4, Math.ceil(3.5 - Math.log10((high - low) / high))));
  const blurred = Math.min(high - low, top - bottom) < BLURRED;
  return `learning rate ${lr.toPrecision(digits)}${blurred ? "; double precision ends" : ""}`;
}

export default widget({
  className: "lr-bifurcation",

  compute({ runner, landscape, state: { lr, start } }) {
    const outcome = runner.run([start], lr);
    const { nSteps, orbit } = runner;
    const left = outcome.kind === DIVERGED;
    const keep = nSteps - (nSteps >> 2);
    return {
      outcome,
      exponent: left ? Infinity : exponentOf(landscape, orbit, lr, keep),
      tail: left ? [] : orbit.slice(-SHOWN),
      last: orbit[nSteps],
    };
  },

  job: ({ get, grid, state: { start, view_lr: lrs, view_theta: thetas } }) => grid && {
    keep: get("keep"),
    start,
    lrs,
    thetas,
    grid,
  },
  work: scan,

  tell(scene) {
    const { landscape: { minima }, result: { exponent, last, outcome } } = scene;
    const said = words(scene);
    return {
      mark: KIND_NAMES[outcome.kind],
      colour: fateOf(outcome, minima).colour,
      words: said,
      note: note(scene),
      spoken: `${said}.`,
      data: { outcome: outcomeLabel(outcome, minima), last: [last], exponent },
    };
  },

  views: ({ landscape: { coordinates: [name] } }) => [{
    place: "stage",
    label: `Long-run ${name} against the learning rate`,
    hand: picking("lr", { x: "view_lr", y: "view_theta", aim: ({ result }) => result.tail }),
    plot: ({ state }) => ({ x: state.view_lr, y: state.view_theta, margins: MARGINS }),
    paint: paintPicture,
  }, {
    place: "strip",
    label: "Lyapunov exponent against the learning rate",
    hand: picking("lr"),
    plot: (scene) => ({
      x: scene.state.view_lr,
      y: exponentRange(scene),
      margins: { left: MARGINS.left, right: MARGINS.right, top: 3, bottom: 3 },
    }),
    paint: paintStrip,
  }],
});
