// The border being drawn and its history. Points are [x, y] in image pixels; they are replaced, never changed in place.

const MAX_POINTS = 5000;
const MAX_HISTORY = 300;

function makeOutline() {
  const outline = { points: [], closed: false, seconds: 0 };
  let startedAt = null;
  let history = [], at = -1, lastEdit = null;

  const put = (state) => {
    outline.points = state.points;
    outline.closed = state.closed;
    outline.seconds = state.seconds;
    startedAt = state.startedAt;
  };

  // One step that undo takes back. Steps with the same `edit` in a row (a point nudged again) become one.
  const commit = (edit = null) => {
    const merge = edit !== null && edit === lastEdit && at > 0;
    history = history.slice(0, merge ? at : at + 1);
    history.push({ points: outline.points, closed: outline.closed, seconds: outline.seconds, startedAt });
    history = history.slice(-MAX_HISTORY);
    at = history.length - 1;
    lastEdit = edit;
  };

  const step = (by) => {
    if (at + by < 0 || at + by >= history.length) return false;
    at += by;
    lastEdit = null;
    put(history[at]);
    return true;
  };

  // Forgets everything: a new image, with the border that came with it.
  outline.reset = (points = [], closed = false, seconds = 0) => {
    put({ points, closed, seconds, startedAt: null });
    history = [];
    at = -1;
    commit();
  };

  // Adds points at the end. The clock runs from the first press or key of a border (`since`) to its closing.
  outline.add = (points, since) => {
    if (outline.points.length + points.length > MAX_POINTS) return;
    if (startedAt === null) startedAt = since;
    outline.points = [...outline.points, ...points];
    commit();
  };

  outline.canClose = () => !outline.closed && outline.points.length > 2;

  outline.close = () => {
    outline.closed = true;
    outline.seconds = startedAt === null ? 0 : (performance.now() - startedAt) / 1000;
    commit();
  };

  // A free-hand stroke takes the place of whatever there was.
  outline.replace = (points, since) => {
    outline.points = points;
    startedAt = since;
    outline.close();
  };

  // The next three change the points without a step in the history: `commit` or `revert` follows.
  outline.move = (index, point) => {
    outline.points = outline.points.map((p, i) => (i === index ? point : p));
  };
  outline.insert = (index, point) => {
    outline.points = [...outline.points.slice(0, index), point, ...outline.points.slice(index)];
  };
  outline.remove = (index) => {
    outline.points = outline.points.filter((_, i) => i !== index);
    if (!outline.points.length) startedAt = null;
  };
  outline.revert = () => put(history[at]);
  outline.commit = commit;
  outline.seal = () => { lastEdit = null; };

  outline.clear = () => {
    put({ points: [], closed: false, seconds: 0, startedAt: null });
    commit();
  };

  outline.undo = () => step(-1);
  outline.redo = () => step(1);
  outline.canUndo = () => at > 0;
  outline.canRedo = () => at < history.length - 1;

  outline.reset();
  return outline;
}
