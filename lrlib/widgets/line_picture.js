// A landscape of one coordinate as a line.

/** A landscape of one coordinate drawn as a line over a faint fill; keeps the outline between frames. */
class LandscapePicture {
  constructor(landscape, lossRange, lossScale, margins) {
    this.landscape = landscape;
    [[this.low, this.high]] = landscape.box;
    [this.lossLow, this.lossHigh] = lossRange;
    this.power = lossScale === "sqrt" ? 0.5 : 1;
    this.margins = margins;
  }

  resize(width, height) {
    if (this.width === width && this.height === height) return;
    const { left, right, top, bottom } = this.margins;
    Object.assign(this, { width, height, left, top, right: width - right, bottom: height - bottom });
    this.outline = new Path2D();
    for (let x = this.left; x <= this.right; x += 0.5) {
      this.outline.lineTo(x, this.y(this.landscape.loss(this.theta(x))));
    }
  }

  /** A position on the axis with a fixed number of decimals, so that a read-out keeps its width. */
  format(theta) {
    const decimals = Math.max(2, 2 - Math.floor(Math.log10(this.high - this.low)));
    return theta.toFixed(decimals).replace("-", "−");
  }

  x(theta) {
    return this.left + ((theta - this.low) / (this.high - this.low)) * (this.right - this.left);
  }

  theta(x) {
    return this.low + ((x - this.left) / (this.right - this.left)) * (this.high - this.low);
  }

  /** Height of a loss; what the range does not hold ends just above the picture. */
  y(loss) {
    const share = Math.max(0, (loss - this.lossLow) / (this.lossHigh - this.lossLow));
    return Math.max(-20, this.bottom - share ** this.power * (this.bottom - this.top));
  }

  /** Curve, fill and faint rules; `ground` is the height of the axis. */
  paint(context, palette, ground) {
    this.#rules(context, palette);
    context.fillStyle = palette.wash;
    context.fill(this.under(ground));
    Object.assign(context, { strokeStyle: palette.ink, lineWidth: 1.6, lineJoin: "round" });
    context.stroke(this.outline);
  }

  /** The region between curve and ground. */
  under(ground) {
    const region = new Path2D(this.outline);
    region.lineTo(this.right, ground);
    region.lineTo(this.left, ground);
    return region;
  }

  #rules(context, palette) {
    for (const loss of this.#lossTicks()) {
      const y = this.y(loss);
      if (loss <= this.lossLow || y < 12) continue;
      Object.assign(context, { strokeStyle: palette.rule, lineWidth: 1 });
      line(context, [this.left, y], [this.right, y]);
      inscribe(context, palette, formatNumber(loss, 2), this.left, y - 4, { align: "left" });
    }
  }

  #lossTicks() {
    const { lossLow, lossHigh } = this, height = lossHigh - lossLow;
    if (this.power === 1) return roundTicks(lossLow, lossHigh, 4);
    return [1 / 9, 4 / 9, 1].map((share) => +(lossLow + share * height).toPrecision(1));
  }

  /** The axis with its numbers; a range input lies over it. */
  axis(context, palette, y) {
    Object.assign(context, { strokeStyle: palette.threshold, lineWidth: 1 });
    line(context, [this.left, y], [this.right, y]);
    for (const tick of roundTicks(this.low, this.high, this.width / 70)) {
      inscribe(context, palette, formatNumber(tick), this.x(tick), y + 22);
    }
  }

  /** The minima, named: the desired one, which comes first, filled, others hollow. */
  minima(context, palette) {
    const marks = this.landscape.minima.map(({ name, lower, upper }) => {
      const theta = (lower[0] + upper[0]) / 2;
      return { words: splitName(name, this.width), x: this.x(theta), y: this.y(this.landscape.loss(theta)) };
    }).filter(({ x }) => x >= this.left && x <= this.right);
    context.font = `12px ${palette.font}`;
    const widths = marks.map(({ words }) => Math.max(...words.map((word) => context.measureText(word).width)));
    const lefts = spread(marks.map(({ x }) => x), widths, 4, this.width - 4, 8);
    marks.forEach(({ words, x, y }, i) => {
      words.forEach((word, row) => {
        inscribe(context, palette, word, lefts[i] + widths[i] / 2, y + 19 + 14 * row, { colour: palette.ink, size: 12 });
      });
      dot(context, x, y, 4.5);
      Object.assign(context, { fillStyle: i ? palette.paper : palette.ink, strokeStyle: palette.ink, lineWidth: 1.6 });
      context.fill();
      context.stroke();
    });
  }
}

/** A long name breaks at its last space where the picture is narrow. */
function splitName(name, width) {
  const space = name.lastIndexOf(" ");
  return width < 544 && name.length > 9 && space > 0 ? [name.slice(0, space), name.slice(space + 1)] : [name];
}
