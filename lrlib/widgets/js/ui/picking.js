// The hand of a picture over the values of one control: pointers and keys choose a value.

import { clamp } from "../engine/numbers.js";
import { followPointer } from "./pointer.js";
import { middle, Zooming } from "./zoom.js";

const FINE = 1 / 200; // of the view, for shift and an arrow

/**
 * The hand of a view, for `views`: pointers and keys choose `pick`, the control along its x axis.
 * Perhaps there is a `zoom` too, {x, y, aim}: the controls of its ranges, and (scene) -> heights,
 * of which the last in view is zoomed in on.
 */
export const picking = (pick, zoom = null) => (frame, view) => new Picking(frame, view, pick, zoom);

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
    return dx && (() => this.#choose(this.#value + dx * FINE * (high - low)));
  }
}
