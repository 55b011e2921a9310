// A view that zooms: its range is state, which links carry. Its x axis is that of a control, whose
// value a pointer or a key picks; a mouse that draws a box, a key or a button zooms.

import { fitted, scaled, shifted } from "../engine/interval.js";
import { clamp } from "../engine/numbers.js";
import { Control } from "./control.js";
import { button } from "./dom.js";
import { followPointer } from "./pointer.js";

/** The two ends of what a picture shows of an axis; the picture moves them. */
export class IntervalControl extends Control {
  constructor(...given) {
    super(...given);
    const { low, high, keys: [lower, upper] } = this;
    this.fields = [
      { key: lower, index: 0, low, high },
      { key: upper, index: 1, low, high, above: lower },
    ];
  }

  text(value) {
    return value.join(" to ");
  }

  show() {}

  spoken() {
    return "";
  }
}

const PACE = 1 / 8; // of the view, for an arrow
const FINE = 1 / 200; // of the view, for shift and an arrow

/**
 * Pointers and keys of a view whose spec has `pick`, the control along its x axis, and perhaps
 * `zoom`, {x, y, aim}: the controls of its ranges, and (scene) -> heights, of which the last in
 * view is zoomed in on.
 */
export class Zoom {
  constructor(frame, view) {
    const { pick, zoom, label } = view.spec;
    Object.assign(this, { frame, view, pick, zoom, box: null, buttons: [] });
    const { canvas } = view;
    let before = null;
    followPointer(canvas, {
      takes: () => {
        before = frame.state;
        return true;
      },
      hover: ([x]) => frame.peek({ [pick]: view.plot.atX(x) }),
      leave: () => frame.peek(null),
      tap: ([x]) => this.#choose(view.plot.atX(x), true),
      drag: (at, from, finger) => this.#drag(at, from, finger),
      drop: () => this.#drop(),
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
      if (this.#press(event)) event.preventDefault();
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

  /** A value of the picked control, kept within its limits. */
  #choose(value, settle) {
    const { low, high } = this.frame.control(this.pick);
    this.frame.set({ [this.pick]: +clamp(value, low, high).toPrecision(10) });
    if (settle) this.frame.save();
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

  #drag(at, from, finger) {
    if (finger || !this.zoom) {
      this.#choose(this.view.plot.atX(at[0]), false);
      return;
    }
    this.box = [from, at];
    this.frame.peek(null);
    this.frame.invalidate();
  }

  #drop() {
    const { box, frame } = this;
    this.box = null;
    if (box) this.#zoomTo(...box);
    frame.invalidate();
    frame.save();
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
    const value = this.frame.state[this.pick];
    if (value < xs[0] || value > xs[1]) this.#choose((xs[0] + xs[1]) / 2, true);
  }

  /** About the picked value where it is in view; inwards also about what is beside it. */
  #scale(factor) {
    const { frame, pick, zoom } = this;
    const value = frame.state[pick];
    const [xs, ys] = this.#shown;
    const middle = ([low, high]) => (low + high) / 2;
    const seen = Array.from(zoom.aim(frame.scene)).filter((y) => y > ys[0] && y < ys[1]);
    const centre = value > xs[0] && value < xs[1] ? value : middle(xs);
    const height = factor < 1 && seen.length ? seen.at(-1) : middle(ys);
    this.#look(scaled(xs, centre, factor), scaled(ys, height, factor));
  }

  /** Does what the key says, and tells whether it says something. */
  #press({ key, shiftKey }) {
    const [xs, ys] = this.#shown;
    const dx = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
    const dy = { ArrowDown: -1, ArrowUp: 1 }[key] ?? 0;
    if (key === "+" || key === "=") this.#scale(0.5);
    else if (key === "-" || key === "−") this.#scale(2);
    else if (key === "Home") this.#look([-Infinity, Infinity], [-Infinity, Infinity]);
    else if (dx && shiftKey) {
      this.#choose(this.frame.state[this.pick] + dx * FINE * (xs[1] - xs[0]), true);
    } else if (dx || dy) this.#look(shifted(xs, PACE * dx), shifted(ys, PACE * dy));
    else return false;
    return true;
  }
}
