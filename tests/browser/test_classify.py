"""The main job in a real browser: upload, outline with the mouse, read the answer."""

import base64
import json
import time

import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

import app
from dashboards import serving
from dashboards.style import CSS, THEME
from dashboards.uploads import Source, load
from lesion_core.imaging.border import border_from_mask, border_from_points
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.imaging.rectangle import minimum_area_rectangle

pytestmark = pytest.mark.browser
TITLE = next(iter(EXAMPLES))
NETWORK = serving.predictor


@pytest.fixture(scope="module")
def url(serve):
    serving.warm_up().join()
    return serve(app.build(), theme=THEME, css=CSS, max_file_size=app.MAX_FILE_SIZE)


@pytest.fixture
def page(visit, url):
    made = visit(url)
    made.page.locator("#lesion canvas").first.wait_for()
    return made.page


def upload(page, file):
    page.locator("#upload input[type=file]").set_input_files(str(file))


def outline(page, points, size):
    """Draw with the pressed mouse through points in image pixels; returns when the button was released."""
    page.wait_for_function("() => document.querySelector('#answer').innerText.includes('Now outline the lesion')")
    box = page.locator("#lesion canvas").first.bounding_box()
    scale, left, top = fitted(box, size)
    first, *rest = [(left + x * scale, top + y * scale) for x, y in points]
    page.mouse.move(*first)
    page.mouse.down()
    for point in rest:
        page.mouse.move(*point)
    page.mouse.up()
    return time.perf_counter()


def fitted(box, size):
    """Where the image lies in the canvas: scaled to fit, centred."""
    height, width = size
    scale = min(box["width"] / width, box["height"] / height)
    return scale, box["x"] + (box["width"] - width * scale) / 2, box["y"] + (box["height"] - height * scale) / 2


def answer_of(page):
    """The downloadable answer, once it is there."""
    link = page.locator("#answer a.download")
    link.wait_for()
    return json.loads(base64.b64decode(link.get_attribute("href").split("base64,")[1]))


def test_upload_outline_answer(page, tmp_path):
    phantom = example(TITLE)
    file = tmp_path / "phantom.png"
    Image.fromarray(phantom.pixels).save(file)
    upload(page, file)
    outline(page, phantom.border.points, (480, 640))
    answer = answer_of(page)
    assert 0 <= answer["score"] <= 1
    assert answer["call"] == ("above" if answer["score"] >= answer["threshold"] else "below")
    assert answer["image"]["width"] == 640
    assert answer["drawing_seconds"] > 0
    text = page.locator("#answer").inner_text()
    assert f"{answer['score']:.2f}" in text
    assert "not a medical device" in text
    expected = minimum_area_rectangle(phantom.border)
    assert answer["rectangle"]["width_px"] == pytest.approx(expected.width_px, abs=2)
    assert answer["rectangle"]["height_px"] == pytest.approx(expected.height_px, abs=2)


@pytest.mark.data
def test_a_real_image_gives_the_rectangle_of_its_border(page, data_dir, tmp_path):
    image = Image.open(data_dir / "BUSBRA" / "Images" / "bus_0013-l.png").convert("RGB")
    mask = Image.open(data_dir / "BUSBRA" / "Masks" / "mask_0013-l.png").convert("L")
    size = (round(1024 * image.height / image.width), 1024)
    image.resize(size[::-1], Image.Resampling.BICUBIC).save(tmp_path / "a.png")
    border = border_from_mask(np.asarray(mask.resize(size[::-1], Image.Resampling.NEAREST)) > 127)
    upload(page, tmp_path / "a.png")
    outline(page, border.points, size)
    answer = answer_of(page)
    expected = np.array(minimum_area_rectangle(border).corners)
    assert np.abs(np.array(answer["rectangle"]["corners"]) - expected).max() <= 2
    # The page's rectangle is Python's own for the points that arrived.
    again = minimum_area_rectangle(border_from_points(answer["border"]["points"], size))
    assert np.allclose(again.corners, answer["rectangle"]["corners"], atol=0.02)


def test_examples_answer_at_once_and_are_called_phantoms(page):
    page.get_by_role("button", name=TITLE).click()
    assert answer_of(page)["image"]["format"] == "synthetic phantom"
    assert "synthetic phantom" in page.locator("#answer").inner_text()
    page.locator("#roi img").wait_for()


def test_an_example_takes_the_place_of_an_upload(page, tmp_path):
    file = tmp_path / "phantom.png"
    Image.fromarray(example(TITLE).pixels).save(file)
    upload(page, file)
    outline(page, example(TITLE).border.points, (480, 640))
    assert answer_of(page)["image"]["format"] == "PNG"
    page.get_by_role("button", name=TITLE).click()
    page.wait_for_function("() => document.querySelector('#answer').innerText.includes('synthetic phantom')")
    page.locator("#roi img").wait_for()
    page.wait_for_timeout(1500)
    assert answer_of(page)["image"]["format"] == "synthetic phantom"
    page.locator("#roi img").wait_for()


class Slow:
    """A network that takes its time."""

    def __init__(self, name):
        self.network = NETWORK(name)

    def predict(self, image, border):
        time.sleep(2.5)
        return self.network.predict(image, border)


def test_a_slow_answer_about_an_earlier_image_does_not_come_back(page, tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "predictor", Slow)
    file = tmp_path / "phantom.png"
    Image.fromarray(example(TITLE).pixels).save(file)
    page.get_by_role("button", name=TITLE).click()
    page.locator("#roi img").wait_for()  # the network is being asked
    upload(page, file)
    page.locator("#answer .note", has_text="Now outline the lesion").wait_for()
    page.locator("#roi img").wait_for(state="detached")
    page.evaluate(
        """() => { window.scores = 0;
            const answer = document.querySelector('#answer');
            const look = () => { window.scores += answer.querySelectorAll('.headline').length; };
            new MutationObserver(look).observe(answer, { childList: true, subtree: true }); }"""
    )
    page.wait_for_timeout(4000)
    assert page.evaluate("() => window.scores") == 0
    assert "Now outline the lesion" in page.inner_text("#answer")
    assert page.locator("#roi img").count() == 0


def test_the_last_of_several_quick_choices_is_answered(page, tmp_path, monkeypatch):
    """A slow answer about one example; meanwhile another one, a border from a file for it, and another model."""
    monkeypatch.setattr(serving, "predictor", Slow)
    (tmp_path / "border.json").write_text("[[200, 150], [420, 150], [420, 310], [200, 310]]")
    first, second, *_ = EXAMPLES
    page.get_by_text("Take the border from a file").click()
    page.get_by_role("button", name=first).click()
    page.locator("#roi img").wait_for()
    page.get_by_role("button", name=second).click()
    page.locator("#border-file input[type=file]").set_input_files(tmp_path / "border.json")
    page.locator("#model input").click()
    page.get_by_role("option").nth(1).click()
    model = serving.choices()[1][1]
    for _ in range(60):  # up to three answers come one after the other; the last one stays
        page.wait_for_timeout(1000)
        if (answer := answer_of(page))["model"] == model:
            break
    page.wait_for_timeout(3000)
    assert answer_of(page) == answer
    assert answer["model"] == model
    assert answer["image"]["sha256"] == load(Source(example=second)).sha256
    assert answer["rectangle"]["width_px"] == pytest.approx(220)


def test_clearing_takes_the_answer_away_and_undo_brings_it_back(page, tmp_path):
    file = tmp_path / "phantom.png"
    Image.fromarray(example(TITLE).pixels).save(file)
    upload(page, file)
    outline(page, example(TITLE).border.points, (480, 640))
    first = answer_of(page)
    page.locator("#roi img").wait_for()
    page.locator("#lesion [data-action=clear]").click()
    page.locator("#answer .note", has_text="Now outline the lesion").wait_for()
    page.locator("#roi img").wait_for(state="detached")
    page.locator("#lesion [data-action=undo]").click()
    again = answer_of(page)
    assert (again["score"], again["border"]) == (first["score"], first["border"])
    page.locator("#roi img").wait_for()


def test_bad_files_are_refused_in_words_and_the_page_keeps_working(page, tmp_path):
    phantom = example(TITLE)
    good = tmp_path / "good.jpg"
    Image.fromarray(phantom.pixels).save(good, quality=95)
    (tmp_path / "text.png").write_text("this is no image")
    (tmp_path / "cut.jpg").write_bytes(good.read_bytes()[:4000])
    (tmp_path / "empty.png").write_bytes(b"")
    for name in ("text.png", "cut.jpg", "empty.png"):
        upload(page, tmp_path / name)
        page.locator("#answer .error").wait_for()
        page.locator("#upload button[aria-label='Clear']").first.click()
        page.locator("#answer .error").wait_for(state="detached")
    upload(page, good)
    outline(page, phantom.border.points, (480, 640))
    assert answer_of(page)["image"]["format"] == "JPEG"


def test_unusable_borders_are_said_in_words(page, tmp_path):
    file = tmp_path / "phantom.png"
    Image.fromarray(example(TITLE).pixels).save(file)
    upload(page, file)
    outline(page, [(200, 200), (300, 200), (400, 200), (400, 204), (300, 204), (200, 204)], (480, 640))
    page.locator("#answer .error").wait_for()
    assert "at least 8 px" in page.locator("#answer").inner_text()


def test_the_endpoint_answers_a_program(url, tmp_path):
    phantom = example(TITLE)
    file = tmp_path / "phantom.png"
    Image.fromarray(phantom.pixels).save(file)
    client = Client(url, verbose=False)
    points = [list(point) for point in phantom.border.points]
    answer = client.predict(handle_file(file), points, "bnet", None, api_name="/classify")
    assert 0 <= answer["score"] <= 1
    assert answer["model"] == "bnet"
    names = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert "/classify" in names


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("wide", {"viewport": {"width": 1280, "height": 1000}}),
        ("narrow", {"viewport": {"width": 375, "height": 800}}),
        ("dark", {"viewport": {"width": 1280, "height": 1000}, "color_scheme": "dark"}),
    ],
)
def test_the_page_fits_its_window(visit, url, name, options):
    made = visit(url, **options)
    made.page.get_by_role("button", name=TITLE).click()
    answer_of(made.page)
    made.page.locator("#roi img").wait_for()
    made.screenshot(f"classify-{name}", full_page=True)
    overflow = made.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 1
