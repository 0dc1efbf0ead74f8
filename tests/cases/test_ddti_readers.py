import shutil

import pytest

from lesion_core.cases.agreement import compare_borders
from lesion_core.cases.ddti_readers import MEASURED, compare_readers, outlined_images, read_pairs, write_pairs
from lesion_core.errors import InputError

from .importers import sets


def test_every_pair_of_readers_of_an_image(tmp_path):
    pairs = compare_readers(sets.ddti(tmp_path))
    assert [(each.image, each.first, each.second) for each in pairs] == [
        ("1_1", "radiologist", "resident 1"),
        ("1_1", "radiologist", "resident 2"),
        ("1_1", "resident 1", "resident 2"),
    ]
    assert pairs[0].agreement.dice == 1
    assert 0.7 < pairs[1].agreement.dice < 0.95
    write_pairs(pairs, tmp_path / "pairs.csv")
    read = read_pairs(tmp_path / "pairs.csv")
    assert [each.image for each in read] == ["1_1"] * 3
    assert read[1].agreement.dice == pytest.approx(pairs[1].agreement.dice, abs=1e-4)


def test_wrong_folder(tmp_path):
    with pytest.raises(InputError, match="missing reread_2023/masks_radiologist/"):
        compare_readers(tmp_path)


def test_the_measured_figures():
    pairs = read_pairs(MEASURED)
    count = {}
    for each in pairs:
        count[each.first, each.second] = count.get((each.first, each.second), 0) + 1
    assert count == {
        ("radiologist", "resident 1"): 169,
        ("radiologist", "resident 2"): 151,
        ("resident 1", "resident 2"): 153,
    }
    same = [each for each in pairs if each.first == "resident 1" and each.agreement.dice == 1]
    assert len(same) == 152  # the second resident's masks are the first one's: two readers, not three


@pytest.mark.data
def test_the_measured_figures_are_those_of_the_real_masks(data_dir):
    measured = {(each.image, each.first, each.second): each.agreement for each in read_pairs()}
    found = compare_readers(data_dir / "DDTI", lambda images, text: images[::12])
    assert len(found) > 30
    for each in found:
        expected = measured[each.image, each.first, each.second]
        assert each.agreement.dice == pytest.approx(expected.dice, abs=1e-4)
        assert each.agreement.hausdorff_px == pytest.approx(expected.hausdorff_px, abs=0.01)


def test_borders_of_every_reader_of_an_image(tmp_path):
    source = sets.ddti(tmp_path)
    (image,) = outlined_images(source)
    assert (image.name, image.patient_id) == ("1_1", "ddti-1")
    assert list(image.borders) == ["radiologist", "resident 1", "resident 2"]
    assert image.path.is_file()
    assert compare_borders(image.borders["radiologist"], image.borders["resident 1"]).dice == pytest.approx(1)
    assert 0.7 < compare_borders(image.borders["radiologist"], image.borders["resident 2"]).dice < 0.95
    masks = [source / "reread_2023" / f"masks_{reader}" for reader in ("radiologist", "resident1")]
    for folder in masks:
        shutil.copy(folder / "1_1.png", folder / "999_1.png")
    assert [each.name for each in outlined_images(source)] == ["1_1"]  # 999_1 has masks and no image
    for folder in masks:
        (folder / "999_1.png").unlink()
    for reader in ("resident1", "resident2"):
        (source / "reread_2023" / f"masks_{reader}" / "1_1.png").unlink()
    assert outlined_images(source) == []
    with pytest.raises(InputError, match="is no folder"):
        outlined_images(tmp_path / "nowhere")
