import pytest

from lesion_core.cases.importers import ddti
from lesion_core.cases.importers.source import Options
from lesion_core.cases.splits import units
from lesion_core.errors import InputError, TableError

from . import sets


def cases_of(found):
    return [lesion.case for lesion in found.lesions]


def test_one_row_per_closed_polygon_of_a_graded_image(tmp_path):
    found = ddti.load(sets.ddti(tmp_path), Options(label="2015:4a"))
    cases = cases_of(found)
    assert [case.case_id for case in cases] == [
        "ddti-1_1-1",
        "ddti-1_1-2",
        "ddti-2_1-1",
        "ddti-2_2-1",
        "ddti-4_1-1",
        "ddti-5_2-1",
        "ddti-6_1-1",
        "ddti-7_1-1",
    ]
    assert [case.label for case in cases] == [1, 1, 0, 0, 1, 1, 0, 1]
    assert [case.rads for case in cases] == ["4a", "4a", "3", "3", "5", "4b", "2", "4c"]
    assert found.notes[1].startswith("8 rows from 7 images of 6 cases: one row for each closed polygon")
    assert "Graded images without a closed polygon, left out: 5_1." in found.notes
    assert "Dropped in all XML files: arrow: 1, no outline: 1, repeat: 1, truncated tail: 1." in found.notes


@pytest.mark.parametrize(
    ("rule", "labels"),
    [
        ("2015:4b", [0, 0, 0, 0, 1, 1, 0, 1]),
        ("2015:4c", [0, 0, 0, 0, 1, 0, 0, 1]),
        ("2015:5", [0, 0, 0, 0, 1, 0, 0, 0]),
    ],
)
def test_the_cut_is_a_choice(tmp_path, rule, labels):
    cases = cases_of(ddti.load(sets.ddti(tmp_path), Options(label=rule)))
    assert [case.label for case in cases] == labels
    assert {case.target for case in cases} == {f"TI-RADS {rule[5:]} or higher"}


def test_it_is_never_called_histology(tmp_path):
    for rule in ddti.RULES:
        found = ddti.load(sets.ddti(tmp_path / rule.replace(":", "")), Options(label=rule))
        assert {case.label_source for case in cases_of(found)} == {"tirads"}
        assert not any("histology" in case.target for case in cases_of(found))
        assert "a suspicion, not histology" in found.notes[0]


def test_reread_has_one_row_per_image_with_the_radiologists_mask_or_the_largest_polygon(tmp_path):
    found = ddti.load(sets.ddti(tmp_path), Options(label="reread:4"))
    cases = cases_of(found)
    assert [(case.case_id, case.label, case.rads) for case in cases] == [
        ("ddti-1_1", 0, "3"),
        ("ddti-2_1", 1, "4"),
        ("ddti-3_1", 1, "5"),
        ("ddti-6_1", 0, "2"),
    ]
    assert {case.rads_system for case in cases} == {ddti.SYSTEM_2023}
    borders = [lesion.border for lesion in found.lesions]
    assert min(x for x, _ in borders[0].points) > 60  # the larger of the mask's two parts, at 0.7 of the width
    assert max(x for x, _ in borders[1].points) < 62  # no mask: the polygon
    assert "there is no radiologist's mask" in cases[1].notes
    assert "Segmentation marked as not clear by the reader, kept: 6_1." in found.notes
    assert "Graded in 2023 but not among the images, left out: 9_9." in found.notes


def test_the_others_are_the_graded_images_that_were_not_re_read_nor_are_copies_of_such(tmp_path):
    cases = cases_of(ddti.load(sets.ddti(tmp_path), Options(label="2015-others:4a")))
    assert [(case.case_id, case.label) for case in cases] == [
        ("ddti-2_2-1", 0),
        ("ddti-4_1-1", 1),
        ("ddti-5_2-1", 1),
    ]
    assert {case.target for case in cases} == {"TI-RADS 4a or higher"}


def test_a_patient_and_a_group_have_one_name_under_every_rule(tmp_path):
    """Else a patient of a test part could be learnt from through the table of another rule."""
    groups = {}
    for rule in ddti.RULES:
        for case in cases_of(ddti.load(sets.ddti(tmp_path / rule.replace(":", "")), Options(label=rule))):
            image = case.case_id.split("-")[1]
            groups.setdefault(image, set()).add(case.group)
            assert case.patient_id == f"ddti-{image.partition('_')[0]}"
    assert all(len(names) == 1 for names in groups.values())
    assert groups["6_1"] == {"ddti-same-as-6_1"}


def test_identical_images_of_different_cases_are_one_group(tmp_path):
    cases = cases_of(ddti.load(sets.ddti(tmp_path), Options()))
    assert [case.group for case in cases] == [""] * 6 + ["ddti-same-as-6_1"] * 2
    assert units(cases).tolist() == [0, 0, 1, 1, 2, 3, 4, 4]


def test_an_outline_that_leaves_the_frame_is_cut_and_said(tmp_path):
    found = ddti.load(sets.ddti(tmp_path), Options())
    border = {lesion.case.case_id: lesion for lesion in found.lesions}["ddti-5_2-1"]
    assert max(x for x, _ in border.border.points) == sets.SIZE[1]
    assert "left the image" in border.case.notes


def test_the_points_name_pixels(tmp_path):
    found = ddti.load(sets.ddti(tmp_path), Options())
    points = {(point["x"] + 0.5, point["y"] + 0.5) for point in sets.outline((40, 48))}
    assert set(found.lesions[0].border.points) <= points


def test_both_readings_come_along(tmp_path):
    found = ddti.load(sets.ddti(tmp_path), Options())
    own = [(each.reader, each.rating) for each in found.readings if each.case_id == "ddti-1_1-1"]
    assert own == [("DDTI 2015 (per case)", "4a"), ("DDTI 2023 radiologist", "3")]


def test_age_and_sex_where_they_are_known(tmp_path):
    cases = {case.case_id: case for case in cases_of(ddti.load(sets.ddti(tmp_path), Options()))}
    assert (cases["ddti-1_1-1"].age, cases["ddti-1_1-1"].sex) == (50, "F")
    assert (cases["ddti-6_1-1"].age, cases["ddti-6_1-1"].sex) == (None, "")


def test_faults(tmp_path):
    with pytest.raises(InputError, match=r"missing \*\.xml, \*_\*\.jpg; found nothing"):
        ddti.load(tmp_path, Options())
    root = sets.ddti(tmp_path / "ddti")
    with pytest.raises(InputError, match="allowed for ddti are 2015:4a, 2015:4b"):
        ddti.load(root, Options(label="2015:3"))
    (root / "1_1.jpg").unlink()
    (root / "2_1.jpg").write_bytes(b"no picture")
    (root / "8.xml").write_text("<case><number>8")
    sets.ddti_case(root, 9, "6", {1: [sets.region(sets.outline((40, 48)))]})
    with pytest.raises(TableError) as caught:
        ddti.load(root, Options())
    starts = ["8.xml: is no readable XML", "9.xml: tirads is '6'", "1_1: no 1_1.jpg in", "2_1: 2_1.jpg cannot be read"]
    assert len(caught.value.problems) == 4
    for problem, start in zip(caught.value.problems, starts, strict=True):
        assert problem.startswith(start)


def test_reread_needs_its_table(tmp_path):
    root = sets.ddti(tmp_path)
    table = root / "reread_2023" / "tirads_2023_radiologist.csv"
    table.write_text(table.read_text().replace(",5,", ",4a,"))
    with pytest.raises(InputError, match=r"must be 1 to 5, is not for 3_1"):
        ddti.load(root, Options(label="reread:4"))
    table.unlink()
    assert len(ddti.load(root, Options()).lesions) == 8
    with pytest.raises(InputError, match=r"missing reread_2023/tirads_2023_radiologist\.csv"):
        ddti.load(root, Options(label="reread:4"))


@pytest.mark.data
def test_the_real_set_by_the_grades_of_2015(data_dir):
    found = ddti.load(data_dir / "DDTI", Options(label="2015:4a"))
    images = {lesion.image: lesion.case for lesion in found.lesions}
    assert len(images) == 348
    assert len({case.patient_id for case in images.values()}) == 298
    assert (sum(1 - case.label for case in images.values()), sum(case.label for case in images.values())) == (61, 287)
    assert len(found.lesions) == 449
    assert "449 rows from 348 images of 298 cases" in found.notes[1]


@pytest.mark.data
def test_the_real_set_as_re_read_in_2023(data_dir, monkeypatch):
    monkeypatch.setattr(ddti, "identical_images", lambda source, track: {})  # has a test of its own, and takes long
    found = ddti.load(data_dir / "DDTI", Options(label="reread:4"))
    cases = cases_of(found)
    assert len(cases) == len({lesion.image for lesion in found.lesions}) == 171
    assert len({case.patient_id for case in cases}) == 147
    assert sum(case.label for case in cases) == 94


@pytest.mark.data
def test_the_real_images_that_cross_cases(data_dir):
    groups = ddti.identical_images(data_dir / "DDTI")
    together = {frozenset(name for name in groups if groups[name] == group) for group in groups.values()}
    crossing = {names for names in together if len({name.split("_")[0] for name in names}) > 1}
    assert crossing == {frozenset({"150_1", "233_2", "323_1", "326_1", "349_1"}), frozenset({"353_2", "396_1"})}
