// Drawing a bifurcation diagram: its axes, the scan in them, one orbit, and the exponent below.

const MARGINS = { left: 14, right: 14, top: 14, bottom: 26 };
const LEAST = -1.5, FLAT = 0.002; // of the strip: the lowest exponent shown, and the smallest range above and below 0

/** Coordinates and drawing on `canvas`; `view()` gives {low, high, bottom, top}: learning rates and heights shown. */
class Diagram {
  constructor(canvas, view) {
    Object.assign(this, { canvas, view });
  }

  get area() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return { left: MARGINS.left, right: width - MARGINS.right, top: MARGINS.top, bottom: height - MARGINS.bottom };
  }

  lrAt(x) {
    const { low, high } = this.view(), { left, right } = this.area;
    return Math.min(high, Math.max(low, low + ((x - left) / (right - left)) * (high - low)));
  }

  thetaAt(y) {
    const view = this.view(), { top, bottom } = this.area;
    return view.bottom + ((bottom - y) / (bottom - top)) * (view.top - view.bottom);
  }

  x(lr) {
    const { low, high } = this.view(), { left, right } = this.area;
    return left + ((lr - low) / (high - low)) * (right - left);
  }

  y(theta) {
    const view = this.view(), { top, bottom } = this.area;
    return bottom - ((theta - view.bottom) / (view.top - view.bottom)) * (bottom - top);
  }

  /** `what` has palette, scan, the learning rate `shown` and the `tail` of its orbit, and a box being drawn or null. */
  paint(context, height, what) {
    const { palette, scan, box } = what, { area } = this, { bottom, top } = this.view();
    context.save();
    context.beginPath();
    context.rect(area.left, area.top, area.right - area.left, area.bottom - area.top);
    context.clip();
    for (const tick of roundTicks(bottom, top, 4)) {
      Object.assign(context, { strokeStyle: palette.rule, lineWidth: 1 });
      line(context, [area.left, this.y(tick)], [area.right, this.y(tick)]);
    }
    const { left, right } = area;
    if (scan) context.drawImage(scan.image, left, area.top, right - left, area.bottom - area.top);
    this.#paintOrbit(context, area, what);
    context.restore();
    this.#paintTicks(context, area, height, palette);
    if (box) paintBox(context, palette, box);
  }

  #paintTicks(context, area, height, palette) {
    const { low, high, bottom, top } = this.view();
    for (const tick of roundTicks(bottom, top, 4)) {
      const y = this.y(tick), words = tickLabel(tick, top - bottom);
      if (y > area.top + 14) inscribe(context, palette, words, area.left, y - 4, { align: "left" });
    }
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
    line(context, [area.left, area.bottom], [area.right, area.bottom]);
    const half = 3.2 * tickLabel(high, high - low).length; // of a label, in pixels
    for (const tick of roundTicks(low, high, Math.max(1, (area.right - area.left) / (2 * half + 60)))) {
      const x = Math.min(area.right - half, Math.max(area.left + half, this.x(tick)));
      inscribe(context, palette, tickLabel(tick, high - low), x, height - 8);
    }
  }

  /** A line at the learning rate, and on it the last iterates. */
  #paintOrbit(context, area, { palette, shown, tail }) {
    const x = this.x(shown);
    Object.assign(context, { strokeStyle: palette.ink, lineWidth: 1 });
    context.setLineDash([3, 3]);
    line(context, [x, area.top], [x, area.bottom]);
    context.setLineDash([]);
    Object.assign(context, { fillStyle: palette.ink, strokeStyle: palette.paper, lineWidth: 1.2 });
    for (const theta of tail) {
      dot(context, x, this.y(theta), 3.4);
      context.fill();
      context.stroke();
    }
  }

  /** The exponent at each learning rate, in a strip below the diagram. */
  paintStrip(context, height, { palette, scan, shown }) {
    const { left, right } = this.area, [least, most] = exponentRange(scan);
    const y = (value) => height - 3 - ((value - least) / (most - least)) * (height - 6), zero = y(0);
    for (let i = 0; i < (scan?.columns ?? 0); i++) {
      const value = scan.exponents[i];
      if (!(value < Infinity)) continue;
      const from = left + (i / scan.columns) * (right - left), to = y(Math.min(most, Math.max(least, value)));
      context.fillStyle = value > 0 ? palette.unstable : palette.stable;
      context.fillRect(from, Math.min(zero, to), (right - left) / scan.columns + 0.2, Math.abs(to - zero));
    }
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
    line(context, [left, zero], [right, zero]);
    context.strokeStyle = palette.ink;
    context.setLineDash([3, 3]);
    line(context, [this.x(shown), 0], [this.x(shown), height]);
    context.setLineDash([]);
    const words = `Lyapunov exponent, ${formatNumber(least, 2)} to ${formatNumber(most, 2)}`;
    inscribe(context, palette, words, left, 14, { align: "left" });
    inscribe(context, palette, "above the line: chaos", right, height - 6, { align: "right" });
  }
}

function tickLabel(tick, span) {
  return tick.toFixed(Math.max(1, Math.min(12, 1 - Math.floor(Math.log10(span))))).replace("-", "−");
}

function paintBox(context, palette, [x0, y0, x1, y1]) {
  Object.assign(context, { strokeStyle: palette.ink, fillStyle: palette.rule, lineWidth: 1.2 });
  context.fillRect(x0, y0, x1 - x0, y1 - y0);
  context.strokeRect(x0, y0, x1 - x0, y1 - y0);
}

/** So that what the view holds fills the strip. */
function exponentRange(scan) {
  const finite = scan ? scan.exponents.filter(Number.isFinite) : [];
  return finite.reduce(([least, most], v) => [Math.max(LEAST, Math.min(least, v)), Math.max(most, v)], [-FLAT, FLAT]);
}
