import csv
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from lesion_core.augment.export import VariantScores, augmentation_zip
from lesion_core.augment.svd import decompose
from lesion_core.augment.variants import VARIANT_NAMES, eight_variants
from lesion_core.errors import ImageError, InputError
from lesion_core.notice import NOTICE
from tests.augment.conftest import speckle

SCORES = VariantScores("bnet", "0123456789ab", "histology malignant", 0.4, (0.5, 0.6, 0.3, 0.4, 0.5, 0.45, 0.39, 0.1))


def opened(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def image(content):
    return np.asarray(Image.open(io.BytesIO(content)))


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.fixture(scope="module")
def roi():
    return speckle(0, (48, 48), channels=3)


@pytest.fixture(scope="module")
def files(roi):
    return opened(augmentation_zip(roi, 10, source="Phantom A", answers=[SCORES]))


def test_the_files(files):
    assert set(files) == {
        *(f"variants/{name}.png" for name in VARIANT_NAMES),
        "rank_10.png",
        "difference_10.png",
        "singular_values.csv",
        "answers.csv",
        "README.txt",
    }


def test_the_pictures_are_lossless(files, roi):
    for name, expected in eight_variants(roi).items():
        np.testing.assert_array_equal(image(files[f"variants/{name}.png"]), expected)
    rebuilt = np.clip(np.rint(decompose(roi).rebuild(10)), 0, 255)
    np.testing.assert_array_equal(image(files["rank_10.png"]), rebuilt)
    np.testing.assert_array_equal(image(files["difference_10.png"]), np.clip(128 + 4 * (rebuilt - roi), 0, 255))


def test_the_singular_values(files, roi):
    table = rows(files["singular_values.csv"])
    assert len(table) == 48
    for channel, name in enumerate(("red", "green", "blue")):
        values = np.linalg.svd(roi[..., channel].astype(float), compute_uv=False)
        np.testing.assert_allclose([float(row[name]) for row in table], values, atol=1e-5)
    assert float(table[-1]["cumulative_energy"]) == 1
    assert [row["index"] for row in table[:3]] == ["1", "2", "3"]


def test_the_answers_carry_the_threshold_and_the_notice(files):
    table = rows(files["answers.csv"])
    assert [row["variant"] for row in table] == list(VARIANT_NAMES)
    assert [row["call"] for row in table] == ["above", "above", "below", "above", "above", "above", "below", "below"]
    assert table[2]["change_from_original"] == "-0.200000"
    assert {row["notice"] for row in table} == {NOTICE}
    assert {(row["model"], row["version"], row["threshold"]) for row in table} == {("bnet", "0123456789ab", "0.4")}


def test_the_readme_names_its_source_and_says_what_it_is(files):
    text = files["README.txt"].decode()
    for part in (NOTICE, "Phantom A", "10 largest of 48", "PSNR", "SSIM 0."):
        assert part in text


def test_without_a_model_there_are_no_answers(roi):
    assert "answers.csv" not in opened(augmentation_zip(roi, 10, source="test"))


def test_whole_rank_and_tiny_rois(roi):
    assert "PSNR inf" in opened(augmentation_zip(roi, 48, source="test"))["README.txt"].decode()
    assert "undefined" in opened(augmentation_zip(roi[:5, :5], 2, source="test"))["README.txt"].decode()


def test_equal_content_gives_equal_bytes(roi):
    assert augmentation_zip(roi, 10, source="test") == augmentation_zip(roi.copy(), 10, source="test")


def test_calls_that_change():
    assert SCORES.changed == ("rot180", "svd35", "svd25")
    assert [SCORES.above(index) for index in (0, 3, 6)] == [True, True, False]  # at the threshold is above


def test_mistakes_are_told(roi):
    with pytest.raises(InputError, match="8 variants is needed, got 2"):
        VariantScores("bnet", "0", "x", 0.5, (0.1, 0.2))
    with pytest.raises(InputError, match="1 to 48"):
        augmentation_zip(roi, 49, source="test")
    with pytest.raises(ImageError):
        augmentation_zip(roi[..., 0], 1, source="test")
