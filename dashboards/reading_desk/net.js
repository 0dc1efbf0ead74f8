// Talking to the server. An answer is kept in this browser until the server has said that it is on disk.

const api = new URL("api/", location.href);
const study = new URLSearchParams(location.search).get("study") || "";
const room = `lesion-reading:${study}:`;
const WAITS_MS = [300, 700, 1500, 3000, 5000];
const PATIENCE_MS = 15000;
/** What the reading room itself refuses with; anything else comes from what lies between, or passes. */
const FOR_GOOD = [400, 401, 409];

export class Refused extends Error {
  constructor(message, status, body) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

export const studyName = study;

/** One request; rejects with `Refused` when the server says no, with anything else when it cannot be reached. */
export async function call(path, payload, token = ownToken(), options = {}) {
  const reply = await fetch(new URL(path, api), {
    method: payload === undefined ? "GET" : "POST",
    headers: { "X-Reading-Token": token, "Content-Type": "application/json" },
    body: payload === undefined ? undefined : JSON.stringify(payload),
    signal: AbortSignal.timeout(PATIENCE_MS),
    credentials: "same-origin",
    ...options,
  });
  if (reply.headers.get("Content-Type")?.startsWith("image/")) return reply.blob();
  const body = await reply.json();
  if (!reply.ok) throw new Refused(body.error || `the server answered ${reply.status}`, reply.status, body);
  return body;
}

/** A request that is repeated until the server can be reached; `told` hears of every failed try, null at the end. */
export async function persist(path, payload, told, token = ownToken()) {
  for (let tries = 0; ; tries += 1) {
    try {
      const body = await call(path, payload, token);
      told(null);
      return body;
    } catch (error) {
      if (error instanceof Refused && FOR_GOOD.includes(error.status)) {
        told(null);
        throw error;
      }
      told(error instanceof Refused ? error.message : "the server cannot be reached");
      await new Promise((done) => setTimeout(done, WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]));
    }
  }
}

const page = newKey();

/** From here on this page is the one of this browser that shows a reader's images. */
export const showsImages = (reader) => remember(`${room}images:${reader}`, page);

/** Whether this page's sitting is over and another page has shown its reader images since: those may be in sight. */
export function imagesElsewhere(reader) {
  const last = localStorage.getItem(`${room}images:${reader}`);
  return heldToken() !== own && last !== null && last !== page;
}

let looks = Promise.resolve();
/** Why the server has not heard the look whose turn it is, null when it has; and who waits for it. */
const unheard = { why: null, told: null };

/** Tell that the images are hidden or there again, in order, until the server has heard it or will not. */
export function sayLook(position, what) {
  const path = `look/${position}`;
  const token = own; // of now: by its turn the reader may have signed out
  // A page that is going away cannot wait for its turn.
  if (what === "left") call(path, { what }, token, { keepalive: true }).catch(() => {});
  else looks = looks.then(() => persist(path, { what }, tellUnheard, token)).catch(() => {});
}

function tellUnheard(why) {
  unheard.why = why;
  unheard.told?.(why);
}

/** Resolves when the server has heard every look, or will not; `told` hears of failed tries, as in `persist`. */
export async function looksHeard(told) {
  unheard.told = told;
  if (unheard.why) told(unheard.why);
  await looks;
  if (unheard.told === told) unheard.told = null;
}

/** The same, but no longer than one request may take. */
export const looksHeardSoon = () => Promise.race([looks, new Promise((done) => setTimeout(done, PATIENCE_MS))]);

/**
 * Store an answer: first here, then there; taken away here only when it is there, or when the server refuses it. It
 * does not overtake a look: a pause that comes after the answer would count as looking.
 */
export async function store(answer, reader, told) {
  const key = `${room}pending:${answer.answer_key}`;
  remember(key, JSON.stringify({ token: own, reader, answer }));
  try {
    await looksHeard(told);
    const stored = await persist("answer", answer, told);
    localStorage.removeItem(key);
    return stored;
  } catch (error) {
    if (error.status !== 401) localStorage.removeItem(key);
    throw error;
  }
}

/**
 * Send what an earlier page of this browser could not, of one reader or of all. Where the server no longer knows its
 * sitting, it waits until its reader has signed in anew. Resolves to how many were stored or refused; of each that was
 * refused a sentence waits for its reader.
 */
export async function sendKept(told, reader = "") {
  let gone = 0;
  const keys = keysOf("pending");
  if (keys.length) await looksHeard(told); // as in `store`
  for (const key of keys) {
    const kept = JSON.parse(localStorage.getItem(key) || "null");
    if (!kept || (reader && kept.reader !== reader)) continue;
    let refused = null;
    try {
      await persist("answer", kept.answer, told, reader ? own : kept.token);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) continue;
      const sentence = `Answer ${kept.answer.position + 1} of ${kept.reader} was not stored: ${error.message}.`;
      refused = { reader: kept.reader, sentence };
    }
    localStorage.removeItem(key); // first: storage may be full
    if (refused) remember(`${room}refused:${kept.answer.answer_key}`, JSON.stringify(refused));
    gone += 1;
  }
  return gone;
}

/** What was refused of a reader's kept answers, a sentence each; they are not told a second time. */
export function takeRefused(reader) {
  const sentences = [];
  for (const key of keysOf("refused")) {
    const found = JSON.parse(localStorage.getItem(key) || "null");
    if (found?.reader !== reader) continue;
    sentences.push(found.sentence);
    localStorage.removeItem(key);
  }
  return sentences;
}

const keysOf = (kind) => Object.keys(localStorage).filter((key) => key.startsWith(`${room}${kind}:`));

/** The time spent on an open case, so that a page that is loaded anew does not start from zero. */
export function keptClock(name) {
  try {
    return JSON.parse(localStorage.getItem(`${room}clock:${name}`) || "null");
  } catch {
    return null;
  }
}

export function keepClock(name, state) {
  if (state) remember(`${room}clock:${name}`, JSON.stringify(state));
  else localStorage.removeItem(`${room}clock:${name}`);
}

/** The token of whoever signed in last in this browser. */
function heldToken() {
  return localStorage.getItem(`${room}token`) || "";
}

function holdToken(token) {
  if (token) remember(`${room}token`, token);
  else localStorage.removeItem(`${room}token`);
}

/**
 * The token of the reader on this page, also when it is loaded anew: "" once they signed out, null while nobody has come
 * in. In another tab of this browser somebody else may have signed in since.
 */
let own = keptInTab("own");

function beOwnedBy(token) {
  own = token;
  keepInTab("own", token);
}

export function signIn(token) {
  holdToken(token);
  beOwnedBy(token);
}

/**
 * Whether somebody is signed in to go on here: on a new page whoever is in this browser, on any other its own reader.
 * Refuses where that one is no longer.
 */
export function comeIn() {
  if (own === null && heldToken()) beOwnedBy(heldToken());
  return Boolean(own && ownToken());
}

function ownToken() {
  if (own && heldToken() === own) return own;
  throw new Refused("this sitting is over: in another tab its reader signed out or somebody else signed in", 401, {});
}

/** Another tab's reader stays signed in. */
export function signOut() {
  if (heldToken() === own) holdToken("");
  beOwnedBy("");
}

/** The code of the class link: it stands behind the #, which a sign-in on another page does not bring back. */
export function classCode(found) {
  if (found) keepInTab("join", found);
  return found || keptInTab("join") || "";
}

export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What a reload of this tab brings back, and no other tab sees; null for nothing. */
function keptInTab(name) {
  try {
    return sessionStorage.getItem(`${room}${name}`);
  } catch {
    return null;
  }
}

function keepInTab(name, value) {
  try {
    sessionStorage.setItem(`${room}${name}`, value);
  } catch {
    // Forbidden or full: it lasts as long as this page.
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage is full or forbidden: the answer is still sent, it only does not outlive this page.
  }
}
