import base64
import io
import json
import re
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from gradio_client.utils import json_schema_to_python_type
from PIL import Image

from dashboards.widgets import border_canvas
from dashboards.widgets.border_canvas import PREVIEW_BYTES, PREVIEW_SIDE, BorderCanvas
from dashboards.widgets.drawn_border import MAX_POINTS, DrawnBorder

FRONT_END = Path(border_canvas.__file__).with_suffix("")
SQUARE = [[10, 10], [50.5, 10], [50.5, 40.25], [10, 40.25]]


def payload(**changes):
    good = {
        "points": SQUARE,
        "closed": True,
        "size": [60, 80],
        "drawing_seconds": 1.25,
        "revision": 3,
        "image_id": "ab12",
    }
    return {**good, **changes}


@pytest.fixture
def canvas():
    return BorderCanvas(render=False)


def test_no_value_is_an_empty_border(canvas):
    assert canvas.preprocess(None) == DrawnBorder()
    assert canvas.preprocess(canvas.postprocess(None)) == DrawnBorder()


def test_a_bad_payload_is_told_to_the_user(canvas):
    with pytest.raises(
        gr.Error, match=r"could not be read \(point 3 at \(81, 5\) lies outside the image of 80 x 60 px\)"
    ):
        canvas.preprocess(payload(points=[[1, 2], [3, 4], [81, 5]]))


def test_a_border_makes_the_round_trip(canvas):
    drawn = canvas.preprocess(payload())
    assert canvas.preprocess(json.loads(json.dumps(canvas.postprocess(drawn)))) == drawn


def test_the_examples_of_the_api_page_are_valid(canvas):
    assert canvas.preprocess(canvas.example_payload()) == canvas.example_value()


def test_the_api_page_can_word_the_schema(canvas):
    assert "closed: bool" in json_schema_to_python_type(canvas.api_info())


# ---- updates


def decoded(url):
    head, data = url.split(",", 1)
    assert head == "data:image/jpeg;base64"
    raw = base64.b64decode(data)
    return Image.open(io.BytesIO(raw)), len(raw)


def ramp(height, width):
    grey = np.linspace(0, 255, width).astype(np.uint8)
    return np.broadcast_to(grey[None, :, None], (height, width, 3)).copy()


def test_show_hands_over_a_small_image_as_it_is():
    pixels = ramp(48, 64)
    update = BorderCanvas.show(pixels)
    image, _ = decoded(update["image"])
    assert image.size == (64, 48)
    assert update["full_size"] == [48, 64]
    assert update["value"] == DrawnBorder(size=(48, 64), image_id=update["image_id"])
    assert np.abs(np.asarray(image.convert("RGB")).astype(int) - pixels).max() <= 6


def test_show_keeps_colours():
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[..., 0] = 200
    image, _ = decoded(BorderCanvas.show(pixels)["image"])
    red, green, blue = np.asarray(image).reshape(-1, 3).mean(axis=0)
    assert red == pytest.approx(200, abs=3)
    assert max(green, blue) < 5


@pytest.mark.parametrize("shape", [(3750, 5000), (1, 4000), (4000, 30)])
def test_a_large_image_is_shown_as_a_preview(shape):
    image, _ = decoded(BorderCanvas.show(ramp(*shape))["image"])
    assert max(image.size) == PREVIEW_SIDE
    assert min(image.size) == max(1, round(min(shape) * PREVIEW_SIDE / max(shape)))


def test_the_preview_covers_the_same_area():
    """A step at a known place in a large image lies at the scaled place in the preview."""
    pixels = np.zeros((2000, 4000, 3), np.uint8)
    pixels[:, 1234:] = 255
    image, _ = decoded(BorderCanvas.show(pixels)["image"])
    row = np.asarray(image.convert("L"))[image.height // 2] / 255
    assert row.size - row.sum() == pytest.approx(1234 * PREVIEW_SIDE / 4000, abs=0.1)


def test_the_preview_of_the_noisiest_image_is_bounded():
    noise = np.random.default_rng(7).integers(0, 256, (1600, 1600, 3), dtype=np.uint8)
    image, size = decoded(BorderCanvas.show(noise)["image"])
    assert size <= PREVIEW_BYTES
    assert image.width == image.height >= 400


def test_show_with_a_border_binds_the_answer_to_it():
    area = ((1, 1), (9, 1), (9, 8), (1, 8))
    update = BorderCanvas.show(ramp(20, 30), [(1, 1), (9, 1), (5, 8)], rectangle=area, fed=area, message="hello")
    drawn = update["value"]
    assert drawn.closed
    assert drawn.points == ((1.0, 1.0), (9.0, 1.0), (5.0, 8.0))
    assert update["answer_to"] == [drawn.image_id, drawn.revision]
    assert update["rectangle"] == [[1.0, 1.0], [9.0, 1.0], [9.0, 8.0], [1.0, 8.0]]
    assert update["message"] == "hello"


def test_another_readers_border_stays_with_the_image():
    pixels = np.zeros((40, 60, 3), dtype=np.uint8)
    shown = BorderCanvas.show(pixels, reference=[(1, 2), (30, 2), (20, 20)])
    assert shown["reference"] == [[1.0, 2.0], [30.0, 2.0], [20.0, 20.0]]
    assert not shown["value"].closed
    assert "reference" not in BorderCanvas.answer(shown["value"])
    assert BorderCanvas.show(pixels)["reference"] == BorderCanvas.empty()["reference"] == []


def test_every_image_has_an_identity_of_its_own():
    assert BorderCanvas.show(ramp(9, 9))["image_id"] != BorderCanvas.show(ramp(9, 9))["image_id"]


@pytest.mark.parametrize(
    "pixels",
    [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3)), np.zeros((0, 5, 3), np.uint8)],
)
def test_show_refuses_what_is_no_rgb_image(pixels):
    with pytest.raises(ValueError, match=r"\(height, width, 3\) uint8"):
        BorderCanvas.show(pixels)


def test_show_refuses_two_points():
    with pytest.raises(ValueError, match="at least 3 points, got 2"):
        BorderCanvas.show(ramp(9, 9), [(1, 1), (2, 2)])


def test_an_answer_leaves_value_and_image_alone():
    update = BorderCanvas.answer(DrawnBorder(revision=5, image_id="q"))
    assert {"value", "image", "image_id", "full_size"}.isdisjoint(update)
    assert update["answer_to"] == ["q", 5]
    # Gradio drops None from an update: an absent area must be sent as an empty list to take the old one away.
    assert update["rectangle"] == []
    assert update["fed"] == []


def test_empty_takes_everything_away():
    update = BorderCanvas.empty("Upload an image.")
    assert update["value"] == DrawnBorder()
    assert update["image"] == ""
    assert update["message"] == "Upload an image."
    named = BorderCanvas.empty(image_id="b")
    assert named["value"].image_id == named["image_id"] == "b"


# ---- in a page


def test_only_border_is_an_event_and_the_config_is_json():
    with gr.Blocks(analytics_enabled=False) as demo:
        canvas = BorderCanvas(elem_id="lesion")
        canvas.border(lambda drawn: BorderCanvas.answer(drawn), canvas, canvas)
    config = demo.get_config_file()
    json.dumps(config)
    assert config["dependencies"][0]["targets"] == [(canvas._id, "border")]
    with pytest.raises(AttributeError, match="image"):
        _ = canvas.image
    assert "'stroke'" in canvas.js_on_load
    with pytest.raises(AttributeError, match="stroke"):
        _ = canvas.stroke


def test_updates_survive_gradios_own_processing():
    """Gradio rebuilds the component from every update and serialises the outcome."""
    from gradio.blocks import postprocess_update_dict

    canvas = BorderCanvas(render=False)
    for update in (BorderCanvas.show(ramp(9, 9)), BorderCanvas.answer(DrawnBorder()), BorderCanvas.empty()):
        sent = {k: v for k, v in update.items() if k != "__type__"}
        rebuilt = BorderCanvas(render=False, **{k: v for k, v in sent.items() if k != "value"})
        out = postprocess_update_dict(rebuilt, dict(sent))
        json.dumps(out)
        assert set(out["props"]) == set(sent) - {"value"}
    assert canvas.props["image"] == ""


# ---- the front end's files


def test_template_and_style_are_static():
    """Gradio evaluates both as template literals: nothing in them may be replaced, or end the literal."""
    for name in ("canvas.html", "canvas.css"):
        text = (FRONT_END / name).read_text(encoding="utf-8")
        assert not re.search(r"\$\{|`|\{\{|\\", text), name


def test_the_script_writes_text_only_by_text_content():
    for path in sorted(FRONT_END.glob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|https?://", text
        )


def test_every_file_of_the_front_end_is_loaded_and_none_is_long():
    files = {path.stem: path for path in FRONT_END.glob("*.js")}
    assert set(files) == set(border_canvas._SCRIPTS)
    for path in files.values():
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name


def test_page_and_python_agree_on_the_most_points():
    assert f"const MAX_POINTS = {MAX_POINTS};" in (FRONT_END / "outline.js").read_text(encoding="utf-8")


def test_every_button_has_a_name_and_a_title():
    html = (FRONT_END / "canvas.html").read_text(encoding="utf-8")
    buttons = re.findall(r"<button[^>]*>", html)
    assert len(buttons) == 9
    for button in buttons:
        assert re.search(r'aria-label="[^"]+"', button), button
        assert re.search(r'title="[^"]+"', button), button
