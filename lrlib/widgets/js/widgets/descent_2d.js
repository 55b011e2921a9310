// Gradient descent on a landscape of two coordinates: field, trajectory, loss and sharpness.

import { paintField } from "../draw/field.js";
import {
  PLANE_MARGINS, paintPlaneAxes, paintPlaneOrbit, paintZeroSet, pointOf,
} from "../draw/plane.js";
import { paintSeries, shownSteps } from "../draw/series.js";
import { formatPlace } from "../engine/numbers.js";
import { lastStep, planeReport } from "../engine/outcomes.js";
import { widget } from "../widget.js";

const ORBIT = { colour: "descent", halo: "#ffffff" }; // on the field, which is dark in any theme

function paintMinima(pen, plot, { minima }) {
  for (const { name, lower, upper } of minima) {
    const x = plot.x((lower[0] + upper[0]) / 2);
    const y = plot.y((lower[1] + upper[1]) / 2);
    pen.dots([x, y], { radius: 5, fill: "ink", stroke: "paper", width: 1 });
    pen.text(name, x, y + 20, { colour: "ink", size: 12 });
  }
}

function paintPicture(pen, scene, plot) {
  const { formulas: { overlay }, get, landscape, state: { lr }, until } = scene;
  paintField(pen, plot, landscape.loss, get("_loss_range"));
  if (overlay) paintZeroSet(pen, plot, (x, y) => overlay(x, y, lr), lr, get("_overlay_name"));
  paintPlaneAxes(pen, plot, landscape.coordinates);
  paintMinima(pen, plot, landscape);
  paintPlaneOrbit(pen, plot, pointOf(scene), shownSteps(until), ORBIT);
}

/** A strip with the values of `f` along the trajectory. */
function paintAlong(pen, scene, f, style) {
  const { until } = scene;
  const point = pointOf(scene);
  const values = Array.from({ length: until + 1 }, (_, t) => f(...point(t)));
  paintSeries(pen, values, shownSteps(until), { colour: "descent", ...style });
}

function paintLoss(pen, scene) {
  const { get, landscape: { loss } } = scene;
  const [floor] = get("_loss_range");
  paintAlong(pen, scene, (x, y) => loss(x, y) - floor, { name: "loss, log scale" });
}

function paintSharpness(pen, scene) {
  const { formulas: { sharpness }, state: { lr } } = scene;
  const level = { value: 2 / lr, name: "2/lr" };
  paintAlong(pen, scene, sharpness, { name: "sharpness λ", level });
}

/** Where the walk is. */
function placeWords(scene) {
  const { landscape: { box, coordinates }, until } = scene;
  const at = pointOf(scene)(until).map((value, i) => formatPlace(value, ...box[i], 3));
  return `step ${until}: (${coordinates.join(", ")}) = (${at.join(", ")})`;
}

export default widget({
  className: "lr-descent-2d",

  compute({ runner, state: { lr, start } }) {
    const outcome = runner.run(start, lr);
    return { outcome, orbit: runner.orbit };
  },

  last: ({ result }) => lastStep(result.outcome),
  pace: 12,

  tell(scene) {
    const { text, walking } = scene;
    const { label, end, ...chip } = planeReport(scene);
    const step = { mark: "step", colour: "descent", words: walking && placeWords(scene) };
    return {
      ...(walking ? step : chip),
      note: `start ${text.start}`,
      spoken: `Start ${text.start}: ${chip.words}.`,
      data: { outcome: label, last: end },
    };
  },

  views: ({ landscape: { box } }) => [{
    place: "stage",
    label: "The loss as a field, with the steps of gradient descent as dots",
    drag: "start",
    plot: () => ({ x: box[0], y: box[1], margins: PLANE_MARGINS }),
    paint: paintPicture,
  }, {
    place: "strip",
    side: true,
    label: "Loss against step, logarithmic",
    paint: paintLoss,
  }, {
    place: "strip",
    side: true,
    label: "Sharpness against step",
    paint: paintSharpness,
  }],
});
