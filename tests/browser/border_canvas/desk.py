"""A small app around two border canvases, and hands for it: mouse, keys and fingers on a real page."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO

import gradio as gr
import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page
from scipy import ndimage

from dashboards.widgets.border_canvas import BorderCanvas
from dashboards.widgets.drawn_border import DrawnBorder
from tests.browser.visits import Visit

SIZE = (768, 1024)
TRIANGLE = [(300.0, 200.0), (700.0, 250.0), (450.0, 600.0)]
SQUARE = [(300.0, 200.0), (700.0, 200.0), (700.0, 500.0), (300.0, 500.0)]
RED = (230, 20, 20)


def box_around(drawn: DrawnBorder, margin: float = 0.0):
    """The upright box around a border, as four corners: what the stand-in handler answers with."""
    xs, ys = zip(*drawn.points, strict=True)
    left, right, top, bottom = min(xs) - margin, max(xs) + margin, min(ys) - margin, max(ys) + margin
    return (left, top), (right, top), (right, bottom), (left, bottom)


def answer(drawn: DrawnBorder):
    if not drawn.closed:
        return BorderCanvas.answer(drawn)
    return BorderCanvas.answer(drawn, rectangle=box_around(drawn), fed=box_around(drawn, 20.0))


@dataclass
class Bench:
    """The app's side: what reached Python, and what Python sends.

    Attributes:
        seen: (name of the canvas, border) in the order of arrival.
        reply: computes the canvas update for a border.
        to_send: updates by name of the canvas, sent with the next press on the hidden button.
    """

    seen: list[tuple[str, DrawnBorder]] = field(default_factory=list)
    reply: Callable[[DrawnBorder], dict] = answer
    to_send: dict[str, dict] = field(default_factory=dict)

    def blocks(self) -> gr.Blocks:
        with gr.Blocks(analytics_enabled=False, title="border canvas") as demo:
            send = gr.Button("send", elem_id="send")
            with gr.Tab("One"):
                first = BorderCanvas(elem_id="first")
            with gr.Tab("Two"):
                second = BorderCanvas(elem_id="second")
            third = BorderCanvas(elem_id="third")
            canvases = {"first": first, "second": second, "third": third}
            send.click(
                lambda: [self.to_send.pop(name, gr.skip()) for name in canvases],
                None,
                list(canvases.values()),
                show_progress="hidden",
                api_name="send",
                trigger_mode="multiple",
            )
            for name, canvas in canvases.items():
                canvas.border(
                    self._handler(name),
                    canvas,
                    canvas,
                    trigger_mode="always_last",
                    show_progress="hidden",
                    api_name=f"border_{name}",
                )
        return demo

    def _handler(self, name: str):
        def handle(drawn: DrawnBorder):
            self.seen.append((name, drawn))
            return self.reply(drawn)

        return handle


@dataclass
class Desk:
    """One canvas on one page, with hands."""

    visited: Visit
    bench: Bench
    name: str = "first"
    size: tuple[int, int] = SIZE
    image_id: str = ""

    @property
    def page(self) -> Page:
        return self.visited.page

    # ---- sending

    def send(self, update: dict, **more: dict) -> None:
        self.bench.to_send = {self.name: update, **more}
        self.page.locator("#send").click()
        self.wait(lambda: not self.bench.to_send)

    def show(self, pixels: np.ndarray, points: Sequence = (), **options) -> None:
        update = BorderCanvas.show(pixels, points, **options)
        self.size, self.image_id = pixels.shape[:2], update["image_id"]
        self.send(update)
        self.page.wait_for_selector(f'#{self.name} .bc[data-shown="{self.image_id}"]', state="attached")

    # ---- reading

    @property
    def seen(self) -> list[DrawnBorder]:
        """What this canvas sent of the image now shown."""
        return [drawn for name, drawn in self.bench.seen if name == self.name and drawn.image_id == self.image_id]

    def borders(self, count: int) -> list[DrawnBorder]:
        """Wait for `count` events, and a little longer for one too many."""
        self.wait(lambda: len(self.seen) >= count)
        self.page.wait_for_timeout(120)
        assert len(self.seen) == count, self.seen
        return self.seen

    def wait(self, done: Callable[[], bool], seconds: float = 30.0) -> None:
        for _ in range(int(seconds / 0.02)):
            if done():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"waited {seconds} s in vain; seen: {self.seen}")

    def find(self, selector: str) -> Locator:
        return self.page.locator(f"#{self.name} {selector}")

    @property
    def status(self) -> str:
        return self.find(".bc-status").text_content() or ""

    def legend(self) -> list[str]:
        return [item.get_attribute("data-line") for item in self.find(".bc-legend li:visible").all()]

    def frame(self) -> None:
        """Let the page draw."""
        self.page.evaluate("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")

    @property
    def box(self) -> dict[str, float]:
        return self.find(".bc-overlay").bounding_box()

    @property
    def scale(self) -> float:
        """CSS pixels per image pixel while the whole image is fitted into the window."""
        return min(self.box["width"] / self.size[1], self.box["height"] / self.size[0])

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where an image point lies on the page while the whole image is fitted into the window."""
        box, (height, width), scale = self.box, self.size, self.scale
        return (
            box["x"] + (box["width"] - width * scale) / 2 + x * scale,
            box["y"] + (box["height"] - height * scale) / 2 + y * scale,
        )

    def screen(self) -> np.ndarray:
        """The visible part of the page in device pixels, (height, width, 3) uint8."""
        self.frame()
        return np.asarray(Image.open(BytesIO(self.page.screenshot())).convert("RGB"))

    def painted(self, mask: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Page coordinates (x, y) of the window's pixels whose colour (int red, green, blue) the mask accepts."""
        density = self.page.evaluate("devicePixelRatio")
        rows, columns = np.nonzero(mask(self.screen().astype(int)))
        points = (np.stack([columns, rows], axis=1) + 0.5) / density
        box = self.box
        low = np.array([box["x"], box["y"]])
        inside = ((points > low) & (points < low + np.array([box["width"], box["height"]]))).all(axis=1)
        return points[inside]

    def discs(self) -> list[tuple[float, float]]:
        """Page coordinates of the red discs' centres, from left to right, as they are painted."""
        points = self.painted(lambda c: (c[..., 0] > 140) & (c[..., 1] < 90) & (c[..., 2] < 90))
        density = self.page.evaluate("devicePixelRatio")
        grid = np.zeros((int(points[:, 1].max() * density) + 2, int(points[:, 0].max() * density) + 2), bool)
        columns, rows = (points * density).astype(int).T
        grid[rows, columns] = True
        labels, count = ndimage.label(grid)
        spots = [points[labels[rows, columns] == number] for number in range(1, count + 1)]
        return sorted(tuple(spot.mean(axis=0)) for spot in spots if len(spot) > 12)

    # ---- hands

    def click(self, x: float, y: float, **options) -> None:
        self.page.mouse.click(*self.at(x, y), **options)

    def drag(self, start: tuple[float, float], end: tuple[float, float], steps: int = 6) -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=steps)
        self.page.mouse.up()

    def stroke(self, path: Sequence[tuple[float, float]], *, release: bool = True) -> None:
        """Draw free-hand along image points."""
        on_page = [self.at(*p) for p in path]
        self.page.mouse.move(*on_page[0])
        self.page.mouse.down()
        for p in on_page[1:]:
            self.page.mouse.move(*p)
        if release:
            self.page.mouse.up()

    def outline(self, points: Sequence[tuple[float, float]]) -> None:
        """Set points with clicks and close with Enter."""
        for x, y in points:
            self.click(x, y)
        self.page.keyboard.press("Enter")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def focus(self) -> None:
        """Reach the drawing with the keyboard, from the button before it."""
        self.find('[data-action="fit"]').focus()
        self.press("Tab")
        assert self.find(".bc-overlay").evaluate("e => e === document.activeElement")


def ellipse(centre=(512.0, 384.0), radii=(200.0, 130.0), count=48):
    angles = [2 * math.pi * i / count for i in range(count)]
    return [(centre[0] + radii[0] * math.cos(a), centre[1] + radii[1] * math.sin(a)) for a in angles]


def speckle(size=SIZE, discs=(), radius=None):
    """A grey noisy image with red discs at known centres; (height, width, 3) uint8."""
    height, width = size
    rng = np.random.default_rng(3)
    grey = rng.integers(40, 120, (math.ceil(height / 8), math.ceil(width / 8)), dtype=np.uint8)
    grey = np.kron(grey, np.ones((8, 8), np.uint8))[:height, :width]
    pixels = np.repeat(grey[..., None], 3, axis=2)
    radius = radius or max(size) / 80
    for x, y in discs:
        left, top = max(0, int(x - radius) - 1), max(0, int(y - radius) - 1)
        rows, columns = np.mgrid[top : int(y + radius) + 2, left : int(x + radius) + 2]
        inside = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= radius**2
        pixels[rows[inside], columns[inside]] = RED
    return pixels


_DISCS = [(0.2, 0.3), (0.45, 0.12), (0.81, 0.35), (0.9, 0.86), (0.5, 0.9)]


def discs_in(size):
    """Centres of discs, on pixel centres."""
    height, width = size
    return sorted((round(x * width) + 0.5, round(y * height) + 0.5) for x, y in _DISCS)


PLAIN = speckle()


def assert_near(points, expected, tolerance):
    points, expected = np.asarray(points, float), np.asarray(expected, float)
    assert points.shape == expected.shape
    assert np.abs(points - expected).max() <= tolerance, (points, expected)
