// The frame of the widgets on a landscape: its formulas, a picture of it, a runner, the learning-rate track.

class LandscapeFrame extends Frame {
  constructor(view, className, margins) {
    super(view, className);
    this.landscape = openLandscape(this.get("_landscape"));
    this.picture = this.makePicture(margins);
  }

  /** Coordinates of the picture, by default of a landscape of one coordinate. */
  makePicture(margins) {
    return new LandscapePicture(this.landscape, this.get("_loss_range"), this.get("loss_scale"), margins);
  }

  makeRunner() {
    return new Runner(this.landscape, this.get("n_steps"), this.get("_limits"));
  }

  makeTrack() {
    this.track = new Track({
      bands: this.get("_bands"), range: this.get("lr_range"), sharpness: this.get("sharpness"),
      oninput: (lr) => this.set({ lr }), onchange: () => this.save(),
    });
    this.root.style.setProperty("--bands", this.get("_bands").length);
    return this.track.row;
  }

  layout() {
    this.track.layout();
  }
}
