// A picture of another part of the plane, stretched into a plot.

const LARGEST = 1e5; // pixels: beyond, a stretched picture is one colour

/** Rasters of the part `xEnds` by `yEnds`, with the inks of each, where they lie in this plot. */
export function paintRasters(pen, plot, grids, inks, xEnds, yEnds) {
  const [left, right] = xEnds.map((value) => plot.x(value));
  const unit = (plot.bottom - plot.top) / (plot.yEnds[1] - plot.yEnds[0]);
  const [bottom, top] = yEnds.map((value) => plot.bottom - (value - plot.yEnds[0]) * unit);
  if (Math.max(right - left, bottom - top) > LARGEST) return;
  plot.inside(pen, () => grids.forEach((grid, i) => {
    pen.raster(grid, inks[i], left, top, right - left, bottom - top);
  }));
}
