// A Plotly figure that reports clicks. `element`, `props`, `trigger` and `watch` come from Gradio. Text goes into the
// page by textContent or through Plotly, never as markup.
"use strict";

const find = (selector) => element.querySelector(selector);
const root = find('.cp'), stage = find('.cp-stage'), note = find('.cp-note');
const plot = find('.cp-plot'), mark = find('.cp-mark'), spot = find('.cp-spot');
const CONFIG = {
  displaylogo: false, scrollZoom: false, doubleClick: false, doubleClickDelay: 1, responsive: false, displayModeBar: 'hover',
};
const SAVED_PX = 900, LIBRARY = '__LIBRARY__', NOTICE = '__NOTICE__';  // put in by Python
let plotly = null, drawn = '', width = 0, busy = Promise.resolve();

// One script for all plots of the page. gr.Plot keeps another version of Plotly in window.Plotly: leave it there.
function library() {
  window.clickablePlotLibrary ??= new Promise((resolve, reject) => {
    const before = window.Plotly, script = document.createElement('script');
    const config = window.gradio_config ?? {};
    const base = (config.root ?? '').replace(/\/$/, '');
    script.src = `${base}${config.api_prefix ?? '/gradio_api'}/file=${encodeURI(LIBRARY)}`;
    script.onload = () => {
      resolve(window.Plotly);
      if (before) window.Plotly = before;
      else delete window.Plotly;
    };
    script.onerror = () => {
      script.remove();
      delete window.clickablePlotLibrary;  // the next drawing tries again
      reject(new Error('the plot library could not be loaded: load the page again'));
    };
    document.head.append(script);
  });
  return window.clickablePlotLibrary;
}

// Already while the figure is being made; not before the tab has asked for it (first_sight.py), for which the library,
// busy with itself for a second on a slow machine, would leave no time.
function soon() {
  if (document.querySelector('.main > [data-testid="status-tracker"]')) requestAnimationFrame(soon);
  else setTimeout(() => library().catch(() => null), 50);
}

// Plots are drawn one after another, and between two of them the page may paint and answer.
function turn() {
  const before = window.clickablePlotTurn ?? Promise.resolve();
  return (window.clickablePlotTurn = before.then(() => new Promise((go) => setTimeout(go))));
}

const colour = (name, fallback) => getComputedStyle(root).getPropertyValue(name).trim() || fallback;

// The page's own colours, light or dark, over what the figure leaves open.
function themed(layout) {
  const text = colour('--body-text-color', '#222'), grid = colour('--border-color-primary', '#ddd');
  const themedLayout = {
    ...layout, autosize: true, paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    font: { family: colour('--font', 'sans-serif'), size: 12, ...layout.font, color: text },
    modebar: { bgcolor: 'rgba(0,0,0,0)', color: text, activecolor: text, ...layout.modebar },
    hoverlabel: { bgcolor: colour('--background-fill-primary', '#fff'), bordercolor: grid, font: { color: text }, ...layout.hoverlabel },
  };
  for (const [name, axis] of Object.entries(layout)) {
    if (/^[xy]axis\d*$/.test(name)) themedLayout[name] = { gridcolor: grid, linecolor: grid, zerolinecolor: grid, ...axis };
  }
  return themedLayout;
}

const saver = (format) => ({
  name: format, title: `Save as ${format.toUpperCase()}`, icon: plotly.Icons[format === 'svg' ? 'camera' : 'disk'],
  click: () => save(format),
});

// What leaves the page says what it rests on: caption and notice stand below the figure, on white.
function save(format) {
  const { data, layout = {} } = JSON.parse(props.value), low = layout.margin?.b ?? 60, lines = [''];
  for (const word of `${props.caption || props.description} ${NOTICE}`.split(/\s+/)) {
    if ((lines.at(-1) + word).length > SAVED_PX / 6) lines.push('');
    lines[lines.length - 1] += `${word} `;
  }
  const extra = 14 * lines.length + 60, height = (layout.height ?? 400) + extra;
  const words = {
    text: lines.map((line) => line.replaceAll('<', '&lt;')).join('<br>'), xref: 'paper', yref: 'paper', x: 0, y: 0, align: 'left',
    xanchor: 'left', yanchor: 'top', yshift: -(low + 30), showarrow: false, font: { size: 10 },
  };
  const shown = {
    ...layout, width: SAVED_PX, height, paper_bgcolor: '#fff', plot_bgcolor: '#fff', margin: { ...layout.margin, b: low + extra },
    font: { family: 'sans-serif', size: 12, ...layout.font, color: '#1e293b' }, annotations: [...(layout.annotations ?? []), words],
  };
  return plotly.downloadImage({ data, layout: shown }, { format, width: SAVED_PX, height, scale: format === 'png' ? 2 : 1, filename: 'figure' });
}

// The shaded band is an element over the plot, not one of its shapes: moving a shape makes Plotly lay out everything anew.
function placeMark() {
  const [from, to, at] = Array.isArray(props.mark) ? props.mark : [], size = plot._fullLayout?._size;
  const { xaxis: axis, yaxis: upright } = plot._fullLayout ?? {};
  mark.hidden = !(Number.isFinite(from) && Number.isFinite(to) && size && axis);
  spot.hidden = mark.hidden || !Number.isFinite(at) || !upright;
  if (mark.hidden) return;
  const inside = (x) => Math.min(Math.max(axis.d2p(x), 0), axis._length);
  const left = inside(from), right = inside(to);
  Object.assign(mark.style, {
    left: `${axis._offset + left}px`, width: `${Math.max(right - left, 2)}px`, top: `${size.t}px`, height: `${size.h}px`,
  });
  if (!spot.hidden) Object.assign(spot.style, { left: `${axis._offset + right}px`, top: `${upright._offset + upright.d2p(at)}px` });
}

async function draw() {
  stage.setAttribute('aria-label', props.description || 'Figure');
  if (!props.value) return;
  plotly ??= await library();
  await turn();
  const value = props.value, shown = JSON.parse(value), first = !plot.on;
  await plotly.react(plot, shown.data, themed(shown.layout ?? {}), { ...CONFIG, modeBarButtons: [[saver('svg'), saver('png')]] });
  if (first) plot.on('plotly_click', clicked).on('plotly_afterplot', placeMark);
  placeMark();
  note.hidden = true;
  drawn = value;
  plot.dataset.drawn = String(Number(plot.dataset.drawn ?? 0) + 1);
}

function clicked(event) {
  const point = event.points?.[0];
  if (!point) return;
  const number = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
  trigger('point_click', {
    curve: point.curveNumber, index: point.pointNumber ?? null, x: point.x ?? null, y: point.y ?? null,
    z: number(point.z), custom: point.customdata ?? null,
  });
}

// Work waits its turn, and only while the plot is visible: a hidden tab has no width.
function queue(work) {
  busy = busy.then(() => (width > 0 ? work() : null)).catch((error) => {
    note.hidden = false;
    note.textContent = `The figure could not be drawn: ${error.message}`;
    console.error(error);
  });
}

watch('value', () => queue(() => (props.value === drawn ? null : draw())));
watch('mark', placeMark);

new ResizeObserver(([entry]) => {
  const before = width;
  width = Math.round(entry.contentRect.width);
  if (width > 0 && !plotly) soon();
  if (width > 0 && width !== before) queue(() => (props.value === drawn && plotly ? plotly.Plots.resize(plot) : draw()));
}).observe(root);

const restyle = () => queue(draw);
new MutationObserver(restyle).observe(document.body, { attributes: true, attributeFilter: ['class'] });
