import pytest

from lesion_core.cases.importers import breast_usg, bus_uclm, busi, ddti, tn5000, udiat
from lesion_core.cases.importers.source import Options
from lesion_core.cases.outlines import Outlines, image_of, outlines_of

from .importers import sets

MAKERS = {breast_usg: sets.breast_usg, bus_uclm: sets.bus_uclm, busi: sets.busi, tn5000: sets.tn5000, udiat: sets.udiat}


def images_and_names(found):
    return [(each.image, image_of(each.case.dataset, each.case.case_id)) for each in found.lesions]


@pytest.mark.parametrize("importer", MAKERS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_outlines_of_one_image_share_a_name_and_no_others_do(tmp_path, importer):
    pairs = images_and_names(importer.load(MAKERS[importer](tmp_path), Options()))
    assert len(set(pairs)) == len({image for image, _ in pairs}) == len({name for _, name in pairs})
    assert (len(pairs) > len(set(pairs))) == (importer is not udiat)


@pytest.mark.parametrize(("rule", "outlines"), [("2015:4a", 8), ("reread:4", 0)])
def test_by_the_grades_of_2015_rows_are_outlines_and_re_read_ones_are_images(tmp_path, rule, outlines):
    pairs = images_and_names(ddti.load(sets.ddti(tmp_path), Options(label=rule)))
    assert len(set(pairs)) == len({image for image, _ in pairs}) == len({name for _, name in pairs})
    if outlines:
        assert (len(pairs), len(set(pairs))) == (outlines, 7)
    else:
        assert len(pairs) == len(set(pairs))


def test_other_names_are_their_own_image():
    assert image_of("ddti", "scan-1") == "scan-1"
    assert image_of("mine", "ddti-1_1-2") == "ddti-1_1-2"
    assert image_of("", "a-1") == "a-1"


TWO_IMAGES = ["ddti-1_1-1", "ddti-1_1-2", "ddti-2_1-1"]


@pytest.mark.parametrize(
    ("patients", "labels", "one_label"),
    [(["a", "a", "b"], [1, 1, 0], True), (["a", "a", "b"], [1, 0, 0], False), (["", "", ""], [1, 1, 1], False)],
)
def test_outlines_images_and_labels_are_counted(patients, labels, one_label):
    found = outlines_of(["ddti"] * 3, TWO_IMAGES, patients, labels)
    assert found == Outlines(n=3, images=2, one_label=one_label)


def test_the_note_says_what_n_is_for_either_unit_and_nothing_where_each_image_has_one():
    several = Outlines(n=1449, images=348, one_label=True)
    assert several.note("image") == "n counts outlines: 1,449 of 348 images, all of one patient with one label"
    assert several.note("patient") == (
        "a patient's score is the mean over all outlines (1,449 of 348 images), which may be of different lesions, "
        "all of one patient with one label"
    )
    assert Outlines(n=3, images=2, one_label=False).note("image") == "n counts outlines: 3 of 2 images"
    assert [Outlines(n=3, images=3, one_label=True).note(unit) for unit in ("image", "patient")] == ["", ""]
