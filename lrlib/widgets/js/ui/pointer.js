// A pointer over a picture: what it hovers over, taps and drags. A finger that scrolls the page
// never takes hold: it drags only once it went sideways, and taps only where it went nowhere.

const SLOP = { touch: 8, pen: 5, mouse: 3 }; // pixels: less is a hand that is not steady

/** One press, from `from` on; `takes` says whether it may become a drag. */
export class Press {
  constructor({ pointerId, pointerType }, from, takes, free) {
    this.mouse = pointerType === "mouse";
    Object.assign(this, { pointerId, pointerType, from, takes, free: free || this.mouse });
  }

  /** Whether it drags, which its first way decides. */
  drags([x, y]) {
    const [across, up] = [Math.abs(x - this.from[0]), Math.abs(y - this.from[1])];
    this.away ||= Math.hypot(across, up) > SLOP[this.pointerType];
    if (this.away) this.dragging ??= this.takes && (this.free || across > up);
    return this.dragging;
  }
}

/**
 * `on` has functions of places [x, y] in `picture`: `tap(at)` of a press that went nowhere,
 * `takes(at)`, whether a drag may begin there, `drag(at, press)` and `drop(at)` of one,
 * `cancel()` to take it back; where a mouse is without a button, `hover(at)` and `leave()`.
 * `free` nodes do not scroll the page, so that a finger on them drags in every direction.
 */
export function followPointer(node, on, picture = node, free = false) {
  let held = null;
  const at = ({ clientX, clientY }) => {
    const { left, top } = picture.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const isHeld = ({ pointerId }) => held?.pointerId === pointerId;
  node.onpointerdown = (event) => {
    if (event.button || held) return;
    held = new Press(event, at(event), on.takes?.(at(event)), free);
    if (held.mouse) node.setPointerCapture(event.pointerId); // fingers are captured anyway
  };
  node.onpointermove = (event) => {
    if (isHeld(event) && held.drags(at(event))) on.drag(at(event), held);
    if (!held && event.pointerType === "mouse") on.hover?.(at(event));
  };
  node.onpointerup = (event) => {
    if (!isHeld(event)) return;
    const { away, dragging, mouse } = held;
    held = null;
    if (dragging) on.drop(at(event));
    else if (!away || mouse) on.tap?.(at(event));
  };
  node.onpointercancel = (event) => {
    if (isHeld(event) && held.dragging) on.cancel();
    if (isHeld(event)) held = null;
  };
  node.onpointerleave = () => {
    if (!held) on.leave?.();
  };
}
