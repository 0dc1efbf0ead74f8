// Everything with keys alone: a cross sets points, Tab goes from point to point, arrows move them.

const STEP_PX = { plain: 1, shift: 10, ctrl: 100 };  // image pixels
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEY_ZOOM = 1.25;

function attachKeyboard(app, root, canvas) {
  const { view, outline } = app;
  let cursorSince = null;  // when the cross began to look for the border's first point
  let resting = null;      // where the cross was when the focus left
  let leaving = false;     // Escape lets the next Tab leave the drawing

  const showCross = () => {
    if (app.cursor) return;
    const [x, y] = view.inside(view.toImage([view.width / 2, view.height / 2]));
    app.cursor = resting ? view.inside(resting) : [Math.floor(x) + 0.5, Math.floor(y) + 0.5];
    resting = cursorSince = null;
  };

  const stepOf = (event) => (event.ctrlKey || event.metaKey ? STEP_PX.ctrl : event.shiftKey ? STEP_PX.shift : STEP_PX.plain);

  const moved = (point, event) => {
    const step = stepOf(event), [dx, dy] = ARROWS[event.key];
    return view.inside([point[0] + dx * step, point[1] + dy * step]);
  };

  const onArrow = (event) => {
    if (app.selected >= 0) {
      const to = moved(outline.points[app.selected], event);
      outline.move(app.selected, to);
      outline.commit(`nudge ${app.selected}`);
      view.reveal(to);
      app.changedSoon();
    } else if (outline.closed) {
      app.select(app.cursor ? nearestPoint(outline.points, app.cursor, Infinity) : 0);
    } else {
      showCross();
      cursorSince = cursorSince ?? performance.now();
      app.cursor = moved(app.cursor, event);
      view.reveal(app.cursor);
    }
    app.viewChanged();
  };

  const dropPoint = () => {
    if (outline.closed) { app.hint('The border is closed. Tab selects a point, Ctrl+Z opens it again.'); return; }
    showCross();
    const last = outline.points[outline.points.length - 1];
    if (last && distance(last, app.cursor) < 0.01) { app.hint('Move the cross with the arrow keys first.'); return; }
    outline.add([app.cursor], cursorSince ?? performance.now());
    app.refresh();
  };

  // Enter closes; while there is nothing to close it sets a point as Space does, for those who use the cross.
  const onEnter = () => {
    if (app.cursor && !outline.canClose()) dropPoint();
    else app.close();
  };

  const onTab = (event) => {
    const selecting = outline.closed && !leaving && (app.selected >= 0 || !event.shiftKey);
    const next = app.selected + (event.shiftKey ? -1 : 1);
    if (selecting && next >= 0 && next < outline.points.length) {
      event.preventDefault();
      app.select(next);
      view.reveal(outline.points[next]);
      app.viewChanged();
    } else {
      app.select(-1);
    }
  };

  const onEscape = () => {
    if (app.cancelGesture()) return;
    if (!outline.closed && outline.points.length) {
      outline.clear();
      app.hint('Cancelled. Ctrl+Z brings the points back.');
    } else if (app.selected >= 0) {
      app.select(-1);
      leaving = true;
    } else {
      app.cursor = null;
      leaving = true;
    }
    app.refresh();
  };

  const onDelete = (event) => {
    if (app.selected >= 0) app.removePoint(app.selected);
    else if (!outline.closed && event.key === 'Backspace') app.act('undo');
    else app.hint('Select a point first: click it, or press Tab.');
  };

  const onInsert = () => {
    const { points } = outline;
    if (app.selected < 0 || points.length < 2) return;
    const next = app.selected + 1;
    if (next === points.length && !outline.closed) return;
    outline.insert(next, middle(points[app.selected], points[next % points.length]));
    outline.commit();
    app.select(next);
    app.changed();
  };

  // Keys that work wherever the focus is inside the component.
  const common = (event) => {
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (command && key === 'z') app.act(event.shiftKey ? 'redo' : 'undo');
    else if (command && key === 'y') app.act('redo');
    else if (command || event.altKey) return false;
    else if (key === '+' || key === '=') app.zoomBy(KEY_ZOOM);
    else if (key === '-' || key === '_') app.zoomBy(1 / KEY_ZOOM);
    else if (key === '0') app.act('fit');
    else return false;
    return true;
  };

  const onCanvas = (event) => {
    const { key } = event;
    if (key in ARROWS && !event.altKey) onArrow(event);
    else if (event.ctrlKey || event.metaKey || event.altKey) return false;
    else if (key === ' ') { if (!event.repeat) { app.spaceHeld = true; app.spaceUsed = false; app.updateCursor(); } }
    else if (key === 'Enter') onEnter();
    else if (key === 'Escape') onEscape();
    else if (key === 'Delete' || key === 'Backspace') onDelete(event);
    else if (key === 'i' || key === 'I' || key === 'Insert') onInsert();
    else return false;
    return true;
  };

  root.addEventListener('keydown', (event) => {
    if (!app.hasImage || !view.ready() || event.isComposing) return;
    const here = event.target === canvas;
    if (here && event.key === 'Tab' && !event.ctrlKey && !event.altKey && !event.metaKey) { onTab(event); leaving = false; return; }
    if (event.key !== 'Escape') leaving = leaving && event.key === 'Shift';
    if (common(event) || (here && onCanvas(event))) {
      event.preventDefault();
      event.stopPropagation();
    }
  });

  canvas.addEventListener('keyup', (event) => {
    if (event.key !== ' ' || !app.spaceHeld) return;
    app.spaceHeld = false;
    app.updateCursor();
    if (!app.spaceUsed) dropPoint();
  });

  canvas.addEventListener('focus', () => {
    leaving = false;
    if (app.hasImage && view.ready() && !outline.closed && canvas.matches(':focus-visible')) showCross();
    app.redraw();
  });

  canvas.addEventListener('blur', () => {
    app.spaceHeld = false;
    resting = app.cursor ?? resting;
    app.cursor = null;
    app.flush();
    app.redraw();
  });
}
