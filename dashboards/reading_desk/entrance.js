// How a reader comes in and goes: signing in, agreeing to the rules, signing out.

import * as net from "./net.js";
import * as screens from "./screens.js";
import { tell, tellUnreached, tellUnsent } from "./status.js";

export class Entrance {
  /** `desk` is the state of the page; `go(place)` shows where the reader stands; the others are for a case that is left. */
  constructor(room, desk, { go, stopTimers, sayLook }) {
    Object.assign(this, { room, desk, go, stopTimers, sayLook });
  }

  /** Show where the reader stands. */
  async begin() {
    tell(null);
    try {
      await net.sendKept(tellUnsent);
      if (!net.comeIn()) return this.ask();
      const found = await net.persist("desk", undefined, tellUnreached);
      const { study, reader } = Object.assign(this.desk, { study: found.study, reader: found.reader });
      document.title = study.title;
      if (!found.agreed) {
        const agree = (experience, display) => this.agree(experience, display);
        return screens.rules(this.room, { study, reader, agree, leave: () => this.leave() });
      }
      if (await net.sendKept(tellUnsent, reader)) return await this.begin();
      return await this.arrive(found.place);
    } catch (error) {
      return this.forgotten(error) || this.ask(error.message);
    }
  }

  /** Go there, and say what of the reader's answers kept in this browser was refused: to nobody else, and once. */
  async arrive(place) {
    await this.go(place);
    if (!this.desk.place) return; // asked to sign in on the way there
    const refused = net.takeRefused(this.desk.reader);
    if (refused.length) tell(refused.join(" "));
  }

  /** Whether this sitting is over; then its reader is asked to sign in again. */
  forgotten(error) {
    if (error.status !== 401) return false;
    if (this.desk.step) this.sayLook("pause"); // heard where it is over in this browser alone
    net.signOut();
    this.ask(error.message);
    return true;
  }

  async ask(message = "") {
    this.stopTimers();
    Object.assign(this.desk, { state: "away", place: null, step: null, takingBack: null });
    this.desk.images.clear(); // fetched ahead for this reader; the next one's cases stand in another order
    const join = net.classCode(new URLSearchParams(location.hash.slice(1)).get("join"));
    const who = await net.call("who", undefined, "").catch(() => ({}));
    const enter = (study, name, code) => this.enter(study, name, code);
    screens.signIn(this.room, { study: net.studyName, join, message, who, enter });
  }

  /** The next reader at this browser must not go on in this one's name; a pause that is on its way is not cut off. */
  async leave() {
    if (this.desk.state === "paused") this.sayLook("left");
    this.stopTimers();
    Object.assign(this.desk, { state: "away", place: null, step: null });
    net.signOut();
    screens.words(this.room, "Signing out", ["One moment."], []);
    await net.looksHeardSoon();
    location.reload();
  }

  async enter(study, name, code) {
    if (study !== net.studyName) {
      location.search = `?study=${encodeURIComponent(study)}`;
      return;
    }
    const form = this.room.querySelector("form");
    if (form.inert) return; // a second one is refused, as the name is taken by then: it hid the code, which is shown once
    form.inert = true;
    const screen = `${window.screen.width} x ${window.screen.height} at ${devicePixelRatio}`;
    try {
      const entry = await net.call("enter", { study, name, code, screen }, "");
      net.signIn(entry.token);
      if (entry.code) screens.ownCode(this.room, { code: entry.code, name, next: () => this.begin() });
      else await this.begin();
    } catch (error) {
      this.ask(error instanceof net.Refused ? error.message : "The server cannot be reached: try again in a moment.");
    }
  }

  async agree(experience, display) {
    try {
      await this.arrive(await net.persist("agree", { experience, display }, tellUnreached));
    } catch (error) {
      if (!this.forgotten(error)) tell(error.message);
    }
  }
}
