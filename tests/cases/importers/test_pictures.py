import numpy as np
import pytest
from PIL import Image

from lesion_core.cases.importers.pictures import mask_of, read_grey, read_rgb, read_size
from lesion_core.errors import ImageError, InputError

from . import sets


def test_modes_and_sizes(tmp_path):
    path = sets.save(sets.picture(1), tmp_path / "a.png")
    np.testing.assert_array_equal(read_grey(path), sets.picture(1))
    assert read_rgb(path).shape == (*sets.SIZE, 3)
    assert read_size(path) == sets.SIZE
    one_bit = sets.save_mask(sets.ellipse(), tmp_path / "m.png")
    np.testing.assert_array_equal(mask_of(one_bit, sets.SIZE, threshold=0), sets.ellipse())


def test_a_picture_lying_on_its_side_is_turned_upright_as_when_uploaded(tmp_path):
    image = Image.fromarray(sets.picture(1))
    exif = image.getexif()
    exif[274] = 6
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    assert read_size(tmp_path / "a.jpg") == sets.SIZE[::-1]


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_what_is_no_picture(tmp_path, content):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ImageError, match=r"a\.png cannot be read as a picture"):
        read_grey(tmp_path / "a.png")


def test_every_cut_of_a_picture_is_noticed_and_missing_ones(tmp_path):
    whole = sets.save(sets.picture(1), tmp_path / "a.png").read_bytes()
    for share in (0.1, 0.5, 0.9):
        (tmp_path / "a.png").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ImageError):
            read_size(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"no b\.png in"):
        read_size(tmp_path / "b.png")


def test_masks_of_another_size(tmp_path):
    path = sets.save(sets.picture(1), tmp_path / "a.png")
    with pytest.raises(InputError, match="is 128 x 96 px, its image 96 x 128 px: they must be equal"):
        mask_of(path, sets.SIZE[::-1])
