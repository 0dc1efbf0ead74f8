import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from lesion_core.errors import InputError, TableError
from lesion_core.reading.bundle import bundle_bytes, png_bytes, read_bundle, write_bundle
from tests.reading.studies import bundle


def changed(content, name, data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for each in old.infolist():
            if each.filename != name:
                new.writestr(each.filename, old.read(each))
        if data is not None:
            new.writestr(name, data)
    return buffer.getvalue()


def test_round_trip_and_the_same_study_gives_the_same_file(tmp_path):
    made = bundle()
    write_bundle(made, tmp_path / "a.study.zip")
    assert read_bundle(tmp_path / "a.study.zip") == made
    assert bundle_bytes(made) == bundle_bytes(read_bundle(bundle_bytes(made)))


def test_names_in_the_file_tell_nothing():
    with zipfile.ZipFile(io.BytesIO(bundle_bytes(bundle()))) as archive:
        assert archive.namelist()[2:] == [f"images/{number:04d}-1.png" for number in range(1, 7)]


def test_what_is_no_study_file(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(InputError, match=r"x\.zip is no study file"):
        read_bundle(tmp_path / "x.zip")
    with pytest.raises(InputError, match=r"holds no study\.json"):
        read_bundle(changed(bundle_bytes(bundle()), "study.json", None))


def test_missing_and_exchanged_images_are_all_listed():
    content = changed(bundle_bytes(bundle()), "images/0001-1.png", None)
    content = changed(content, "images/0003-1.png", b"other")
    with pytest.raises(TableError) as caught:
        read_bundle(content)
    assert [problem.split(" (")[0] for problem in caught.value.problems] == ["images/0001-1.png", "images/0003-1.png"]


def test_a_picture_says_nothing_but_its_pixels(tmp_path):
    grey = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    opened = Image.open(io.BytesIO(png_bytes(grey)))
    assert np.array_equal(np.asarray(opened), grey)
    assert opened.info == {}
    assert Image.open(io.BytesIO(png_bytes(np.full((4, 4, 3), 7, np.uint8)))).mode == "L"
