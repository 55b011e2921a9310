// A landscape of two coordinates: the picture's frame, level lines, series of numbers.

const SHOWN = 400; // iterates drawn at most, the newest
const PLANE_MARGINS = { left: 34, right: 12, top: 12, bottom: 28 };

/** Coordinates of a picture of the box; the twin of LandscapePicture in two dimensions. */
class PlanePicture {
  constructor(landscape) {
    const [[xLow, xHigh], [yLow, yHigh]] = landscape.box;
    Object.assign(this, { landscape, xLow, xHigh, yLow, yHigh });
  }

  resize(width, height) {
    const { left, right, top, bottom } = PLANE_MARGINS;
    Object.assign(this, { width, height, left, top, right: width - right, bottom: height - bottom });
  }

  x(value) {
    return this.left + ((value - this.xLow) / (this.xHigh - this.xLow)) * (this.right - this.left);
  }

  y(value) {
    return this.bottom - ((value - this.yLow) / (this.yHigh - this.yLow)) * (this.bottom - this.top);
  }

  /** The point of the box under a position in the picture. */
  point(x, y) {
    const { left, right, top, bottom, xLow, xHigh, yLow, yHigh } = this;
    const across = Math.min(1, Math.max(0, (x - left) / (right - left)));
    const up = Math.min(1, Math.max(0, (bottom - y) / (bottom - top)));
    return [+(xLow + across * (xHigh - xLow)).toPrecision(6), +(yLow + up * (yHigh - yLow)).toPrecision(6)];
  }

  /** A coordinate with a fixed number of decimals. */
  format(value, digits = 2) {
    const decimals = Math.max(digits, digits - Math.floor(Math.log10(this.xHigh - this.xLow)));
    return value.toFixed(decimals).replace("-", "−");
  }

  /** Ticks outside, a thin frame around. */
  axes(context, palette) {
    const { left, right, top, bottom, landscape: { coordinates: [first, second] } } = this;
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
    context.strokeRect(left - 0.5, top - 0.5, right - left + 1, bottom - top + 1);
    for (const tick of roundTicks(this.xLow, this.xHigh, 6)) {
      inscribe(context, palette, formatNumber(tick), this.x(tick), bottom + 16);
    }
    for (const tick of roundTicks(this.yLow, this.yHigh, 6)) {
      inscribe(context, palette, formatNumber(tick), left - 6, this.y(tick) + 4, { align: "right" });
    }
    inscribe(context, palette, first, right - 6, bottom - 8, { align: "right", colour: palette.ink, size: 13 });
    inscribe(context, palette, second, left + 8, top + 16, { align: "left", colour: palette.ink, size: 13 });
  }

  clip(context) {
    context.save();
    context.beginPath();
    context.rect(this.left, this.top, this.right - this.left, this.bottom - this.top);
    context.clip();
  }

  /** A small canvas stretched over the box. */
  image(context, canvas, smooth) {
    context.imageSmoothingEnabled = smooth;
    context.drawImage(canvas, this.left, this.top, this.right - this.left, this.bottom - this.top);
  }

  /** The line f = 0 as a path: marching squares on n by n cells. */
  zeroSet(f, n = 160) {
    const { left, right, top, bottom } = this, path = new Path2D(), row = (j) => {
      const y = this.yHigh - (j / n) * (this.yHigh - this.yLow);
      return Float64Array.from({ length: n + 1 }, (_, i) => f(this.xLow + (i / n) * (this.xHigh - this.xLow), y));
    };
    const wide = right - left, at = (i, j) => [left + (i / n) * wide, top + (j / n) * (bottom - top)];
    let above = row(0), highest = null;
    for (let j = 0; j < n; j++) {
      const below = row(j + 1);
      for (let i = 0; i < n; i++) {
        const right = i + 1, down = j + 1, ends = [];
        const negative = (above[i] < 0) + (above[right] < 0) + (below[right] < 0) + (below[i] < 0);
        if (negative % 4 === 0) continue;
        const corners = [[i, j, above[i]], [right, j, above[right]], [right, down, below[right]], [i, down, below[i]]];
        corners.forEach(([a, b, u], k) => {
          const [c, d, v] = corners[(k + 1) % 4], share = u / (u - v);
          if (u < 0 !== v < 0) ends.push(at(a + (c - a) * share, b + (d - b) * share));
        });
        for (let k = 0; k + 1 < ends.length; k += 2) {
          path.moveTo(...ends[k]);
          path.lineTo(...ends[k + 1]);
          highest ??= ends[k];
        }
      }
      above = below;
    }
    return { path, highest };
  }
}

/** From faint (old) to solid (newest). */
const ageOf = ({ from, until }, t) => 0.6 + 0.4 * ((t - from + 1) / (until - from + 1)) ** 2;

/** Red, green and blue of a canvas colour, 0 to 255. */
function channels(colour) {
  const context = element("canvas", { width: 1, height: 1 }).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

/** Heights in a strip of `values`, on a log scale or up to a few times `level`. */
function seriesScale(values, log, level, top, bottom) {
  const finite = values.filter((v) => Number.isFinite(v) && (!log || v > 0));
  let high = finite.reduce((a, b) => Math.max(a, b), log ? 1e-12 : level.value);
  let low = finite.reduce((a, b) => Math.min(a, b), high / 10);
  if (log) low = Math.max(low, high * 1e-24);
  else high = Math.min(high, 4 * level.value) * 1.06;
  const share = (v) => (log ? Math.log(Math.max(v, low) / low) / Math.log(high / low) : (v - low) / (high - low));
  return (v) => bottom - Math.min(1.02, Math.max(0, share(v))) * (bottom - top);
}

/** One number for each step as dots, either on a log scale or with a `level`, a dashed line with a name. */
function paintSeries(context, palette, width, height, { values, colour, name, log, level, from }) {
  const until = values.length - 1, left = 12, right = width - 12;
  const y = seriesScale(values, log, level, 24, height - 8);
  const x = (t) => left + (t / Math.max(until, 12)) * (right - left);
  if (level) {
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1.2 });
    context.setLineDash([4, 4]);
    line(context, [left, y(level.value)], [right, y(level.value)]);
    context.setLineDash([]);
  }
  context.fillStyle = colour;
  values.forEach((value, t) => {
    if (!Number.isFinite(value)) return;
    context.globalAlpha = t < from ? 0.3 : ageOf({ from, until }, t);
    dot(context, x(t), y(value), t === until ? 3.6 : until > 150 ? 1.3 : 2.4);
    context.fill();
  });
  context.globalAlpha = 1;
  if (level) inscribe(context, palette, level.name, right, y(level.value) - 5, { align: "right" });
  inscribe(context, palette, name, left, 15, { align: "left" });
  inscribe(context, palette, `step ${until}`, right, 15, { align: "right" });
}
