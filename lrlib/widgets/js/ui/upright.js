// A start in a picture whose coordinate goes upwards.

import { formatPlace } from "../engine/numbers.js";
import { Control } from "./control.js";
import { Range, sliderRow } from "./range.js";

/** It may be dragged at the left of the picture; its slider has a row. */
export class UprightControl extends Control {
  constructor(...given) {
    super(...given);
    const range = new Range(this, (value) => this.text(value), this.move, this.settle);
    this.slider = sliderRow(range, this.label);
    this.nodes.push(this.slider.row);
  }

  text(value) {
    return formatPlace(value, this.low, this.high);
  }

  show(value) {
    this.value = value;
    this.slider.show(value, this.text(value));
  }

  spoken() {
    return "";
  }

  valueAt(plot, x, y) {
    return +plot.atY(y).toPrecision(4);
  }

  holds(plot, x, y) {
    return Math.hypot(x - plot.left, y - plot.y(this.value)) < 24;
  }
}
