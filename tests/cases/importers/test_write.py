import json

import pytest

from lesion_core.cases.folds import read_folds
from lesion_core.cases.importers import breastmnist, busbra, busi, write
from lesion_core.cases.importers.source import Imported, Options
from lesion_core.cases.importers.write import write_import
from lesion_core.cases.readings import read_readings
from lesion_core.cases.table import read_cases
from lesion_core.errors import InputError, TableError
from lesion_core.imaging.border import read_border

from . import sets


def write_busbra(root, out, **options):
    source = sets.busbra(root / "BUSBRA", 3)
    found = busbra.load(source, Options())
    return write_import(found, out, name="busbra", source=source, options=Options(), **options)


def test_everything_is_there_and_reads_back(tmp_path):
    summary = write_busbra(tmp_path, tmp_path / "out" / "busbra")
    out = tmp_path / "out" / "busbra"
    assert sorted(each.name for each in out.iterdir()) == [
        "borders",
        "cases.csv",
        "folds.csv",
        "import.json",
        "readings.csv",
    ]
    table = read_cases(out / "cases.csv")
    assert (summary.cases, summary.units, summary.positive, summary.negative) == (6, 3, 2, 4)
    assert table.cases[0].image == "../../BUSBRA/Images/bus_0001-l.png"
    border = read_border(table.border_path(table.cases[0]), sets.SIZE)
    assert len(border.points) > 8
    assert set(read_folds(out / "folds.csv")) == {"busbra-5", "busbra-10"}
    assert len(read_readings(out / "readings.csv")) == 6
    record = json.loads((out / "import.json").read_text())
    assert (record["importer"], record["source"], record["cases"]) == ("busbra", "BUSBRA", 6)


def test_copies_on_request_with_names_that_every_system_takes(tmp_path):
    source = sets.busi(tmp_path / "BUSI")
    (source / "malignant" / "malignant (1).png").rename(source / "malignant" / "BENIGN (1).png")
    (source / "malignant" / "malignant (1)_mask.png").rename(source / "malignant" / "BENIGN (1)_mask.png")
    out = tmp_path / "busi"
    found = busi.load(source, Options())
    summary = write_import(found, out, name="busi", source=source, options=Options(), copy=True)
    names = sorted(each.name for each in (out / "images").iterdir())
    assert names == ["BENIGN_1-2.png", "benign_1.png", "benign_2.png", "malignant_2.png"]
    assert (summary.cases, summary.images) == (5, 4)
    source.rename(tmp_path / "gone")
    assert len(read_cases(out / "cases.csv")) == 5


def test_pictures_that_are_no_files_are_written(tmp_path):
    source = sets.breastmnist(tmp_path / "mnist")
    found = breastmnist.load(source, Options())
    write_import(found, tmp_path / "out", name="breastmnist", source=source, options=Options())
    table = read_cases(tmp_path / "out" / "cases.csv")
    assert table.cases[0].image == "images/breastmnist-train-0000.png"
    assert table.cases[0].border == ""


def test_a_taken_folder_is_refused_and_an_earlier_import_is_replaced_on_request(tmp_path):
    out = tmp_path / "busbra"
    write_busbra(tmp_path, out)
    (out / "extra.txt").touch()
    with pytest.raises(InputError, match="is not empty: name a new folder, or add --replace"):
        write_busbra(tmp_path, out)
    assert (out / "extra.txt").exists()
    write_busbra(tmp_path, out, replace_old=True)
    assert not (out / "extra.txt").exists()
    assert len(read_cases(out / "cases.csv")) == 6
    (out / "import.json").unlink()
    with pytest.raises(InputError, match="is no earlier import"):
        write_busbra(tmp_path, out, replace_old=True)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is a file: name a folder"):
        write_busbra(tmp_path, tmp_path / "file")


def test_a_second_readers_work_is_not_replaced(tmp_path):
    out = tmp_path / "busbra"
    write_busbra(tmp_path, out)
    (out / "border_checks").mkdir()
    with pytest.raises(InputError, match="border checks, which --replace would delete: move them away"):
        write_busbra(tmp_path, out, replace_old=True)
    assert (out / "border_checks").is_dir()


@pytest.mark.parametrize("step", ["write_cases", "write_readings", "_take_place"])
def test_nothing_half_written_is_left(tmp_path, monkeypatch, step):
    out = tmp_path / "busbra"
    write_busbra(tmp_path, out)
    before = {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}

    def full(*args, **more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(write, step, full)
    with pytest.raises(InputError, match="No space left on device"):
        write_busbra(tmp_path, out, replace_old=True)
    with pytest.raises(InputError, match="No space left on device"):
        write_busbra(tmp_path, tmp_path / "new")
    assert {path: path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()} == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["BUSBRA", "busbra"]


def test_an_old_import_is_put_back_when_the_new_one_cannot_take_its_place(tmp_path, monkeypatch):
    out = tmp_path / "busbra"
    write_busbra(tmp_path, out)
    rename = write.Path.rename

    def refuse(self, target):
        if self.suffix == ".part":
            raise OSError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(write.Path, "rename", refuse)
    with pytest.raises(InputError, match="Permission denied"):
        write_busbra(tmp_path, out, replace_old=True)
    assert len(read_cases(out / "cases.csv")) == 6
    assert sorted(each.name for each in tmp_path.iterdir()) == ["BUSBRA", "busbra"]


def test_no_case_and_names_that_stand_twice(tmp_path):
    with pytest.raises(InputError, match="no case was found"):
        write_import(Imported(()), tmp_path / "out", name="x", source=tmp_path, options=Options())
    found = busbra.load(sets.busbra(tmp_path / "BUSBRA", 1), Options(skip=True))
    twice = Imported(found.lesions + found.lesions)
    with pytest.raises(TableError, match="allowed once, also in row 2"):
        write_import(twice, tmp_path / "out", name="x", source=tmp_path, options=Options())
    assert [each.name for each in tmp_path.iterdir()] == ["BUSBRA"]


def test_a_linked_folder_names_its_pictures_from_where_it_really_is(tmp_path):
    (tmp_path / "elsewhere" / "deep").mkdir(parents=True)
    (tmp_path / "runs").symlink_to(tmp_path / "elsewhere" / "deep", target_is_directory=True)
    write_busbra(tmp_path, tmp_path / "runs" / "busbra")
    table = read_cases(tmp_path / "runs" / "busbra" / "cases.csv")
    assert all(table.image_path(case).is_file() for case in table.cases)
