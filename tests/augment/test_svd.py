import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from threadpoolctl import threadpool_limits

from lesion_core.augment.svd import decompose, rank_by_count, rank_by_energy, rebuild
from lesion_core.errors import ImageError, InputError
from tests.augment.conftest import speckle

RATIOS = (0.45, 0.35, 0.25)
RANKS = (101, 78, 56)


@pytest.fixture(autouse=True)
def _one_thread():
    """NumPy's own SVD of small matrices is many times slower with several BLAS threads on a busy machine."""
    with threadpool_limits(1, user_api="blas"):
        yield


def reference(channel, *ranks):
    """One channel by numpy.linalg.svd in float64: its singular values, and the image at each rank, not rounded."""
    u, s, vt = np.linalg.svd(channel.astype(np.float64), full_matrices=False)
    return s, [(u[:, :rank] * s[:rank]) @ vt[:rank] for rank in ranks]


def largest_difference(rois):
    largest = 0
    for roi in rois:
        ours = rebuild(roi, RATIOS)
        for channel in range(1 if is_grey(roi) else 3):
            for mine, theirs in zip(ours, reference(roi[..., channel], *RANKS)[1], strict=True):
                largest = max(largest, np.abs(np.clip(np.rint(theirs), 0, 255) - mine[..., channel]).max())
    return largest


def is_grey(roi):
    return (roi == roi[..., :1]).all()


def eckart_young_errors(rois):
    """Relative differences between each reconstruction's error and the norm of the dropped singular values."""
    errors = []
    for roi in rois:
        ours = decompose(roi)
        values = np.stack([np.linalg.svd(roi[..., channel].astype(float), compute_uv=False) for channel in range(3)])
        for rank in RANKS:
            dropped = np.sqrt(np.square(values[:, rank:]).sum())
            errors.append(np.linalg.norm(roi - ours.rebuild(rank)) / dropped - 1)
            errors.append(ours.dropped_norm(rank) / dropped - 1)
    return np.abs(errors)


def test_the_papers_ranks():
    assert tuple(rank_by_count(ratio, (224, 224)) for ratio in RATIOS) == RANKS
    assert rank_by_count(0.45, (224, 100)) == 45
    assert rank_by_count(1, (224, 224)) == 224
    assert rank_by_count(0.25, (1, 500)) == 1


def test_ranks_by_energy():
    values = np.array([4.0, 2.0, 1.0])  # energies 16, 4, 1 of 21
    assert [rank_by_energy(values, share) for share in (0.5, 16 / 21, 0.77, 20 / 21, 0.96, 1)] == [1, 1, 2, 2, 3, 3]
    assert rank_by_energy(np.zeros(3), 0.5) == 1


@pytest.mark.parametrize("ratio", [0, -0.1, 1.01, float("nan")])
def test_ratios_out_of_range_are_refused(ratio):
    with pytest.raises(InputError, match="above 0 and at most 1"):
        rank_by_count(ratio, (224, 224))
    with pytest.raises(InputError, match="above 0 and at most 1"):
        rank_by_energy(np.ones(3), ratio)


@pytest.mark.parametrize("channels", [1, 3])
def test_full_rank_gives_the_image_back(channels):
    roi = speckle(0, channels=channels)
    np.testing.assert_array_equal(rebuild(roi, (1,))[0], roi)
    np.testing.assert_allclose(decompose(roi).rebuild(224), roi, atol=1e-9)


def test_within_a_grey_level_of_numpys_svd_on_speckle(phantom_rois):
    assert largest_difference([*phantom_rois, speckle(1), speckle(2, channels=3)]) <= 1


@pytest.mark.data
def test_within_a_grey_level_of_numpys_svd_on_100_real_rois(real_rois):
    assert len(real_rois) == 100
    assert largest_difference(real_rois) <= 1


def test_eckart_young_on_speckle(phantom_rois):
    assert eckart_young_errors([*phantom_rois, speckle(4), speckle(5, channels=3)]).max() < 1e-9


@pytest.mark.data
def test_eckart_young_on_real_rois(real_rois):
    assert eckart_young_errors(real_rois[::4]).max() < 1e-9


def test_singular_values_and_energy_are_numpys():
    roi = speckle(6, (60, 90), channels=3)
    ours = decompose(roi)
    values = np.stack([np.linalg.svd(roi[..., channel].astype(float), compute_uv=False) for channel in range(3)])
    np.testing.assert_allclose(ours.values, values, rtol=1e-9)
    energy = np.cumsum((values**2).sum(0))
    np.testing.assert_allclose(ours.energy_share(), energy / energy[-1], rtol=1e-12)
    assert ours.energy_share()[-1] == 1


def test_the_worst_conditioned_image_keeps_the_documented_bound():
    # Bright and nearly flat: singular values from 57,000 down to below 0.1, with small gaps.
    rng = np.random.default_rng(7)
    roi = np.repeat((254 + (rng.random((224, 224, 1)) < 0.5)).astype(np.uint8), 3, axis=2)
    for rank in RANKS:
        values, (theirs,) = reference(roi[..., 0], rank)
        bound = 224 * np.finfo(float).eps * values[0] ** 2 / (values[rank - 1] - values[rank])
        assert np.abs(decompose(roi).rebuild(rank)[..., 0] - theirs).max() < bound
    assert largest_difference([roi]) <= 1
    assert eckart_young_errors([roi]).max() < 1e-9


@settings(max_examples=40, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.just(3))), st.floats(0.01, 1))
def test_no_other_image_of_the_rank_is_closer_than_the_dropped_values_say(image, ratio):
    ours = decompose(image)
    rank = rank_by_count(ratio, image.shape[:2])
    error = np.linalg.norm(image - ours.rebuild(rank))
    values = [np.linalg.svd(image[..., channel].astype(float), compute_uv=False) for channel in range(3)]
    assert error == pytest.approx(np.sqrt(sum(np.square(s[rank:]).sum() for s in values)), abs=1e-5)
    for channel in range(3):
        rebuilt = ours.rebuild(rank)[..., channel]
        assert np.linalg.matrix_rank(rebuilt, tol=1e-6) <= rank
    assert np.abs(rebuild(image, (1,))[0].astype(int) - image).max() <= 1


def test_more_singular_values_come_closer():
    roi = speckle(8)
    errors = [np.linalg.norm(roi - decompose(roi).rebuild(rank)) for rank in (1, 20, 56, 78, 101, 223, 224)]
    assert all(np.diff(errors) < 0)


def test_a_wide_image_is_the_transpose_of_a_high_one():
    roi = speckle(9, (40, 90))
    for wide, high in zip(rebuild(roi, RATIOS), rebuild(roi.transpose(1, 0, 2), RATIOS), strict=True):
        np.testing.assert_array_equal(wide, high.transpose(1, 0, 2))


def test_ratios_may_come_in_any_order_and_twice():
    roi = speckle(10, (50, 50))
    one = dict(zip(RATIOS, rebuild(roi, RATIOS), strict=True))
    for ratio, image in zip((0.25, 0.45, 0.25), rebuild(roi, (0.25, 0.45, 0.25)), strict=True):
        np.testing.assert_array_equal(image, one[ratio])
    assert rebuild(roi, ()) == ()


def test_energy_ranks_are_counted_per_channel():
    roi = speckle(11, (50, 50), channels=3)
    (ours,) = rebuild(roi, (0.95,), by="energy")
    for channel in range(3):
        values, by_rank = reference(roi[..., channel], *range(1, 51))
        rank = int(np.argmax(np.cumsum(values**2) / np.sum(values**2) >= 0.95)) + 1
        assert np.abs(np.clip(np.rint(by_rank[rank - 1]), 0, 255) - ours[..., channel]).max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 1), (2, 3)])
@pytest.mark.parametrize("by", ["count", "energy"])
def test_tiny_images_have_an_answer(size, by):
    image = speckle(12, size)
    for rebuilt in rebuild(image, RATIOS, by=by):
        assert rebuilt.shape == image.shape
    if 1 in size:
        np.testing.assert_array_equal(rebuild(image, (0.25,), by=by)[0], image)  # rank 1 is all there is


@pytest.mark.parametrize("value", [0, 1, 255])
def test_constant_images_come_back(value):
    image = np.full((224, 224, 3), value, np.uint8)
    for by in ("count", "energy"):
        for rebuilt in rebuild(image, RATIOS, by=by):
            np.testing.assert_array_equal(rebuilt, image)
    ours = decompose(image)
    assert ours.values[0, 0] == pytest.approx(224 * value)
    assert ours.energy_share()[0] == pytest.approx(1)


@pytest.mark.parametrize("by", ["count", "energy"])
def test_black_rows_and_columns_are_left_out_and_put_back(by):
    roi = speckle(16, (60, 70))
    roi[:20], roi[33], roi[:, 65:] = 0, 0, 0  # padding, and a black row within
    for share, rebuilt in zip((0.45, 0.2, 1), rebuild(roi, (0.45, 0.2, 1), by=by), strict=True):
        values, by_rank = reference(roi[..., 0], *range(1, 61))
        energy = np.cumsum(values**2) / np.sum(values**2)
        rank = round(share * 60) if by == "count" else int(np.argmax(energy >= share * (1 - 1e-12))) + 1
        assert np.abs(np.clip(np.rint(by_rank[rank - 1]), 0, 255) - rebuilt[..., 0]).max() <= 1
        assert not rebuilt[roi == 0].reshape(-1)[: 20 * 70 * 3].any()


@pytest.mark.parametrize("rows", [258, 259])
def test_the_brightest_image_is_exact_on_both_sides_of_single_precision(rows):
    image = np.full((rows, 4, 3), 255, np.uint8)
    image[::7, 1] = 254
    np.testing.assert_array_equal(rebuild(image, (1,))[0], image)
    plane = image[..., 0].astype(np.float64)
    np.testing.assert_allclose(decompose(image).values[0], np.linalg.svd(plane, compute_uv=False), atol=1e-3)


def test_an_image_of_rank_two_is_whole_at_rank_two():
    image = np.zeros((20, 30, 3), np.uint8)
    image[:10, :10], image[10:, 15:] = 200, 90
    assert np.abs(decompose(image).rebuild(2) - image).max() < 1e-6
    assert decompose(image).dropped_norm(2) < 1e-6


def test_storage():
    grey, colour = decompose(speckle(14, (40, 60))), decompose(speckle(14, (40, 60), channels=3))
    assert grey.numbers_of_image == 2400
    assert grey.numbers(10) == 10 * 101
    assert (colour.numbers_of_image, colour.numbers(10)) == (7200, 3030)
    square = decompose(speckle(15))
    assert square.numbers(111) < square.numbers_of_image < square.numbers(112)


@pytest.mark.parametrize("rank", [0, 225, -1])
def test_ranks_out_of_range_are_refused(rank):
    ours = decompose(speckle(13))
    with pytest.raises(InputError, match="1 to 224"):
        ours.rebuild(rank)
    with pytest.raises(InputError, match="1 to 224"):
        ours.dropped_norm(rank)
    with pytest.raises(InputError, match="1 to 224"):
        ours.numbers(rank)


def test_not_a_number_is_refused():
    image = np.zeros((4, 4, 3))
    image[0, 0, 0] = np.nan
    with pytest.raises(ImageError, match="finite"):
        decompose(image)
