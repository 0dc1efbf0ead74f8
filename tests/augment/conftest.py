"""RoIs made by the tests themselves, and real ones where the data sets are."""

import numpy as np
import pytest
from PIL import Image

from lesion_core.imaging.border import read_border
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.imaging.prepare import InputSpec, prepare

PAPER = InputSpec(rule="min-area", margin=0.0)


def speckle(seed, size=(224, 224), *, channels=1):
    """(height, width, 3) uint8 of Rayleigh speckle with a dark disc; three equal channels, or three different ones."""
    rng = np.random.default_rng(seed)
    height, width = size
    y, x = np.mgrid[:height, :width]
    inside = (y - height / 2) ** 2 + (x - width / 2) ** 2 < (min(size) / 3) ** 2
    planes = [np.clip(rng.rayleigh(np.where(inside, 20, 60)), 0, 255).astype(np.uint8) for _ in range(channels)]
    return np.stack([planes[channel % channels] for channel in range(3)], axis=-1)


@pytest.fixture(scope="session")
def phantom_rois():
    """The RoIs of the app's examples, as the paper's rule cuts them."""
    drawn = [example(title) for title in EXAMPLES]
    return [prepare(phantom.pixels, phantom.border, PAPER).pixels for phantom in drawn]


@pytest.fixture(scope="session")
def real_rois(data_dir):
    """100 RoIs spread over BUS-BRA, cut along their masks by the paper's rule."""
    masks = sorted((data_dir / "BUSBRA" / "Masks").glob("mask_*.png"))
    chosen = [masks[int(index)] for index in np.linspace(0, len(masks) - 1, 100)]
    rois = []
    for mask in chosen:
        image = np.asarray(Image.open(data_dir / "BUSBRA" / "Images" / mask.name.replace("mask", "bus")).convert("RGB"))
        rois.append(prepare(image, read_border(mask, image.shape[:2]), PAPER).pixels)
    return rois
