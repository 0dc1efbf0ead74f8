// Where the image lies in the window: zoom, pan, fit. Screen points are CSS pixels from the stage's top left corner,
// image points are pixels of the full-resolution image; both are continuous, (0, 0) is the corner of the first pixel.

const SLACK_PX = 40;      // how far the image's edge may be drawn into the window
const MAX_PIXEL_PX = 16;  // how large one pixel of the preview may become

function makeView() {
  const view = { width: 0, height: 0, imageWidth: 0, imageHeight: 0, previewScale: 1, scale: 1, x: 0, y: 0 };
  let fitted = true;

  const fitScale = () => Math.min(view.width / view.imageWidth, view.height / view.imageHeight);

  const held = (offset, window, image) => {
    if (image <= window) return (window - image) / 2;
    return Math.max(window - image - SLACK_PX, Math.min(SLACK_PX, offset));
  };

  const settle = () => {
    view.x = held(view.x, view.width, view.imageWidth * view.scale);
    view.y = held(view.y, view.height, view.imageHeight * view.scale);
  };

  view.ready = () => view.width > 0 && view.height > 0 && view.imageWidth > 0;

  view.fit = () => {
    fitted = true;
    if (!view.ready()) return;
    view.scale = fitScale();
    settle();
  };

  view.isFitted = () => fitted;

  // A new window: a fitted image stays fitted, otherwise the middle of the window stays where it was.
  view.resize = (width, height) => {
    const shown = view.ready();
    const centre = shown ? view.toImage([view.width / 2, view.height / 2]) : null;
    view.width = width;
    view.height = height;
    if (!view.ready()) return;
    if (fitted || !shown) { view.fit(); return; }
    view.scale = Math.max(view.scale, fitScale());
    view.x = width / 2 - centre[0] * view.scale;
    view.y = height / 2 - centre[1] * view.scale;
    settle();
  };

  view.setImage = (width, height) => {
    view.imageWidth = width;
    view.imageHeight = height;
    view.previewScale = 1;
    view.fit();
  };

  view.toImage = (p) => [(p[0] - view.x) / view.scale, (p[1] - view.y) / view.scale];
  view.toScreen = (p) => [p[0] * view.scale + view.x, p[1] * view.scale + view.y];

  // The same, kept inside the image: a lesion may run out of the picture, its border may not.
  view.toImageInside = (p) => view.inside(view.toImage(p));
  view.inside = (p) => [
    Math.max(0, Math.min(view.imageWidth, p[0])),
    Math.max(0, Math.min(view.imageHeight, p[1])),
  ];

  // Puts `imagePoint` under the screen point `at`, at the given scale.
  view.place = (imagePoint, at, scale) => {
    const least = fitScale();
    const most = Math.max(4 * least, MAX_PIXEL_PX * view.previewScale);
    view.scale = Math.max(least, Math.min(most, scale));
    fitted = view.scale <= least * 1.0001;
    view.x = at[0] - imagePoint[0] * view.scale;
    view.y = at[1] - imagePoint[1] * view.scale;
    settle();
  };

  view.zoomAt = (at, factor) => view.place(view.toImage(at), at, view.scale * factor);

  view.pan = (dx, dy) => {
    view.x += dx;
    view.y += dy;
    settle();
  };

  // Moves the window so that an image point moved by the keyboard stays in sight.
  view.reveal = (imagePoint) => {
    const [x, y] = view.toScreen(imagePoint);
    const edge = 24;
    view.pan(
      Math.max(0, edge - x) - Math.max(0, x - view.width + edge),
      Math.max(0, edge - y) - Math.max(0, y - view.height + edge),
    );
  };

  return view;
}
