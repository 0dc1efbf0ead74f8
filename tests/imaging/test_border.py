import json
import math

import numpy as np
import pytest
import shapely
from PIL import Image
from scipy import ndimage

from lesion_core.errors import BorderError
from lesion_core.imaging.border import (
    MIN_SIDE_PX,
    border_from_json,
    border_from_mask,
    border_from_points,
    border_to_json,
    border_to_mask,
    read_border,
)

SIZE = (400, 600)
SQUARE = [(100, 100), (200, 100), (200, 200), (100, 200)]


def test_borders_are_taken_as_drawn_in_both_directions_and_closed_ones_too():
    expected = border_from_points(SQUARE, SIZE)
    assert expected.notes == ()
    for drawn in (SQUARE[::-1], [*SQUARE, SQUARE[0]], [SQUARE[0], *SQUARE]):
        assert set(border_from_points(drawn, SIZE).points) == set(expected.points)
    # Counter-clockwise on the screen, where y points down: the signed area with y down is negative.
    x, y = np.array(expected.points).T
    assert (x * np.roll(y, -1) - np.roll(x, -1) * y).sum() < 0


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([], "at least 3 points, got 0"),
        ([(10, 10)], "at least 3 points, got 1"),
        ([(10, 10), (50, 50)], "at least 3 points, got 2"),
        ([(10, 10), (50, 50), (10, 10), (50, 50)], "at least 3 points, got 2"),
        ([(10, 10), (50, 50), (90, 90)], "on one line"),
        ([(10, 10), (50, 10), (90, 10), (30, 10)], "on one line"),
        ([(700, 10), (800, 10), (800, 90)], "outside the image"),
        ([(-90, 10), (-20, 10), (-20, 90)], "outside the image"),
        ([(10, 10), (13, 10), (13, 13), (10, 13)], "only 3.0 x 3.0 px"),
        ([(10, 10), (float("nan"), 10), (13, 13)], "finite"),
        ([(10, 10), (float("inf"), 10), (13, 13)], "finite"),
        ([(1e9, 10), (0, 10), (13, 13)], "millions of pixels"),
        ([(10, 10, 10), (13, 13, 10), (50, 13, 10)], "pairs"),
        ([10, 20, 30], "pairs"),
        ("border", "pairs of numbers"),
        ([(1, 2), (3,)], "pairs of numbers"),
        ([(i, i % 7) for i in range(20_001)], "too long"),
    ],
)
def test_unusable_points_are_refused_with_the_reason(points, message):
    with pytest.raises(BorderError, match=message):
        border_from_points(points, SIZE)


def test_a_border_that_crosses_itself_is_repaired_and_says_so():
    bow_tie = [(100, 100), (300, 260), (300, 100), (100, 200)]
    border = border_from_points(bow_tie, SIZE)
    assert any("crossed itself" in note for note in border.notes)
    polygon = shapely.Polygon(border.points)
    assert polygon.is_valid
    whole = shapely.make_valid(shapely.Polygon(bow_tie)).area
    assert whole / 2 < polygon.area < whole


def test_a_stroke_whose_ends_overlap_keeps_nearly_all_of_its_area():
    turns = np.linspace(0, 2 * np.pi + 0.25, 70)
    radius = np.linspace(80, 88, 70)
    stroke = np.stack([300 + radius * np.cos(turns), 200 + radius * np.sin(turns)], axis=1)
    border = border_from_points(stroke, SIZE)
    assert shapely.Polygon(border.points).area == pytest.approx(math.pi * 84**2, rel=0.03)


def test_a_border_that_leaves_the_image_is_cut_and_says_so():
    border = border_from_points([(-50, 100), (100, 100), (100, 200), (-50, 200)], SIZE)
    assert any("image's edge" in note for note in border.notes)
    assert np.array(border.points).min() == 0
    assert shapely.Polygon(border.points).area == pytest.approx(100 * 100)


def test_the_smallest_lesion_is_just_accepted():
    side = MIN_SIDE_PX
    assert border_from_points([(10, 10), (10 + side, 10), (10 + side, 10 + side), (10, 10 + side)], SIZE).notes == ()


def test_mask_to_border_to_mask_is_nearly_the_same():
    rng = np.random.default_rng(5)
    for _ in range(10):
        blob = ndimage.gaussian_filter(rng.standard_normal((120, 160)), 12) > 0.01
        parts, _ = ndimage.label(blob)
        largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
        filled = ndimage.binary_fill_holes(largest)
        again = border_to_mask(border_from_mask(blob), blob.shape)
        assert (again & filled).sum() / (again | filled).sum() > 0.98


def test_the_largest_part_of_a_mask_is_taken_and_its_hole_filled():
    mask = np.zeros((100, 100), dtype=np.uint8)
    mask[10:20, 10:20] = 255
    mask[40:90, 30:90] = 255
    mask[60:65, 50:55] = 0
    expected = np.zeros((100, 100), dtype=bool)
    expected[40:90, 30:90] = True
    border = border_from_mask(mask)
    assert np.array_equal(border_to_mask(border, mask.shape), expected)
    # A pixel covers one unit square: the outline runs along pixel edges.
    assert set(border.points) == {(30, 40), (90, 40), (90, 90), (30, 90)}


def test_masks_that_mark_nothing_are_refused():
    with pytest.raises(BorderError, match="empty"):
        border_from_mask(np.zeros((50, 50)))
    with pytest.raises(BorderError, match="two axes"):
        border_from_mask(np.zeros((50, 50, 3)))
    tiny = np.zeros((50, 50))
    tiny[10:13, 10:13] = 1
    with pytest.raises(BorderError, match="only 3"):
        border_from_mask(tiny)


def test_json_round_trip_and_bare_lists():
    border = border_from_points(SQUARE, SIZE)
    assert border_from_json(border_to_json(border), SIZE) == border
    assert border_from_json(json.dumps(SQUARE), SIZE) == border
    assert border_from_json({"points": SQUARE}, SIZE) == border


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ('{"outline": []}', "no points"),
        ('"text"', "no points"),
        ("[[1, 2], [3, 4], 5]", "border point 3"),
        ('[[1, 2], ["3", 4], [5, 6]]', "border point 2"),
        ("[[1, 2], [true, 4], [5, 6]]", "border point 2"),
        ("[[1, 2], [NaN, 4], [5, 6]]", "finite"),
        (f"[[1, 2], [{10**400}, 4], [5, 6]]", "border point 2 has a number that is too large"),
        (f"[[1, 2], [{'9' * 5000}, 4], [5, 6]]", "not valid JSON"),
    ],
)
def test_bad_json_is_refused_with_the_reason(text, message):
    with pytest.raises(BorderError, match=message):
        border_from_json(text, SIZE)


def test_borders_are_read_from_json_and_from_masks(tmp_path):
    (tmp_path / "border.json").write_text(json.dumps(SQUARE))
    mask = np.zeros(SIZE, dtype=np.uint8)
    mask[100:200, 100:200] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    from_json = read_border(tmp_path / "border.json", SIZE)
    from_mask = read_border(tmp_path / "mask.png", SIZE)
    assert set(from_json.points) == set(from_mask.points) == set(SQUARE)
    with pytest.raises(BorderError, match="they must be equal"):
        read_border(tmp_path / "mask.png", (100, 100))
    with pytest.raises(BorderError, match="no border file"):
        read_border(tmp_path / "absent.json", SIZE)


@pytest.mark.data
def test_every_mask_of_bus_bra_keeps_its_shape(data_dir):
    masks = sorted((data_dir / "BUSBRA" / "Masks").glob("*.png"))[::25]
    assert len(masks) == 75
    for file in masks:
        mask = np.asarray(Image.open(file).convert("L")) > 127
        parts, _ = ndimage.label(mask)
        largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
        again = border_to_mask(border_from_mask(mask), mask.shape)
        assert (again & largest).sum() / (again | largest).sum() >= 0.97
