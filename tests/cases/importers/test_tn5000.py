import pytest

from lesion_core.cases.importers import tn5000
from lesion_core.cases.importers.source import Options
from lesion_core.cases.splits import units
from lesion_core.errors import InputError, TableError

from . import sets


def test_imitation(tmp_path):
    found = tn5000.load(sets.tn5000(tmp_path), Options())
    cases = [lesion.case for lesion in found.lesions]
    assert [(case.case_id, case.label, case.split) for case in cases] == [
        ("tn5000-000001", 0, "development"),
        ("tn5000-000002", 1, "external"),
        ("tn5000-000003-1", 1, "development"),
        ("tn5000-000003-2", 1, "development"),
    ]
    assert units(cases).tolist() == [0, 1, 2, 2]
    assert set(found.lesions[0].border.points) == {(20, 10), (80, 10), (80, 70), (20, 70)}
    assert {case.notes for case in cases} == {tn5000.NOTE}


def test_faults(tmp_path):
    with pytest.raises(InputError, match=r"expected JPEGImages/, Annotations/, ImageSets/Main/test\.txt"):
        tn5000.load(tmp_path, Options())
    root = sets.tn5000(tmp_path)
    (root / "JPEGImages" / "000001.jpg").unlink()
    (root / "Annotations" / "000002.xml").write_text("<annotation><object>")
    first = root / "Annotations" / "000003.xml"
    first.write_text(first.read_text().replace("<xmin>5<", "<xmin>five<"))
    (root / "Annotations" / "000004.xml").write_text("<annotation></annotation>")
    (root / "ImageSets" / "Main" / "test.txt").write_text("000002\n000009\n")
    with pytest.raises(TableError) as caught:
        tn5000.load(root, Options())
    starts = [
        "000001: no 000001.jpg in JPEGImages/",
        "000002: 000002.xml is no readable XML",
        "000003: bndbox/xmin is 'five', expected a number",
        "000004: 000004.xml has no object",
        "000009: stands in test.txt, but has no Annotations/000009.xml",
    ]
    assert len(caught.value.problems) == len(starts)
    for problem, start in zip(caught.value.problems, starts, strict=True):
        assert problem.startswith(start)
    for path in (root / "Annotations").glob("*.xml"):
        path.unlink()
    with pytest.raises(InputError, match="found none"):
        tn5000.load(root, Options())
