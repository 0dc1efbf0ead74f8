import numpy as np

from lesion_core.imaging.thumbnail import AREA, BORDER, thumbnail
from lesion_core.records import Border

SCAN = np.full((200, 300, 3), 90, dtype=np.uint8)
LESION = Border(((120, 80), (120, 120), (180, 120), (180, 80)))
FED = ((110.0, 70.0), (190.0, 70.0), (190.0, 130.0), (110.0, 130.0))


def share(picture, colour):
    return float((np.abs(picture.astype(int) - colour).max(axis=2) < 40).mean())


def test_border_and_area_are_drawn_over_the_cut():
    found = thumbnail(SCAN, LESION, FED, side=200)
    assert max(found.shape[:2]) == 200
    assert found.dtype == np.uint8
    assert share(found, BORDER) > 0.005
    assert share(found, AREA) > 0.003
    assert share(found, (90, 90, 90)) > 0.5


def test_an_area_beyond_the_image_is_cut_at_its_edge():
    found = thumbnail(SCAN, LESION, ((-50.0, -40.0), (320.0, -40.0), (320.0, 260.0), (-50.0, 260.0)))
    assert found.shape[:2] == (160, 240)
