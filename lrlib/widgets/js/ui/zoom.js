// A view that zooms: its ranges are state, which links carry. A mouse that draws a box, a key or a
// button zooms; in between, pointers do what the picture is for.

import { fitted, scaled, shifted } from "../engine/interval.js";
import { clamp } from "../engine/numbers.js";
import { button } from "./dom.js";
import { followPointer } from "./pointer.js";
import { ARROWS } from "./starts.js";

const PACE = 1 / 8; // of the view, for an arrow
const FINE = 1 / 200; // of the view, for shift and an arrow
const CLICK = 5; // pixels: a smaller box is a click

/**
 * The hand of a view, for `views`: pointers and keys choose `pick`, the control along its x axis.
 * Perhaps there is a `zoom` too, {x, y, aim}: the controls of its ranges, and (scene) -> heights,
 * of which the last in view is zoomed in on.
 */
export const picking = (pick, zoom = null) => (frame, view) => new Picking(frame, view, pick, zoom);

/**
 * The hand of a picture of the plane: a click moves the point `pick`, about which keys and buttons
 * zoom; `zoom` is {x, y}, the controls of its ranges.
 */
export const pointing = (pick, zoom) => (frame, view) => new Pointing(frame, view, pick, zoom);

class Zooming {
  constructor(frame, view, pick, zoom) {
    Object.assign(this, { frame, view, pick, zoom, box: null, buttons: [] });
    this.follow();
    if (!zoom) return;
    this.buttons.push(
      button("zoomIn", "Zoom in", () => this.scale(0.5)),
      button("zoomOut", "Zoom out", () => this.scale(2)),
    );
    const { canvas, spec: { label } } = view;
    canvas.setAttribute("aria-label", `${label}. ${this.keys}, Home shows all.`);
    canvas.setAttribute("role", "application"); // it takes keys
    canvas.setAttribute("tabindex", "0");
    canvas.onkeydown = (event) => {
      const { key, shiftKey, ctrlKey, altKey, metaKey } = event;
      const action = ctrlKey || altKey || metaKey ? null : this.#action(key, shiftKey);
      if (!action) return;
      event.preventDefault();
      action();
    };
  }

  /** The box that the mouse draws. */
  paint(pen) {
    if (!this.box) return;
    const [[x0, y0], [x1, y1]] = this.box;
    const corners = [x0, y0, x1, y0, x1, y1, x0, y1, x0, y0];
    pen.area(corners, { fill: "rule" });
    pen.line(corners, { width: 1.2 });
  }

  get shown() {
    const { state } = this.frame;
    return [state[this.zoom.x], state[this.zoom.y]];
  }

  /** Show these ranges, as far as the limits allow. */
  look(xs, ys) {
    const { frame, zoom: { x, y } } = this;
    frame.set({
      [x]: fitted(...xs, frame.control(x)),
      [y]: fitted(...ys, frame.control(y)),
    });
    frame.save();
  }

  scale(factor) {
    const [xs, ys] = this.shown;
    const [x, y] = this.centre(factor);
    this.look(scaled(xs, x, factor), scaled(ys, y, factor));
  }

  /** The box from where the mouse went down, unless it is small. */
  draw(at, from) {
    const [width, height] = at.map((value, i) => Math.abs(value - from[i]));
    this.box = Math.hypot(width, height) > CLICK ? [from, at] : null;
    this.frame.invalidate();
  }

  /** The numbers under opposite corners of a box, in order: [xs, ys]. */
  rangesOf([[x0, y0], [x1, y1]]) {
    const { plot } = this.view;
    const ordered = (a, b) => (a < b ? [a, b] : [b, a]);
    return [ordered(plot.atX(x0), plot.atX(x1)), ordered(plot.atY(y0), plot.atY(y1))];
  }

  /** What a key does, or undefined. */
  #action(key, shift) {
    const [xs, ys] = this.shown;
    const everything = [-Infinity, Infinity];
    const nearer = () => this.scale(0.5);
    const farther = () => this.scale(2);
    const all = () => this.look(everything, everything);
    const named = { "+": nearer, "=": nearer, "-": farther, "−": farther, Home: all };
    if (!ARROWS[key]) return named[key];
    const [dx, dy] = ARROWS[key];
    const fine = shift && this.nudge(dx * FINE, dy * FINE);
    return fine || (() => this.look(shifted(xs, PACE * dx), shifted(ys, PACE * dy)));
  }
}

class Picking extends Zooming {
  follow() {
    const { frame, view } = this;
    let before = null;
    followPointer(view.canvas, {
      takes: () => {
        before = frame.state;
        return true;
      },
      hover: ([x]) => frame.peek({ [this.pick]: view.plot.atX(x) }),
      leave: () => frame.peek(null),
      tap: ([x]) => this.#choose(view.plot.atX(x)),
      drag: (at, press) => this.#drag(at, press),
      drop: (at) => this.#drop(at),
      cancel: () => {
        this.box = null;
        frame.set(before);
      },
    });
  }

  get keys() {
    const name = this.frame.control(this.pick).label.toLowerCase();
    return `Plus and minus zoom, arrows move the view, shift and arrows the ${name}`;
  }

  /** The screen's pixels inside the margins, for a widget that computes each. */
  get grid() {
    const { plot, ratio } = this.view;
    if (!plot) return null; // in a closed tab
    const sharp = Math.min(2, ratio);
    const sides = [plot.right - plot.left, plot.bottom - plot.top];
    const [columns, rows] = sides.map((side) => Math.round(sharp * side));
    return columns > 0 && rows > 0 ? { columns, rows } : null;
  }

  /** A value of the picked control, kept within its limits. */
  #move(value) {
    const { low, high } = this.frame.control(this.pick);
    this.frame.set({ [this.pick]: +clamp(value, low, high).toPrecision(10) });
  }

  #choose(value) {
    this.#move(value);
    this.frame.save();
  }

  get #value() {
    return this.frame.state[this.pick];
  }

  #drag(at, { from, pointerType }) {
    if (pointerType === "touch" || !this.zoom) {
      this.#move(this.view.plot.atX(at[0]));
      return;
    }
    this.frame.peek(null);
    this.draw(at, from);
  }

  #drop(at) {
    const { box } = this;
    this.box = null;
    if (box) this.#zoomTo(box);
    else this.#choose(this.view.plot.atX(at[0]));
    this.frame.invalidate();
  }

  /** The part of the picture in a box; a stroke along the axis keeps all heights. */
  #zoomTo(box) {
    const [[x0, y0], [x1, y1]] = box;
    if (Math.abs(x1 - x0) < 4) return;
    const [, heights] = this.shown;
    const flat = Math.abs(y1 - y0) < 8;
    const [xs, ys] = this.rangesOf(box);
    this.look(xs, flat ? heights : ys);
    if (this.#value < xs[0] || this.#value > xs[1]) this.#choose((xs[0] + xs[1]) / 2);
  }

  /** The picked value where it is in view; inwards also the height of what is beside it. */
  centre(factor) {
    const { frame, zoom } = this;
    const value = this.#value;
    const [xs, ys] = this.shown;
    const seen = Array.from(zoom.aim(frame.scene)).filter((y) => y > ys[0] && y < ys[1]);
    const x = value > xs[0] && value < xs[1] ? value : middle(xs);
    return [x, factor < 1 && seen.length ? seen.at(-1) : middle(ys)];
  }

  nudge(dx) {
    const [[low, high]] = this.shown;
    return dx && (() => this.#choose(this.#value + dx * (high - low)));
  }
}

class Pointing extends Zooming {
  follow() {
    const { frame, view } = this;
    const forget = () => {
      this.box = null;
      frame.invalidate();
    };
    followPointer(view.canvas, {
      takes: () => true,
      tap: (at) => this.#place(at),
      drag: (at, { from, mouse }) => mouse && this.draw(this.#shaped(at, from), from),
      drop: () => {
        if (this.box) this.look(...this.rangesOf(this.box));
        forget();
      },
      cancel: forget,
    });
  }

  get keys() {
    return "Draw a box with the mouse to zoom; plus and minus zoom, arrows move the view";
  }

  #place(at) {
    const control = this.frame.control(this.pick);
    control.move(control.valueAt(this.view.plot, ...at));
    control.settle();
  }

  /** The corner of a box that is as wide for its height as the picture is. */
  #shaped([x, y], [x0, y0]) {
    const { left, right, top, bottom } = this.view.plot;
    const size = Math.max(Math.abs(x - x0) / (right - left), Math.abs(y - y0) / (bottom - top));
    return [
      x0 + Math.sign(x - x0 || 1) * size * (right - left),
      y0 + Math.sign(y - y0 || 1) * size * (bottom - top),
    ];
  }

  /** The point where it is in view. */
  centre() {
    const point = this.frame.state[this.pick];
    const inside = this.shown.every(([low, high], i) => point[i] > low && point[i] < high);
    return this.shown.map((ends, i) => (inside ? point[i] : middle(ends)));
  }

  nudge() {
    return null;
  }
}

const middle = ([low, high]) => (low + high) / 2;
