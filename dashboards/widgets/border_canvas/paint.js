// Drawing. The image has a canvas of its own, repainted only when the view moves; everything that lies on the image is
// on a second one. Every line has a colour, a style and a dark halo of its own: nothing is told by colour alone.

const LINES = {
  border: { color: '#ffe14d', width: 2, dash: [] },
  reference: { color: '#7dff9b', width: 2, dash: [11, 4, 2, 4] },
  rectangle: { color: '#4fd8ff', width: 2, dash: [9, 6] },
  fed: { color: '#ff8ad1', width: 2, dash: [2, 5] },
};
const HALO = 'rgba(0, 0, 0, 0.72)';
const LOUPE_RADIUS = 54;
const LOUPE_ZOOM = 2.5;

function trace(ctx, view, points, closed) {
  ctx.beginPath();
  points.forEach((p, i) => {
    const [x, y] = view.toScreen(p);
    if (i) ctx.lineTo(x, y); else ctx.moveTo(x, y);
  });
  if (closed) ctx.closePath();
}

function strokeLine(ctx, line, offset = 0) {
  ctx.lineJoin = 'round';
  ctx.lineCap = 'round';
  ctx.setLineDash([]);
  ctx.strokeStyle = HALO;
  ctx.lineWidth = line.width + 3;
  ctx.stroke();
  ctx.setLineDash(line.dash);
  ctx.lineDashOffset = offset;
  ctx.strokeStyle = line.color;
  ctx.lineWidth = line.width;
  ctx.stroke();
  ctx.setLineDash([]);
}

function paintImage(canvas, view, image) {
  const ctx = wiped(canvas, view);
  if (image) drawPreview(ctx, view, image);
}

// An empty canvas whose unit is one CSS pixel, whatever the screen's density.
function wiped(canvas, view) {
  const ctx = canvas.getContext('2d');
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.clearRect(0, 0, canvas.width, canvas.height);
  ctx.setTransform(canvas.width / view.width, 0, 0, canvas.height / view.height, 0, 0);
  return ctx;
}

// The preview is stretched over the full image's extent, so image coordinates do not depend on its size.
function drawPreview(ctx, view, image) {
  ctx.save();
  ctx.imageSmoothingEnabled = view.scale < 4 * view.previewScale;
  ctx.imageSmoothingQuality = 'high';
  ctx.transform(view.scale, 0, 0, view.scale, view.x, view.y);
  ctx.drawImage(image, 0, 0, view.imageWidth, view.imageHeight);
  ctx.restore();
}

function paintDot(ctx, [x, y], radius, { fill = '#ffffff', ring = false } = {}) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = fill;
  ctx.strokeStyle = HALO;
  ctx.lineWidth = Math.min(1.5, radius / 2);
  ctx.fill();
  ctx.stroke();
  if (!ring) return;
  ctx.beginPath();
  ctx.arc(x, y, radius + 4, 0, 2 * Math.PI);
  ctx.strokeStyle = HALO;
  ctx.lineWidth = 4.5;
  ctx.stroke();
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 2;
  ctx.stroke();
}

function paintDiamond(ctx, [x, y], radius) {
  ctx.beginPath();
  ctx.moveTo(x, y - radius);
  ctx.lineTo(x + radius, y);
  ctx.lineTo(x, y + radius);
  ctx.lineTo(x - radius, y);
  ctx.closePath();
  ctx.fillStyle = HALO;
  ctx.strokeStyle = LINES.border.color;
  ctx.lineWidth = 1.5;
  ctx.fill();
  ctx.stroke();
}

function paintCross(ctx, [x, y]) {
  const arms = new Path2D(`M${x - 14} ${y}H${x - 4}M${x + 4} ${y}H${x + 14}M${x} ${y - 14}V${y - 4}M${x} ${y + 4}V${y + 14}`);
  ctx.strokeStyle = HALO;
  ctx.lineWidth = 5;
  ctx.stroke(arms);
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 2;
  ctx.stroke(arms);
  paintDot(ctx, [x, y], 1.5);
}

// A word on a dark plate, its middle at (x, y) but never cut off by the window; none where its place is out of sight.
function paintLabel(ctx, view, text, x, y, color) {
  if (x < -20 || y < -20 || x > view.width + 20 || y > view.height + 20) return;
  ctx.font = '600 12px system-ui, sans-serif';
  const width = ctx.measureText(text).width + 12, height = 19;
  const left = Math.max(3, Math.min(view.width - width - 3, x - width / 2));
  const top = Math.max(3, Math.min(view.height - height - 3, y - height / 2));
  ctx.beginPath();
  ctx.roundRect(left, top, width, height, 4);
  ctx.fillStyle = 'rgba(8, 12, 18, 0.82)';
  ctx.fill();
  ctx.fillStyle = color;
  ctx.textBaseline = 'middle';
  ctx.fillText(text, left + 6, top + height / 2 + 0.5);
}

// Corners come top left first, clockwise: the first edge is the side nearest to the skin.
function paintSkinMark(ctx, view, fed) {
  const [a, b, c, d] = fed.map(view.toScreen);
  const up = [a[0] + b[0] - c[0] - d[0], a[1] + b[1] - c[1] - d[1]];
  const length = Math.hypot(...up) || 1;
  const along = [b[0] - a[0], b[1] - a[1]], side = Math.hypot(...along) || 1;
  const foot = middle(a, b), tip = [foot[0] + (13 * up[0]) / length, foot[1] + (13 * up[1]) / length];
  ctx.beginPath();
  ctx.moveTo(foot[0] - (10 * along[0]) / side, foot[1] - (10 * along[1]) / side);
  ctx.lineTo(...tip);
  ctx.lineTo(foot[0] + (10 * along[0]) / side, foot[1] + (10 * along[1]) / side);
  ctx.closePath();
  ctx.lineJoin = 'round';
  ctx.strokeStyle = HALO;
  ctx.lineWidth = 3;
  ctx.stroke();
  ctx.fillStyle = LINES.fed.color;
  ctx.fill();
  return [foot[0] + (25 * up[0]) / length, foot[1] + (25 * up[1]) / length];
}

function sameArea(view, one, other) {
  return one.every((p) => other.some((q) => distance(p, q) * view.scale < 2));
}

// The areas that Python answered with. The `min-area` rule without a margin feeds the rectangle itself: then the two
// lines share one path, each dashed where the other is not.
function paintAreas(ctx, view, rectangle, fed) {
  const same = rectangle && fed && sameArea(view, rectangle, fed);
  if (rectangle) {
    trace(ctx, view, rectangle, true);
    strokeLine(ctx, LINES.rectangle);
  }
  if (fed) {
    trace(ctx, view, fed, true);
    if (same) {
      ctx.setLineDash([2, 13]);
      ctx.lineDashOffset = -11;
      ctx.strokeStyle = LINES.fed.color;
      ctx.lineWidth = 3;
      ctx.stroke();
      ctx.setLineDash([]);
    } else {
      strokeLine(ctx, LINES.fed);
    }
  }
  if (rectangle) {
    const low = rectangle.map(view.toScreen).reduce((a, b) => (b[1] > a[1] ? b : a));
    paintLabel(ctx, view, same ? 'rectangle = area fed' : 'rectangle', low[0], low[1] + 15, LINES.rectangle.color);
  }
  if (fed) {
    const [x, y] = paintSkinMark(ctx, view, fed);
    paintLabel(ctx, view, same ? 'skin side' : 'area fed, skin side', x, y, LINES.fed.color);
  }
}

// Another reader's border: a line without points, since it cannot be edited here.
function paintReference(ctx, view, points) {
  trace(ctx, view, points, true);
  strokeLine(ctx, LINES.reference);
  const [x, y] = points.map(view.toScreen).reduce((a, b) => (b[1] < a[1] ? b : a));
  paintLabel(ctx, view, 'first border', x, y - 15, LINES.reference.color);
}

function paintBorder(ctx, view, app) {
  const { outline, hover, selected } = app;
  const { points, closed } = outline;
  if (!points.length) return;
  const count = points.length;
  trace(ctx, view, points, closed);
  strokeLine(ctx, LINES.border);
  const next = app.cursor || app.pointer;
  if (!closed && next && !app.stroke) {
    ctx.globalAlpha = 0.75;
    trace(ctx, view, [points[count - 1], hover && hover.kind === 'first' ? points[0] : next], false);
    strokeLine(ctx, { ...LINES.border, dash: [3, 6] });
    ctx.globalAlpha = 1;
  }
  edgesOf(count, closed).forEach(([from, to], i) => {
    const near = hover && hover.kind === 'middle' && hover.edge === i;
    if (near || (closed && (from === selected || to === selected))) {
      paintDiamond(ctx, view.toScreen(middle(points[from], points[to])), near ? 6 : 4.5);
    }
  });
  const length = edgesOf(count, closed).reduce((sum, [from, to]) => sum + distance(points[from], points[to]), 0) * view.scale;
  const dot = Math.max(1.3, Math.min(3.2, length / count / 6));  // many points must not hide the line
  points.forEach((p, i) => {
    const first = !closed && i === 0 && count > 2;
    const hovered = hover && (hover.kind === 'point' || hover.kind === 'first') && hover.index === i;
    const radius = (first ? 5.5 : dot) + (hovered || i === selected ? 2 : 0);
    paintDot(ctx, view.toScreen(p), radius, { fill: first ? LINES.border.color : '#ffffff', ring: i === selected });
  });
}

// What the finger hides, magnified in the corner away from it.
function paintLoupe(ctx, view, app, image) {
  const at = view.toScreen(app.loupe);
  const r = Math.min(LOUPE_RADIUS, view.height / 4);
  const left = at[0] > 2 * r + 40 || at[1] > 2 * r + 40;
  const centre = [left ? r + 10 : view.width - r - 10, r + 10];
  const scale = view.scale * LOUPE_ZOOM;
  const near = { ...view, scale, x: centre[0] - app.loupe[0] * scale, y: centre[1] - app.loupe[1] * scale };
  near.toScreen = (p) => [p[0] * scale + near.x, p[1] * scale + near.y];
  ctx.save();
  ctx.beginPath();
  ctx.arc(...centre, r, 0, 2 * Math.PI);
  ctx.fillStyle = '#0b0f14';
  ctx.fill();
  ctx.clip();
  drawPreview(ctx, near, image);
  paintBorder(ctx, near, { ...app, pointer: null, hover: null });
  if (app.stroke) {
    trace(ctx, near, app.stroke, false);
    strokeLine(ctx, LINES.border);
  }
  paintCross(ctx, centre);
  ctx.restore();
  ctx.beginPath();
  ctx.arc(...centre, r, 0, 2 * Math.PI);
  ctx.strokeStyle = '#ffffff';
  ctx.lineWidth = 2;
  ctx.stroke();
}

function paintOverlay(canvas, view, app, image, areas) {
  const ctx = wiped(canvas, view);
  if (areas.reference) paintReference(ctx, view, areas.reference);
  paintAreas(ctx, view, areas.rectangle, areas.fed);
  ctx.globalAlpha = app.stroke && app.outline.closed ? 0.35 : 1;
  paintBorder(ctx, view, app);
  ctx.globalAlpha = 1;
  if (app.stroke) {
    trace(ctx, view, app.stroke, false);
    strokeLine(ctx, LINES.border);
  }
  if (app.cursor) paintCross(ctx, view.toScreen(app.cursor));
  if (app.loupe && image) paintLoupe(ctx, view, app, image);
}
