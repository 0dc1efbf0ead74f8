// What is shown when no case is: signing in, agreeing to the rules, a wait, the end.

import { make } from "./viewer.js";

const NOTICE = "For research and teaching, not a medical device.";

export function signIn(room, { study, join, message, who, enter }) {
  const form = make("form", "card");
  form.append(make("h1", "", "Reading room"));
  if (message) form.append(make("p", "error", message));
  const studyField = study ? null : field(form, "Study", "study", "as in your link");
  if (study && who.login) form.append(...huggingFace(who, () => enter(study, "", join)));
  const name = field(form, "Your name", "name", join ? "a name of your own" : "as the study knows you");
  const code = field(form, join ? "Your own code (only to go on where you stopped)" : "Your code", "code", "XXXXX-XXXXX");
  form.append(submit("Enter"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    enter((studyField?.value || study).trim(), name.value.trim(), code.value.trim() || join);
  });
  show(room, form, name);
}

/** On a Space: go on as the account that is signed in, or sign in and come back here. */
function huggingFace(who, enter) {
  if (!who.hugging_face) {
    const link = make("a", "", "Sign in with Hugging Face");
    const here = encodeURIComponent(location.pathname + location.search);
    link.href = new URL(`../login/huggingface?_target_url=${here}`, location.href);
    return [link, make("p", "hint", "Or, with a code:")];
  }
  const go = make("button", "main", `Enter as ${who.hugging_face} (Hugging Face)`);
  go.type = "button";
  go.addEventListener("click", enter);
  return [go, make("p", "hint", "Or, under another name:")];
}

export function ownCode(room, { code, name, next }) {
  const card = make("form", "card");
  card.append(make("h1", "", `Welcome, ${name}`), make("p", "", "Your own code, to go on later on any machine:"));
  card.append(make("p", "code", code), submit("I have noted it"));
  card.addEventListener("submit", (event) => {
    event.preventDefault();
    next();
  });
  show(room, card, card.querySelector("button"));
}

export function rules(room, { study, reader, agree, leave }) {
  const form = make("form", "card wide");
  const other = make("button", "quiet", "That is not me");
  other.type = "button";
  other.addEventListener("click", leave);
  const who = make("p", "", `You read as ${reader}. `);
  who.append(other);
  form.append(make("h1", "", study.title), who);
  if (study.ethics) form.append(make("h2", "", "Ethics and consent"), make("p", "note", study.ethics));
  const list = make("ul");
  list.append(...rulesInWords(study).map((text) => make("li", "", text)));
  form.append(make("h2", "", "How it goes"), list, keys(study));
  const experience = field(form, "Years of experience with this kind of ultrasound", "experience", "e.g. 5 years, resident");
  const display = field(form, "Your display (diagonal, or what it is)", "display", "e.g. 24 inch, calibrated");
  form.append(submit(study.ethics ? "I agree: begin" : "Begin"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    agree(experience.value, display.value);
  });
  show(room, form, experience);
}

export function words(room, title, lines, buttons) {
  const card = make("section", "card");
  card.append(make("h1", "", title), ...lines.map((text) => make("p", "", text)));
  buttons.forEach(({ text, act }, at) => {
    const made = make("button", at ? "" : "main", text);
    made.addEventListener("click", act);
    card.append(made);
  });
  show(room, card, card.querySelector("button"));
}

export function rulesInWords(study) {
  const lines = ["The cases come in an order of your own. What is known of them besides the images is withheld."];
  lines.push("The time runs from the moment the images are there. P pauses it and hides them. Leaving the window is noted.");
  if (study.time_limit_s) {
    lines.push(`The images go away after ${study.time_limit_s} seconds; you can still answer.`);
    lines.push("An answer given after that is marked as late in the study's result.");
  }
  if (study.come_back === "last") lines.push("U takes back the answer you just gave, once the next case is there.");
  if (study.come_back === "any") lines.push("U takes back an answer; the one before it after that.");
  if (study.come_back === "no" && study.purpose === "study") lines.push("An answer cannot be taken back.");
  if (study.design === "sequential") lines.push("First you answer alone; that answer is locked, then the model's score is shown.");
  if (study.design === "crossover") lines.push("Some cases are read with the model's score, and all again the other way weeks later.");
  if (study.purpose === "teach") lines.push("After each answer you see what is known of the case.");
  if (study.marks) lines.push(study.marks);
  lines.push("Every answer is stored at once: you may stop at any time and go on here or elsewhere.");
  return lines;
}

export function keys(study) {
  const rows = [["Enter", "store the answer"], ["C", "cannot assess"]];
  if (study.call) rows.unshift(["B / M", "benign / malignant"]);
  const digits = [...new Set(study.categories.map(([name]) => name[0]))];
  if (digits.length) rows.unshift([`${digits[0]} - ${digits.at(-1)}`, study.system]);
  if (digits.length < study.categories.length) rows.splice(1, 0, ["4 4 4", "4a, 4b, 4c in turn"]);
  if (!digits.length && study.suspicion) rows.unshift(["0 - 9", "suspicion in tens"]);
  if (study.suspicion) rows.push([", . < >", "suspicion by one, by ten"]);
  if (study.actions.length) rows.push(["R F O", "routine, follow-up, biopsy"]);
  if (study.come_back !== "no") rows.push(["U", "take back"]);
  rows.push(["P", "pause"], ["+ -", "zoom"], ["arrows", "move"], ["[ ]", "level"], ["{ }", "window"], ["X", "as it was"]);
  const list = make("dl", "keys");
  for (const [key, text] of rows) list.append(make("dt", "", key), make("dd", "", text));
  return list;
}

function field(form, text, name, hint) {
  const label = make("label", "", text);
  const input = make("input");
  Object.assign(input, { name, placeholder: hint, maxLength: 200, autocomplete: "off", spellcheck: false });
  label.append(input);
  form.append(label);
  return input;
}

function submit(text) {
  const button = make("button", "main", text);
  button.type = "submit";
  return button;
}

function show(room, card, focus) {
  room.className = "cards";
  card.append(make("p", "notice", NOTICE));
  room.replaceChildren(card);
  focus?.focus();
}
