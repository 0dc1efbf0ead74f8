import numpy as np
import pytest
from PIL import Image

from dashboards import uploads
from dashboards.uploads import Source, load
from lesion_core.errors import ImageError
from lesion_core.imaging.phantom import EXAMPLES


@pytest.fixture(autouse=True)
def empty_memory():
    uploads._kept.clear()
    yield
    uploads._kept.clear()


def test_an_upload_is_decoded_once(tmp_path, monkeypatch):
    file = tmp_path / "a.png"
    Image.fromarray(np.full((20, 30, 3), 7, np.uint8)).save(file)
    first = load(Source(path=str(file)))
    monkeypatch.setattr(uploads, "read_image", lambda *_, **__: pytest.fail("decoded twice"))
    assert load(Source(path=str(file))) is first


def test_memory_is_bounded_and_the_newest_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(uploads, "CAPACITY", 5_000)
    for number in range(5):
        file = tmp_path / f"{number}.png"
        Image.fromarray(np.full((20, 30, 3), number, np.uint8)).save(file)
        load(Source(path=str(file)))
    assert [source.path[-5] for source in uploads._kept] == ["3", "4"]


def test_examples_come_from_the_phantoms():
    title = next(iter(EXAMPLES))
    image = load(Source(example=title))
    assert image.format == "synthetic phantom"
    assert len(image.sha256) == 64


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Source(), "no image yet"),
        (Source(path="/nowhere/a.png"), "no longer on the server"),
        (Source(example="Phantom Z"), "no example named"),
    ],
)
def test_what_cannot_be_shown_says_why(source, message):
    with pytest.raises(ImageError, match=message):
        load(source)
