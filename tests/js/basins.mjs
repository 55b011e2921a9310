// Reads {files, cases: [{landscape, limits, nSteps, lr, box, finest}]} from stdin; prints the worker's last pass of each.
import { readFileSync } from "node:fs";

const { files, cases } = JSON.parse(readFileSync(0, "utf8"));
const source = files.map((name) => readFileSync(new URL(`../../lrlib/widgets/${name}`, import.meta.url), "utf8")).join("\n");
const { serveBasins, PASSES } = new Function(`${source}; return { serveBasins, PASSES };`)();

const results = [];
for (const [id, job] of cases.entries()) {
  await new Promise((done) => {
    const scope = {
      postMessage({ n, fates, steps, counts }) {
        if (n < job.finest) return;
        results.push({ id, n, fates: Array.from(fates), steps: Array.from(steps), counts });
        done();
      },
    };
    serveBasins(scope);
    scope.onmessage({ data: { id, ...job } });
  });
}

// Two requests at once: the first pass of the older one comes, the finest is that of the newer.
const seen = [];
await new Promise((done) => {
  const scope = {
    postMessage({ id, n }) {
      seen.push([id, n]);
      if (id === 1 && n === PASSES.at(-1)) done();
    },
  };
  serveBasins(scope);
  const [job] = cases;
  scope.onmessage({ data: { id: 0, ...job, finest: PASSES.at(-1) } });
  scope.onmessage({ data: { id: 1, ...job, finest: PASSES.at(-1) } });
});
console.log(JSON.stringify({ results, seen }));
