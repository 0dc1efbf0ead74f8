// The clock of one case: from the first full paint to the answer, pauses left out; what happened meanwhile is logged.
// A page that is loaded anew goes on with the clock that the one before it kept, a case that is come back to with its own.

export class Clock {
  /** `kept`: what `state` was when the page went away, or `left` when the case was; or null. */
  constructor(kept = null) {
    this.events = kept?.events || [];
    this.spent = kept?.spent || 0;
    this.before = kept ? kept.at_ms : null;
    this.again = kept?.left ? "return" : "reload";
    this.since = null;
    this.begun = null;
  }

  start() {
    this.since = performance.now();
    this.begun = this.since - (this.before || 0);
    if (this.before !== null) this.log(this.again);
    if (!document.hasFocus()) this.log("blur");
  }

  get spentMs() {
    return this.spent + (this.since === null ? 0 : performance.now() - this.since);
  }

  get seconds() {
    return Math.round(this.spentMs) / 1000;
  }

  /** What a page that is loaded anew goes on with; null before the first paint. */
  get state() {
    if (this.begun === null) return null;
    return { spent: this.spentMs, at_ms: performance.now() - this.begun, events: this.events };
  }

  /** The same for a case that is left for another one, on this page. */
  get left() {
    return this.state && { ...this.state, left: true };
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

/** Resolves when the page can be seen: at once, or when its tab comes to the front. */
export async function inSight() {
  while (document.hidden) await new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
}

/** Resolves when the images are decoded and the frame that shows them has been drawn. */
export async function painted(images) {
  await Promise.all(images.map((image) => image.decode()));
  // A hidden tab draws no frame: its clock starts when it is looked at.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}
