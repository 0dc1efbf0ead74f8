from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lesion_core.errors import InputError
from lesion_core.training.packed import PACK_FILE, Outlines, read_outlines, read_packed, write_outlines

OUTLINES = Outlines(
    case_ids=np.array(["a", "b with a blank"]),
    sizes=np.array([[50, 60], [40, 30]]),
    crops=np.array([[10, 5, 30, 25], [0, 0, 30, 40]]),
    counts=np.array([3, 4]),
    points=np.array([(12.1, 7), (12, 20), (25 / 3, 9), (1, 1), (1, 9.37), (9, 9), (9, 1)], dtype=np.float64),
)


@pytest.fixture
def folder(tmp_path):
    write_outlines(OUTLINES, tmp_path / PACK_FILE)
    Image.fromarray(np.full((20, 20, 3), 200, np.uint8)).save(tmp_path / "a.webp", lossless=True)
    return tmp_path


def test_a_crop_is_put_back_where_it_was(folder):
    packed = read_packed(folder / PACK_FILE, folder / "a.webp", "a")
    assert packed.pixels.shape == (50, 60, 3)
    assert packed.crop == (10, 5, 30, 25)
    assert (packed.pixels[5:25, 10:30] == 200).all()
    assert packed.pixels.sum() == 200 * 20 * 20 * 3
    assert packed.border.points == ((12.1, 7.0), (12.0, 20.0), (25 / 3, 9.0))


def test_all_entries_come_back_exactly(folder):
    found = read_outlines(folder / PACK_FILE)
    for name in ("case_ids", "sizes", "crops", "counts", "points"):
        assert np.array_equal(getattr(found, name), getattr(OUTLINES, name)), name
    assert found.position == {"a": 0, "b with a blank": 1}


def test_a_pack_that_was_made_anew_is_read_anew(folder):
    read_outlines(folder / PACK_FILE)
    write_outlines(replace(OUTLINES, case_ids=np.array(["c", "d"])), folder / PACK_FILE)
    assert "c" in read_outlines(folder / PACK_FILE).position


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"case_ids": np.array(["b", "c"])}, "has no case 'a'"),
        ({"counts": np.array([3, 5])}, "parts do not fit together"),
        ({"sizes": np.array([[50, 60]])}, "parts do not fit together"),
        ({"points": np.full((7, 2), np.nan)}, "parts do not fit together"),
        ({"crops": np.array([[10, 5, 31, 25], [0, 0, 30, 40]])}, "does not fit its place"),
        ({"crops": np.array([[50, 5, 70, 25], [0, 0, 30, 40]])}, "does not fit its place"),
        ({"sizes": np.array([[100_000, 100_000], [40, 30]])}, "too large"),
    ],
)
def test_a_pack_that_does_not_fit_together_is_refused(changes, message, folder):
    write_outlines(replace(OUTLINES, **changes), folder / PACK_FILE)
    with pytest.raises(InputError, match=message):
        read_packed(folder / PACK_FILE, folder / "a.webp", "a")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"text"])
def test_a_damaged_pack_says_to_make_it_again(content, folder):
    (folder / PACK_FILE).write_bytes(content)
    with pytest.raises(InputError, match=r"pack\.npz is damaged .*make the pack again"):
        read_packed(folder / PACK_FILE, folder / "a.webp", "a")
    (folder / PACK_FILE).unlink()
    with pytest.raises(InputError, match=r"pack\.npz cannot be read"):
        read_packed(folder / PACK_FILE, folder / "a.webp", "a")


def test_a_pack_with_a_part_missing_or_pickled_is_refused(folder):
    np.savez(folder / PACK_FILE, case_ids=np.array(["a"]))
    with pytest.raises(InputError, match="is damaged"):
        read_outlines(folder / PACK_FILE)
    np.savez(folder / PACK_FILE, case_ids=np.array([{"a": 1}], dtype=object))
    with pytest.raises(InputError, match="is damaged"):
        read_outlines(folder / PACK_FILE)
