// An interval on the axis of a line picture: a slider for each end, and the whole is dragged.

import { clamp, formatPlace } from "../engine/numbers.js";
import { Control } from "./control.js";
import { POSITIONS, Range } from "./range.js";

export class IntervalControl extends Control {
  constructor(...given) {
    super(...given);
    this.gap = (this.high - this.low) / POSITIONS; // the ends never cross
    this.fields = this.coordinates.map((field, index) => ({ ...field, index }));
    const ranges = this.fields.map((field) => (
      new Range(field, (end) => this.#format(end), (end) => this.#moveEnd(field.index, end),
        this.settle)));
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

  spoken() {
    return "";
  }

  /** What is wrong with the ends that a link leaves. */
  conflict(values) {
    const [low, high] = this.fields.map(({ key }) => key);
    if (values[low] < values[high]) return "";
    const asked = `${low} = ${values[low]} and ${high} = ${values[high]}`;
    return `${asked} (allowed is ${low} below ${high})`;
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
