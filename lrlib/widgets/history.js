// Shares of the fates at all learning rates, computed while the browser is idle, coarse to fine.

const COLUMNS = 120;
const STARTS = 200;

class History {
  constructor(landscape, [low, high], fates, changed) {
    Object.assign(this, { landscape, fates, changed });
    this.columns = Array.from({ length: COLUMNS + 1 }, (_, i) => (
      { share: i / COLUMNS, lr: low * (high / low) ** (i / COLUMNS), counts: null }));
  }

  restart(low, high, runner) {
    this.stop?.();
    const starts = linspace(low, high, STARTS), start = [0];
    const queue = coarseToFine(COLUMNS + 1).map((i) => this.columns[i]);
    this.stop = whenIdle(() => {
      const column = queue.shift(), counts = new Float64Array(this.fates.length);
      for (start[0] of starts) {
        counts[fateIndex(runner.fate(start, column.lr), this.landscape.minima.length)] += 1 / STARTS;
      }
      column.counts = counts;
      return queue.length > 0;
    }, this.changed);
  }

  /** Stacked areas over the columns that are known so far. */
  paint(context, inks, left, right, top, bottom) {
    const known = this.columns.filter((column) => column.counts);
    if (!known.length) return;
    const x = ({ share }) => left + share * (right - left), y = (share) => bottom - share * (bottom - top);
    const base = known.map(() => 0);
    context.globalAlpha = 0.45;
    for (const { index } of this.fates) {
      context.beginPath();
      known.forEach((column, i) => context.lineTo(x(column), y(base[i])));
      for (let i = known.length - 1; i >= 0; i--) context.lineTo(x(known[i]), y(base[i] += known[i].counts[index]));
      context.fillStyle = inks[index];
      context.fill();
    }
    context.globalAlpha = 1;
  }
}

/** Call `step` while the browser is idle until it returns false, and `pause` after each stretch; returns a way to stop. */
function whenIdle(step, pause) {
  const ask = window.requestIdleCallback ?? ((call) => setTimeout(() => call({ timeRemaining: () => 0 }), 8));
  let stopped = false;
  const work = (idle) => {
    if (stopped) return;
    let more = true;
    do more = step(); while (more && idle.timeRemaining() > 3);
    pause();
    if (more) ask(work);
  };
  ask(work);
  return () => { stopped = true; };
}
