import pytest

from lesion_core.cases.importers import udiat
from lesion_core.cases.importers.source import Options
from lesion_core.errors import InputError, TableError

from . import sets


def test_imitation(tmp_path):
    cases = [lesion.case for lesion in udiat.load(sets.udiat(tmp_path), Options()).lesions]
    assert [(case.case_id, case.label, case.notes, case.patient_id) for case in cases] == [
        ("udiat-000001", 0, "CYST", "udiat-000001"),
        ("udiat-000002", 1, "IDC", "udiat-000002"),
        ("udiat-000003", 0, "", "udiat-000003"),
    ]
    assert {(case.label_source, case.target) for case in cases} == {("folder", "labelled malignant")}


def test_the_user_may_know_how_the_labels_were_proven(tmp_path):
    root = sets.udiat(tmp_path)
    found = udiat.load(root, Options(label_source="histopathology"))
    assert {lesion.case.target for lesion in found.lesions} == {"histology malignant"}
    with pytest.raises(TableError, match="--label-source is 'hearsay', allowed are histopathology"):
        udiat.load(root, Options(label_source="hearsay"))


def test_faults(tmp_path):
    with pytest.raises(InputError, match=r"expected DatasetB\.xlsx, original/, GT/"):
        udiat.load(tmp_path, Options())
    root = sets.udiat(tmp_path)
    (root / "GT" / "000002.png").unlink()
    (root / "original" / "000003.png").write_bytes(b"BM")
    with pytest.raises(TableError) as caught:
        udiat.load(root, Options())
    assert caught.value.problems[0] == "000002: no 000002.png in GT/ (2 files there)"
    assert caught.value.problems[1].startswith("000003: 000003.png cannot be read as a picture")
