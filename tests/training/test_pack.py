from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lesion_core.cases.folds import read_folds
from lesion_core.cases.table import Case, CaseTable, read_cases
from lesion_core.errors import InputError, TableError
from lesion_core.imaging.prepare import InputSpec
from lesion_core.training.opened import looked_at, open_case
from lesion_core.training.pack import write_pack
from lesion_core.training.rois import load_rois
from tests.training.phantom_set import SIZE, by_patient, make_set, write_scheme

UPRIGHT, PAPER = InputSpec("upright", 0.15), InputSpec("min-area", 0.0)
SPECS = (UPRIGHT, PAPER)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    table = make_set(tmp_path_factory.mktemp("sets") / "phantoms", patients=4)
    write_scheme(table, by_patient(table, 2))
    return table


@pytest.fixture(scope="module")
def pack(table, tmp_path_factory):
    out = tmp_path_factory.mktemp("packs") / "pack"
    write_pack([table], out, specs=SPECS)
    return out


@pytest.mark.parametrize("spec", [*SPECS, InputSpec("upright", 0.1, padding=90)])
def test_rois_from_a_pack_are_those_from_the_files_bit_for_bit(spec, table, pack):
    packed = read_cases(pack / "phantoms" / "cases.csv")
    assert np.array_equal(load_rois(packed, spec), load_rois(table, spec))


def test_a_packed_table_says_all_but_where_the_files_were(table, pack):
    packed = read_cases(pack / "phantoms" / "cases.csv")
    nowhere = {"image": "", "border": ""}
    assert [replace(case, **nowhere) for case in packed.cases] == [replace(case, **nowhere) for case in table.cases]
    assert read_folds(pack / "phantoms" / "folds.csv") == read_folds(table.folder / "folds.csv")
    for file in pack.rglob("*"):
        assert not file.is_file() or str(table.folder).encode() not in file.read_bytes()
    assert "not a medical device" in (pack / "README.txt").read_text()


def test_crops_are_as_small_as_the_rules_allow_and_stay_grey(table, pack):
    for case in table.cases:
        with Image.open(pack / "phantoms" / "crops" / f"{case.case_id}.webp") as crop:
            assert crop.format == "WEBP"
            pixels = np.asarray(crop)
        border = open_case(table, case).border
        boxes = np.array([looked_at(border, spec, SIZE) for spec in SPECS])
        (left, top), (right, bottom) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        assert pixels.shape == (bottom - top, right - left, 3)
        assert (pixels == pixels[..., :1]).all()
        assert np.array_equal(pixels, open_case(table, case).pixels[top:bottom, left:right])


def test_a_margin_that_was_not_packed_is_refused_for_every_case(pack):
    packed = read_cases(pack / "phantoms" / "cases.csv")
    with pytest.raises(TableError, match="pack again with a larger margin") as caught:
        load_rois(packed, InputSpec("upright", 0.3))
    assert len(caught.value.problems) == 8


def test_a_pack_can_be_packed_again_but_not_with_a_larger_margin(pack, tmp_path):
    packed = read_cases(pack / "phantoms" / "cases.csv")
    write_pack([packed], tmp_path / "again", specs=[UPRIGHT])
    again = read_cases(tmp_path / "again" / "phantoms" / "cases.csv")
    assert np.array_equal(load_rois(again, UPRIGHT), load_rois(packed, UPRIGHT))
    with pytest.raises(TableError, match="cannot be packed"):
        write_pack([packed], tmp_path / "more", specs=[InputSpec("upright", 0.5)])


def test_several_tables_go_into_folders_of_their_names(table, tmp_path):
    others = make_set(tmp_path / "others", patients=2, views=1, prefix="q", first_seed=90)
    packed = write_pack([table, others], tmp_path / "pack", specs=SPECS)
    assert [(each.name, each.cases, each.schemes) for each in packed] == [
        ("phantoms", 8, ("thirds-2",)),
        ("others", 2, ()),
    ]
    for each in packed:
        files = [file for file in (tmp_path / "pack" / each.name).rglob("*") if file.is_file()]
        assert each.megabytes == sum(file.stat().st_size for file in files) / 1e6
    with pytest.raises(InputError, match="folders named others"):
        write_pack([others, others], tmp_path / "twice", specs=SPECS)


def test_unusable_cases_are_all_named_and_nothing_is_left_behind(table, tmp_path):
    (table.folder / "text.png").write_text("not an image")
    cases = (
        replace(table.cases[0], border=""),
        replace(table.cases[1], image="text.png"),
        replace(table.cases[2], border="none.json"),
        table.cases[3],
    )
    with pytest.raises(TableError) as caught:
        write_pack([CaseTable(cases, table.folder)], tmp_path / "pack", specs=SPECS)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["case p0-0", "case p0-1", "case p1-0"]
    assert list(tmp_path.iterdir()) == []


def test_a_pack_that_is_there_is_not_overwritten(table, pack, tmp_path):
    before = sorted(pack.rglob("*"))
    with pytest.raises(InputError, match="is there already"):
        write_pack([table], pack, specs=SPECS)
    assert sorted(pack.rglob("*")) == before
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_pack([table], tmp_path / "file" / "pack", specs=SPECS)


def test_progress_is_told_for_every_case(table, tmp_path):
    told = []
    write_pack([table], tmp_path / "pack", specs=SPECS, tell=lambda: told.append(1))
    assert len(told) == 8


@pytest.mark.data
def test_real_rois_come_back_bit_for_bit(data_dir, tmp_path):
    """Grey and colour, borders by masks, lesions at the image's edge among them."""
    scans = sorted((data_dir / "BUSBRA" / "Images").glob("*.png"))[::150]
    pairs = [(file, data_dir / "BUSBRA" / "Masks" / file.name.replace("bus_", "mask_")) for file in scans]
    others = sorted((data_dir / "BUSI").rglob("*).png"))[::40]
    pairs += [(file, file.with_name(f"{file.stem}_mask.png")) for file in others]
    cases = tuple(
        Case(f"c{number}", "breast", str(image), number % 2, "mixed", border=str(border))
        for number, (image, border) in enumerate(pairs)
    )
    assert len(cases) == 20
    table = CaseTable(cases, tmp_path)
    write_pack([table], tmp_path / "pack", specs=SPECS)
    packed = read_cases(tmp_path / "pack" / tmp_path.name / "cases.csv")
    for spec in SPECS:
        assert np.array_equal(load_rois(packed, spec), load_rois(table, spec))
