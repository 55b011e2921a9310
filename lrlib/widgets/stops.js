// A slider over numbers that were chosen beforehand.

/** Index of the step closest to `step`, the earlier one where two are. */
function nearest(steps, step) {
  return steps.reduce((best, s, i) => (Math.abs(s - step) < Math.abs(steps[best] - step) ? i : best), 0);
}

/** A range input that stops at given numbers only. */
class Stops extends Range {
  stopAt(stops) {
    this.stops = stops;
    this.input.max = Math.max(1, stops.length - 1);
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
