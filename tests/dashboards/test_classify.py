import json
from dataclasses import replace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from dashboards import classify, serving
from dashboards.classify import Opened
from dashboards.uploads import Source
from dashboards.widgets.drawn_border import DrawnBorder
from lesion_core.errors import CheckpointError
from lesion_core.imaging.phantom import EXAMPLES, example

TITLE = next(iter(EXAMPLES))
OPENED = Opened(Source(example=TITLE), "a")


@pytest.fixture(scope="module")
def bundled():
    """The bundled model, loaded once."""
    name = "bnet"
    serving.predictor(name)
    return name


@pytest.fixture(autouse=True)
def warnings_shown(monkeypatch):
    shown = []
    monkeypatch.setattr(gr, "Warning", lambda message, **_: shown.append(message))
    return shown


def drawn(points, **changes):
    fields = {
        "points": tuple(points),
        "closed": True,
        "size": (480, 640),
        "drawing_seconds": 3.0,
        "revision": 2,
        "image_id": "a",
    }
    return DrawnBorder(**(fields | changes))


def test_drawing_gives_the_rectangle_first_and_then_the_score(bundled):
    border = example(TITLE).border
    steps = list(classify.classify(drawn(border.points), OPENED, bundled))
    assert len(steps) == 2
    canvas, roi, _ = steps[0]
    assert len(canvas["rectangle"]) == 4
    assert len(canvas["fed"]) == 4
    assert roi.shape == (224, 224, 3)
    assert "headline" in steps[1][2].panel
    assert "3.0 s" in steps[1][2].panel


@pytest.mark.parametrize(
    ("opened", "asked"),
    [
        (Opened(), "Upload an image"),
        (Opened(problem="no image in it"), "no image in it"),
        (Opened(Source(example=TITLE), "a"), '<p class="note">Now outline the lesion'),
        (Opened(Source(path="gone.png"), "a"), "no longer on the server: upload it again"),
    ],
)
def test_an_open_border_is_no_question_and_what_is_missing_is_asked_for(opened, asked, bundled, warnings_shown):
    """After Clear, or when another model is chosen."""
    (step,) = classify.classify(drawn(((1.0, 1.0), (5.0, 5.0)), closed=False), opened, bundled)
    assert step[1] is None
    assert asked in step[2].panel
    assert warnings_shown == []


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (((10, 10), (50, 50), (90, 90)), "on one line"),
        (((10, 10), (13, 10), (13, 13), (10, 13)), "only 3.0 x 3.0 px"),
        (((700, 500), (800, 500), (800, 600)), "outside the image"),
    ],
)
def test_an_unusable_border_is_said_in_words(points, message, bundled, warnings_shown):
    (step,) = classify.classify(drawn(points), OPENED, bundled)
    assert message in warnings_shown[0]
    assert message in step[2].panel
    assert message in step[0]["message"]


def test_a_border_that_crosses_itself_is_answered_with_a_note(bundled):
    bow_tie = ((200, 150), (420, 310), (420, 150), (200, 300))
    first, last = classify.classify(drawn(bow_tie), OPENED, bundled)
    assert "crossed itself" in first[0]["message"]
    assert "crossed itself" in last[2].panel


def test_an_upload_that_is_no_image_leaves_a_working_page(tmp_path, warnings_shown):
    file = tmp_path / "text.png"
    file.write_text("not an image")
    opened, *_, answer = classify.open_upload(str(file))
    assert opened == Opened(problem=warnings_shown[0])
    assert len(warnings_shown) == 1
    assert 'role="alert"' in answer


def test_an_upload_is_shown_and_asks_for_an_outline(tmp_path):
    file = tmp_path / "a.png"
    Image.fromarray(np.full((50, 70, 3), 90, np.uint8)).save(file)
    opened, canvas, slider, roi, answer = classify.open_upload(str(file))
    assert opened == Opened(Source(path=str(file)), canvas["image_id"])
    assert canvas["full_size"] == [50, 70]
    assert slider["visible"] is False
    assert roi is None
    assert "outline the lesion" in answer


def test_a_file_of_several_frames_gets_a_slider(tmp_path):
    file = tmp_path / "clip.tif"
    pages = [Image.fromarray(np.full((40, 60), 20 * number, np.uint8)) for number in range(1, 4)]
    pages[0].save(file, save_all=True, append_images=pages[1:])
    opened, _, slider, *_ = classify.open_upload(str(file))
    assert (slider["visible"], slider["maximum"]) == (True, 3)
    chosen, canvas, *_ = classify.open_frame(opened, 3)
    assert chosen == Opened(Source(path=str(file), frame=2), canvas["image_id"])
    assert canvas["full_size"] == [40, 60]


def test_taking_the_upload_away_empties_the_page():
    opened, *_, answer = classify.open_upload(None)
    assert opened == Opened()
    assert "Upload an image" in answer


def test_borders_come_from_files_too(tmp_path, bundled, warnings_shown):
    bow_tie = ((200, 150), (420, 310), (420, 150), (200, 300))
    (tmp_path / "bow_tie.json").write_text(json.dumps(bow_tie))
    opened, canvas, roi, answer = classify.open_border_file(str(tmp_path / "bow_tie.json"), OPENED)
    assert opened.source == OPENED.source
    assert (roi, classify.ASKING in answer) == (None, True)
    notes = " ".join(opened.border.notes)
    assert "crossed itself" in notes
    assert canvas["message"] == notes
    first, last = classify.classify(canvas["value"], opened, bundled)
    assert (first[0]["message"], "headline" in last[2].panel) == (notes, True)  # not lost with the points' way back
    changed = replace(canvas["value"], revision=2)
    assert next(classify.classify(changed, opened, bundled))[0]["message"] == ""
    (tmp_path / "border.json").write_text(json.dumps(example(TITLE).border.points))
    assert np.allclose(
        classify.open_border_file(str(tmp_path / "border.json"), OPENED)[0].border.points, example(TITLE).border.points
    )
    (tmp_path / "bad.json").write_text("{}")
    *kept, answer = classify.open_border_file(str(tmp_path / "bad.json"), OPENED)
    assert kept == [gr.skip()] * 3
    assert "no points" in answer
    assert "no points" in warnings_shown[0]


def test_examples_are_shown_with_their_border_and_asked_about(bundled):
    opened, upload, canvas, _, roi, answer = classify.open_example(TITLE)
    assert (opened.source, upload, roi) == (Source(example=TITLE), None, None)
    assert canvas["value"].points == example(TITLE).border.points
    assert classify.ASKING in answer
    *_, last = classify.classify(canvas["value"], opened, bundled)
    assert "synthetic phantom" in classify.show_answer(opened, last[2])


def test_an_answer_about_an_image_that_is_shown_no_more_is_dropped(bundled):
    """And one that the page has yet to show is not asked about with the border of the last."""
    opened, _, canvas, *_ = classify.open_example(TITLE)
    *_, last = classify.classify(canvas["value"], opened, bundled)
    other = classify.open_example(TITLE)[0]
    assert classify.show_answer(other, last[2]) == gr.skip()
    assert classify.show_answer(other, None) == gr.skip()
    assert list(classify.classify(canvas["value"], other, bundled)) == [(gr.skip(), gr.skip(), gr.skip())]


def test_a_damaged_model_is_said_and_the_rectangle_still_shown(monkeypatch, warnings_shown, bundled):
    def damaged(name):
        raise CheckpointError("weights.safetensors is not the file its card describes: get the model again")

    monkeypatch.setattr(serving, "predictor", damaged)
    *_, last = classify.classify(drawn(example(TITLE).border.points), OPENED, bundled)
    assert "get the model again" in last[2].panel
    assert "get the model again" in warnings_shown[0]


def test_without_any_model_the_page_says_how_to_get_one():
    *_, last = classify.classify(drawn(example(TITLE).border.points), OPENED, "")
    assert "lesion_core train" in last[2].panel


def test_the_endpoint_answers_with_a_record_or_a_clear_error(tmp_path, bundled):
    phantom = example(TITLE)
    file = tmp_path / "phantom.png"
    Image.fromarray(phantom.pixels).save(file)
    points = [list(point) for point in phantom.border.points]
    answer = classify.classify_api(str(file), points, bundled, None)
    assert 0 <= answer["score"] <= 1
    assert answer["model"] == bundled
    assert classify.classify_api(str(file), {"points": points}, bundled, None)["score"] == answer["score"]
    with pytest.raises(gr.Error, match="at least 3 points"):
        classify.classify_api(str(file), [[1, 2], [3, 4]], bundled, None)
    with pytest.raises(gr.Error, match="no model named"):
        classify.classify_api(str(file), points, "xnet", None)
    with pytest.raises(gr.Error, match="no image yet"):
        classify.classify_api("", points, bundled, None)
