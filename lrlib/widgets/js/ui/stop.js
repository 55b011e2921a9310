// A slider that stops at given numbers only; which they are may depend on a choice.

import { formatNumber, nearest } from "../engine/numbers.js";
import { Control } from "./control.js";
import { Range, sliderRow } from "./range.js";

/** The positions of the slider are indices of the numbers. */
class StopRange extends Range {
  stopAt(stops) {
    this.stops = stops;
    this.input.setAttribute("max", Math.max(1, stops.length - 1));
    this.input.disabled = stops.length < 2;
  }

  valueAt(position) {
    return this.stops[Math.min(position, this.stops.length - 1)];
  }

  show(value) {
    this.input.value = this.stops.indexOf(value);
    this.input.setAttribute("aria-valuetext", this.describe(value));
  }
}

/** `stops` has a list for each value of the control `by`, whose names are `names`. */
export class StopControl extends Control {
  constructor(...given) {
    super(...given);
    this.fields = [{ key: this.name, low: this.low, high: this.high, whole: this.whole }];
    const describe = (value) => this.text(value);
    this.range = new StopRange({ whole: true, low: 0, high: 1 }, describe, this.move, this.settle);
    this.slider = sliderRow(this.range, this.label);
    this.nodes.push(this.slider.row);
  }

  text(value) {
    return this.whole ? String(value) : formatNumber(value);
  }

  /** The stop that is closest to the state's value, in the scale of the slider. */
  fit(state) {
    const stops = this.stopsBy[state[this.by] ?? 0];
    const scaled = this.scale === "log" ? Math.log : (value) => value;
    return stops[nearest(stops.map(scaled), scaled(state[this.name]))];
  }

  show(value, state) {
    this.stops = this.stopsBy[state[this.by] ?? 0];
    this.range.stopAt(this.stops);
    this.slider.show(value, this.text(value));
  }

  /** What is wrong with a value that a link asks for. */
  conflict(values, asked) {
    const { name, by, stopsBy, names, verb } = this;
    const index = values[by] ?? 0;
    if (!verb || !(name in asked) || stopsBy[index].includes(asked[name])) return "";
    return `${name} = ${asked[name]} (${verb} of ${names[index]} are ${stopsBy[index].join(", ")})`;
  }

  holds() {
    return true;
  }

  /** The range of the slider is spread over the picture, whose x is a share of it. */
  valueAt(plot, x) {
    const [low, high] = [this.stops[0], this.stops.at(-1)];
    return low + plot.atX(x) * (high - low);
  }
}
