"""Synthetic speckle phantoms: images with a border that belong to nobody, for examples, tests and teaching.

A phantom is fully developed speckle: point scatterers with complex normal amplitudes, blurred by a pulse (axially
modulated, laterally wide), its envelope log-compressed (Burckhardt 1978, IEEE Trans Sonics Ultrason 25:1, for the
statistics of speckle). A lesion is an area of lower echogenicity with a smooth or a spiculated border. A phantom is no
patient: it has no histology, and a model's score on it says nothing about the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from lesion_core.imaging.border import border_from_points, border_to_mask
from lesion_core.records import Border

Shape = Literal["smooth", "lobulated", "spiculated"]


@dataclass(frozen=True)
class PhantomSpec:
    """What to draw.

    Attributes:
        shape: outline of the lesion.
        size: (height, width) of the image in pixels.
        centre: of the lesion, (x, y) as shares of width and height.
        radii: of the lesion, (horizontal, vertical) as shares of the image's height.
        contrast_db: echogenicity of the lesion relative to the tissue around it, decibels.
        behind_db: of what lies below the lesion: above 0 enhancement, below 0 shadow, decibels.
        dynamic_range_db: how many decibels the grey scale spans.
    """

    shape: Shape = "smooth"
    size: tuple[int, int] = (480, 640)
    centre: tuple[float, float] = (0.5, 0.45)
    radii: tuple[float, float] = (0.26, 0.17)
    contrast_db: float = -14.0
    behind_db: float = 3.0
    dynamic_range_db: float = 55.0


@dataclass(frozen=True)
class Phantom:
    """A drawn phantom.

    Attributes:
        pixels: (height, width, 3) uint8, three equal channels.
        border: the lesion's outline as drawn.
        title: what it is, for people.
    """

    pixels: NDArray[np.uint8]
    border: Border
    title: str


#: The phantoms that the app offers as examples, by name.
EXAMPLES: dict[str, PhantomSpec] = {
    "Phantom A: smooth, wider than tall": PhantomSpec(),
    "Phantom B: lobulated": PhantomSpec("lobulated", centre=(0.46, 0.5), radii=(0.22, 0.19), behind_db=1.0),
    "Phantom C: spiculated, taller than wide": PhantomSpec(
        "spiculated", centre=(0.54, 0.45), radii=(0.15, 0.21), contrast_db=-18.0, behind_db=-9.0
    ),
}


def example(title: str) -> Phantom:
    """One of `EXAMPLES`, always the same."""
    return draw_phantom(EXAMPLES[title], np.random.default_rng(list(EXAMPLES).index(title)), title=title)


def draw_phantom(spec: PhantomSpec, rng: np.random.Generator, *, title: str = "Synthetic phantom") -> Phantom:
    """Draw a phantom; the same generator state gives the same picture."""
    height, width = spec.size
    outline = _outline(spec, rng)
    border = border_from_points(_thinned(outline), spec.size)
    echo_db = _echogenicity_db(spec, border, rng)
    scatterers = rng.standard_normal((height, width)) + 1j * rng.standard_normal((height, width))
    field = scatterers * 10 ** (echo_db / 20)
    depth = np.arange(-8, 9)
    pulse = np.exp(-((depth / 2.2) ** 2)) * np.exp(2j * np.pi * depth / 5.0)
    field = ndimage.convolve1d(field, pulse, axis=0, mode="reflect")
    field = ndimage.gaussian_filter1d(field.real, 2.4, axis=1) + 1j * ndimage.gaussian_filter1d(field.imag, 2.4, axis=1)
    envelope_db = 20 * np.log10(np.abs(field) + 1e-9)
    top_db = np.percentile(envelope_db, 99.7)
    grey = np.clip(255 * (1 + (envelope_db - top_db) / spec.dynamic_range_db), 0, 255).astype(np.uint8)
    return Phantom(np.repeat(grey[..., None], 3, axis=2), border, title)


def _outline(spec: PhantomSpec, rng: np.random.Generator) -> NDArray[np.float64]:
    """(n, 2) points around the lesion: an ellipse whose radius waves (lobulated) or spikes (spiculated)."""
    height, width = spec.size
    turn = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    radius = np.ones_like(turn)
    for wave in range(2, 6):
        strength = {"smooth": 0.012, "lobulated": 0.09, "spiculated": 0.03}[spec.shape]
        radius += strength * rng.standard_normal() * np.cos(wave * turn + rng.uniform(0, 2 * np.pi))
    if spec.shape == "spiculated":
        radius += 0.16 * np.abs(np.sin(7.5 * turn + rng.uniform(0, np.pi))) ** 6
    x = spec.centre[0] * width + spec.radii[0] * height * radius * np.cos(turn)
    y = spec.centre[1] * height + spec.radii[1] * height * radius * np.sin(turn)
    return np.stack([x, y], axis=1)


def _thinned(outline: NDArray[np.float64]) -> NDArray[np.float64]:
    """Without the points that half a pixel does not need (Douglas-Peucker): an outline that can be edited by hand."""
    ring = shapely.LinearRing(outline).simplify(0.5)
    points: NDArray[np.float64] = shapely.get_coordinates(ring)[:-1]
    return points


def _echogenicity_db(spec: PhantomSpec, border: Border, rng: np.random.Generator) -> NDArray[np.float64]:
    """(height, width) decibels: layered tissue, the lesion, what lies behind it, attenuation with depth."""
    height, width = spec.size
    rows = np.linspace(0, 1, height)[:, None]
    texture = ndimage.gaussian_filter(rng.standard_normal((height, width)), (6, 28))
    echo_db: NDArray[np.float64] = 3.0 * texture / texture.std() - 9.0 * rows
    skin_px = max(4, height // 40)
    echo_db[:skin_px] += 9.0
    for depth in (0.16, 0.82):  # bright fascia lines, slightly bent
        bend = depth + 0.02 * np.sin(np.linspace(0, 2 * np.pi, width) + rng.uniform(0, 2 * np.pi))
        echo_db += 7.0 * np.exp(-(((rows - bend[None, :]) / 0.008) ** 2))
    lesion = border_to_mask(border, spec.size)
    below = np.maximum.accumulate(lesion, axis=0) & ~lesion
    softness = 1.6 if spec.shape == "smooth" else 3.0
    inside = ndimage.gaussian_filter(lesion.astype(np.float64), softness)
    echo_db = echo_db * (1 - inside) + inside * (echo_db.mean() + 0.3 * (echo_db - echo_db.mean()))
    echo_db += spec.contrast_db * inside
    echo_db += spec.behind_db * ndimage.gaussian_filter(below.astype(np.float64), (4, 9))
    return echo_db
