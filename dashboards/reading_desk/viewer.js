// The views of a lesion side by side: window and level, zoom, pan, a depth scale, a border drawn by the reader.

import { painted } from "./clock.js";

const SVG = "http://www.w3.org/2000/svg";
const WHOLE = { width: 255, level: 127.5, zoom: 1, x: 0, y: 0 };
const MM_PER_TICK = 10;

export class Viewer {
  constructor(place, { drawsBorder, changed }) {
    this.place = place;
    this.drawsBorder = drawsBorder;
    this.changed = changed;
    this.border = [];
    this.set = { ...WHOLE };
    this.urls = [];
    place.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    place.addEventListener("pointerdown", (event) => this.press(event));
    place.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  /** Show the images; resolves at their first full paint. */
  async show(views, blobs, number) {
    this.clear();
    this.set = { ...WHOLE };
    this.figures = views.map((view, at) => this.figure(view, blobs[at], number, at, views.length));
    this.place.replaceChildren(...this.figures.map((each) => each.root));
    this.apply();
    await painted(this.figures.map((each) => each.image));
  }

  clear() {
    for (const url of this.urls) URL.revokeObjectURL(url);
    this.urls = [];
    this.border = [];
    this.figures = [];
    this.place.replaceChildren();
  }

  /** What the answer was: outlines of the lesion, one for each view. */
  reveal(borders) {
    this.figures.forEach((figure, at) => {
      if (borders[at]?.length > 2) figure.overlay.append(polygon(borders[at], "truth"));
    });
  }

  /** The reader's own border on the first view, as drawn earlier: points in its pixels. */
  draw(points) {
    if (points.length < 3) return;
    this.border = points;
    this.figures[0].overlay.append(polygon(points, "own"));
  }

  hide(hidden) {
    this.place.classList.toggle("blank", hidden);
  }

  figure(view, blob, number, at, count) {
    const root = make("figure", "view");
    const frame = make("div", "frame");
    const sheet = make("div", "sheet");
    const image = make("img");
    image.alt = count > 1 ? `case ${number}, view ${at + 1} of ${count}` : `case ${number}`;
    image.draggable = false;
    this.urls.push(URL.createObjectURL(blob));
    image.src = this.urls.at(-1);
    const overlay = document.createElementNS(SVG, "svg");
    overlay.setAttribute("viewBox", `0 0 ${view.width} ${view.height}`);
    overlay.setAttribute("class", "overlay");
    if (view.mm_per_px) overlay.append(...ruler(view));
    sheet.append(image, overlay);
    frame.append(sheet);
    const caption = make("figcaption");
    const scale = view.mm_per_px ? `one tick is ${MM_PER_TICK} mm` : "depth scale not known";
    caption.textContent = `${view.plane || "plane not stated"} · ${scale}`;
    root.append(frame, caption);
    return { root, frame, sheet, image, overlay };
  }

  key(event) {
    const step = { "+": [1.25], "=": [1.25], "-": [0.8] }[event.key];
    if (step) this.zoomBy(step[0]);
    else if (event.key === "ArrowLeft") this.pan(40, 0);
    else if (event.key === "ArrowRight") this.pan(-40, 0);
    else if (event.key === "ArrowUp") this.pan(0, 40);
    else if (event.key === "ArrowDown") this.pan(0, -40);
    else if (event.key === "[") this.window(0, -8);
    else if (event.key === "]") this.window(0, 8);
    else if (event.key === "{") this.window(-12, 0);
    else if (event.key === "}") this.window(12, 0);
    else if (event.key === "x" || event.key === "X") this.change({ ...WHOLE });
    else return false;
    return true;
  }

  zoomBy(factor) {
    const zoom = Math.min(12, Math.max(1, this.set.zoom * factor));
    const ratio = zoom / this.set.zoom;
    this.change({ zoom, x: zoom === 1 ? 0 : this.set.x * ratio, y: zoom === 1 ? 0 : this.set.y * ratio });
  }

  pan(x, y) {
    if (this.set.zoom > 1) this.change({ x: this.set.x + x, y: this.set.y + y });
  }

  window(width, level) {
    this.change({
      width: Math.min(510, Math.max(8, this.set.width + width)),
      level: Math.min(255, Math.max(0, this.set.level + level)),
    });
  }

  change(some) {
    Object.assign(this.set, some);
    this.apply();
  }

  apply() {
    const { width, level, zoom, x, y } = this.set;
    for (const part of document.querySelectorAll("#window feComponentTransfer > *")) {
      part.setAttribute("slope", String(255 / width));
      part.setAttribute("intercept", String(0.5 - level / width));
    }
    const plain = width === WHOLE.width && level === WHOLE.level;
    for (const figure of this.figures || []) {
      figure.sheet.style.transform = `translate(${x}px, ${y}px) scale(${zoom})`;
      figure.image.style.filter = plain ? "none" : "url(#window)";
    }
    this.changed({ width: Math.round(width), level: Math.round(level), zoom });
  }

  wheel(event) {
    event.preventDefault();
    this.zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15);
  }

  press(event) {
    const overlay = event.target.closest(".frame")?.querySelector(".overlay");
    if (!overlay) return;
    event.preventDefault();
    const first = overlay === this.figures[0]?.overlay;
    const draws = this.drawsBorder && event.button === 0 && !event.shiftKey && first;
    const windows = event.button === 2 || event.shiftKey;
    let [lastX, lastY] = [event.clientX, event.clientY];
    const points = draws ? [inImage(overlay, event)] : [];
    const line = draws ? polygon(points, "own") : null;
    if (draws) {
      overlay.querySelector(".own")?.remove();
      overlay.append(line);
    }
    const move = (moved) => {
      const [x, y] = [moved.clientX - lastX, moved.clientY - lastY];
      [lastX, lastY] = [moved.clientX, moved.clientY];
      if (draws) {
        points.push(inImage(overlay, moved));
        line.setAttribute("points", points.join(" "));
      } else if (windows) this.window(x, -y);
      else this.pan(x, y);
    };
    const release = () => {
      removeEventListener("pointermove", move);
      if (!draws) return;
      this.border = points.length > 5 ? points.slice(0, 2000) : [];
      if (!this.border.length) line.remove();
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", release, { once: true });
    addEventListener("pointercancel", release, { once: true });
  }
}

function inImage(overlay, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(overlay.getScreenCTM().inverse());
  return [Math.round(point.x * 10) / 10, Math.round(point.y * 10) / 10];
}

function polygon(points, kind) {
  const line = document.createElementNS(SVG, "polygon");
  line.setAttribute("class", kind);
  line.setAttribute("points", points.join(" "));
  return line;
}

/** Ticks down the left edge, one each centimetre of depth. */
function ruler(view) {
  const step = MM_PER_TICK / view.mm_per_px;
  const ticks = [];
  for (let y = 0; y <= view.height; y += step) {
    const tick = document.createElementNS(SVG, "line");
    tick.setAttribute("class", "tick");
    for (const [name, value] of Object.entries({ x1: 0, x2: view.width * 0.015, y1: y, y2: y })) {
      tick.setAttribute(name, String(value));
    }
    ticks.push(tick);
  }
  return ticks;
}

export function make(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
