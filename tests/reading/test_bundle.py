import hashlib
import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lesion_core.errors import InputError, TableError
from lesion_core.reading.bundle import Bundle, bundle_bytes, png_bytes, read_bundle, write_bundle
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


def rewritten(made, image):
    """The study file with another first image, and its sum in study.json."""
    item = made.study.items[0]
    view = replace(item.views[0], sha256=hashlib.sha256(image).hexdigest())
    items = (replace(item, views=(view,)), *made.study.items[1:])
    return bundle_bytes(Bundle(replace(made.study, items=items), made.images | {(0, 0): image}))


def test_images_of_a_study_file_are_kept_without_what_stands_beside_their_pixels():
    made = bundle()
    about = PngInfo()
    about.add_text("Comment", "malignant, Jane Doe")
    buffer = io.BytesIO()
    Image.open(io.BytesIO(made.images[0, 0])).save(buffer, "PNG", pnginfo=about)
    assert b"Jane Doe" in buffer.getvalue()
    found = read_bundle(rewritten(made, buffer.getvalue()))
    assert found == made
    assert b"Jane Doe" not in found.images[0, 0]


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (b"GIF89a", "is no PNG that can be read"),
        (png_bytes(np.zeros((3, 2, 3), np.uint8)), "is 3 x 2 pixels, the study says 2 x 2"),
        (png_bytes(np.zeros((2, 2, 3), np.uint8))[:40], "is no PNG that can be read"),
    ],
)
def test_images_that_are_none(image, said):
    with pytest.raises(TableError, match=said):
        read_bundle(rewritten(bundle(), image))


def test_an_encrypted_study_file_is_refused_in_words():
    content = bytearray(bundle_bytes(bundle()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + offset] |= 1  # says that the member is encrypted
    with pytest.raises(InputError, match=r"is no study file .*encrypted"):
        read_bundle(bytes(content))


def test_a_picture_says_nothing_but_its_pixels(tmp_path):
    grey = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    opened = Image.open(io.BytesIO(png_bytes(grey)))
    assert np.array_equal(np.asarray(opened), grey)
    assert opened.info == {}
    assert Image.open(io.BytesIO(png_bytes(np.full((4, 4, 3), 7, np.uint8)))).mode == "L"
