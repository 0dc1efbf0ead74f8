import pytest

from lesion_core.cases.importers import tn3k
from lesion_core.cases.importers.source import Options
from lesion_core.errors import InputError, TableError
from lesion_core.imaging.border import border_to_mask

from . import sets


def test_imitation_the_same_names_in_both_parts(tmp_path):
    cases = [lesion.case for lesion in tn3k.load(sets.tn3k(tmp_path), Options()).lesions]
    assert [(case.case_id, case.label, case.split) for case in cases] == [
        ("tn3k-trainval-0000", 1, "development"),
        ("tn3k-trainval-0001", 0, "development"),
        ("tn3k-trainval-0002", 0, "development"),
        ("tn3k-test-0000", 0, "external"),
        ("tn3k-test-0001", 1, "external"),
    ]


def test_jpeg_noise_of_the_masks_is_no_lesion(tmp_path):
    found = tn3k.load(sets.tn3k(tmp_path), Options())
    mask = border_to_mask(found.lesions[0].border, sets.SIZE)
    assert (mask ^ sets.ellipse()).sum() < 0.04 * sets.ellipse().sum()


def test_faults(tmp_path):
    with pytest.raises(InputError, match="expected trainval-image/, trainval-mask/, test-image/, test-mask/"):
        tn3k.load(tmp_path, Options())
    root = sets.tn3k(tmp_path)
    (root / "trainval-mask" / "0001.jpg").unlink()
    table = root / "label4test.csv"
    table.write_text("0000.jpg,0\n0007.jpg,1\n")
    with pytest.raises(TableError) as caught:
        tn3k.load(root, Options())
    assert list(caught.value.problems) == [
        "trainval-image/0001.jpg: no 0001.jpg in trainval-mask/ (2 files there)",
        "test-image/0001.jpg: has no row in label4test.csv",
        "test-image/0007.jpg: no 0007.jpg in test-image/ (2 files there)",
    ]
    table.write_text("name,label\n0000.jpg\n")
    with pytest.raises(TableError, match=r"row 1: expected a name and 0 or 1 .* got 'name,label'"):
        tn3k.load(root, Options())
    table.write_text("")
    with pytest.raises(InputError, match="is empty, expected rows"):
        tn3k.load(root, Options())
