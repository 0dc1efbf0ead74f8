// Mouse, pen and fingers (Pointer Events). No modes: a press that moves draws free-hand, one that does not sets a
// point; a press on a point or on the middle of an edge takes hold of it. Two fingers, the middle button and Space
// move the view.

const FREEHAND_AFTER_PX = { mouse: 4, pen: 6, touch: 10 };
const DOUBLE_TAP_PX = { mouse: 5, pen: 8, touch: 22 };
const DOUBLE_TAP_MS = 400;
const STROKE_TOLERANCE_PX = 1.25;
const TINY_STROKE_PX = 8;

function attachPointer(app, canvas) {
  const { view, outline } = app;
  const fingers = new Map();
  let gesture = null, lastTap = null, device = 'mouse';

  const position = (event) => positionIn(canvas, view, event);

  const rest = (at = null) => {
    gesture = null;
    app.stroke = app.loupe = null;
    app.moving = false;
    app.hover = at && device !== 'touch' ? hitAt(app, at, device) : null;
    canvas.style.cursor = cursorFor(app, null, app.hover);
    app.refresh();
  };

  // Drops what is going on; the border stays as it was before.
  const cancel = () => {
    if (!gesture) return false;
    const begun = gesture.kind === 'stroke' || Boolean(gesture.moved);
    if (gesture.moved) outline.revert();
    rest();
    return begun;
  };

  const startPinch = () => {
    cancel();
    const [a, b] = [...fingers.values()];
    gesture = { kind: 'pinch', held: view.toImage(middle(a, b)), spread: Math.max(1, distance(a, b)), scale: view.scale };
  };

  const movePinch = () => {
    const [a, b] = [...fingers.values()];
    if (!a || !b) return;
    view.place(gesture.held, middle(a, b), (gesture.scale * distance(a, b)) / gesture.spread);
    app.viewChanged();
  };

  const insertOnEdge = (at) => {
    const edge = edgeUnder(app, at, device);
    if (!edge) return null;
    outline.insert(edge.index, view.toImageInside(edge.on));
    outline.commit();
    app.select(edge.index);
    app.changed();
    return { kind: 'point', index: edge.index, grip: [0, 0], inserted: true };
  };

  const begin = (event, at) => {
    const hit = hitAt(app, at, device);
    if (event.altKey && !(hit && hit.kind === 'point')) {
      const inserted = insertOnEdge(at);
      if (inserted) return inserted;
    }
    if (!hit) return { kind: 'press', path: [view.toImageInside(at)] };
    const [x, y] = hit.kind === 'middle' ? at : view.toScreen(outline.points[hit.index]);
    return { kind: 'point', index: hit.index, grip: [x - at[0], y - at[1]], hit };
  };

  const onDown = (event) => {
    if (!view.ready() || !app.hasImage) return;
    device = event.pointerType in POINT_RADIUS_PX ? event.pointerType : 'mouse';
    const at = position(event);
    canvas.focus({ preventScroll: true });
    app.cursor = null;
    try { canvas.setPointerCapture(event.pointerId); } catch { /* the pointer has gone already */ }
    if (device === 'touch') {
      fingers.set(event.pointerId, at);
      if (fingers.size === 2) startPinch();
      if (fingers.size > 1) return;
    }
    if (gesture) return;
    app.flush();
    if (event.button === 1 || (event.button === 0 && (app.spaceHeld || app.panning))) {
      app.spaceUsed = true;
      gesture = { kind: 'pan' };
    } else if (event.button === 0) {
      gesture = begin(event, at);
    } else {
      return;
    }
    Object.assign(gesture, { pointer: event.pointerId, from: at, time: event.timeStamp });
    canvas.style.cursor = cursorFor(app, gesture.kind, gesture.hit);
    app.redraw();
  };

  const dragPoint = (at) => {
    if (!gesture.moved) {
      if (distance(at, gesture.from) < FREEHAND_AFTER_PX[device] - 1) return;
      gesture.moved = app.moving = true;
      if (gesture.hit && gesture.hit.kind === 'middle') outline.insert(gesture.index, view.toImageInside(gesture.from));
      app.select(gesture.index);
    }
    const to = view.toImageInside([at[0] + gesture.grip[0], at[1] + gesture.grip[1]]);
    outline.move(gesture.index, to);
    app.loupe = device === 'mouse' ? null : to;
  };

  const dragStroke = (event, at) => {
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    for (const each of events.length ? events : [event]) {
      const to = view.toImageInside(position(each));
      if (distance(to, gesture.path[gesture.path.length - 1]) * view.scale >= 0.5) gesture.path.push(to);
    }
    if (gesture.kind === 'press') {
      if (distance(at, gesture.from) <= FREEHAND_AFTER_PX[device]) return;
      gesture.kind = 'stroke';
      app.select(-1);
    }
    app.stroke = gesture.path;
    app.loupe = device === 'mouse' ? null : view.toImageInside(at);
  };

  const onMove = (event) => {
    const at = position(event);
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, at);
    if (gesture && gesture.kind === 'pinch') { movePinch(); return; }
    if (gesture && gesture.pointer !== event.pointerId) return;
    app.pointer = event.pointerType === 'touch' ? null : view.toImage(at);
    if (!gesture) {
      device = event.pointerType in POINT_RADIUS_PX ? event.pointerType : 'mouse';
      app.hover = view.ready() && device !== 'touch' ? hitAt(app, at, device) : null;
      canvas.style.cursor = cursorFor(app, null, app.hover);
    } else if (gesture.kind === 'pan') {
      view.pan(at[0] - gesture.from[0], at[1] - gesture.from[1]);
      gesture.from = at;
      app.viewChanged();
    } else if (gesture.kind === 'point') {
      dragPoint(at);
    } else {
      dragStroke(event, at);
    }
    app.redraw();
  };

  const tap = (point) => {
    if (!outline.closed) outline.add([point], gesture.time);
    else if (app.selected >= 0) app.select(-1);
    else app.hint('The border is closed: drag around the lesion to draw it anew, or clear it to set points.');
  };

  // The end of a free-hand stroke: a border of its own, or more points of one begun by clicks.
  const finishStroke = (at) => {
    const { path, time } = gesture;
    const { width, height } = boundsOf(path.map(view.toScreen));
    const tolerance = STROKE_TOLERANCE_PX / view.scale;
    if (Math.max(width, height) < TINY_STROKE_PX) { tap(path[0]); return; }
    if (outline.points.length && !outline.closed) {
      outline.add(simplified(path, tolerance, false), time);
      const home = distance(view.toScreen(outline.points[0]), at) <= POINT_RADIUS_PX[device];
      if (home && outline.canClose()) app.close();
      return;
    }
    const points = simplified(path, tolerance, true);
    if (points.length < 3 || Math.min(width, height) < TINY_STROKE_PX / 2) {
      app.hint('That line encloses nothing: draw around the lesion.');
      return;
    }
    outline.replace(points, time);
    app.changed();
  };

  // A press on a point that did not move. True when it did more than select.
  const tapPoint = ({ index, hit, inserted }, twice) => {
    if (inserted) return true;
    if (outline.canClose() && (hit.kind === 'first' || twice)) { app.close(); return true; }
    if (hit.kind === 'middle') { app.hint('Drag the middle of an edge to add a point there.'); return false; }
    if (outline.closed && twice) { app.removePoint(index); return true; }
    app.select(index);
    return false;
  };

  const onUp = (event) => {
    fingers.delete(event.pointerId);
    if (gesture && gesture.kind === 'pinch' && !fingers.size) rest();
    if (!gesture || gesture.pointer !== event.pointerId) return;
    const at = position(event);
    const now = event.timeStamp;  // when it happened, even if the page was busy
    const twice = Boolean(lastTap) && now - lastTap.time < DOUBLE_TAP_MS && distance(at, lastTap.at) <= DOUBLE_TAP_PX[device];
    lastTap = null;
    if (gesture.kind === 'stroke') {
      finishStroke(at);
    } else if (gesture.kind === 'press') {
      tap(gesture.path[0]);
      lastTap = { time: now, at };
    } else if (gesture.kind === 'point' && gesture.moved) {
      outline.commit();
      app.moving = false;
      app.changed();
    } else if (gesture.kind === 'point' && !tapPoint(gesture, twice)) {
      lastTap = { time: now, at };
    }
    rest(at);
  };

  const onCancel = (event) => {
    fingers.delete(event.pointerId);
    if (!gesture) return;
    if (gesture.kind !== 'pinch') cancel();
    else if (!fingers.size) rest();
  };

  const onWheel = (event) => {
    if (!app.hasImage || !view.ready()) return;
    // Zooming out of the fitted image does nothing: the page may scroll instead.
    if (event.deltaY >= 0 && view.isFitted() && !event.ctrlKey) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
    const speed = event.ctrlKey ? 0.01 : 0.002;
    view.zoomAt(position(event), Math.exp(-Math.max(-200, Math.min(200, pixels)) * speed));
    app.viewChanged();
  };

  const onContextMenu = (event) => {
    if (device === 'touch') { event.preventDefault(); return; }
    const hit = app.hasImage && view.ready() ? hitAt(app, position(event), device) : null;
    if (!hit || hit.kind === 'middle') return;
    event.preventDefault();
    cancel();
    app.removePoint(hit.index);
  };

  const onLeave = () => {
    if (gesture) return;
    app.pointer = app.hover = null;
    app.redraw();
  };

  const listeners = {
    pointerdown: onDown, pointermove: onMove, pointerup: onUp, pointercancel: onCancel, pointerleave: onLeave,
    wheel: onWheel, contextmenu: onContextMenu,
    mousedown: (event) => { if (event.button === 1) event.preventDefault(); },
  };
  for (const [name, listener] of Object.entries(listeners)) canvas.addEventListener(name, listener, { passive: false });

  return { cancel, updateCursor: () => { canvas.style.cursor = cursorFor(app, gesture && gesture.kind, app.hover); } };
}
