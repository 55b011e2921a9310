// The hand of a picture of the plane: a click moves a point, a box zooms.

import { followPointer } from "./pointer.js";
import { middle, Zooming } from "./zoom.js";

/**
 * The hand of a picture of the plane: a click moves the point `pick`, about which keys and buttons
 * zoom; `zoom` is {x, y}, the controls of its ranges.
 */
export const pointing = (pick, zoom) => (frame, view) => new Pointing(frame, view, pick, zoom);

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
}
