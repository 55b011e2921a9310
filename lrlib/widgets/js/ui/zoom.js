// A view that zooms: its ranges are state, which links carry. A mouse that draws a box, a key or a
// button zooms; in between, pointers do what the picture is for: see picking.js and pointing.js.

import { fitted, scaled, shifted } from "../engine/interval.js";
import { button } from "./dom.js";
import { ARROWS } from "./starts.js";

const PACE = 1 / 8; // of the view, for an arrow
const CLICK = 5; // pixels: a smaller box is a click

export const middle = ([low, high]) => (low + high) / 2;

/**
 * The hand of a view, see `views` in widget.js; `pick` names a control and `zoom`, if any, has the
 * controls of the ranges in view, {x, y}. A subclass has `follow()`, what pointers do, `keys`, what
 * a reader hears of them, `centre(factor)`, about which it zooms, and `nudge(dx, dy)`, what shift
 * and an arrow do.
 */
export class Zooming {
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
    const fine = shift && this.nudge?.(dx, dy);
    return fine || (() => this.look(shifted(xs, PACE * dx), shifted(ys, PACE * dy)));
  }
}
