// The clock of one case: from the first full paint to the answer, pauses left out; what happened meanwhile is logged.

export class Clock {
  constructor() {
    this.events = [];
    this.spent = 0;
    this.since = null;
    this.begun = null;
  }

  start() {
    this.begun = performance.now();
    this.since = this.begun;
    if (!document.hasFocus()) this.log("blur");
  }

  get seconds() {
    const running = this.since === null ? 0 : performance.now() - this.since;
    return Math.round(this.spent + running) / 1000;
  }

  get paused() {
    return this.begun !== null && this.since === null;
  }

  pause() {
    if (this.since === null) return;
    this.spent += performance.now() - this.since;
    this.since = null;
    this.log("pause");
  }

  resume() {
    if (this.since !== null || this.begun === null) return;
    this.since = performance.now();
    this.log("resume");
  }

  log(what) {
    if (this.begun === null || this.events.length >= 400) return;
    this.events.push({ what, at_s: Math.round(performance.now() - this.begun) / 1000 });
  }
}

/** Resolves when the images are decoded and the frame that shows them has been drawn. */
export async function painted(images) {
  await Promise.all(images.map((image) => image.decode()));
  // A hidden tab draws no frame: its clock starts when it is looked at.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}
