// What lies under the pointer. Fingers need larger targets than a mouse.

const POINT_RADIUS_PX = { mouse: 9, pen: 12, touch: 22 };
const MIDDLE_RADIUS_PX = { mouse: 8, pen: 10, touch: 16 };

// From the page to CSS pixels inside the canvas: its border and any CSS transform around it taken off.
function positionIn(canvas, view, event) {
  const box = canvas.getBoundingClientRect();
  const zoom = box.width / (view.width + 2 * canvas.clientLeft);
  return [
    (event.clientX - box.left) / zoom - canvas.clientLeft,
    (event.clientY - box.top) / zoom - canvas.clientTop,
  ];
}

// {kind: 'first'} closes an open border, {kind: 'point'} is any other point, {kind: 'middle'} the middle of an edge,
// whose `index` is the place of a point added there; null is free ground.
function hitAt(app, at, device) {
  const { view, outline } = app;
  const screen = outline.points.map(view.toScreen);
  const index = nearestPoint(screen, at, POINT_RADIUS_PX[device]);
  if (index >= 0) return { kind: index === 0 && outline.canClose() ? 'first' : 'point', index };
  const radius = MIDDLE_RADIUS_PX[device];
  const edges = edgesOf(screen.length, outline.closed);
  const edge = edges.findIndex(([from, to]) => distance(screen[from], screen[to]) > 3 * radius
    && distance(middle(screen[from], screen[to]), at) <= radius);
  return edge < 0 ? null : { kind: 'middle', edge, index: edges[edge][0] + 1 };
}

// Where Alt+click adds a point: on the nearest edge, or undefined.
function edgeUnder(app, at, device) {
  const screen = app.outline.points.map(app.view.toScreen);
  return edgesOf(screen.length, app.outline.closed).map(([from, to]) => {
    const on = nearestOnSegment(at, screen[from], screen[to]);
    return { index: from + 1, on, away: distance(at, on) };
  }).filter((edge) => edge.away <= POINT_RADIUS_PX[device]).sort((a, b) => a.away - b.away)[0];
}

function cursorFor(app, gesture, hit) {
  if (!app.hasImage) return 'default';
  if (gesture === 'pan') return 'grabbing';
  if (app.panning || app.spaceHeld) return 'grab';
  if (!hit || gesture === 'stroke') return 'crosshair';
  return { first: 'pointer', point: 'move', middle: 'copy' }[hit.kind];
}
