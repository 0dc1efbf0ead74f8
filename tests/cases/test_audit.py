import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lesion_core.cases.audit import audit
from lesion_core.cases.folds import Scheme
from lesion_core.cases.regroup import regroup
from lesion_core.cases.splits import units
from lesion_core.cases.table import CaseTable
from tests.imaging.dicom_files import dataset, encoded

from .planted import CHANGES, plant
from .scans import save_scan


@pytest.fixture
def cases(tmp_path):
    return [save_scan(seed, tmp_path) for seed in range(6)]


def found(cases, folder, kind=None, **more):
    result = audit(CaseTable(tuple(cases), folder), **more)
    return [each for each in result.findings if kind in (None, each.kind)]


def test_a_clean_table_has_notes_only(cases, tmp_path):
    result = audit(CaseTable(tuple(cases), tmp_path))
    assert not result.spoiled
    assert result.images == 6
    assert [(each.weight, each.kind) for each in result.findings] == [("note", "class balance per patient")]
    assert "label 1: 3 patients or groups with 1.00 rows each" in result.findings[0].message


def test_copies_of_other_patients_spoil_and_of_one_patient_do_not(cases, tmp_path):
    plant(tmp_path / "images" / "1.png", "re-encoded", tmp_path / "images" / "copy", np.random.default_rng(0))
    copy = replace(cases[1], case_id="copy", image="images/copy.jpg")
    stranger = replace(copy, patient_id="stranger")
    (finding,) = found([*cases, stranger], tmp_path, "duplicate")
    assert (finding.weight, finding.cases) == ("spoils", (1, 6))
    assert "case1 and copy: one scan twice, of different patients or groups" in finding.message
    (finding,) = found([*cases, copy], tmp_path, "duplicate")
    assert finding.weight == "note"
    assert "kept together" in finding.message


def test_copies_with_different_labels_are_a_conflict_even_within_a_patient(cases, tmp_path):
    copy = replace(cases[1], case_id="copy", label=0)
    Image.open(tmp_path / "images" / "1.png").save(tmp_path / "images" / "copy.png")
    (finding,) = found([*cases, replace(copy, image="images/copy.png")], tmp_path, "label conflict")
    assert finding.weight == "spoils"
    assert "identical pictures, with different labels" in finding.message


def test_views_of_a_lesion_with_different_labels(cases, tmp_path):
    two = [replace(cases[0], lesion_id="l"), replace(cases[1], lesion_id="l"), *cases[2:]]
    (finding,) = found(two, tmp_path, "label conflict")
    assert (finding.weight, finding.cases, finding.message) == ("spoils", (0, 1), "lesion l has both labels")


def test_several_lesions_in_one_picture_are_no_copies(cases, tmp_path):
    result = audit(CaseTable((*cases, replace(cases[1], case_id="second", label=0)), tmp_path))
    assert not result.spoiled
    assert result.images == 6
    assert any(each.kind == "both labels" for each in result.findings)


def test_patients_on_both_sides(cases, tmp_path):
    sides = [replace(cases[0], split="external"), replace(cases[1], patient_id="p0"), *cases[2:]]
    (finding,) = found(sides, tmp_path, "both sides of a split")
    assert (finding.weight, finding.cases) == ("spoils", (0, 1))
    torn = [replace(cases[0], patient_id="p1"), *cases[1:]]
    scheme = Scheme("mine", {case.case_id: 1 + at % 2 for at, case in enumerate(torn)})
    (finding,) = found(torn, tmp_path, "both sides of a split", schemes={"mine": scheme})
    assert "puts 1 patients or duplicate groups into two folds: p1" in finding.message
    image_level = {"i": Scheme("i", scheme.fold, "image")}
    (finding,) = found(cases, tmp_path, "both sides of a split", schemes=image_level)
    assert "was forced at image level" in finding.message


def test_against_another_table(cases, tmp_path):
    other = tmp_path / "other"
    theirs = [save_scan(seed, other) for seed in (20, 21)]
    plant(tmp_path / "images" / "2.png", "cropped", other / "images" / "copy", np.random.default_rng(0))
    theirs.append(replace(theirs[0], case_id="theirs", image="images/copy.png", border="", label=0, patient_id="x"))
    theirs.append(replace(theirs[1], case_id="shared", patient_id="p4"))
    result = audit(CaseTable(tuple(cases), tmp_path), CaseTable(tuple(theirs), other))
    spoils = {(each.kind, each.cases, each.others) for each in result.findings if each.weight == "spoils"}
    assert spoils == {("duplicate", (2,), (2,)), ("patient in both tables", (4,), (3,))}
    assert not audit(CaseTable(tuple(cases), tmp_path), CaseTable(tuple(theirs[:2]), other)).spoiled


def test_pictures_and_borders_that_cannot_be_used(cases, tmp_path):
    (tmp_path / "images" / "0.png").write_bytes(b"")
    (tmp_path / "borders" / "1.json").write_text("[[1, 1], [3, 3], [1, 3]]")
    (tmp_path / "borders" / "2.json").write_text("[[100, 100], [120, 100], [120, 125], [100, 125]]")
    (tmp_path / "borders" / "3.json").write_text(json.dumps([[-20, 50], [80, 50], [80, 150], [-20, 150]]))
    kinds = {each.kind: each for each in found(cases, tmp_path)}
    assert (kinds["unreadable"].weight, kinds["unreadable"].cases) == ("spoils", (0,))
    assert (kinds["bad border"].weight, kinds["bad border"].cases) == ("spoils", (1,))
    assert (kinds["tiny lesion"].weight, kinds["tiny lesion"].value) == ("warning", "20 px")
    assert (kinds["border outside"].weight, kinds["border outside"].cases) == ("warning", (3,))


def test_pictures_of_16_bits_are_seen_as_they_are_classified(tmp_path):
    cases = [save_scan(seed, tmp_path) for seed in range(3)]
    for case in cases:
        grey = np.asarray(Image.open(tmp_path / case.image)).astype(np.uint16)
        Image.fromarray(grey * 200 + 300).save(tmp_path / case.image)
    assert not audit(CaseTable(tuple(cases), tmp_path)).spoiled


def test_a_dicom_file_can_be_audited(cases, tmp_path):
    grey = np.asarray(Image.open(tmp_path / cases[0].image))
    (tmp_path / "images" / "0.dcm").write_bytes(encoded(dataset(grey, "MONOCHROME2")))
    assert not found([replace(cases[0], image="images/0.dcm"), *cases[1:]], tmp_path, "unreadable")


def test_an_unreadable_picture_is_named(cases, tmp_path):
    (tmp_path / "images" / "0.png").write_bytes(b"")
    (finding,) = found(cases, tmp_path, "unreadable")
    assert finding.message.startswith("0.png: ")


def test_no_patients(cases, tmp_path):
    nameless = [replace(case, patient_id="") for case in cases]
    (finding,) = found(nameless, tmp_path, "no patients")
    assert finding.weight == "warning"


def test_regrouped_the_table_is_clean(cases, tmp_path):
    for number, change in enumerate(("mirrored", "resized")):
        path = plant(
            tmp_path / "images" / "1.png", change, tmp_path / "images" / f"copy{number}", np.random.default_rng(0)
        )
        cases.append(
            replace(cases[1], case_id=f"copy{number}", image=f"images/{path.name}", patient_id=f"q{number}", border="")
        )
    table = CaseTable(tuple(cases), tmp_path)
    result = audit(table)
    assert result.spoiled
    mended = regroup(table, result.pairs)
    assert [case.group for case in mended] == ["", "same-as-case1", "", "", "", "", "same-as-case1", "same-as-case1"]
    assert units(mended).tolist() == [0, 1, 2, 3, 4, 5, 1, 1]
    assert not audit(CaseTable(mended, tmp_path)).spoiled


@pytest.mark.data
def test_planted_copies_among_real_scans(data_dir, tmp_path):
    """Twenty copies and three label conflicts among 60 real scans; the whole set takes a minute and is run by hand."""
    import os

    from lesion_core.cases.table import Case

    files = sorted((data_dir / "BUSBRA" / "Images").glob("*.png"))[::30][:60]
    cases = [
        Case(f"c{at}", "breast", os.path.relpath(path, tmp_path), at % 2, "histology malignant", patient_id=f"p{at}")
        for at, path in enumerate(files)
    ]
    rng = np.random.default_rng(7)
    for number, at in enumerate(rng.choice(len(files), 23, replace=False)):
        path = plant(files[at], CHANGES[number % len(CHANGES)], tmp_path / f"planted{number}", rng)
        label = cases[at].label if number < 20 else 1 - cases[at].label
        cases.append(replace(cases[at], case_id=f"x{at}", image=path.name, label=label, patient_id=f"q{number}"))
    result = audit(CaseTable(tuple(cases), tmp_path))
    pairs = {kind: set() for kind in ("duplicate", "label conflict")}
    for each in result.findings:
        if each.weight == "spoils":
            pairs[each.kind].add(frozenset(cases[position].case_id for position in each.cases))
    planted = [frozenset((f"c{case.case_id[1:]}", case.case_id)) for case in cases[60:]]
    assert pairs == {"duplicate": set(planted[:20]), "label conflict": set(planted[20:])}


def test_regroup_keeps_names_that_groups_had(tmp_path):
    cases = [save_scan(seed, tmp_path) for seed in range(3)]
    named = [replace(cases[0], group="mine"), cases[1], replace(cases[2], group="mine")]
    assert [case.group for case in regroup(CaseTable(tuple(named), tmp_path), [])] == ["mine", "", "mine"]
