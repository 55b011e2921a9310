// Drawing one orbit: `view` has picture, palette, colour, orbit, loss, and the steps from..until to show.

const SHOWN = 400; // iterates drawn at most, the newest

function pointOf({ picture, orbit, loss }, t) {
  return [picture.x(orbit[t]), picture.y(loss(orbit[t]))];
}

/** From faint (old) to solid (newest). */
const ageOf = ({ from, until }, t) => 0.4 + 0.6 * ((t - from + 1) / (until - from + 1)) ** 2;

function paintDots(context, view) {
  const { picture, palette, colour, from, until } = view;
  Object.assign(context, { fillStyle: colour, strokeStyle: palette.paper, lineWidth: 1.2 });
  let rimmed = Infinity;
  for (let t = from; t <= until; t++) {
    const [x, y] = pointOf(view, t);
    if (!(x >= 0 && x <= picture.width)) continue;
    context.globalAlpha = ageOf(view, t);
    dot(context, x, y, t === until ? 5.5 : 4);
    context.fill();
    if (!(Math.abs(x - rimmed) > 3) && t < until) continue; // rims of a crowd would rub out the curve
    context.stroke();
    rimmed = x;
  }
  context.globalAlpha = 1;
}

/** The last jump that the eye can see, as an arc. */
function paintJump(context, view) {
  for (let t = view.until; t >= view.from; t--) {
    const [x, y] = pointOf(view, t), [oldX, oldY] = pointOf(view, t - 1), length = Math.hypot(x - oldX, y - oldY);
    if (length < 24) continue;
    Object.assign(context, { strokeStyle: view.colour, lineWidth: 1.2, globalAlpha: 0.8 });
    context.beginPath();
    context.moveTo(oldX, oldY);
    context.quadraticCurveTo((x + oldX) / 2, Math.min(y, oldY) - Math.min(60, 12 + length / 4), x, y);
    context.stroke();
    context.globalAlpha = 1;
    return;
  }
}

function paintStart(context, view, axis) {
  const [x, y] = pointOf(view, 0);
  Object.assign(context, { strokeStyle: view.colour, lineWidth: 1, fillStyle: view.palette.paper });
  context.setLineDash([2, 3]);
  line(context, [x, y], [x, axis]);
  context.setLineDash([]);
  dot(context, x, y, 6);
  context.lineWidth = 2.2;
  context.fill();
  context.stroke();
}

/** An arrow at each edge behind which iterates went; `flight` is the sign of the step out of all bounds. */
function paintExits(context, view, flight) {
  const { picture: { left, right, top, bottom, width }, from, until } = view, middle = (top + bottom) / 2;
  const sides = new Set(flight ? [flight] : []);
  for (let t = from; t <= until; t++) {
    const [x] = pointOf(view, t);
    if (x < 0 || x > width) sides.add(x < 0 ? -1 : 1);
  }
  context.fillStyle = view.palette.unstable;
  for (const side of sides) {
    const tip = side < 0 ? left - 9 : right + 9;
    context.beginPath();
    for (const [dx, dy] of [[0, 0], [-13 * side, -8], [-13 * side, 8]]) context.lineTo(tip + dx, middle + dy);
    context.fill();
  }
}

/** Loss above `floor` against step; the same dots as in the picture. */
function paintStrip(context, view, width, height, floor) {
  const { orbit, loss, palette, until, from, picture: { left, right } } = view;
  const gaps = Array.from({ length: until + 1 }, (_, t) => loss(orbit[t]) - floor);
  const high = gaps.reduce((a, b) => (b > a && b < Infinity ? b : a), 1e-12);
  const low = Math.max(high * 1e-24, gaps.reduce((a, b) => (b > 0 && b < a ? b : a), high / 10));
  const x = (t) => left + (t / Math.max(until, 12)) * (right - left);
  const y = (gap) => height - 8 - (Math.log(Math.max(gap, low) / low) / Math.log(high / low)) * (height - 32);
  context.fillStyle = view.colour;
  for (let t = 0; t <= until; t++) {
    context.globalAlpha = t < from ? 0.3 : ageOf(view, t);
    if (until > 150 && t < until) {
      context.fillRect(x(t) - 1, y(gaps[t]) - 1, 2, 2);
      continue;
    }
    dot(context, x(t), y(gaps[t]), t === until ? 3.6 : 2.4);
    context.fill();
  }
  context.globalAlpha = 1;
  inscribe(context, palette, "loss, log scale", left, 14, { align: "left" });
  inscribe(context, palette, `step ${until}`, right, 14, { align: "right" });
}
