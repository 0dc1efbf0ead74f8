import json

import numpy as np
import pytest

import lesion_core
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.model.answer import answer_json, answer_record
from lesion_core.records import LoadedImage, Prediction, Roi

BORDER = border_from_points([(10.123, 10), (60, 10), (60, 40.456), (10, 40), (70, 20)], (100, 120))
IMAGE = LoadedImage(np.zeros((100, 120, 3), np.uint8), "DICOM", "ab" * 32, frame=2, frames=5, notes=("Middle frame.",))
PREDICTION = Prediction(
    score=0.73400000049,
    threshold=0.41,
    call="above",
    sentence="Score 0.73, above.",
    model="bnet",
    version="0123456789ab",
    target="histology malignant",
    border=BORDER,
    rectangle=minimum_area_rectangle(BORDER),
    roi=Roi(np.zeros((224, 224, 3), np.uint8), ((5.0, 5.0), (65.0, 5.0), (65.0, 45.0), (5.0, 45.0)), "upright", 0.15),
    seconds=0.41234567,
    device="cpu",
)


def test_the_answer_holds_all_that_repeats_it():
    answer = answer_record(PREDICTION, IMAGE, drawing_seconds=7.26)
    assert (answer["score"], answer["threshold"], answer["call"]) == (0.734, 0.41, "above")
    assert (answer["model"], answer["version"]) == ("bnet", "0123456789ab")
    assert answer["target"] == "histology malignant"
    assert answer["sentence"] == PREDICTION.sentence
    assert answer["image"] == {
        "sha256": "ab" * 32,
        "format": "DICOM",
        "height": 100,
        "width": 120,
        "frame": 2,
        "frames": 5,
        "notes": ["Middle frame."],
    }
    assert answer["roi"]["rule"] == "upright"
    assert answer["roi"]["corners"][2] == [65.0, 45.0]
    assert (answer["seconds"], answer["drawing_seconds"], answer["device"]) == (0.4123, 7.3, "cpu")
    assert answer["software"] == f"lesion_core {lesion_core.__version__}"
    assert answer["notice"] == "For research and teaching, not a medical device."


def test_coordinates_are_kept_to_a_hundredth_of_a_pixel_with_what_was_repaired():
    answer = answer_record(PREDICTION, IMAGE)
    assert answer["drawing_seconds"] is None
    assert np.abs(np.array(answer["border"]["points"]) - np.array(BORDER.points)).max() <= 0.005 + 1e-9
    assert answer["border"]["notes"] == list(BORDER.notes) != []
    assert np.abs(np.array(answer["rectangle"]["corners"]) - PREDICTION.rectangle.corners).max() <= 0.005 + 1e-9
    again = border_from_points(answer["border"]["points"], IMAGE.size)
    assert minimum_area_rectangle(again).angle_deg == pytest.approx(answer["rectangle"]["angle_deg"], abs=0.05)


def test_the_text_is_json_for_people_too():
    text = answer_json(PREDICTION, IMAGE, drawing_seconds=7.26)
    assert json.loads(text) == answer_record(PREDICTION, IMAGE, drawing_seconds=7.26)
    assert text.startswith('{\n  "format": 1,')
