// The fates of an ensemble: each start coloured by where it ends, the same starts sorted into a
// bar, and the bar against all learning rates, over which the current one sweeps.

import { linePlot, paintAxis, paintCurve, paintMinima, underCurve } from "../draw/curve.js";
import { box, eachPair, paintFates } from "../draw/fates.js";
import { ensembleOf, outcomeScan, sortedEnds, stretchesOf } from "../engine/ensemble.js";
import { formatPlace, percentage } from "../engine/numbers.js";
import { makeFates } from "../engine/outcomes.js";
import { StartsControl } from "../ui/interval_of_starts.js";
import { legend } from "../ui/legend.js";
import { widget } from "../widget.js";

const GROUND = 134; // heights above the lower end of the picture
const STRIP = { top: 82, height: 24 };
const BAR = { top: 36, height: 26 };
const FIRST = 80; // starts that answer at once, before the worker has all of them
const COLUMN = 7; // half the width of the current bar in the history
const MARGINS = { left: 14, right: 14, top: 16, bottom: 172 };
const HISTORY = { left: 14, right: 14, top: 4, bottom: 0 };

/** The ensemble to show: the worker's, or a coarse one until that has come. */
function shown({ pass, result, state: { lr, interval }, get }) {
  const ends = (one) => `${one.lr} ${one.interval} ${one.n}`;
  const wanted = ends({ lr, interval, n: get("n_starts") });
  return pass && ends(pass) === wanted ? pass : result;
}

/** The stretches of each fate that a picture of some width can tell apart. */
function visible(pen, scene, width) {
  const { fates, tally } = shown(scene);
  return stretchesOf(fates, tally.length, pen.detail ? width / pen.detail : fates.length);
}

function paintPicture(pen, scene, plot) {
  const { landscape, state: { interval } } = scene;
  const { left, right } = plot;
  const axis = pen.height - GROUND;
  const strip = pen.height - STRIP.top;
  const [low, high] = interval.map((end) => plot.x(end));
  const outline = paintCurve(pen, plot, scene, axis);
  paintFan(pen, [low, high, axis], [left, right, strip]);
  const onAxis = (share) => low + share * (high - low);
  const below = visible(pen, scene, high - low);
  paintFates(pen, scene, (fate) => eachPair(below[fate], (from, to) => (
    [...underCurve(outline, onAxis(from), onAxis(to), axis), NaN, NaN])), 0.8);
  paintAxis(pen, plot, axis);
  paintMinima(pen, plot, landscape);
  const across = (share) => left + share * (right - left);
  const magnified = visible(pen, scene, right - left);
  paintFates(pen, scene, (fate) => eachPair(magnified[fate], (from, to) => (
    box(across(from), strip, across(to), strip + STRIP.height))));
  const words = strip + STRIP.height + 14;
  const [first, last] = interval.map((end) => formatPlace(end, ...landscape.box[0]));
  pen.text(first, left, words, { align: "left" });
  pen.text(last, right, words, { align: "right" });
  pen.text("each start, then sorted by outcome", pen.width / 2, words);
  const bar = pen.height - BAR.top;
  const ends = sortedEnds(shown(scene));
  paintFates(pen, scene, (fate) => eachPair(ends[fate], (from, to) => (
    box(across(from), bar, across(to), bar + BAR.height))));
}

/** From the interval on the axis to the strip, which is its magnified image. */
function paintFan(pen, [low, high, top], [left, right, bottom]) {
  pen.area([low, top, high, top, right, bottom, left, bottom], { fill: "wash" });
  const sides = [low, top, left, bottom, NaN, NaN, high, top, right, bottom];
  pen.line(sides, { stroke: "rule" });
}

function paintHistory(pen, scene, plot) {
  const { left, right, top, bottom } = plot;
  const columns = scene.pass?.columns ?? [];
  const known = columns.flatMap((shares, i) => (shares ? [{ i, shares, below: 0 }] : []));
  const x = ({ i }) => left + (i / (columns.length - 1)) * (right - left);
  const height = (share) => bottom - share * (bottom - top);
  paintFates(pen, scene, (fate) => {
    const lower = known.map((column) => [x(column), height(column.below)]);
    for (const column of known) column.below += column.shares[fate];
    const upper = known.map((column) => [x(column), height(column.below)]);
    const seen = known.some(({ shares }) => shares[fate]);
    return seen ? [...lower, ...upper.reverse()].flat() : [];
  }, 0.45);
  const centre = plot.x(Math.log(scene.state.lr));
  const from = centre - COLUMN;
  const to = centre + COLUMN;
  pen.area(box(from - 2, top - 2, to + 2, bottom), { fill: "paper" });
  const ends = sortedEnds(shown(scene));
  paintFates(pen, scene, (fate) => eachPair(ends[fate], (low, high) => (
    box(from, height(high), to, height(low)))));
  const rim = [from - 0.5, to + 0.5, top - 0.5, bottom + 0.5];
  const corners = [[0, 3], [0, 2], [1, 2], [1, 3], [0, 3]].flatMap(([i, j]) => [rim[i], rim[j]]);
  pen.line(corners, { width: 1.2 });
}

export default widget({
  className: "lr-outcome-bars",
  kinds: { starts: StartsControl },
  follows: ["n_steps", "n_starts"],

  compute({ runner, get, state: { lr, interval } }) {
    return ensembleOf(runner, interval, Math.min(FIRST, get("n_starts")), lr);
  },

  job: ({ get, state }) => ({
    ...state,
    lrRange: get("lr_range"),
    n: get("n_starts"),
  }),
  work: outcomeScan,
  enough: ({ columns }) => columns.every(Boolean),

  tell(scene) {
    const { landscape: { coordinates: [name], minima }, get, text } = scene;
    const { n, tally, counts } = shown(scene);
    const fates = makeFates(minima).map((fate, i) => ({ ...fate, count: tally[i] }));
    const say = ({ count, verb }) => `${count === n ? "all" : percentage(count / n)} ${verb}`;
    const most = fates.reduce((a, b) => (b.count > a.count ? b : a));
    const labels = Object.entries(counts).sort((a, b) => b[1] - a[1]);
    return {
      mark: most.mark,
      colour: most.colour,
      words: say(most),
      note: `${get("n_starts")} starts, ${name} ${text.interval}`,
      spoken: `${fates.filter(({ count }) => count).map(say).join(", ")}.`,
      data: { outcome: labels[0][0], counts: Object.fromEntries(labels), computed: n },
    };
  },

  views: ({ landscape: { minima }, get }) => [{
    place: "stage",
    label: "Landscape, and each start coloured by its outcome",
    drag: "interval",
    heights: [333, 297], // 26 and 45 hundredths of the width, and 150 pixels
    plot: (scene) => ({ ...linePlot(scene, 172), margins: MARGINS }),
    paint: paintPicture,
  },
  legend(makeFates(minima), (scene) => {
    const { n, tally } = shown(scene);
    return tally.map((count) => count / n);
  }, "legend", true),
  {
    place: "history",
    label: "Shares of the outcomes against the learning rate",
    plot: () => ({ x: get("lr_range").map(Math.log), y: [0, 1], margins: HISTORY }),
    paint: paintHistory,
  }],
});
