import numpy as np
import pytest

from lesion_core.cases.importers import busi
from lesion_core.cases.importers.source import Options
from lesion_core.cases.splits import units
from lesion_core.errors import InputError, TableError

from . import sets


def test_imitation(tmp_path):
    found = busi.load(sets.busi(tmp_path), Options())
    cases = [lesion.case for lesion in found.lesions]
    assert [case.case_id for case in cases] == [
        "benign (1)",
        "benign (2)_mask",
        "benign (2)_mask_1",
        "malignant (1)",
        "malignant (2)",
    ]
    assert [case.label for case in cases] == [0, 0, 0, 1, 1]
    assert {case.patient_id for case in cases} == {""}
    assert {(case.label_source, case.target, case.split) for case in cases} == {
        ("folder", "labelled malignant", "external")
    }
    assert any("normal/ was left out" in note for note in found.notes)
    assert any("1 images have several masks" in note for note in found.notes)
    assert any("intervals are too narrow" in note for note in found.notes)


def test_several_masks_of_an_image_stay_together_with_borders_of_their_own(tmp_path):
    found = busi.load(sets.busi(tmp_path), Options())
    assert units([lesion.case for lesion in found.lesions]).tolist() == [0, 1, 1, 2, 3]
    left, right = (max(x for x, _ in lesion.border.points) for lesion in found.lesions[1:3])
    assert left < 64 < right


def test_development_by_choice(tmp_path):
    found = busi.load(sets.busi(tmp_path), Options(split="development"))
    assert {lesion.case.split for lesion in found.lesions} == {"development"}


def test_missing_masks_and_wrong_folders(tmp_path):
    root = sets.busi(tmp_path / "busi")
    (root / "benign" / "benign (1)_mask.png").unlink()
    with pytest.raises(TableError, match=r"benign \(1\): no mask, expected benign \(1\)_mask.png in benign/"):
        busi.load(root, Options())
    with pytest.raises(InputError, match=r"expected benign/, malignant/; missing benign/, malignant/"):
        busi.load(tmp_path, Options())
    (tmp_path / "benign").mkdir()
    (tmp_path / "malignant").mkdir()
    with pytest.raises(InputError, match="found none"):
        busi.load(tmp_path, Options())


@pytest.mark.data
def test_the_real_part(data_dir, monkeypatch):
    outline, square, seen = busi.border_from_mask, busi.border_from_mask(np.ones((9, 9))), []
    # All pictures and masks are read; every eighth is outlined, to save time.
    monkeypatch.setattr(
        busi, "border_from_mask", lambda mask: seen.append(1) or (outline(mask) if len(seen) % 8 == 0 else square)
    )
    cases = [lesion.case for lesion in busi.load(data_dir / "BUSI", Options()).lesions]
    assert len(cases) == 243
    assert (sum(1 - case.label for case in cases), sum(case.label for case in cases)) == (155, 88)
