import numpy as np
import pytest

from lesion_core.cases.importers import folder
from lesion_core.cases.importers.source import Options
from lesion_core.cases.splits import units
from lesion_core.errors import InputError, TableError

from . import sets

THYROID = Options(organ="thyroid")


def plain(root):
    for label in ("benign", "malignant"):
        for number in (1, 2):
            sets.save(sets.picture(number), root / label / f"{number}.png")
    return root


def masked(root):
    for path in sorted(plain(root).rglob("*.png")):
        sets.save(sets.ellipse().astype(np.uint8) * 255, path.with_name(f"{path.stem}_mask.png"))
    return root


def test_without_masks(tmp_path):
    found = folder.load(plain(tmp_path), THYROID)
    assert [(each.case.case_id, each.case.label, each.border) for each in found.lesions] == [
        ("benign-1", 0, None),
        ("benign-2", 0, None),
        ("malignant-1", 1, None),
        ("malignant-2", 1, None),
    ]
    assert {each.case.organ for each in found.lesions} == {"thyroid"}
    assert any("No patients" in note for note in found.notes)


def test_with_masks_several_of_one_picture_and_patients(tmp_path):
    root = masked(tmp_path)
    small = sets.ellipse(centre=(0.5, 0.8), radii=(0.2, 0.1)).astype(np.uint8) * 255
    sets.save(small, root / "benign" / "1_mask_1.png")
    for name in ("a.jpg", "a_mask.png", "b.tif", "b_mask.png"):
        array = sets.ellipse().astype(np.uint8) * 255 if "mask" in name else sets.picture(3)
        sets.save(array, root / "malignant" / "Mrs X; 7" / name)
    found = folder.load(root, THYROID)
    names = [each.case.case_id for each in found.lesions]
    assert names[:3] == ["benign-1-1", "benign-1-2", "benign-2"]
    assert names[-2:] == ["malignant-Mrs X_ 7-a", "malignant-Mrs X_ 7-b"]
    assert found.lesions[-1].case.patient_id == "Mrs X_ 7"
    assert units([each.case for each in found.lesions]).tolist() == [0, 0, 1, 2, 3, 4, 4]
    assert all(each.border for each in found.lesions)


def test_masks_for_all_or_none(tmp_path):
    root = masked(tmp_path)
    (root / "benign" / "2_mask.png").unlink()
    (root / "malignant" / "1.png").unlink()
    with pytest.raises(TableError) as caught:
        folder.load(root, THYROID)
    assert list(caught.value.problems) == [
        "benign/2.png: no mask, expected 2_mask.png beside it as other pictures have",
        "malignant/1_mask.png: a mask without its picture",
    ]


def test_faults(tmp_path):
    with pytest.raises(InputError, match="expected benign/, malignant/; missing benign/, malignant/"):
        folder.load(tmp_path, THYROID)
    (tmp_path / "benign").mkdir()
    (tmp_path / "malignant").mkdir()
    with pytest.raises(InputError, match="--organ is not given, allowed are breast, thyroid"):
        folder.load(tmp_path, Options())
    with pytest.raises(InputError, match="found none"):
        folder.load(tmp_path, THYROID)
    (plain(tmp_path) / "benign" / "2.png").write_bytes(b"\x89PNG")
    with pytest.raises(TableError, match=r"benign/2\.png: 2\.png cannot be read as a picture"):
        folder.load(tmp_path, THYROID)
    assert len(folder.load(tmp_path, Options(organ="breast", skip=True)).lesions) == 3
