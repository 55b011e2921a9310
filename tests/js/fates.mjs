// Reads {landscape, limits, n_steps, lr, starts} from stdin; prints what core.js makes of each start.
import { readFileSync } from "node:fs";

const core = readFileSync(new URL("../../lrlib/widgets/core.js", import.meta.url), "utf8");
const { Runner, openLandscape, outcomeLabel } = new Function(`${core}; return { Runner, openLandscape, outcomeLabel };`)();

const { landscape: description, limits, n_steps: nSteps, lr, starts } = JSON.parse(readFileSync(0, "utf8"));
const landscape = openLandscape(description);
const runner = new Runner(landscape, nSteps, limits);
const results = starts.map((start) => {
  const quick = outcomeLabel(runner.fate(start, lr), landscape.minima);
  const outcome = runner.run(start, lr);
  return { quick, label: outcomeLabel(outcome, landscape.minima), step: outcome.step };
});
console.log(JSON.stringify(results));
