"use strict";
// One cell a case on a canvas (thousands of them stay quick), and the keys. `element`, `props`, `trigger` and `watch`
// come from Gradio. Text reaches the page by textContent only.

const SIZES = [24, 20, 16, 12, 10, 8, 6];  // CSS pixels of a cell; the largest that needs few rows is taken
const MOST_ROWS_PX = 120;
const FILLS = { a: '#0d9488', c: '#d97706', r: '#b91c1c', d: '' };
const WORDS = { a: 'approved', c: 'corrected', r: 'rejected', d: 'not checked' };
const cells = element.querySelector('.cs-cells'), frame = element.querySelector('.cs-frame');
let cell = SIZES[0], columns = 1;

const states = () => (typeof props.states === 'string' ? props.states : '');

function paintCell(ctx, state, x, y, side, ink) {
  const inner = side - (side > 9 ? 3 : 1);
  ctx.lineWidth = side > 9 ? 1.5 : 1;
  if (FILLS[state]) {
    ctx.fillStyle = FILLS[state];
    ctx.fillRect(x, y, inner, inner);
  } else {
    ctx.strokeStyle = ink;
    ctx.strokeRect(x + 0.75, y + 0.75, inner - 1.5, inner - 1.5);
  }
  // A mark of its own for each state: a tick, a pencil's stroke, a cross.
  if (side < 10) return;
  const at = (u, v) => [x + u * inner, y + v * inner];
  const line = (...points) => {
    ctx.beginPath();
    points.forEach((p, i) => (i ? ctx.lineTo(...p) : ctx.moveTo(...p)));
    ctx.stroke();
  };
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = side > 15 ? 2 : 1.4;
  if (state === 'a') line(at(0.22, 0.55), at(0.42, 0.75), at(0.8, 0.28));
  if (state === 'c') line(at(0.22, 0.8), at(0.8, 0.22));
  if (state === 'r') { line(at(0.25, 0.25), at(0.75, 0.75)); line(at(0.75, 0.25), at(0.25, 0.75)); }
}

function sized(canvas, width, height) {
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const ctx = canvas.getContext('2d');
  ctx.scale(density, density);
  return ctx;
}

function draw() {
  const all = states(), ink = getComputedStyle(element.querySelector('.cs')).color;
  for (const item of element.querySelectorAll('[data-state]')) {
    const letter = item.dataset.state;
    item.querySelector('b').textContent = String([...all].filter((each) => each === letter).length);
    paintCell(sized(item.querySelector('canvas'), 16, 16), letter, 1, 1, 16, ink);
  }
  const width = frame.clientWidth;
  if (!width) return;
  cell = SIZES.find((side) => Math.ceil(all.length / Math.floor(width / side)) * side <= MOST_ROWS_PX) ?? SIZES.at(-1);
  columns = Math.max(1, Math.floor(width / cell));
  const rows = Math.max(1, Math.ceil(all.length / columns));
  const ctx = sized(cells, Math.min(columns, Math.max(1, all.length)) * cell, rows * cell);
  [...all].forEach((state, i) => {
    const x = (i % columns) * cell + 1, y = Math.floor(i / columns) * cell + 1;
    paintCell(ctx, state, x, y, cell, ink);
    if (i !== props.at) return;
    ctx.strokeStyle = ink;
    ctx.lineWidth = 2;
    ctx.strokeRect(x - 0.5, y - 0.5, cell - 1, cell - 1);
  });
  const at = Number.isInteger(props.at) && props.at >= 0 ? `, case ${props.at + 1} is open: ${WORDS[all[props.at]]}` : '';
  cells.setAttribute('aria-label', `${all.length} cases${at}`);
  const row = Math.floor(Math.max(0, props.at) / columns) * cell;
  if (row < frame.scrollTop || row + cell > frame.scrollTop + frame.clientHeight) frame.scrollTop = row;
}

const indexAt = (event) => {
  const box = cells.getBoundingClientRect();
  const column = Math.floor((event.clientX - box.left) / cell), row = Math.floor((event.clientY - box.top) / cell);
  const index = row * columns + column;
  return column >= 0 && column < columns && row >= 0 && index < states().length ? index : -1;
};

cells.addEventListener('click', (event) => {
  const index = indexAt(event);
  if (index >= 0) trigger('jump', { index });
});
cells.addEventListener('mousemove', (event) => {
  const index = indexAt(event);
  cells.title = index < 0 ? '' : `case ${index + 1}: ${WORDS[states()[index]]}`;
});

const isTyping = (target) => target instanceof Element
  && Boolean(target.closest('input:not([type=radio]):not([type=checkbox]):not([type=range]), textarea, select, [contenteditable=true], [role=listbox]'));
const fieldOf = (id) => document.querySelector(`#${CSS.escape(id)} textarea, #${CSS.escape(id)} input`);

function onKey(event) {
  if (!element.isConnected) { document.removeEventListener('keydown', onKey); return; }
  if (!element.offsetWidth || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const key = event.key.toLowerCase(), fields = props.focus_on || {}, words = props.key_words || {};
  if (isTyping(event.target)) {
    if (key === 'escape' && Object.values(fields).some((id) => fieldOf(id) === event.target)) event.target.blur();
    return;
  }
  if (fields[key]) {
    event.preventDefault();
    fieldOf(fields[key])?.focus();
  } else if (words[key] && !event.repeat) {
    event.preventDefault();
    trigger('command', { word: words[key] });
  }
}
document.addEventListener('keydown', onKey);

// Another case is open: whoever was typing a reason is done with it, and the keys work again.
let before = props.at;
watch(['states', 'at'], () => {
  if (props.at !== before && Object.values(props.focus_on || {}).some((id) => fieldOf(id) === document.activeElement)) {
    document.activeElement.blur();
  }
  before = props.at;
  draw();
});

new ResizeObserver(([entry]) => {
  if (entry.contentRect.width) draw();
}).observe(frame);
