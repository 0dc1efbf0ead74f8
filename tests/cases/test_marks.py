import numpy as np
import pytest
from PIL import Image, ImageDraw

from lesion_core.cases.marks import COLOUR_SHARE, find_marks

from .planted import draw_calipers
from .scans import scan


def drawn(seed, draw):
    image = Image.fromarray(scan(seed).pixels)
    draw(ImageDraw.Draw(image))
    return np.asarray(image)


def near(seed, where):
    """A point beside the lesion, inside what is looked at."""
    points = np.array(scan(seed).border.points)
    low, high = points.min(axis=0), points.max(axis=0)
    return tuple(low + (high - low) * np.array(where))


def test_clean_scans_have_no_marks():
    found = [find_marks(scan(seed).pixels, scan(seed).border) for seed in range(20)]
    assert [(each.calipers, each.letters, each.colour_share) for each in found] == [(0, 0, 0.0)] * 20


@pytest.mark.parametrize("seed", range(5))
def test_plus_signs(seed):
    def plus(draw):
        for where in ((0, 0.5), (1, 0.5), (0.5, 0), (0.5, 1)):
            x, y = near(seed, where)
            draw.line((x - 6, y, x + 6, y), fill=(255, 255, 255))
            draw.line((x, y - 6, x, y + 6), fill=(255, 255, 255))

    assert 2 <= find_marks(drawn(seed, plus), scan(seed).border).calipers <= 4


def test_crosses():
    def cross(draw):
        x, y = (round(each) for each in near(1, (0.5, 0.5)))
        draw.line((x - 6, y - 6, x + 6, y + 6), fill=(255, 255, 255))
        draw.line((x - 6, y + 6, x + 6, y - 6), fill=(255, 255, 255))

    assert find_marks(drawn(1, cross), scan(1).border).calipers == 1


def test_captions_near_the_border_and_far_from_it():
    def caption(where):
        def draw_on_dark(draw):
            draw.rectangle((*where, where[0] + 120, where[1] + 22), fill=(30, 30, 30))
            draw.text(where, "LEFT BREAST", fill=(255, 255, 255), font_size=16)

        return draw_on_dark

    assert (
        find_marks(drawn(2, caption(tuple(round(each) for each in near(2, (0.2, 0.4))))), scan(2).border).letters >= 4
    )
    assert find_marks(drawn(2, caption((2, 2))), scan(2).border).letters == 0
    assert find_marks(drawn(2, caption((2, 2))), None).letters >= 4


def test_colour():
    def doppler(draw):
        x, y = near(3, (0.5, 0.5))
        draw.ellipse((x - 15, y - 10, x + 15, y + 10), fill=(220, 40, 20))

    assert find_marks(drawn(3, doppler), scan(3).border).colour_share > COLOUR_SHARE
    jpeg_noise = scan(3).pixels.astype(np.int16) + np.random.default_rng(0).integers(-15, 16, scan(3).pixels.shape)
    assert find_marks(np.clip(jpeg_noise, 0, 255).astype(np.uint8), scan(3).border).colour_share == 0


def test_calipers_as_planted_for_the_audit():
    image = draw_calipers(Image.fromarray(scan(4).pixels[:, :, 0]), np.random.default_rng(0))
    assert find_marks(np.asarray(image.convert("RGB")), None).calipers >= 2


def test_tiny_pictures():
    assert find_marks(np.full((3, 3, 3), 200, np.uint8), None).calipers == 0
