import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboards.widgets.comparison import Comparison, png
from tests.augment.conftest import speckle


@pytest.fixture
def slider(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    return Comparison(render=False)


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_loses_nothing(channels):
    image = speckle(0, (50, 60), channels=channels)
    content = png(image)
    assert Image.open(io.BytesIO(content)).mode == ("L" if channels == 1 else "RGB")
    np.testing.assert_array_equal(pixels(content), image)


def test_the_first_is_a_file_and_the_second_is_in_the_answer(slider, tmp_path):
    first, second = speckle(1, (20, 30)), speckle(2, (20, 30), channels=3)
    constant, changing = slider.postprocess((first, second)).root
    assert constant.path.startswith(str(tmp_path))
    np.testing.assert_array_equal(pixels(Path(constant.path).read_bytes()), first)
    assert changing.path is None
    kind, encoded = changing.url.split(",")
    assert kind == "data:image/png;base64"
    np.testing.assert_array_equal(pixels(base64.b64decode(encoded)), second)


def test_the_same_first_image_is_the_same_file(slider, tmp_path):
    first = speckle(3, (20, 30))
    paths = {slider.postprocess((first.copy(), speckle(seed, (20, 30)))).root[0].path for seed in range(4)}
    assert len(paths) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    turned = slider.postprocess((first.reshape(30, 20, 3), first)).root[0].path
    assert turned not in paths


def test_a_file_that_was_cleared_away_is_written_again(slider):
    pair = (speckle(4, (20, 30)), speckle(5, (20, 30)))
    path = Path(slider.postprocess(pair).root[0].path)
    path.unlink()
    assert slider.postprocess(pair).root[0].path == str(path)
    np.testing.assert_array_equal(pixels(path.read_bytes()), pair[0])


def test_nothing_to_show(slider):
    assert slider.postprocess(None) is None
