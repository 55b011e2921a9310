// Step and Play: the walk along an orbit, one iterate at a time.

const STEPS_PER_SECOND = 12;

class Walk {
  /** `frame` shows as many steps as `until` says, and keeps its `outcome`. */
  constructor(frame) {
    this.frame = frame;
    this.taken = null; // while stepping or playing: the number of steps taken so far
    this.play = button("play", "Play", () => this.#toggle());
    this.buttons = [this.play, button("step", "Step", () => { this.#pause(); this.#step(); })];
    frame.signal.addEventListener("abort", () => this.#pause());
  }

  get playing() {
    return this.timer != null;
  }

  /** The last step to show: of the walk, else of the whole orbit. */
  get until() {
    return this.taken ?? this.#last();
  }

  stop() {
    this.#pause();
    this.taken = null;
  }

  #last() {
    return lastStep(this.frame.outcome);
  }

  #toggle() {
    if (this.playing) return this.#pause();
    if (calm()) { // no motion: straight to the end
      this.taken = null;
      return this.frame.invalidate();
    }
    if (this.taken === null || this.taken >= this.#last()) this.taken = 0;
    this.timer = setInterval(() => this.#step(), 1000 / STEPS_PER_SECOND);
    this.play.relabel("pause", "Pause");
    this.frame.invalidate();
  }

  #pause() {
    if (!this.playing) return;
    clearInterval(this.timer);
    this.timer = null;
    this.play.relabel("play", "Play");
  }

  #step() {
    this.taken = (this.taken ?? 0) + 1;
    if (this.taken >= this.#last()) this.stop();
    this.frame.invalidate();
  }
}
