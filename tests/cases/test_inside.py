import re

import pytest
from PIL import Image

from lesion_core.cases.inside import read_cases_inside
from lesion_core.errors import TableError

HEADER = "case_id,organ,image,border,label,target\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "files" / "deep").mkdir(parents=True)
    for place in ("files/in.png", "files/deep/in.png", "out.png"):
        Image.new("L", (8, 8)).save(tmp_path / place)
    return tmp_path / "files"


def table(files, image="in.png", border="", at="deep"):
    path = files / at / "cases.csv"
    path.write_text(f"{HEADER}a,breast,{image},{border},0,labelled malignant\n")
    return path


def test_files_inside_are_taken_also_by_a_way_back_that_stays_inside(files):
    found = read_cases_inside(table(files, "../in.png", "in.png"), root=files)
    assert found.image_path(found.cases[0]).is_file()


@pytest.mark.parametrize("column", ["image", "border"])
@pytest.mark.parametrize("way", ["{}/out.png", "../../out.png", "{}/none.png", "link.png", "folder/out.png"])
def test_nothing_outside_is_read_or_even_looked_for(files, column, way):
    outside = files.parent
    (files / "deep" / "link.png").symlink_to(outside / "out.png")
    (files / "deep" / "folder").symlink_to(outside)
    named = {"image": "in.png", "border": "", column: way.format(outside)}
    with pytest.raises(TableError, match=f"row 2: {column} is .*leaves the folder for pictures: give a path inside"):
        read_cases_inside(table(files, **named), root=files)


def test_missing_files_and_paths_that_are_none_are_said(files):
    (files / "deep" / "round").symlink_to(files / "deep" / "round")
    for name, said in (
        ("none.png", "no such file"),
        ("round", "no such file|no path"),
        ("x" * 5000, "no path|no such"),
    ):
        with pytest.raises(TableError, match=said):
            read_cases_inside(table(files, name), root=files)


def test_a_row_has_its_number_in_the_file_also_below_blank_ones(files):
    path = table(files, "none.png")
    header, row = path.read_text().splitlines()
    path.write_text(f"{header}\n\n{','.join([''] * 6)}\n{row}\n")
    with pytest.raises(TableError, match=r"row 4: image is 'none\.png'"):
        read_cases_inside(path, root=files)


def test_paths_may_start_from_another_folder_than_the_table(files, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    path = table(tmp_path, "deep/in.png", at="elsewhere")
    assert read_cases_inside(path, root=files, folder=files).folder == files
    with pytest.raises(TableError, match=re.escape("the upload: 1 problem")):
        read_cases_inside(path, root=files, what="the upload")
