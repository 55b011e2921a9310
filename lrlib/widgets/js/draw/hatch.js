// Hatches: a second cue beside colour, so that fates differ without it too.

const STEP = 7; // pixels between two marks

/** Marks `STEP` apart that cover a square of side `size`. */
function marks(size, mark, from) {
  const places = [];
  for (let at = from; at < size; at += STEP) places.push(mark(at, size));
  return places.join("");
}

const dot = (x, y) => `M${x + 0.5} ${y}a.5.5 0 1 1 0-.01z`; // as wide as its stroke
const rising = (size) => marks(size, (at) => `M${at} ${size}l${size}-${size}`, -size);
const falling = (size) => marks(size, (at) => `M${at} 0l${size} ${size}`, -size);
const row = (size, y) => marks(size, (x) => dot(x, y), STEP / 2);

const HATCHES = {
  rising,
  falling,
  crossed: (size) => rising(size) + falling(size),
  dots: (size) => marks(size, (y) => row(size, y), STEP / 2),
  level: (size) => marks(size, (y) => `M0 ${y}h${size}`, STEP / 2),
  upright: (size) => marks(size, (x) => `M${x} 0v${size}`, STEP / 2),
};

export const HATCH_SIZE = STEP; // of the smallest square that repeats

/** What is stroked in a square of side `size`, as the path of an SVG; "" for "plain". */
export const hatchPath = (name, size) => HATCHES[name]?.(size) ?? "";
