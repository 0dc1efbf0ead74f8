"""Files of the page's cache: whoever fetches one meets it whole."""

import threading
from pathlib import Path

import numpy as np
import pytest
from gradio.processing_utils import save_bytes_to_cache
from PIL import Image

from dashboards.widgets.cached_file import cached_file
from dashboards.widgets.lossless_image import LosslessImage

CONTENT = bytes(4_000_000)


def lengths_met(keep, folder, times):
    """How long a file is found to be while it is kept again and again, until it is found to be of two lengths."""
    path = Path(keep(CONTENT, "image.png", str(folder)))
    done = threading.Event()

    def again():
        while not done.is_set():
            keep(CONTENT, "image.png", str(folder))

    writer = threading.Thread(target=again)
    writer.start()
    try:
        met = set()
        for _ in range(times):
            met.add(len(path.read_bytes()))
            if len(met) > 1:
                break
        return met
    finally:
        done.set()
        writer.join()


def test_a_file_that_is_kept_again_stays_whole(tmp_path):
    assert lengths_met(cached_file, tmp_path, 200) == {len(CONTENT)}


def test_gradios_own_does_not_stay_whole(tmp_path):
    """Where this fails, `cached_file` can go."""
    assert len(lengths_met(save_bytes_to_cache, tmp_path, 10_000)) > 1


def test_same_content_and_name_have_one_file_and_no_part_is_left(tmp_path):
    first, second = (cached_file(b"one", "a.txt", str(tmp_path)) for _ in range(2))
    other = cached_file(b"two", "../a.txt", str(tmp_path))
    assert first == second != other
    assert sorted(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()) == [b"one", b"two"]


@pytest.mark.parametrize("grey", [True, False])
def test_an_image_is_kept_without_loss(monkeypatch, tmp_path, grey):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    if grey:
        pixels[:] = pixels[..., :1]
    shown = LosslessImage(render=False)
    assert shown.postprocess(None) is None
    with Image.open(shown.postprocess(pixels).path) as image:
        assert np.array_equal(np.asarray(image.convert("RGB")), pixels)
