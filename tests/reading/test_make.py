import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lesion_core.cases.table import CaseTable, read_cases, write_cases
from lesion_core.errors import InputError, TableError
from lesion_core.reading.bundle import Bundle, bundle_bytes, read_bundle
from lesion_core.reading.make import LONGEST_SIDE, Masking, from_cases, from_phantoms, marks_of
from tests.reading.studies import study
from tests.training.phantom_set import make_set


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return make_set(tmp_path_factory.mktemp("set"), patients=4)


def pixels(material, item, view=0):
    return np.asarray(Image.open(io.BytesIO(material.images[item, view])).convert("RGB"))


def test_views_of_a_lesion_are_one_item(table):
    made = from_cases(table, scores={case.case_id: at / 10 for at, case in enumerate(table.cases)})
    assert [item.item_id for item in made.items] == ["p0", "p1", "p2", "p3"]
    assert [len(item.views) for item in made.items] == [2, 2, 2, 2]
    assert made.items[1].score == pytest.approx(0.25)
    assert [item.label for item in made.items] == [0, 1, 0, 1]
    assert made.items[0].views[0].border
    packed = read_bundle(bundle_bytes(Bundle(study(items=made.items), made.images)))
    assert packed.images == made.images


def test_a_score_is_kept_only_when_all_views_have_one(table):
    assert from_cases(table, scores={"p0-0": 0.5}).items[0].score is None


def test_counts_are_drawn_by_the_seed(table):
    one = from_cases(table, counts=(1, 2), seed=1)
    assert sorted(item.label for item in one.items) == [0, 1, 1]
    assert one.items == from_cases(table, counts=(1, 2), seed=1).items
    with pytest.raises(InputError, match="3 lesions of label 1 are wanted, there are 2"):
        from_cases(table, counts=(0, 3))


def test_strips_are_painted_over(table):
    made = from_cases(table, masking=Masking(top=0.1, bottom=0.2))
    shown = pixels(made, 0)
    assert not shown[:12].any()
    assert not shown[-24:].any()
    assert shown[12:-24].any()
    with pytest.raises(InputError, match=r"from 0 to 0\.4"):
        from_cases(table, masking=Masking(top=0.5))


def test_calipers_are_counted_and_painted_over_on_demand(tmp_path):
    table = make_set(tmp_path, patients=1, views=1)
    path = table.image_path(table.cases[0])
    image = np.asarray(Image.open(path)).copy() // 4
    image[60, 70:81] = image[55:66, 75] = 255
    Image.fromarray(image).save(path)
    declared = from_cases(table)
    assert declared.calipers == 1
    assert pixels(declared, 0)[60, 75].max() == 255
    masked = from_cases(table, masking=Masking(calipers=True))
    assert pixels(masked, 0)[55:66, 70:81].max() == 0
    assert masked.items[0].views[0].masked


def test_images_with_several_lesions_are_left_out_and_said(table):
    cases = [*table.cases, replace(table.cases[0], case_id="x", lesion_id="x", patient_id="x")]
    made = from_cases(CaseTable(tuple(cases), table.folder))
    assert made.notes == ("1 images show several lesions and were left out: a reader could not tell which.",)
    assert len(made.items[0].views) == 1


def test_views_with_different_labels_are_refused(table):
    cases = (replace(table.cases[0], label=1), *table.cases[1:])
    with pytest.raises(TableError, match="its images have different labels"):
        from_cases(CaseTable(cases, table.folder))


def test_unreadable_images_are_all_listed(tmp_path):
    table = make_set(tmp_path, patients=3, views=1)
    for case in table.cases[:2]:
        table.image_path(case).write_bytes(b"no image")
    with pytest.raises(TableError) as caught:
        from_cases(table)
    assert len(caught.value.problems) == 2


def test_large_images_shrink_with_their_border(tmp_path):
    table = make_set(tmp_path, patients=1, views=1)
    path = table.image_path(table.cases[0])
    Image.open(path).resize((3200, 2400)).save(path)
    (tmp_path / "borders" / "p0-0.json").write_text("[[800, 800], [1600, 800], [1600, 1600]]")
    write_cases(table.cases, tmp_path / "cases.csv")
    view = from_cases(read_cases(tmp_path / "cases.csv")).items[0].views[0]
    assert view.size == (1200, LONGEST_SIDE)
    assert {(round(x), round(y)) for x, y in view.border} == {(400, 400), (800, 400), (800, 800)}


def test_phantoms_are_called_so():
    made = from_phantoms(2, seed=3)
    assert [item.label for item in made.items] == [0, 1]
    assert {item.label_source for item in made.items} == {"phantom"}
    assert made.images == from_phantoms(2, seed=3).images
    assert "synthetic phantoms" in made.notes[0]
    with pytest.raises(InputError, match="2 to 200 phantoms"):
        from_phantoms(1)


def test_readers_are_told_what_was_left_in(table):
    made = from_cases(table)
    found = replace(
        made, items=tuple(replace(each, views=(replace(each.views[0], calipers=1),)) for each in made.items)
    )
    assert marks_of(made, Masking()) == "none found"
    assert marks_of(made, Masking(), declared=True) == "declared"
    assert marks_of(found, Masking()) == "declared"
    assert marks_of(found, Masking(calipers=True)) == "masked in part"
    assert marks_of(made, Masking(top=0.1)) == "masked"
    assert marks_of(found, Masking(top=0.1)) == "masked in part"
    assert marks_of(found, Masking(calipers=True, top=0.1)) == "masked in part"
    assert marks_of(made, Masking(top=0.1), declared=True) == "masked in part"


def test_the_recorded_category_is_the_most_suspicious_of_the_views(table):
    def recorded(*rads):
        cases = [replace(case, rads_system="BI-RADS", rads=each) for case, each in zip(table.cases, rads, strict=False)]
        return from_cases(replace(table, cases=tuple(cases))).items[0]

    assert (recorded("3", "4a").rads_system, recorded("3", "4a").rads) == ("BI-RADS", "4a")
    assert recorded("5", "4c").rads == "5"
    assert recorded("2", "0").rads == "2"
    assert (recorded("", "").rads_system, recorded("", "").rads) == ("", "")


def test_a_negative_seed_is_refused_in_words(tmp_path):
    table = make_set(tmp_path / "set", patients=2)
    for make in (lambda: from_phantoms(2, seed=-1), lambda: from_cases(table, seed=-1)):
        with pytest.raises(InputError, match="the seed is -1"):
            make()
