// The component itself: ties the parts together, speaks to Python. `element`, `props`, `trigger` and `watch` come from
// Gradio; everything else is local to this one canvas, so several live beside each other. Text reaches the page by
// textContent only.

const NUDGE_PAUSE_MS = 350;
const BUTTON_ZOOM = 1.5;
const IMAGES_KEPT = 6;

const find = (selector) => element.querySelector(selector);
const root = find('.bc'), stage = find('.bc-stage');
const imageCanvas = find('.bc-image'), overlay = find('.bc-overlay');
const status = find('.bc-status'), message = find('.bc-message'), placeholder = find('.bc-placeholder');

const app = {
  view: makeView(), outline: makeOutline(),
  hasImage: false, selected: -1, hover: null, pointer: null, cursor: null, stroke: null, loupe: null,
  moving: false, panning: false, spaceHeld: false, spaceUsed: false,
};
const { view, outline } = app;
let image = null, shown = null, published = null, seen = '';
let revision = 0, pending = null, frame = 0, imageStale = true, hinted = '';

const sizeShown = () => (Array.isArray(props.full_size) && props.full_size.length === 2 ? props.full_size : [0, 0]);

// ---- drawing, once a frame at most

function paint() {
  frame = 0;
  if (!view.width || !view.height) return;
  if (imageStale) paintImage(imageCanvas, view, image);
  imageStale = false;
  paintOverlay(overlay, view, app, image, { ...areasShown(), reference: referenceShown() });
}

app.redraw = () => {
  if (!frame) frame = requestAnimationFrame(paint);
};

app.viewChanged = () => {
  imageStale = true;
  app.refresh();
};

// ---- from Python

const isArea = (area) => Array.isArray(area) && area.length === 4
  && area.every((p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite));

const answerTo = () => (Array.isArray(props.answer_to) ? props.answer_to : []);

// An answer belongs to one border: while that is being changed, or has been since, it is not shown.
function isAnswered() {
  const [id, number] = answerTo();
  return id === props.image_id && number === revision && !pending && !app.moving && !app.stroke;
}

function areasShown() {
  if (!outline.closed || !isAnswered()) return null;
  return { rectangle: isArea(props.rectangle) ? props.rectangle : null, fed: isArea(props.fed) ? props.fed : null };
}

const isLine = (points) => Array.isArray(points) && points.length > 2
  && points.every((p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite));

const referenceShown = () => (app.hasImage && isLine(props.reference) ? props.reference : null);

function loadImage(source) {
  image = null;
  app.hasImage = false;
  placeholder.textContent = source ? 'Loading the image ...' : 'The image appears here: draw the border on it.';
  if (typeof source !== 'string' || !/^data:image\/(jpeg|png|webp);base64,/.test(source)) return;
  const loading = new Image();
  loading.onload = () => {
    if (shown.image !== source) return;
    image = loading;
    view.previewScale = loading.naturalWidth / view.imageWidth;
    app.hasImage = true;
    placeholder.textContent = '';
    app.updateCursor();
    app.viewChanged();
  };
  loading.onerror = () => { if (shown.image === source) placeholder.textContent = 'The image could not be shown.'; };
  loading.src = source;
}

const isBorder = (value) => Boolean(value) && Array.isArray(value.points) && value.points.length > 2
  && value.points.length <= MAX_POINTS && value.closed === true
  && value.points.every((p) => Array.isArray(p) && p.length === 2 && p.every(Number.isFinite));

// A border that came from Python (an example, an earlier reading) is shown closed; anything else is an empty drawing.
function adopt(value) {
  const given = isBorder(value) && value.image_id === props.image_id;
  outline.reset(given ? value.points.map((p) => [p[0], p[1]]) : [], given, given ? Number(value.drawing_seconds) || 0 : 0);
  revision = given ? Number(value.revision) || 0 : revision + 1;
  app.selected = -1;
  app.cursor = app.hover = null;
  published = given ? value : null;
  seen = JSON.stringify(value);
}

// Gradio forgets the image when it takes the component off the page after an update without one (such as an answer),
// but not the value, which names the image: a few are kept for the whole page.
function keepImage() {
  const kept = (window.borderCanvasImages ??= new Map());
  const { image, full_size, image_id, reference } = props;
  if (image) kept.set(image_id, { image, full_size, image_id, reference });
  if (kept.size > IMAGES_KEPT) kept.delete(kept.keys().next().value);
  if (!props.image && props.value) Object.assign(props, kept.get(props.value.image_id));
}

function showImage() {
  keepImage();
  const [height, width] = sizeShown();
  shown = { id: props.image_id, image: props.image };
  clearTimeout(pending);
  pending = null;
  app.cancelGesture();
  stage.style.aspectRatio = width && height ? `${width} / ${height}` : '';
  view.setImage(width, height);
  loadImage(props.image);
  adopt(props.value);
  app.viewChanged();
}

// Gradio reports all changed props at once; only a new image or a new border touches the drawing.
function fromPython() {
  const { value } = props;
  hinted = '';
  if (!shown || shown.id !== props.image_id || shown.image !== props.image) showImage();
  else if (JSON.stringify(value) !== seen) {
    // A handler that hands back the border it was given must not undo what was drawn since.
    if (value && published && value.image_id === published.image_id && value.revision <= published.revision) props.value = published;
    else adopt(value);
  }
  app.refresh();
}

// ---- to Python

const rounded = (p) => p.map((c) => Math.round(c * 100) / 100);

function publish() {
  clearTimeout(pending);
  pending = null;
  revision += 1;
  published = {
    points: outline.points.map(rounded),
    closed: outline.closed,
    size: sizeShown(),
    drawing_seconds: Math.round(outline.seconds * 1000) / 1000,
    revision,
    image_id: props.image_id,
  };
  seen = JSON.stringify(published);
  props.value = published;
  trigger('border', { revision, points: published.points.length });
  app.refresh();
}

// Tells Python what concerns it: closed borders, and that there is none any more.
app.changed = () => {
  hinted = '';
  outline.seal();
  if (outline.closed || (published && published.closed)) publish();
  else app.refresh();
};

app.changedSoon = () => {
  hinted = '';
  clearTimeout(pending);
  pending = setTimeout(app.changed, NUDGE_PAUSE_MS);
};

app.flush = () => { if (pending) app.changed(); };

// ---- what pointer, keys and buttons do

app.select = (index) => {
  app.selected = index;
  hinted = '';
  app.refresh();
};

app.hint = (text) => {
  hinted = text;
  app.refresh();
};

app.close = () => {
  if (outline.closed) return;
  if (!outline.canClose()) { app.hint('Set at least three points first.'); return; }
  outline.close();
  app.cursor = null;
  app.select(-1);
  app.changed();
};

app.removePoint = (index) => {
  if (outline.closed && outline.points.length <= 3) { app.hint('A closed border needs at least three points.'); return; }
  app.flush();
  outline.remove(index);
  outline.commit();
  app.select(app.selected >= 0 ? Math.min(index, outline.points.length - 1) : -1);
  app.changed();
};

app.zoomBy = (factor) => {
  const centre = app.selected >= 0 ? outline.points[app.selected] : app.cursor;
  view.zoomAt(centre ? view.toScreen(centre) : [view.width / 2, view.height / 2], factor);
  app.viewChanged();
};

const travel = (go) => {
  app.cancelGesture();
  app.flush();
  if (!go()) return;
  app.selected = app.selected < outline.points.length ? app.selected : -1;
  app.changed();
};

const actions = {
  close: { able: outline.canClose, run: app.close },
  undo: { able: outline.canUndo, run: () => travel(outline.undo) },
  redo: { able: outline.canRedo, run: () => travel(outline.redo) },
  remove: { able: () => app.selected >= 0, run: () => app.removePoint(app.selected) },
  clear: { able: () => outline.points.length > 0, run: () => { app.flush(); outline.clear(); app.select(-1); app.changed(); } },
  pan: { able: () => true, run: () => { app.panning = !app.panning; app.updateCursor(); app.refresh(); } },
  'zoom-in': { able: () => true, run: () => app.zoomBy(BUTTON_ZOOM) },
  'zoom-out': { able: () => !view.isFitted(), run: () => app.zoomBy(1 / BUTTON_ZOOM) },
  fit: { able: () => !view.isFitted(), run: () => { view.fit(); app.viewChanged(); } },
};

app.act = (name) => {
  if (app.hasImage && view.ready() && actions[name].able()) actions[name].run();
};

// ---- words and buttons

const plural = (count) => `${count} ${count === 1 ? 'point' : 'points'}`;

function statusText() {
  const { points, closed } = outline;
  if (!app.hasImage) return '';
  if (hinted) return hinted;
  if (app.selected >= 0) {
    const [x, y] = points[app.selected].map((c) => c.toFixed(1));
    return `Point ${app.selected + 1} of ${points.length} selected, x ${x}, y ${y} px`;
  }
  if (closed) {
    const { width, height } = boundsOf(points);
    return `Border closed, ${plural(points.length)}, ${Math.round(width)} \u00d7 ${Math.round(height)} px (width \u00d7 height)`;
  }
  if (points.length) {
    return `Border open, ${plural(points.length)}${outline.canClose() ? ': Enter, a double click or the first point closes it' : ''}`;
  }
  return 'No border yet: drag around the lesion, or click point by point';
}

function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

app.refresh = () => {
  for (const button of element.querySelectorAll('[data-action]')) {
    const able = app.hasImage && actions[button.dataset.action].able();
    button.setAttribute('aria-disabled', String(!able));
  }
  find('[data-action="pan"]').setAttribute('aria-pressed', String(app.panning));
  say(find('.bc-zoom'), app.hasImage && view.ready() ? `${Math.round(view.scale * 100)} %` : '');
  if (!app.moving && !app.stroke) say(status, statusText());
  const note = typeof props.message === 'string' && (isAnswered() || !answerTo().length) ? props.message : '';
  say(message, note);
  message.hidden = !note;
  const areas = areasShown();
  const visible = { border: outline.points.length > 0, reference: referenceShown(), rectangle: areas && areas.rectangle, fed: areas && areas.fed };
  for (const item of element.querySelectorAll('[data-line]')) item.hidden = !visible[item.dataset.line];
  root.dataset.empty = String(!(shown && shown.image));
  root.dataset.shown = app.hasImage ? String(props.image_id) : '';
  app.redraw();
};

// ---- start

const pointers = attachPointer(app, overlay);
app.cancelGesture = pointers.cancel;
app.updateCursor = pointers.updateCursor;
attachKeyboard(app, root, overlay);

root.addEventListener('click', (event) => {
  const button = event.target.closest('[data-action]');
  if (button && root.contains(button)) app.act(button.dataset.action);
});

// Both canvases lie on whole device pixels, else the browser shifts or stretches them by a part of one when it paints.
function fitCanvases(entries) {
  const room = entries[entries.length - 1].contentRect;
  if (!room.width || !room.height) return;  // a hidden tab: all stays as it was
  const box = stage.getBoundingClientRect();
  const density = devicePixelRatio;
  const up = (edge) => Math.ceil(edge * density - 0.01) / density - edge;
  const left = up(box.left), top = up(box.top);
  const width = Math.floor((room.width - left) * density + 0.01), height = Math.floor((room.height - top) * density + 0.01);
  for (const canvas of [imageCanvas, overlay]) {
    Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width / density}px`, height: `${height / density}px` });
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
  }
  view.resize(width / density, height / density);
  cancelAnimationFrame(frame);
  imageStale = true;
  app.refresh();
  paint();
}

const observer = new ResizeObserver(fitCanvases);
try {
  observer.observe(stage, { box: 'device-pixel-content-box' });  // tells another screen's density as well
} catch {
  observer.observe(stage);  // Safari
}

status.id = `${element.id}-status`;
const help = find('.bc-help dl');
help.id = `${element.id}-help`;
overlay.setAttribute('aria-describedby', `${status.id} ${help.id}`);

watch(['value', 'image', 'image_id', 'full_size', 'reference', 'rectangle', 'fed', 'answer_to', 'message'], fromPython);
fromPython();
