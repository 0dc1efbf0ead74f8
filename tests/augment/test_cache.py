import multiprocessing
import os

import numpy as np
import pytest

import lesion_core.augment.cache as cache_module
from lesion_core.augment.cache import VariantCache
from lesion_core.augment.variants import eight_variants, eight_variants_of_each
from lesion_core.errors import ImageError
from tests.augment.conftest import speckle


@pytest.fixture
def computed(monkeypatch):
    """How many RoIs were decomposed in each call."""
    counts = []
    real = cache_module.svd_images

    def counting(rois, **options):
        counts.append(len(rois))
        return real(rois, **options)

    monkeypatch.setattr(cache_module, "svd_images", counting)
    return counts


def assert_same(found, rois):
    for variants, expected in zip(found, eight_variants_of_each(rois), strict=True):
        for image, other in zip(variants.images, expected.images, strict=True):
            np.testing.assert_array_equal(image, other)


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_the_second_time_nothing_is_computed(tmp_path, computed):
    rois = [speckle(0, (32, 32)), speckle(1, (32, 32), channels=3), speckle(2, (16, 40))]
    cache = VariantCache(tmp_path)
    assert_same(cache.eight_variants_of_each(rois), rois)
    assert_same(cache.eight_variants_of_each(rois), rois)
    assert_same(
        VariantCache(tmp_path).eight_variants_of_each([*rois, speckle(3, (32, 32))]), [*rois, speckle(3, (32, 32))]
    )
    assert computed == [3, 0, 1]
    assert len(files(tmp_path)) == 4


def test_what_is_found_can_be_written_to_without_harm(tmp_path):
    roi = speckle(0, (16, 16))
    cache = VariantCache(tmp_path)
    for _ in range(2):
        (variants,) = cache.eight_variants_of_each([roi])
        variants["svd45"][:] = 0
    assert_same(cache.eight_variants_of_each([roi]), [roi])


def test_the_name_depends_on_everything_that_decides_the_content(tmp_path, monkeypatch):
    roi = speckle(0, (16, 32))
    other = roi.copy()
    other[0, 0, 0] ^= 1
    cache = VariantCache(tmp_path)
    names = {cache.file_of(roi), cache.file_of(other), cache.file_of(roi.reshape(32, 16, 3))}
    names.add(VariantCache(tmp_path, by="energy").file_of(roi))
    monkeypatch.setattr(cache_module, "SVD_RATIOS", {"svd50": 0.5, "svd35": 0.35, "svd25": 0.25})
    names.add(cache.file_of(roi))
    monkeypatch.undo()
    monkeypatch.setattr(cache_module, "ALGORITHM", cache_module.ALGORITHM + 1)
    names.add(cache.file_of(roi))
    assert len(names) == 6
    monkeypatch.undo()
    assert cache.file_of(np.asfortranarray(roi)) == cache.file_of(roi)


def test_by_energy_is_kept_apart(tmp_path):
    roi = speckle(0, (32, 32))
    VariantCache(tmp_path).eight_variants_of_each([roi])
    (variants,) = VariantCache(tmp_path, by="energy").eight_variants_of_each([roi])
    np.testing.assert_array_equal(variants["svd45"], eight_variants(roi, by="energy")["svd45"])


def test_grey_rois_are_kept_as_one_channel(tmp_path):
    VariantCache(tmp_path / "grey").eight_variants_of_each([speckle(0)])
    VariantCache(tmp_path / "colour").eight_variants_of_each([speckle(0, channels=3)])
    (grey,), (colour,) = files(tmp_path / "grey"), files(tmp_path / "colour")
    assert 224 * 224 * 3 <= grey.stat().st_size < 224 * 224 * 3 + 1000
    assert 3 * 224 * 224 * 3 <= colour.stat().st_size < 3 * 224 * 224 * 3 + 1000


def damage_truncate(file):
    file.write_bytes(file.read_bytes()[:-40])


def damage_flip(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def damage_empty(file):
    file.write_bytes(b"")


def damage_other(file):
    np.savez(file, images=np.zeros((3, 5, 5, 1), np.uint8))


def damage_nameless(file):
    np.savez(file, pictures=np.zeros((3, 32, 32, 1), np.uint8))


def damage_pickle(file):
    np.savez(file, images=np.array([{"a": 1}], dtype=object))


@pytest.mark.parametrize(
    "damage", [damage_truncate, damage_flip, damage_empty, damage_other, damage_nameless, damage_pickle]
)
def test_damaged_entries_are_made_anew(tmp_path, computed, damage):
    roi = speckle(0, (32, 32))
    cache = VariantCache(tmp_path)
    cache.eight_variants_of_each([roi])
    damage(files(tmp_path)[0])
    assert_same(cache.eight_variants_of_each([roi]), [roi])
    assert_same(cache.eight_variants_of_each([roi]), [roi])
    assert computed == [1, 1, 0]


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_an_interruption_leaves_no_half_entry(tmp_path, monkeypatch, moment):
    roi = speckle(0, (32, 32))
    cache = VariantCache(tmp_path)

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(*((os, "fsync") if moment == "fsync" else (cache_module.Path, "replace")), interrupt)
    with pytest.raises(KeyboardInterrupt):
        cache.eight_variants_of_each([roi])
    assert files(tmp_path) == []
    monkeypatch.undo()
    assert_same(cache.eight_variants_of_each([roi]), [roi])


def test_what_was_finished_before_an_interruption_stays(tmp_path, monkeypatch, computed):
    rois = [speckle(seed, (32, 32)) for seed in range(3)]
    cache, real = VariantCache(tmp_path), os.fsync
    calls = []

    def second_fails(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(handle)

    monkeypatch.setattr(os, "fsync", second_fails)
    with pytest.raises(KeyboardInterrupt):
        cache.eight_variants_of_each(rois)
    monkeypatch.setattr(os, "fsync", real)
    assert_same(cache.eight_variants_of_each(rois), rois)
    assert computed == [3, 2]


def fill(folder):
    rois = [speckle(seed, (24, 24)) for seed in range(6)]
    VariantCache(folder).eight_variants_of_each(rois, workers=1)


def test_several_processes_may_fill_one_folder(tmp_path, computed):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=fill, args=(tmp_path,)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    rois = [speckle(seed, (24, 24)) for seed in range(6)]
    assert_same(VariantCache(tmp_path).eight_variants_of_each(rois), rois)
    assert computed == [0]
    assert len(files(tmp_path)) == 6


@pytest.mark.parametrize("roi", [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8)])
def test_what_is_no_roi_is_refused(tmp_path, roi):
    with pytest.raises(ImageError, match="uint8"):
        VariantCache(tmp_path).eight_variants_of_each([roi])
