// An interval on the axis of a line picture: a slider for each end, and the whole is dragged.

import { clamp, formatPlace } from "../engine/numbers.js";
import { IntervalControl } from "./control.js";
import { POSITIONS, Range } from "./range.js";

export class StartsControl extends IntervalControl {
  constructor(...given) {
    super(...given);
    this.gap = (this.high - this.low) / POSITIONS; // the ends never cross
    const ranges = ["First start", "Last start"].map((label, index) => {
      const move = (end) => this.#moveEnd(index, end);
      return new Range({ ...this, label }, (end) => this.#format(end), move, this.settle);
    });
    for (const { input } of ranges) input.classList.add("lr-on-axis", "lr-pair");
    this.ranges = ranges;
    this.overlay = ranges.map(({ input }) => input);
  }

  #format(end) {
    return formatPlace(end, this.low, this.high);
  }

  #moveEnd(index, end) {
    const [low, high] = this.value;
    const kept = index ? Math.max(end, low + this.gap) : Math.min(end, high - this.gap);
    this.move(this.value.with(index, kept));
  }

  text([low, high]) {
    return `from ${this.#format(low)} to ${this.#format(high)}`;
  }

  show(value) {
    this.value = value;
    this.ranges.forEach((range, i) => range.show(value[i]));
  }

  /** A pointer takes hold inside of the interval. */
  holds(plot, x) {
    const from = plot.atX(x);
    const inside = this.value[0] <= from && from <= this.value[1];
    this.held = inside ? { from, value: this.value } : null;
    return inside;
  }

  /** The interval, moved as a whole by as much as the pointer that holds it. */
  valueAt(plot, x) {
    if (!this.held) return this.value;
    const { from, value: [low, high] } = this.held;
    const shift = clamp(plot.atX(x) - from, this.low - low, this.high - high);
    return [low, high].map((end) => clamp(+(end + shift).toPrecision(6), this.low, this.high));
  }
}
