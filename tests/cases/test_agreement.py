import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lesion_core.cases.agreement import compare_borders, compare_masks
from lesion_core.errors import BorderError
from lesion_core.imaging.border import border_to_mask
from lesion_core.records import Border


def square(left, top, side):
    return Border(((left, top), (left, top + side), (left + side, top + side), (left + side, top)))


def circle(x, y, radius, points=400):
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    return Border(tuple((x + radius * np.cos(t), y - radius * np.sin(t)) for t in turn))


def test_a_border_with_itself():
    found = compare_borders(circle(50, 50, 20), circle(50, 50, 20))
    assert (found.dice, found.hausdorff_px, found.area_ratio) == pytest.approx((1, 0, 1), abs=1e-9)
    assert found.mean_px == pytest.approx(0, abs=1e-9)


def test_squares_by_hand():
    """Two squares of side 10, one 4 to the right: 60 of 100 are common; the far sides are 4 apart."""
    found = compare_borders(square(0, 0, 10), square(4, 0, 10))
    assert found.dice == pytest.approx(0.6)
    assert found.hausdorff_px == pytest.approx(4)
    # Left side: 4 everywhere. Top and bottom: 4 down to 0 along 4 px, then on the other outline. Right side (x = 10):
    # inside the other square, so min(y, 10 - y, 4): 2 (4^2 / 2) + 2 * 4 = 24.
    by_hand = (4 * 10 + 2 * (4 * 4 / 2) + 24) / 40
    assert found.mean_px == pytest.approx(by_hand, rel=0.01)


def test_one_circle_inside_another():
    found = compare_borders(circle(50, 50, 20), circle(50, 50, 25))
    assert found.dice == pytest.approx(2 * 400 / (400 + 625), rel=1e-3)
    assert found.hausdorff_px == pytest.approx(5, abs=0.02)
    assert found.mean_px == pytest.approx(5, abs=0.02)
    assert found.area_ratio == pytest.approx(625 / 400, rel=1e-3)


def test_apart():
    found = compare_borders(square(0, 0, 10), square(30, 0, 10))
    assert found.dice == 0
    assert found.hausdorff_px == pytest.approx(30)


def test_a_corner_between_samples_counts_for_the_largest_distance():
    spike = Border(((0, 0), (0, 10), (10, 10), (10.3, 5.2), (50.13, 5.01), (10.3, 4.8), (10, 0)))
    assert compare_borders(square(0, 0, 10), spike).hausdorff_px == pytest.approx(40.13, abs=1e-6)


@settings(deadline=None, max_examples=25)
@given(
    st.tuples(*(st.floats(60, 100) for _ in range(2)), st.floats(15, 40)),
    st.tuples(*(st.floats(60, 100) for _ in range(2)), st.floats(15, 40)),
)
def test_borders_and_their_masks_say_the_same(one, two):
    """The second way, by pixels and a distance transform, agrees to about a pixel."""
    size = (160, 160)
    first, second = circle(*one), circle(*two)
    by_border = compare_borders(first, second)
    by_mask = compare_masks(border_to_mask(first, size), border_to_mask(second, size))
    assert by_mask.dice == pytest.approx(by_border.dice, abs=0.02)
    assert by_mask.hausdorff_px == pytest.approx(by_border.hausdorff_px, abs=1.5)
    assert by_mask.mean_px == pytest.approx(by_border.mean_px, abs=1.0)
    back = compare_borders(second, first)
    assert (back.dice, back.hausdorff_px) == pytest.approx((by_border.dice, by_border.hausdorff_px))
    assert back.mean_px == pytest.approx(by_border.mean_px)


def test_masks_with_a_part_more():
    one = np.zeros((40, 60), bool)
    one[10:20, 10:20] = True
    two = one.copy()
    two[10:20, 40:50] = True
    found = compare_masks(one, two)
    assert found.dice == pytest.approx(2 * 100 / 300)
    assert found.area_ratio == 2
    assert found.hausdorff_px == 30
    assert compare_masks(one, one).mean_px == 0


def test_masks_that_cannot_be_compared():
    one = np.ones((4, 4))
    with pytest.raises(BorderError, match=r"masks of shapes \(4, 4\) and \(4, 5\)"):
        compare_masks(one, np.ones((4, 5)))
    with pytest.raises(BorderError, match="a mask is empty"):
        compare_masks(one, np.zeros((4, 4)))
