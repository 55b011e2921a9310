// A view that zooms: its range is state, which links carry. Its x axis is that of a control, whose
// value a pointer or a key picks; a mouse that draws a box, a key or a button zooms.

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

class Picking {
  constructor(frame, view, pick, zoom) {
    Object.assign(this, { frame, view, pick, zoom, box: null, buttons: [] });
    const { canvas, spec: { label } } = view;
    let before = null;
    followPointer(canvas, {
      takes: () => {
        before = frame.state;
        return true;
      },
      hover: ([x]) => frame.peek({ [pick]: view.plot.atX(x) }),
      leave: () => frame.peek(null),
      tap: ([x]) => this.#choose(view.plot.atX(x)),
      drag: (at, press) => this.#drag(at, press),
      drop: (at) => this.#drop(at),
      cancel: () => {
        this.box = null;
        frame.set(before);
      },
    });
    if (!zoom) return;
    this.buttons.push(
      button("zoomIn", "Zoom in", () => this.#scale(0.5)),
      button("zoomOut", "Zoom out", () => this.#scale(2)),
    );
    const name = frame.control(pick).label.toLowerCase();
    const keys = `Plus and minus zoom, arrows move the view, shift and arrows the ${name}`;
    canvas.setAttribute("aria-label", `${label}. ${keys}, Home shows all.`);
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

  /** The screen's pixels inside the margins, for a widget that computes each. */
  get grid() {
    const { plot, ratio } = this.view;
    if (!plot) return null; // in a closed tab
    const sharp = Math.min(2, ratio);
    const sides = [plot.right - plot.left, plot.bottom - plot.top];
    const [columns, rows] = sides.map((side) => Math.round(sharp * side));
    return columns > 0 && rows > 0 ? { columns, rows } : null;
  }

  /** The box that the mouse draws. */
  paint(pen) {
    if (!this.box) return;
    const [[x0, y0], [x1, y1]] = this.box;
    const corners = [x0, y0, x1, y0, x1, y1, x0, y1, x0, y0];
    pen.area(corners, { fill: "rule" });
    pen.line(corners, { width: 1.2 });
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

  /** Show these ranges, as far as the limits allow. */
  #look(xs, ys) {
    const { frame, zoom: { x, y } } = this;
    frame.set({
      [x]: fitted(...xs, frame.control(x)),
      [y]: fitted(...ys, frame.control(y)),
    });
    frame.save();
  }

  get #shown() {
    const { state } = this.frame;
    return [state[this.zoom.x], state[this.zoom.y]];
  }

  #drag(at, { from, pointerType }) {
    if (pointerType === "touch" || !this.zoom) {
      this.#move(this.view.plot.atX(at[0]));
      return;
    }
    const [width, height] = at.map((value, i) => Math.abs(value - from[i]));
    this.box = Math.hypot(width, height) > CLICK ? [from, at] : null;
    this.frame.peek(null);
    this.frame.invalidate();
  }

  #drop(at) {
    const { box } = this;
    this.box = null;
    if (box) this.#zoomTo(...box);
    else this.#choose(this.view.plot.atX(at[0]));
    this.frame.invalidate();
  }

  /** The part of the picture in a box; a stroke along the axis keeps all heights. */
  #zoomTo([x0, y0], [x1, y1]) {
    if (Math.abs(x1 - x0) < 4) return;
    const { plot } = this.view;
    const ordered = (a, b) => (a < b ? [a, b] : [b, a]);
    const [, heights] = this.#shown;
    const flat = Math.abs(y1 - y0) < 8;
    const xs = ordered(plot.atX(x0), plot.atX(x1));
    this.#look(xs, flat ? heights : ordered(plot.atY(y0), plot.atY(y1)));
    if (this.#value < xs[0] || this.#value > xs[1]) this.#choose((xs[0] + xs[1]) / 2);
  }

  /** About the picked value where it is in view; inwards also about what is beside it. */
  #scale(factor) {
    const { frame, zoom } = this;
    const value = this.#value;
    const [xs, ys] = this.#shown;
    const middle = ([low, high]) => (low + high) / 2;
    const seen = Array.from(zoom.aim(frame.scene)).filter((y) => y > ys[0] && y < ys[1]);
    const centre = value > xs[0] && value < xs[1] ? value : middle(xs);
    const height = factor < 1 && seen.length ? seen.at(-1) : middle(ys);
    this.#look(scaled(xs, centre, factor), scaled(ys, height, factor));
  }

  /** What a key does, or undefined. */
  #action(key, shift) {
    const [xs, ys] = this.#shown;
    const everything = [-Infinity, Infinity];
    const nearer = () => this.#scale(0.5);
    const farther = () => this.#scale(2);
    const all = () => this.#look(everything, everything);
    const named = { "+": nearer, "=": nearer, "-": farther, "−": farther, Home: all };
    if (!ARROWS[key]) return named[key];
    const [dx, dy] = ARROWS[key];
    if (shift && dx) return () => this.#choose(this.#value + dx * FINE * (xs[1] - xs[0]));
    return () => this.#look(shifted(xs, PACE * dx), shifted(ys, PACE * dy));
  }
}
