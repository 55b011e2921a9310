// Basin maps away from the page's thread: passes from coarse to fine, of which the newest request wins.

const PASSES = [50, 100, 200, 400];
const SLICE = 12; // milliseconds between two looks at newer requests

/** Answers {id, landscape, limits, nSteps, lr, box, elsewhere} with {id, n, fates, steps, counts} of each pass. */
function serveBasins(scope) {
  let next = null, busy = false;
  const rest = () => new Promise((done) => { setTimeout(done); });

  async function pass(job, landscape, runner, n) {
    const [[xLow, xHigh], [yLow, yHigh]] = job.box, start = [0, 0], counts = {};
    const fates = new Uint8Array(n * n), steps = new Uint16Array(n * n);
    let begun = performance.now();
    for (let j = 0; j < n; j++) {
      start[1] = yLow + (j + 0.5) * ((yHigh - yLow) / n);
      for (let i = 0; i < n; i++) {
        start[0] = xLow + (i + 0.5) * ((xHigh - xLow) / n);
        const outcome = runner.fate(start, job.lr), label = outcomeLabel(outcome, landscape.minima);
        fates[j * n + i] = fateIndex(outcome, landscape.minima.length);
        steps[j * n + i] = Math.min(65535, outcome.step);
        counts[label] = (counts[label] ?? 0) + 1;
      }
      if (n === PASSES[0] || performance.now() - begun < SLICE) continue; // the first pass is always shown
      await rest();
      if (next) return null;
      begun = performance.now();
    }
    return { id: job.id, n, fates, steps, counts };
  }

  async function work() {
    for (busy = true; next; ) {
      const job = next, landscape = openLandscape(job.landscape);
      const runner = new Runner(landscape, job.nSteps, job.limits);
      next = null;
      for (const n of PASSES.filter((size) => size <= job.finest)) {
        const found = await pass(job, landscape, runner, n);
        if (!found) break;
        scope.postMessage(found, [found.fates.buffer, found.steps.buffer]);
        await rest();
        if (next) break;
      }
    }
    busy = false;
  }

  scope.onmessage = ({ data }) => { next = data; if (!busy) work(); };
}

/** Text of a worker that holds the functions above. */
function workerText() {
  const used = [
    Runner, compile, rowGap, rowScale, minimumNear, repeats, outcomeLabel, fateIndex, serveBasins,
  ].map(String);
  const constants = { BOUNDED, CONVERGED, PERIODIC, DIVERGED, KIND_NAMES, PASSES, SLICE };
  const lines = Object.entries(constants).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};`);
  return [
    ...used, ...lines, "const compiled = new Map();", `const openLandscape = ${openLandscape};`, "serveBasins(self);",
  ].join("\n");
}

/** {post, close}: a worker, also on a page opened from a file; the page's own thread where workers are refused. */
function openBasins(receive) {
  const scope = { postMessage: (data) => setTimeout(() => receive(data)) }, channel = { close() {} };
  channel.post = (data) => {
    if (!scope.onmessage) serveBasins(scope);
    scope.onmessage({ data });
  };
  const here = channel.post;
  try {
    const worker = new Worker(URL.createObjectURL(new Blob([workerText()], { type: "text/javascript" })));
    let last = null;
    worker.onmessage = ({ data }) => receive(data);
    worker.onerror = () => { channel.post = here; here(last); };
    channel.post = (data) => worker.postMessage(last = data);
    channel.close = () => worker.terminate();
  } catch { /* `channel` works without */ }
  return channel;
}
