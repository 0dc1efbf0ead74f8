import numpy as np
from PIL import Image

from lesion_core.cases.looks import SIDE, look_at, look_at_files
from lesion_core.errors import ImageError

from .scans import scan


def test_digest_is_equal_only_for_equal_pixels():
    pixels = scan(1).pixels[:, :, 0].copy()
    other = pixels.copy()
    other[3, 4] ^= 1
    assert look_at(pixels).digest == look_at(pixels.copy()).digest
    assert look_at(pixels).digest != look_at(other).digest
    flat = np.zeros((10, 20), np.uint8)
    assert look_at(flat).digest != look_at(flat.reshape(20, 10)).digest


def test_square_and_mirrored_hash():
    pixels = scan(1).pixels[:, :, 0]
    look, mirrored = look_at(pixels), look_at(np.ascontiguousarray(pixels[:, ::-1]))
    assert look.square.shape == (SIDE, SIDE)
    assert look.size == pixels.shape
    assert (look.phash[1] ^ mirrored.phash[0]).bit_count() <= 4
    assert (look.phash[0] ^ look_at(scan(2).pixels[:, :, 0]).phash[0]).bit_count() > 8


def test_files_in_order_with_errors_in_their_place(tmp_path):
    Image.fromarray(scan(1).pixels).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"nothing")
    found = list(look_at_files([tmp_path / "b.png", tmp_path / "a.png"]))
    assert isinstance(found[0], ImageError)
    assert found[1].digest == look_at(scan(1).pixels[:, :, 0]).digest
