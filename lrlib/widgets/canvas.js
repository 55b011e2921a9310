// Drawing: sharp canvases in the colours of the theme.

const COLOURS = [
  "ink", "muted", "paper", "rule", "wash", "descent", "unstable", "flow", "noise", "threshold",
  "stable", "trapped", "elsewhere", "oscillating", "wandering",
];

/** The colours of widgets.css as canvas colours; read again when the theme changes. */
function readPalette(root) {
  const probe = root.appendChild(element("i", { hidden: "" }));
  const palette = {};
  for (const name of COLOURS) {
    probe.style.color = `var(--w-${name})`;
    palette[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  palette.font = getComputedStyle(root).fontFamily;
  return palette;
}

/** Calls `changed` when the page turns dark or light, or goes to print. */
function watchTheme(changed, signal) {
  const observer = new MutationObserver(changed);
  const attributes = ["class", "style", "data-theme", "data-mode", "data-jp-theme-light", "data-vscode-theme-kind"];
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true, attributeFilter: attributes });
  }
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "print"]) {
    matchMedia(query).addEventListener("change", changed, { signal });
  }
  signal.addEventListener("abort", () => observer.disconnect());
}

/** A canvas as sharp as the screen; `paint(context, width, height)` works in CSS pixels. */
class Surface {
  constructor(className, label, paint) {
    this.canvas = element("canvas", { class: className, role: "img", "aria-label": label });
    this.context = this.canvas.getContext("2d");
    this.paint = paint;
  }

  draw() {
    const { canvas, context } = this;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width || !height) return; // in a closed tab; the resize observer calls again when it opens
    const ratio = window.devicePixelRatio || 1;
    const columns = Math.round(width * ratio), rows = Math.round(height * ratio);
    if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.paint(context, width, height);
  }
}

function dot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

function line(context, ...points) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
}

/** Text with a rim of paper, readable over lines. */
function inscribe(context, palette, text, x, y, { align = "center", colour = palette.muted, size = 11 } = {}) {
  Object.assign(context, { textAlign: align, font: `${size}px ${palette.font}`, lineJoin: "round" });
  Object.assign(context, { strokeStyle: palette.paper, lineWidth: 3, fillStyle: colour });
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/** Left ends of intervals of these widths, centred where asked but never overlapping, within [low, high]. */
function spread(centres, widths, low, high, gap) {
  const groups = [];
  centres.forEach((centre, i) => {
    let group = { from: i, to: i, width: widths[i], left: centre - widths[i] / 2 };
    for (;;) {
      group.left = Math.max(low, Math.min(group.left, high - group.width));
      const before = groups.at(-1);
      if (!before || before.left + before.width + gap <= group.left) break;
      const a = before.to - before.from + 1, b = group.to - group.from + 1;
      const left = (a * before.left + b * (group.left - before.width - gap)) / (a + b);
      group = { from: before.from, to: group.to, width: before.width + gap + group.width, left };
      groups.pop();
    }
    groups.push(group);
  });
  return groups.flatMap(({ from, to, left }) => {
    const lefts = [];
    for (let i = from; i <= to; left += widths[i++] + gap) lefts.push(left);
    return lefts;
  });
}

/** Round numbers from `low` to `high`, about `count` of them. */
function roundTicks(low, high, count) {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => +((first + i) * step).toPrecision(12));
}

/** The colour of a minimum: the first named is the desired one. */
function outcomeColour({ detail }) {
  return ["descent", "stable", "trapped"][detail] ?? "elsewhere";
}

const stageStyle = (height) => (height ? `height:${height}px;aspect-ratio:auto` : null);
