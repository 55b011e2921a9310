// Controls: native range inputs, buttons, and the learning-rate track with its bands.

/** element("p", {class: "x", onclick: f}, "text", child): a DOM node. */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node[name] = value;
    else if (value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const ICONS = {
  play: "M5 3l9 5-9 5z",
  pause: "M5 3h2v10H5zM10 3h2v10h-2z",
  step: "M3 3l7 5-7 5zM11 3h2v10h-2z",
  reset: "M8 2a6 6 0 1 1-5.7 4.1l1.4.5A4.5 4.5 0 1 0 8 3.5V6L4.5 2.8 8 0z",
  link: "M6.5 9.5a2.6 2.6 0 0 0 3.7 0l2.5-2.5A2.6 2.6 0 0 0 9 3.3l-1 1M9.5 6.5a2.6 2.6 0 0 0-3.7 0l-2.5 2.5a2.6 2.6 0 0 0 3.7 3.7l1-1",
  copy: "M5.5 5.5V2.5h8v8h-3M2.5 5.5h8v8h-8z",
  zoomIn: "M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10.3 10.3L14 14M5 7h4M7 5v4",
  zoomOut: "M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 0 1 0-9M10.3 10.3L14 14M5 7h4",
  converged: "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3z", // filled; "elsewhere" is its outline
  periodic: "M2.5 6h9M9 3.5L11.5 6 9 8.5M13.5 10.5h-9M7 8l-2.5 2.5L7 13",
  bounded: "M1.5 8c1.5-6 3-6 4.3 0s2.9 6 4.4 0 2.8-6 4.3 0",
  diverged: "M3 13L12.5 3.5M6 3h7v7",
};
const OUTLINED = new Set(["link", "copy", "zoomIn", "zoomOut", "elsewhere", "periodic", "bounded", "diverged"]);

/** A decorative inline SVG; text carries the meaning. */
function drawing(className, attributes, ...paths) {
  const outlines = paths.map((d) => `<path d="${d}"/>`).join("");
  const holder = element("div");
  holder.innerHTML = `<svg class="${className}" aria-hidden="true" ${attributes}>${outlines}</svg>`;
  return holder.firstChild;
}

function icon(name) {
  return drawing(OUTLINED.has(name) ? "lr-icon lr-icon-outlined" : "lr-icon", 'viewBox="0 0 16 16"', ICONS[name] ?? ICONS.converged);
}

/** A button with icon and text; `relabel(name, text)` changes both. */
function button(name, text, onclick) {
  const node = element("button", { type: "button", class: "lr-button", onclick });
  node.relabel = (newName, newText) => node.replaceChildren(icon(newName), element("span", {}, newText));
  node.relabel(name, text);
  return node;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number for reading: 0.0012, 12.3, 5.8 × 10⁻⁶. */
function formatNumber(value, digits = 3) {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 1e-4 && size < 1e5) return String(+value.toPrecision(digits)).replace("-", "−");
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const raised = [...String(Math.abs(exponent))].map((d) => SUPERSCRIPTS[d]).join("");
  return `${+mantissa} × 10${exponent < 0 ? "⁻" : ""}${raised}`.replace("-", "−");
}

/** As formatNumber with all its digits, so that a read-out keeps its width while it changes. */
function steadyNumber(value, digits = 3) {
  const text = formatNumber(value, digits);
  return /^−?[\d.]+$/.test(text) ? value.toPrecision(digits).replace("-", "−") : text;
}

const POSITIONS = 1000;

/** A native range input over [low, high], logarithmic where asked; `label` where no label element names it. */
class Range {
  constructor({ label, low, high, log = false, describe, oninput, onchange }) {
    Object.assign(this, { low, high, log, describe });
    this.input = element("input", {
      type: "range", class: "lr-range", id: `lr-${Math.random().toString(36).slice(2)}`, "aria-label": label,
      min: 0, max: POSITIONS, step: 1,
      oninput: () => oninput(this.valueAt(+this.input.value)),
      onchange: () => onchange(),
    });
  }

  valueAt(position) {
    const { low, high, log } = this;
    const share = position / POSITIONS, value = log ? low * (high / low) ** share : low + share * (high - low);
    return Math.min(high, Math.max(low, +value.toPrecision(log ? 4 : 6)));
  }

  share(value) {
    const { low, high, log } = this;
    return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  }

  show(value) {
    this.input.value = Math.round(POSITIONS * this.share(value));
    this.input.setAttribute("aria-valuetext", this.describe(value));
  }
}

/** A labelled slider in one row; `extras` stand at its end. */
function sliderRow(range, name, ...extras) {
  const output = element("output", { class: "lr-readout", "aria-hidden": "true" }); // else spoken twice
  const label = element("label", { for: range.input.id }, name);
  const row = element("div", { class: "lr-slider" }, label, range.input, output, ...extras);
  return { row, show: (value, text) => { range.show(value); output.textContent = text; } };
}

/** A long label breaks at the space nearest to its middle (where the page is wide: see widgets.css). */
function twoLines(label) {
  const spaces = [...label.matchAll(/ /g)].map(({ index }) => index), middle = label.length / 2;
  if (label.length < 14 || !spaces.length) return [label];
  const cut = spaces.reduce((a, b) => (Math.abs(b - middle) < Math.abs(a - middle) ? b : a));
  return [label.slice(0, cut), " ", element("br"), label.slice(cut + 1)];
}

/** The learning-rate slider over its bands: thresholds as edges, fates in words, each a button. */
class Track {
  constructor({ bands, range: [low, high], sharpness, oninput, onchange }) {
    this.sharpness = sharpness;
    this.range = new Range({ low, high, log: true, describe: (lr) => this.describe(lr), oninput, onchange });
    this.bands = bands.map(({ upper, kind, label }, i) => {
      const from = i ? bands[i - 1].upper : low, to = upper ?? high;
      return { from, to, kind, label, middle: +Math.sqrt(from * to).toPrecision(4) };
    });
    this.output = element("output", { class: "lr-readout", "aria-hidden": "true" });
    this.labels = element("div", { class: "lr-labels" });
    this.rail = element("div", { class: "lr-rail" }, ...this.bands.map((band) => this.#segment(band)));
    this.row = element("div", { class: "lr-track" },
      element("div", { class: "lr-track-head" },
        element("label", { for: this.range.input.id }, "Learning rate"), this.output),
      element("div", { class: "lr-rail-box" }, this.rail, this.range.input), this.labels);
    if (2 / sharpness > low && 2 / sharpness < high) this.rail.append(this.#threshold());
    this.#makeLabels((lr) => { oninput(lr); onchange(); });
  }

  #segment(band) {
    const left = 100 * this.range.share(band.from), right = 100 * this.range.share(band.to);
    band.centre = (left + right) / 200;
    band.segment = element("span", {
      class: "lr-band", "data-kind": band.kind, style: `left:${left.toFixed(3)}%;width:${(right - left).toFixed(3)}%`,
    });
    return band.segment;
  }

  #threshold() {
    const left = (100 * this.range.share(2 / this.sharpness)).toFixed(3);
    return element("span", { class: "lr-tick", style: `left:${left}%`, "aria-hidden": "true" }, "2/λ");
  }

  #makeLabels(jump) {
    if (!this.bands.length) return this.labels.remove();
    this.leaders = element("div", { class: "lr-leaders" });
    this.bands.forEach((band, i) => {
      band.number = element("span", { class: "lr-band-number", "aria-hidden": "true" }, String(i + 1));
      band.button = element("button", {
        type: "button", class: "lr-band-label", "data-kind": band.kind, onclick: () => jump(band.middle),
        title: `Go to learning rate ${formatNumber(band.middle)}`,
      }, element("b", { "aria-hidden": "true" }, String(i + 1)), element("span", {}, ...twoLines(band.label)));
    });
    this.labels.append(this.leaders, ...this.bands.map((band) => band.number),
      element("div", { class: "lr-band-list" }, ...this.bands.map((band) => band.button)));
  }

  /** Put labels (wide) or their numbers (narrow) under their bands, pushed apart where bands are thin. */
  layout() {
    const width = this.rail.clientWidth;
    if (!width || !this.bands.length) return;
    const wide = getComputedStyle(this.labels).getPropertyValue("--wide").trim() === "1";
    const inset = this.rail.offsetLeft, items = this.bands.map((band) => (wide ? band.button : band.number));
    for (const band of this.bands) band.button.style.left = band.number.style.left = "";
    const widths = items.map((item) => item.offsetWidth);
    const centres = this.bands.map((band) => inset + band.centre * width);
    const lefts = spread(centres, widths, 4, width + 2 * inset - 4, wide ? 4 : 6);
    items.forEach((item, i) => { item.style.left = `${lefts[i]}px`; });
    const bent = centres.map((centre, i) => `M${centre} 0V3L${lefts[i] + widths[i] / 2} 10`);
    this.leaders.replaceChildren(drawing("", "", ...bent));
  }

  multiple(lr) {
    return this.sharpness ? steadyNumber((lr * this.sharpness) / 2) : "";
  }

  describe(lr) {
    const band = this.bandAt(lr);
    const times = this.sharpness ? `, ${this.multiple(lr)} times 2 over lambda` : "";
    return `${formatNumber(lr)}${times}${band ? `: ${band.label}` : ""}`;
  }

  bandAt(lr) {
    return this.bands.find((band, i) => lr < band.to || i === this.bands.length - 1);
  }

  show(lr) {
    this.range.show(lr);
    this.output.textContent = steadyNumber(lr) + (this.sharpness ? ` = ${this.multiple(lr)} × 2/λ` : "");
    const active = this.bandAt(lr);
    for (const band of this.bands) {
      band.segment.classList.toggle("lr-active", band === active);
      band.button.classList.toggle("lr-active", band === active);
    }
  }
}
