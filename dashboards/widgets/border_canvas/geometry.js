// Plain geometry. Points are [x, y]; nothing in this file touches the page.

function distance(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function nearestOnSegment(p, a, b) {
  const dx = b[0] - a[0], dy = b[1] - a[1];
  const length2 = dx * dx + dy * dy;
  const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2));
  return [a[0] + t * dx, a[1] + t * dy];
}

function middle(a, b) {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
}

function boundsOf(points) {
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  const left = Math.min(...xs), top = Math.min(...ys);
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

// Marks in `kept` what Douglas-Peucker keeps between two kept points (Douglas and Peucker 1973, The Canadian
// Cartographer 10:112-122), with a stack instead of recursion: a stroke may have thousands of points.
function keepBetween(points, first, last, tolerance, kept) {
  const stack = [[first, last]];
  while (stack.length) {
    const [from, to] = stack.pop();
    let worst = tolerance, at = -1;
    for (let i = from + 1; i < to; i += 1) {
      const off = distance(points[i], nearestOnSegment(points[i], points[from], points[to]));
      if (off > worst) { worst = off; at = i; }
    }
    if (at >= 0) {
      kept.add(at);
      stack.push([from, at], [at, to]);
    }
  }
}

// The minimum-area rectangle rests on the outermost points alone, so these are kept more closely: wherever the box
// around the stroke is the smallest, or losing `tolerance` on each side could make it so (2 degrees a step), the kept
// points may fall short of the stroke by a quarter of `tolerance` at most.
function keepOutermost(points, tolerance, kept) {
  const count = 180, quarter = count / 4;
  const turns = Array.from({ length: count }, (_, k) => [Math.cos((2 * Math.PI * k) / count), Math.sin((2 * Math.PI * k) / count)]);
  const reach = ([x, y], indices) => {
    let best = -Infinity, at = -1;
    for (const i of indices) {
      const along = points[i][0] * x + points[i][1] * y;
      if (along > best) { best = along; at = i; }
    }
    return { best, at };
  };
  const outer = turns.map((turn) => reach(turn, points.keys()));
  const width = (k) => outer[k].best + outer[(k + count / 2) % count].best;
  const boxes = Array.from({ length: quarter }, (_, k) => [width(k), width(k + quarter)]);
  const least = Math.min(...boxes.map(([w, h]) => w * h));
  turns.forEach((turn, k) => {
    const [w, h] = boxes[k % quarter];
    if (Math.max(0, w - 2 * tolerance) * Math.max(0, h - 2 * tolerance) > least) return;
    if (outer[k].best - reach(turn, kept).best > tolerance / 4) kept.add(outer[k].at);
  });
}

// A stroke with fewer points: an open one keeps both ends, a closed one is split at the point farthest from its start.
// The shape stays within `tolerance` (units of the points), each side of a closed one's rectangle within a quarter of it.
function simplified(points, tolerance, closed) {
  if (points.length < 4) return points.slice();
  const ring = closed ? [...points, points[0]] : points;
  const kept = new Set([0, ring.length - 1]);
  if (closed) {
    let far = 0;
    points.forEach((p, i) => { if (distance(p, points[0]) > distance(points[far], points[0])) far = i; });
    kept.add(far);
    keepBetween(ring, 0, far, tolerance, kept);
    keepBetween(ring, far, ring.length - 1, tolerance, kept);
    keepOutermost(ring, tolerance, kept);
    kept.delete(ring.length - 1);
  } else {
    keepBetween(ring, 0, ring.length - 1, tolerance, kept);
  }
  return [...kept].sort((a, b) => a - b).map((i) => ring[i]);
}

// Index of the nearest point within `radius`, or -1; of equally near ones the last, which lies on top.
function nearestPoint(points, at, radius) {
  let best = -1, least = radius;
  points.forEach((p, i) => {
    const away = distance(p, at);
    if (away <= least) { best = i; least = away; }
  });
  return best;
}

// Edges as [from, to] index pairs; a closed border has the one from its last point to its first as well.
function edgesOf(count, closed) {
  const edges = [];
  for (let i = 0; i + 1 < count; i += 1) edges.push([i, i + 1]);
  if (closed && count > 2) edges.push([count - 1, 0]);
  return edges;
}
