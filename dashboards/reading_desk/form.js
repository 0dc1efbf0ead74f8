// The questions of a study: built once, answered by keyboard or pointer, read out as an answer.

import { make } from "./viewer.js";

/** Keys that move the suspicion. */
const STEPS = { ",": -1, ".": 1, "<": -10, ">": 10 };

export class Form {
  constructor(study, place) {
    this.study = study;
    this.place = place;
    this.options = [];
    this.build();
    // After a click Enter stores the answer; it must not press the clicked option once more.
    place.addEventListener("click", (event) => event.detail && event.target.closest("button")?.blur());
    this.reset(null);
  }

  build() {
    const { study } = this;
    const parts = [];
    if (study.call) parts.push(this.group("Call", "call", [["b", 0, "Benign"], ["m", 1, "Malignant"]]));
    if (study.categories.length) {
      const rows = study.categories.map(([name, meaning]) => [name[0], name, `${name} · ${meaning}`]);
      parts.push(this.group(study.system, "rating", rows));
    }
    if (study.suspicion) parts.push(this.slider());
    if (study.actions.length) {
      const keys = { routine: "r", "follow-up": "f", biopsy: "o" };
      parts.push(this.group("Action", "action", study.actions.map((name) => [keys[name], name, name])));
    }
    if (study.descriptors.length) parts.push(this.describe());
    if (study.border) parts.push(make("p", "hint", "Draw the border: press on the first image and go around the lesion."));
    parts.push(this.group("", "assessed", [["c", false, "Cannot assess"]]));
    this.place.replaceChildren(...parts);
  }

  group(title, field, rows) {
    const box = make("fieldset");
    if (title) box.append(make("legend", "", title));
    for (const [key, value, text] of rows) {
      const button = make("button", "option");
      button.type = "button";
      button.append(make("kbd", "", key.toUpperCase()), make("span", "", text));
      button.addEventListener("click", () => this.choose(field, value));
      this.options.push({ field, value, key, button });
      box.append(button);
    }
    return box;
  }

  slider() {
    const box = make("fieldset");
    box.append(make("legend", "", "Suspicion, 0 to 100"));
    this.range = make("input");
    Object.assign(this.range, { type: "range", min: 0, max: 100, step: 1 });
    this.range.setAttribute("aria-label", "suspicion from 0 to 100");
    this.shown = make("output");
    this.range.addEventListener("input", () => this.choose("suspicion", Number(this.range.value)));
    const hint = `${this.study.categories.length ? "" : "keys 0 to 9 set tens; "}, and . move by one, < and > by ten`;
    box.append(this.range, this.shown, make("p", "hint", hint));
    return box;
  }

  describe() {
    const box = make("details", "descriptors");
    box.open = true;
    box.append(make("summary", "", "Descriptors"));
    for (const each of this.study.descriptors) {
      const row = make("div", "descriptor");
      row.append(make("span", "name", each.name));
      each.options.forEach((option, at) => {
        const text = each.points.length ? `${option} (${each.points[at]})` : option;
        const button = make("button", "chip", text);
        button.type = "button";
        button.addEventListener("click", () => this.describeAs(each, option));
        this.options.push({ field: "descriptors", value: [each.name, option], key: null, button });
        row.append(button);
      });
      box.append(row);
    }
    this.sum = make("p", "hint");
    if (this.study.levels.length) box.append(this.sum);
    return box;
  }

  describeAs(descriptor, option) {
    const chosen = this.answer.descriptors[descriptor.name] || [];
    const has = chosen.includes(option);
    const kept = descriptor.several ? chosen.filter((each) => each !== option) : [];
    this.answer.descriptors[descriptor.name] = has ? kept : [...kept, option];
    this.answer.assessed = true; // who describes a lesion has assessed it
    this.draw();
  }

  choose(field, value) {
    const { answer } = this;
    if (field === "assessed") {
      Object.assign(answer, { call: null, rating: "", action: "", suspicion: null, assessed: value });
    } else {
      answer.assessed = true;
      answer[field] = value; // said twice is said: an aided answer starts from the unaided one
    }
    this.draw();
  }

  /** Whether the key was one of the form's; of a key that is held only the suspicion moves on. */
  key(event) {
    const key = event.key.toLowerCase();
    if (event.repeat && !STEPS[key]) return false;
    const found = this.options.filter((each) => each.key === key);
    // One key, several categories (4a, 4b, 4c): each press takes the next.
    const at = found.findIndex((each) => this.answer[each.field] === each.value);
    if (found.length === 1) this.choose(found[0].field, found[0].value);
    else if (found.length) this.choose(found[0].field, found[(at + 1) % found.length].value);
    else if (this.range && !this.study.categories.length && /^[0-9]$/.test(key)) this.choose("suspicion", key * 10);
    else if (this.range && STEPS[key]) {
      const now = this.answer.suspicion ?? 50;
      this.choose("suspicion", Math.min(100, Math.max(0, now + STEPS[key])));
    } else return false;
    return true;
  }

  /** Begin a case, with the reader's own earlier answer when it is corrected. */
  reset(before) {
    this.answer = { call: null, rating: "", action: "", suspicion: null, assessed: true, descriptors: {} };
    for (const field of Object.keys(this.answer)) if (before) this.answer[field] = before[field];
    this.draw();
  }

  draw() {
    for (const { field, value, button } of this.options) {
      const chosen =
        field === "descriptors"
          ? (this.answer.descriptors[value[0]] || []).includes(value[1])
          : this.answer[field] === value;
      button.setAttribute("aria-pressed", String(chosen));
    }
    if (this.range) {
      this.range.value = this.answer.suspicion ?? 50;
      this.range.classList.toggle("unset", this.answer.suspicion === null);
      this.shown.textContent = this.answer.suspicion === null ? "not given" : String(this.answer.suspicion);
    }
    if (this.sum && this.study.levels.length) this.sum.textContent = this.points();
  }

  /** What the chart's points add up to, and the level it gives them; the category stays the reader's choice. */
  points() {
    let sum = 0;
    for (const { name, options, points } of this.study.descriptors) {
      for (const option of this.answer.descriptors[name] || []) sum += points[options.indexOf(option)] || 0;
    }
    const at = this.study.levels.filter((least) => sum >= least).length - 1;
    return `${sum} points: the chart's level is ${this.study.categories[at][0]}`;
  }

  /** What is still to be answered, in words; empty when all is. */
  missing(border) {
    const { study, answer } = this;
    if (!answer.assessed) return "";
    if (study.call && answer.call === null) return "Benign or malignant? Press B or M.";
    if (study.categories.length && !answer.rating) return `Choose a category: ${study.system}.`;
    if (study.suspicion && answer.suspicion === null) return "How suspicious, from 0 to 100?";
    if (study.actions.length && !answer.action) return "Which action: R, F or O?";
    if (study.border && border.length < 3) return "Draw the border around the lesion first.";
    return "";
  }
}
