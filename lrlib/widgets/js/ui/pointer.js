// A pointer over a picture: what it hovers over, taps and drags. A finger that scrolls the page
// never takes hold: it drags only once it went sideways, and taps only where it went nowhere.

const SLOP = { touch: 8, pen: 5, mouse: 3 }; // pixels: less is a hand that is not steady

/**
 * `on` has functions of places [x, y] in `picture`, all optional: `takes(at)` says whether a drag
 * may begin there, `drag(at, from, finger)` and `drop(at)` follow it, `cancel()` takes it back,
 * `tap(at)` comes when it went nowhere, `hover(at)` and `leave()` without a button. `free`
 * nodes do not scroll the page, so that a finger on them drags in every direction.
 */
export function followPointer(node, on, picture = node, free = false) {
  let held = null;
  const at = ({ clientX, clientY }) => {
    const { left, top } = picture.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  node.onpointerdown = (event) => {
    const { button: which, pointerId, pointerType: kind } = event;
    if (which || held) return;
    const from = at(event);
    const takes = on.takes ? on.takes(from) : Boolean(on.drag);
    held = { pointerId, from, kind, takes, away: false, drags: null };
    if (kind === "mouse") node.setPointerCapture(pointerId); // fingers are captured anyway
  };
  node.onpointermove = (event) => {
    if (!held && event.pointerType !== "touch") on.hover?.(at(event));
    if (event.pointerId !== held?.pointerId) return;
    const { from, kind, takes } = held;
    const place = at(event);
    const [x, y] = place.map((value, i) => Math.abs(value - from[i]));
    held.away ||= Math.hypot(x, y) > (SLOP[kind] ?? SLOP.touch);
    if (!held.away) return;
    held.drags ??= takes && (free || kind === "mouse" || x > y);
    if (held.drags) on.drag(place, from, kind === "touch");
  };
  node.onpointerup = (event) => {
    if (event.pointerId !== held?.pointerId) return;
    const { away, drags, kind } = held;
    held = null;
    if (drags) on.drop?.(at(event));
    else if (!away || kind === "mouse") on.tap?.(at(event));
  };
  node.onpointercancel = (event) => {
    if (event.pointerId !== held?.pointerId) return;
    held = null;
    on.cancel?.();
  };
  node.onpointerleave = () => {
    if (!held) on.leave?.();
  };
}
