import pytest

from lesion_core.cases.importers import breast_usg
from lesion_core.cases.importers.source import Options
from lesion_core.errors import InputError, TableError

from . import sets

FOLDER = "BrEaST-Lesions_USG-images_and_masks"
SHEET = "BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx"


def test_imitation(tmp_path):
    found = breast_usg.load(sets.breast_usg(tmp_path), Options())
    cases = [lesion.case for lesion in found.lesions]
    assert [(case.case_id, case.label, case.label_source, case.rads, case.age) for case in cases] == [
        ("breast-usg-case001", 0, "follow-up", "2", 57),
        ("breast-usg-case002_tumor1", 1, "histopathology", "4c", None),
        ("breast-usg-case002_tumor2", 1, "histopathology", "4c", None),
        ("breast-usg-case003", 0, "histopathology", "4a", 41),
    ]
    assert cases[1].patient_id == cases[2].patient_id == "breast-usg-2"
    assert {case.target for case in cases} == {"histology malignant"}
    assert cases[0].notes == "Cyst"
    assert [reading.rating for reading in found.readings] == ["2", "4c", "4c", "4a"]
    assert found.notes == (
        "1 normal cases were left out: they have no tumour.",
        "1 of 4 rows are proven by follow-up, the others by biopsy.",
    )


def test_the_sheet_may_lie_beside_the_pictures(tmp_path):
    root = sets.breast_usg(tmp_path)
    assert len(breast_usg.load(root / FOLDER, Options()).lesions) == 4
    (root / SHEET).unlink()
    with pytest.raises(InputError, match="no xlsx sheet with the clinical data"):
        breast_usg.load(root / FOLDER, Options())


def test_faults(tmp_path):
    with pytest.raises(InputError, match=r"no BrEaST-Lesions-USG folder: expected \*\*/case\*\.png"):
        breast_usg.load(tmp_path, Options())
    root = sets.breast_usg(tmp_path)
    (root / FOLDER / "case001_tumor.png").unlink()
    (root / FOLDER / "case003.png").write_bytes(b"")
    with pytest.raises(TableError) as caught:
        breast_usg.load(root, Options())
    assert caught.value.problems[0].startswith("case001.png: no case001_tumor.png in")
    assert caught.value.problems[1].startswith("case003.png: case003.png cannot be read as a picture")


def test_sheets_that_do_not_fit(tmp_path):
    root = sets.breast_usg(tmp_path)
    sets.write_xlsx(root / SHEET, [["CaseID", "Age"], [1, 2]])
    with pytest.raises(InputError, match=r"missing Image_filename, Mask_tumor_filename.*found CaseID, Age"):
        breast_usg.load(root, Options())
    (root / SHEET).write_bytes(b"PK half a zip")
    with pytest.raises(InputError, match="is no readable xlsx file"):
        breast_usg.load(root, Options())
