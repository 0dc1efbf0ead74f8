// The reading desk: read case after case, answer by keyboard. Which case comes is the server's decision alone.

import { Clock, inSight } from "./clock.js";
import { Entrance } from "./entrance.js";
import { Form } from "./form.js";
import * as net from "./net.js";
import * as screens from "./screens.js";
import { tell, tellUnreached, tellUnsent } from "./status.js";
import { Viewer, make } from "./viewer.js";

const room = document.querySelector("#room");
const KEEP_MS = 1000;
const desk = { study: null, place: null, step: null, state: "away", images: new Map() };
const entrance = new Entrance(room, desk, { go, stopTimers, sayLook });

/** Go where the server says the reader stands. */
async function go(place) {
  desk.place = place;
  if (place.state === "read") return open(place.step);
  Object.assign(desk, { state: "away", step: null });
  desk.viewer?.clear();
  const out = { text: "Sign out on this machine", act: () => entrance.leave() };
  const undo = undoable() >= 0 ? [{ text: "Take back the last answer (U)", act: () => takeBack() }] : [];
  if (place.state === "wait") {
    const day = new Date(place.until).toLocaleString();
    const lines = [`The second part opens on ${day}.`, "Come back by the same link."];
    return screens.words(room, "The first part is done", lines, [...undo, out]);
  }
  return screens.words(room, "Done", ["You have read every case. Thank you.", "All answers are stored."], [...undo, out]);
}

/** Open a case. What fails on the way is said, and until the page is loaded again nothing can be answered unseen. */
async function open(step) {
  try {
    await openCase(step);
  } catch (error) {
    if (desk.step !== step || entrance.forgotten(error)) return;
    stopTimers();
    sayLook("pause");
    desk.state = "stopped";
    const lines = [`What failed: ${error.message}`, "No stored answer is lost. If this comes back, tell whoever runs the study."];
    screens.words(room, "This case cannot be shown", lines, [{ text: "Load the page again", act: () => location.reload() }]);
  }
}

async function openCase(step) {
  if (step.opens_block && step.revision === 0 && desk.state !== "break") {
    desk.state = "break";
    const resume = { text: "Go on (Enter)", act: () => open(step) };
    return screens.words(room, "A break", [`${step.position} of ${desk.place.total} are done.`, "Rest your eyes."], [resume]);
  }
  stopTimers(); // those of a case that was left by taking back: they would go on under the new one's name
  desk.state = "loading";
  desk.step = step;
  build(step);
  if (desk.study.time_limit_s) {
    await net.looksHeard(tellUnreached); // those of the case before must not start its clock again
    await inSight(); // the server's clock starts with the image
    if (desk.step !== step) return undefined; // another one was opened meanwhile
    net.showsImages(desk.reader);
  }
  const blobs = await Promise.all(step.views.map((_, view) => picture(step.position, view)));
  if (desk.step !== step) return undefined;
  if (document.hidden) sayLook("pause"); // what was said before the images had begun did not count
  desk.clock = new Clock(net.keptClock(clockName()));
  desk.overtime = timeLeft() <= 0;
  desk.viewer.hide(desk.overtime); // before they are there: a page loaded anew shows nothing past the limit
  await desk.viewer.show(step.views, blobs, step.position + 1);
  if (desk.step !== step) return undefined;
  desk.viewer.draw(step.before?.border || []);
  desk.clock.start();
  toReading();
  startTimers();
  fetchNext(step);
  return undefined;
}

/** A clock belongs to a reader and a look at a case: several readers may share a browser. */
const clockName = () => `${desk.reader}:${desk.step.position}:${desk.step.revision}`;

function toReading() {
  desk.state = "reading";
  hold();
  room.dataset.state = `reading ${desk.step.position} ${desk.step.arm}`;
}

/** These parts of the screen, and no others, can neither be pressed, nor drawn on, nor reached by Tab. */
function hold(...parts) {
  for (const part of room.querySelectorAll("[inert]")) part.inert = false;
  for (const part of parts) part.inert = true;
}

function startTimers() {
  stopTimers();
  const [name, clock] = [clockName(), desk.clock];
  desk.keeping = setInterval(() => net.keepClock(name, clock.state), KEEP_MS);
  watchLimit();
}

function stopTimers() {
  clearInterval(desk.keeping);
  clearTimeout(desk.limit);
}

function build(step) {
  room.className = "desk";
  const top = make("header");
  const unit = desk.study.design === "sequential" ? "Answer" : "Case"; // a case has two answers there
  const kind = step.revision ? "correction" : step.arm === "aided" ? "with the model" : "";
  top.append(
    make("strong", "", `${unit} ${step.position + 1} of ${desk.place.total}`),
    make("span", "kind", kind),
    make("progress"),
    make("span", "reader", `Reader: ${desk.reader}`),
    make("span", "window"),
    make("span", "notice", desk.study.notice),
  );
  Object.assign(top.querySelector("progress"), { value: desk.place.answered, max: desk.place.total });
  const images = make("div", "images");
  const side = make("aside");
  const questions = make("div", "questions");
  const message = make("p", "message");
  message.setAttribute("role", "status");
  const buttons = make("div", "buttons");
  buttons.append(
    button("Store (Enter)", "main", submit),
    ...(undoable() >= 0 ? [button("Take back (U)", "", takeBack)] : []),
    button("Pause (P)", "", pause),
  );
  const help = make("details");
  help.append(make("summary", "", "Keys"), screens.keys(desk.study));
  if (step.aid) side.append(make("p", "aid", `${step.aid.model}: ${step.aid.sentence}`));
  const foot = make("footer");
  foot.append(message, buttons);
  side.append(questions, help, foot);
  room.replaceChildren(top, images, side);
  hold(images, questions); // until the first paint: nobody answers what they have not seen
  desk.message = message;
  desk.side = side;
  desk.form = new Form(desk.study, questions);
  desk.form.reset(step.before);
  desk.viewer?.clear();
  desk.viewer = new Viewer(images, {
    drawsBorder: desk.study.border,
    changed: ({ width, level, zoom }) => {
      top.querySelector(".window").textContent = `W ${width} L ${level} · ${Math.round(zoom * 100)} %`;
    },
  });
}

async function submit() {
  if (desk.state !== "reading") return;
  const missing = desk.form.missing(desk.viewer.border);
  desk.message.textContent = missing;
  if (missing) return;
  const answer = structuredClone({
    position: desk.step.position,
    revision: desk.step.revision,
    answer_key: net.newKey(),
    ...desk.form.answer,
    border: desk.form.answer.assessed ? desk.viewer.border : [],
    seconds: desk.clock.seconds,
    overtime: desk.overtime,
    events: desk.clock.events,
  });
  if (!desk.study.descriptors.length) delete answer.descriptors;
  desk.state = "storing";
  room.dataset.state = "storing";
  hold(...room.children); // what is shown as chosen is what is stored
  clearTimeout(desk.limit);
  desk.storing = net.store(answer, desk.reader, tellUnsent);
  let stored;
  try {
    stored = await desk.storing;
  } catch (error) {
    await refused(error);
    return;
  }
  forgetClock();
  if (stored.reveal) reveal(stored);
  else await go(stored.place);
}

function forgetClock() {
  clearInterval(desk.keeping);
  net.keepClock(clockName(), null);
}

async function refused(error) {
  if (error.status === 409 && error.body.place) {
    forgetClock();
    await go(error.body.place);
    tell(error.message);
    return;
  }
  if (entrance.forgotten(error)) return;
  toReading();
  if (!desk.overtime) watchLimit();
  desk.message.textContent = error.message;
}

function reveal({ reveal: found, place }) {
  desk.state = "revealed";
  room.dataset.state = "revealed";
  hold();
  desk.place = place;
  desk.viewer.hide(false);
  desk.viewer.reveal(found.borders);
  const card = make("section", `reveal ${found.agrees === null ? "" : found.agrees ? "agrees" : "differs"}`);
  card.append(make("h2", "", `Label: ${found.label}`), make("p", "", found.verdict));
  const model = found.model && `Model: ${found.model}`;
  const recorded = found.recorded && `Recorded: ${found.recorded}`;
  for (const text of [found.drawn, found.shape, model, recorded, found.readers]) if (text) card.append(make("p", "", text));
  const score = make("ul", "score");
  score.append(...found.score.map((line) => make("li", "", line)));
  card.append(score, button("Next case (Enter)", "main", () => go(place)));
  desk.side.replaceChildren(card);
  card.querySelector("button").focus();
}

async function takeBack() {
  const from = undoable();
  if (from < 0 || desk.state === "storing") return;
  const { step: left, state } = desk;
  const asked = Symbol("taking back");
  desk.takingBack = asked;
  try {
    const step = await net.persist(`step/${from}`, undefined, tellUnreached);
    if (desk.takingBack !== asked) return; // asked for again: that one's reply counts
    const imagesCame = state === "loading" && ["reading", "stopped"].includes(desk.state); // or did not
    if (desk.step !== left || (desk.state !== state && !imagesCame)) {
      if (desk.state === "storing") await desk.storing.catch(() => {}); // what comes then has a message of its own
      say(`Answer ${from + 1} was not taken back: you answered or paused before the server replied.`);
      return;
    }
    if (desk.state === "reading") net.keepClock(clockName(), desk.clock.left);
    await open(step);
  } catch (error) {
    if (desk.takingBack === asked && desk.state !== "storing" && !entrance.forgotten(error)) tell(error.message);
  }
}

/** The place whose answer "take back" opens now; -1 for none. */
function undoable() {
  return (desk.step || desk.place)?.undo ?? -1;
}

function pause() {
  if (desk.state !== "reading") return;
  desk.clock.pause();
  desk.state = "paused";
  sayLook("pause");
  desk.viewer.hide(true);
  hold(...room.children);
  const veil = make("div", "veil");
  veil.append(
    make("p", "", "Paused: the time stands still."),
    button("Go on (P)", "main", resume),
    button("Sign out: go on later, here or elsewhere", "", () => entrance.leave()),
    make("p", "notice", desk.study.notice),
  );
  room.append(veil);
  veil.querySelector("button").focus();
}

function resume() {
  room.querySelector(".veil")?.remove();
  hold();
  desk.viewer.hide(desk.overtime);
  desk.clock.resume();
  desk.state = "reading";
  sayLook("resume");
}

/**
 * Where time is limited the server has a clock of its own, which only needs to know when the images are hidden. A page that
 * was left behind for another one of the same reader says nothing: it would stop that one's time.
 */
function sayLook(what) {
  if (desk.study?.time_limit_s && !net.imagesElsewhere(desk.reader)) net.sayLook(desk.step.position, what);
}

/** Seconds until the images go away; all looks at a case count. */
function timeLeft() {
  return (desk.study.time_limit_s || Infinity) - desk.clock.seconds - (desk.step.before?.seconds || 0);
}

function watchLimit() {
  if (!desk.study.time_limit_s) return;
  const look = () => {
    const left = timeLeft();
    if (left > 0) desk.limit = setTimeout(look, Math.max(50, left * 1000));
    else {
      desk.overtime = true;
      desk.clock.log("timeout");
      desk.viewer.hide(true);
      desk.message.textContent = "The time is over: answer by what you have seen.";
    }
  };
  look();
}

async function picture(position, view) {
  const key = `${position}/${view}`;
  const kept = desk.images.get(key);
  desk.images.delete(key);
  try {
    return kept ? await kept : await net.persist(`image/${key}`, undefined, tellUnreached);
  } catch {
    return net.persist(`image/${key}`, undefined, tellUnreached);
  }
}

/** Have the next images at hand when they are asked for; a failure shows when they are. */
function fetchNext(step) {
  if (desk.study.time_limit_s) return; // there the server's clock starts with the image
  if (step.revision || step.position + 1 >= desk.place.total) return;
  for (const key of [`${step.position + 1}/0`]) {
    const coming = net.call(`image/${key}`);
    coming.catch(() => desk.images.delete(key));
    desk.images.set(key, coming);
  }
}

function button(text, kind, act) {
  const made = make("button", kind, text);
  made.type = "button";
  made.addEventListener("click", () => act());
  return made;
}

/** Say something within what is shown, where it covers no image and stands until the reader goes on. */
function say(sentence) {
  const line = room.querySelector(".message") || room.querySelector(".card")?.appendChild(make("p", "message"));
  if (line) line.textContent = [line.textContent, sentence].filter(Boolean).join(" ");
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest?.("input:not([type=range]), textarea");
  if (typing) return;
  const key = event.key.toLowerCase();
  // A key that is held must not answer a case that nobody has looked at; it may move the image or the suspicion.
  if (event.repeat && key === "enter") event.preventDefault();
  if (event.repeat && (desk.state !== "reading" || ["enter", "u", "backspace", "p"].includes(key))) return;
  if (key === "enter" && event.target.closest?.("button, summary")) return; // they have an Enter of their own
  if (key.startsWith("arrow") && event.target.matches?.("input[type=range]")) return;
  let taken = true;
  if (desk.state === "reading") {
    if (key === "enter") submit();
    else if (key === "u" || key === "backspace") takeBack();
    else if (key === "p") pause();
    else taken = desk.form.key(event) || desk.viewer.key(event);
  } else if (desk.state === "paused" && (key === "p" || key === "enter")) resume();
  else if (desk.state === "revealed" && key === "enter") go(desk.place);
  else if (desk.state === "away" && key === "u") takeBack();
  else if (desk.state === "break" && key === "enter") open(desk.place.step);
  else taken = false;
  if (taken) event.preventDefault();
});
for (const [name, what] of [["blur", "blur"], ["focus", "focus"]]) addEventListener(name, () => desk.clock?.log(what));
addEventListener("pagehide", () => {
  if (["reading", "paused", "storing"].includes(desk.state)) net.keepClock(clockName(), desk.clock.state);
  if (["loading", "reading", "paused", "storing"].includes(desk.state)) sayLook("left");
});
addEventListener("pageshow", (event) => {
  if (event.persisted && ["loading", "reading"].includes(desk.state)) sayLook("resume");
});
document.addEventListener("visibilitychange", () => {
  desk.clock?.log(document.hidden ? "hidden" : "visible");
  // A hidden tab paints nothing: its images have not been seen, and the page's clock has not begun.
  if (desk.state === "loading") sayLook(document.hidden ? "pause" : "resume");
});

entrance.begin();
