// Reads {landscape, limits, n_steps, lr, starts} from stdin; prints what the page's runner makes of
// each start.
import { readFileSync } from "node:fs";
import { openLandscape } from "../../lrlib/widgets/js/engine/landscape.js";
import { outcomeLabel } from "../../lrlib/widgets/js/engine/outcomes.js";
import { Runner } from "../../lrlib/widgets/js/engine/runner.js";

const given = JSON.parse(readFileSync(0, "utf8"));
const { limits, n_steps: nSteps, lr, starts } = given;
const landscape = openLandscape(given.landscape);
const runner = new Runner(landscape, nSteps, limits);
const results = starts.map((start) => {
  const quick = outcomeLabel(runner.fate(start, lr), landscape.minima);
  const outcome = runner.run(start, lr);
  return { quick, label: outcomeLabel(outcome, landscape.minima), step: outcome.step };
});
console.log(JSON.stringify(results));
