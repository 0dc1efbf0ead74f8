import base64
import json
import re

import numpy as np
import pytest

from dashboards import answer_panel
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.records import LoadedImage, Prediction, Roi


def made(**changes):
    border = border_from_points([(10, 10), (60, 10), (60, 40), (10, 40)], (100, 120))
    corners = ((5.0, 5.0), (65.0, 5.0), (65.0, 45.0), (5.0, 45.0))
    fields = {
        "score": 0.734,
        "threshold": 0.41,
        "call": "above",
        "sentence": "Score 0.73, above the threshold 0.41.",
        "model": "bnet",
        "version": "0123456789ab",
        "target": "histology malignant",
        "border": border,
        "rectangle": minimum_area_rectangle(border),
        "roi": Roi(np.zeros((224, 224, 3), np.uint8), corners, "upright", 0.15),
        "seconds": 0.41,
        "device": "cpu",
    }
    return Prediction(**(fields | changes))


IMAGE = LoadedImage(np.zeros((100, 120, 3), np.uint8), "PNG", "ab" * 32)


def test_the_answer_shows_score_threshold_times_and_the_notice():
    html = answer_panel.answered(made(), IMAGE, drawing_seconds=7.25)
    for expected in ("0.73", "threshold 0.41", "7.2 s", "0.41 s on cpu", "50 × 30 px", "histology malignant"):
        assert expected in html
    assert "not a medical device" in html
    assert 'style="width:73.4%"' in html
    assert 'style="left:41.0%"' in html


def test_the_download_is_the_whole_answer():
    html = answer_panel.answered(made(), IMAGE, drawing_seconds=7.25)
    encoded = re.search(r"base64,([A-Za-z0-9+/=]+)", html).group(1)
    answer = json.loads(base64.b64decode(encoded))
    assert answer["score"] == 0.734
    assert answer["image"]["sha256"] == IMAGE.sha256
    assert answer["drawing_seconds"] == pytest.approx(7.2, abs=0.1)
    assert len(answer["border"]["points"]) == 4
    assert answer["version"] == "0123456789ab"
    assert "not a medical device" in answer["notice"]


def test_phantoms_are_called_phantoms():
    image = LoadedImage(IMAGE.pixels, "synthetic phantom", "ab" * 32)
    assert "says nothing about the model" in answer_panel.answered(made(), image, drawing_seconds=0)
    assert "says nothing about the model" not in answer_panel.answered(made(), IMAGE, drawing_seconds=0)


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", "${alert(1)}", "{{value}}", '"><img onerror=x>', "`x`"]
)
def test_no_text_can_become_markup_or_a_template(hostile):
    for html in (
        answer_panel.failed(hostile),
        answer_panel.waiting(hostile),
        answer_panel.answered(made(sentence=hostile), LoadedImage(IMAGE.pixels, "PNG", "ab" * 32), drawing_seconds=1),
    ):
        assert hostile not in html
        assert "<script" not in html
        assert "${" not in html
        assert "{{" not in html
