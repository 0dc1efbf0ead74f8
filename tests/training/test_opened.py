from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.prepare import InputSpec, prepare
from lesion_core.imaging.read import read_image
from lesion_core.records import Border
from lesion_core.training.opened import OpenedCase, looked_at, open_case
from tests.training.phantom_set import SIZE, make_set

SQUARE = Border(((40.0, 40.0), (40.0, 60.0), (60.0, 60.0), (60.0, 40.0)))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("phantoms"), patients=1)


def test_files_are_opened_whole(table):
    case = table.cases[0]
    opened = open_case(table, case)
    assert np.array_equal(opened.pixels, read_image(table.image_path(case)).pixels)
    assert opened.border == read_border(table.border_path(case), SIZE)
    assert opened.known == (0, 0, 160, 120)
    opened.check_covers(InputSpec("upright", 2.0))


def test_a_case_without_border_is_told_to_be_outlined(table):
    with pytest.raises(InputError, match="outline it first"):
        open_case(table, replace(table.cases[0], border=""))


@pytest.mark.parametrize(
    ("spec", "box"),
    [
        (InputSpec("upright", 0.0), (38, 38, 62, 62)),
        (InputSpec("min-area", 0.0), (38, 38, 62, 62)),
        (InputSpec("upright", 0.25), (33, 33, 67, 67)),
        (InputSpec("upright", 2.0), (0, 0, 102, 100)),  # 40 px on each side and 2 more, cut at the image's edges
    ],
)
def test_what_a_rule_looks_at_ends_two_pixels_beyond_its_area(spec, box):
    assert looked_at(SQUARE, spec, (100, 120)) == box


@pytest.mark.parametrize("spec", [InputSpec("upright", 0.15), InputSpec("min-area", 0.1), InputSpec("upright", 0.8)])
def test_pixels_further_out_change_no_roi(spec, table):
    opened = open_case(table, table.cases[1])
    left, top, right, bottom = looked_at(opened.border, spec, SIZE)
    rng = np.random.default_rng(0)
    changed = rng.integers(0, 256, opened.pixels.shape, dtype=np.uint8)
    changed[top:bottom, left:right] = opened.pixels[top:bottom, left:right]
    expected = prepare(opened.pixels, opened.border, spec).pixels
    assert np.array_equal(prepare(changed, opened.border, spec).pixels, expected)


def test_a_rule_that_looks_further_than_is_known_is_refused():
    known = looked_at(SQUARE, InputSpec("upright", 0.2), (100, 120))
    opened = OpenedCase(np.zeros((100, 120, 3), np.uint8), SQUARE, known)
    opened.check_covers(InputSpec("upright", 0.2))
    opened.check_covers(InputSpec("min-area", 0.1))
    with pytest.raises(InputError, match=r"upright with margin 0\.25 needs: make the pack again with a larger margin"):
        opened.check_covers(InputSpec("upright", 0.25))
