import io
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from dashboards import augmentation, serving
from dashboards.specimen import PAPER, WHOLE
from dashboards.widgets.drawn_border import DrawnBorder
from lesion_core.augment.variants import VARIANT_NAMES
from lesion_core.errors import CheckpointError
from lesion_core.imaging.phantom import EXAMPLES
from tests.augment.conftest import speckle

TITLES = list(EXAMPLES)


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))


class Network:
    """A stand-in: the mean grey level of the upper half, so that turns change the answer."""

    def scores(self, rois, border=None):
        return rois[:, :112].mean(axis=(1, 2, 3)) / 255


@pytest.fixture
def _model(monkeypatch):
    point = SimpleNamespace(threshold=0.4)
    card = SimpleNamespace(name="standin", version="0" * 12, target="mixed", input=PAPER, operating_point=point)
    monkeypatch.setattr(serving, "choices", lambda: [("Stand-in", "standin")])
    monkeypatch.setattr(serving, "card", lambda name: card)
    monkeypatch.setattr(serving, "predictor", lambda name: Network())


@pytest.fixture
def warnings(monkeypatch):
    said = []
    monkeypatch.setattr(gr, "Warning", lambda message, **_: said.append(message))
    return said


@pytest.fixture
def upload(tmp_path):
    Image.fromarray(speckle(0, (150, 260), channels=3)).save(tmp_path / "upload.png")
    return str(tmp_path / "upload.png")


def opened(title=TITLES[0], model=None, rank=101):
    """(shown, tiles, pair, numbers, plot, answer) of an example."""
    return augmentation.open_example(title, model, rank)[2:]


def skipped(value):
    return isinstance(value, dict) and value == gr.skip()


def test_an_example_fills_the_page():
    upload, canvas, shown, tiles, pair, numbers, plot, answer = augmentation.open_example(TITLES[0], None, 78)
    assert upload is None
    assert len(canvas["value"].points) > 3
    assert canvas["rectangle"]
    assert canvas["fed"]
    assert tiles.count("<figure") == 8
    assert augmentation.NO_MODEL in tiles
    np.testing.assert_array_equal(pair[0], shown.roi)
    assert "78 of 224" in numbers
    assert plot["mark"] == [0.5, 78.5]
    assert answer == ""


def test_the_first_look_opens_the_first_example_and_only_once():
    first = augmentation.open_default(None, None, 101)
    assert first[2].source.example == TITLES[0]
    again = augmentation.open_default(first[2], None, 101)
    assert len(again) == len(first)
    assert all(skipped(value) for value in again)


def test_an_upload_is_taken_whole_until_it_is_outlined(upload):
    panel, canvas, shown, tiles, *_ = augmentation.open_upload(upload, None, 101)
    assert panel["open"] is True
    assert (canvas["full_size"], canvas["message"]) == ([150, 260], WHOLE)
    assert "the whole image is taken" in tiles
    whole = shown.roi
    box = ((40.0, 30.0), (120.0, 30.0), (120.0, 110.0), (40.0, 110.0))
    drawn = DrawnBorder(points=box, closed=True, size=(150, 260), revision=1, image_id="a")
    answered, cut, *_ = augmentation.outline(drawn, shown, None, 101)
    assert answered["answer_to"] == ["a", 1]
    assert answered["fed"]
    region = Image.open(upload).crop((40, 30, 120, 110)).resize((224, 224), Image.Resampling.BICUBIC)
    assert np.abs(cut.roi.astype(int) - np.asarray(region)).mean() < 3
    cleared, again, *_ = augmentation.outline(DrawnBorder(size=(150, 260), image_id="a"), cut, None, 101)
    np.testing.assert_array_equal(again.roi, whole)
    assert cleared["message"] == WHOLE


def test_what_cannot_be_used_is_told(tmp_path, upload, warnings):
    (tmp_path / "text.png").write_text("no image")
    _, canvas, shown, tiles, pair, numbers, _, _ = augmentation.open_upload(str(tmp_path / "text.png"), None, 101)
    assert len(warnings) == 1
    assert warnings[0] in tiles
    assert (shown, pair, numbers) == (None, None, "")
    assert canvas["image"] == ""
    _, _, shown, *_ = augmentation.open_upload(upload, None, 101)
    thin = DrawnBorder(points=((1.0, 1.0), (3.0, 1.0), (3.0, 90.0)), closed=True, size=(150, 260), image_id="a")
    answered, *rest = augmentation.outline(thin, shown, None, 101)
    assert warnings[1] == answered["message"]
    assert len(rest) == 6
    assert all(skipped(value) for value in rest)


def test_drawing_before_there_is_an_image_does_nothing():
    assert all(skipped(value) for value in augmentation.outline(DrawnBorder(), None, None, 101))
    assert all(skipped(value) for value in augmentation.change_model(None, None, 101))
    assert all(skipped(value) for value in augmentation.show_rank(50, None))
    assert skipped(augmentation.answer_variants(None, "standin"))
    assert skipped(augmentation.answer_rank(50, None, "standin", None))
    assert skipped(augmentation.show_answer(None, None))


def test_a_rank_rebuilds_the_picture():
    shown = opened()[0]
    pair, numbers, marker = augmentation.show_rank(20, shown)
    original, rebuilt = pair
    np.testing.assert_array_equal(original, shown.roi)
    channel = original[..., 0].astype(float)
    u, s, vt = np.linalg.svd(channel)
    assert np.abs(np.clip(np.rint((u[:, :20] * s[:20]) @ vt[:20]), 0, 255) - rebuilt[..., 0]).max() <= 1
    assert "20 of 224" in numbers
    assert marker["mark"] == [0.5, 20.5]
    pair, numbers, _ = augmentation.show_rank(224, shown)
    np.testing.assert_array_equal(pair[1], original)
    assert "infinite" in numbers


def test_a_move_of_the_slider_costs_little():
    shown = opened()[0]
    taken = []
    for rank in range(20, 120, 10):
        began = time.process_time()
        augmentation.show_rank(rank, shown)
        taken.append(time.process_time() - began)
    assert min(taken) < 0.05  # seconds of one core; about 0.01 where it was measured


@pytest.mark.parametrize(("sent", "rank"), [(0, 1), (-5, 1), (56.4, 56), (1e9, 224), (float("nan"), 224)])
def test_a_rank_from_the_page_is_limited(sent, rank):
    _, numbers, _ = augmentation.show_rank(sent, opened()[0])
    assert f"{rank} of 224" in numbers


def test_a_click_sets_the_rank():
    def event(x):
        return gr.EventData(None, {"curve": 0, "index": 3, "x": x})

    assert augmentation.choose_rank(event(78)) == 78
    assert augmentation.choose_rank(event(5000.0)) == 224
    with pytest.raises(gr.Error, match="names no rank"):
        augmentation.choose_rank(event("seventy"))


@pytest.mark.usefixtures("_model")
def test_the_network_answers_for_each_variant():
    shown, tiles, *_ = opened(model="standin")
    assert augmentation.ASKING in tiles
    answered = augmentation.answer_variants(shown, "standin")
    tiles = augmentation.show_answer(shown, answered)
    roi = shown.roi
    assert answered.scores.scores[0] == pytest.approx(roi[:112].mean() / 255)
    assert answered.scores.scores[2] == pytest.approx(roi[112:].mean() / 255)
    assert tiles.count('class="score"') == 8
    assert augmentation.ASKING not in tiles


@pytest.mark.usefixtures("_model")
def test_the_network_answers_at_a_rank():
    shown, *_ = opened(model="standin")
    answer = augmentation.show_answer(shown, augmentation.answer_rank(224, shown, "standin", None))
    assert "at rank 224" in answer
    assert "(0.000): the call stays" in answer
    variants = augmentation.answer_variants(shown, "standin")
    assert "at rank 3" in augmentation.answer_rank(3, shown, "standin", variants).markup
    assert augmentation.NO_MODEL in augmentation.answer_rank(3, shown, None, variants).markup


@pytest.mark.usefixtures("_model")
def test_an_answer_about_an_roi_that_is_shown_no_more_is_dropped():
    first, second = opened(model="standin")[0], opened(TITLES[1], model="standin")[0]
    variants = augmentation.answer_variants(first, "standin")
    assert skipped(augmentation.show_answer(second, variants))
    assert skipped(augmentation.show_answer(second, augmentation.answer_rank(9, first, "standin", variants)))
    own = augmentation.answer_variants(second, "standin")
    expected = augmentation.answer_rank(9, second, "standin", own).markup
    assert augmentation.answer_rank(9, second, "standin", variants).markup == expected
    with zipfile.ZipFile(augmentation.pack(9, second, variants)) as archive:
        assert "answers.csv" not in archive.namelist()


@pytest.mark.usefixtures("_model")
def test_a_damaged_model_is_told_and_the_pictures_stay(monkeypatch, warnings):
    shown, *_ = opened(model="standin")

    def damaged(name):
        raise CheckpointError("the weights of standin are damaged")

    monkeypatch.setattr(serving, "predictor", damaged)
    answered = augmentation.answer_variants(shown, "standin")
    assert answered.scores is None
    tiles = answered.markup
    assert "are damaged" in tiles
    assert tiles.count("<figure") == 8
    assert "are damaged" in augmentation.answer_rank(3, shown, "standin", answered).markup
    monkeypatch.setattr(serving, "card", damaged)
    assert "are damaged" in augmentation.change_model(shown, "standin", 101)[1]
    assert "are damaged" in augmentation.open_example(TITLES[1], "standin", 101)[3]
    assert len(warnings) == 2


def test_another_model_cuts_anew(monkeypatch):
    from lesion_core.imaging.prepare import InputSpec

    shown, *_ = opened()
    monkeypatch.setattr(serving, "card", lambda name: SimpleNamespace(input=InputSpec()))
    changed, tiles, *_ = augmentation.change_model(shown, "other", 101)
    assert (changed.roi != shown.roi).any()
    assert changed.border == shown.border
    assert "15 % margin" in tiles


@pytest.mark.usefixtures("_model")
def test_everything_comes_as_a_zip(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    shown = opened(model="standin")[0]
    path = Path(augmentation.pack(56, shown, augmentation.answer_variants(shown, "standin")))
    assert path.name == "augmentation-phantom-a-smooth-wider-than-tall.zip"
    assert path.is_relative_to(tmp_path)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        names = set(archive.namelist())
        assert {f"variants/{name}.png" for name in VARIANT_NAMES} | {"rank_56.png", "answers.csv"} <= names
        assert TITLES[0] in archive.read("README.txt").decode()
    with pytest.raises(gr.Error, match="Choose an example"):
        augmentation.pack(56, None, None)


def test_an_uploads_name_and_path_do_not_leave_the_server(monkeypatch, tmp_path, upload):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    shown = augmentation.open_upload(upload, None, 101)[2]
    path = Path(augmentation.pack(56, shown, None))
    assert path.name == "augmentation-upload.zip"
    assert str(tmp_path).encode() not in path.read_bytes()


def test_the_tab_builds_without_a_model(monkeypatch):
    monkeypatch.setattr(serving, "choices", list)
    with gr.Blocks() as demo:
        augmentation.build()
    names = {fn.name for fn in demo.fns.values()}
    assert {"open_default", "open_example", "open_upload", "outline", "show_rank", "choose_rank", "pack"} <= names
    assert all(fn.api_visibility == "private" for fn in demo.fns.values())
