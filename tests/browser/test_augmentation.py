"""The Augmentation tab on a real page."""

import base64
import io
import statistics
import time
import zipfile
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from dashboards import augmentation, serving
from dashboards.specimen import PAPER
from dashboards.style import CSS, THEME
from lesion_core.augment.variants import VARIANT_NAMES
from lesion_core.imaging.phantom import EXAMPLES
from tests.augment.conftest import speckle

pytestmark = pytest.mark.browser
TITLES = list(EXAMPLES)


class Network:
    """A stand-in for the network: the mean grey level of the upper half, after a while."""

    seconds = 0.0

    def scores(self, rois, border=None):
        time.sleep(self.seconds)
        return rois[:, :112].mean(axis=(1, 2, 3)) / 255


@pytest.fixture(scope="module")
def url(serve):
    card = SimpleNamespace(
        name="standin", version="0" * 12, target="mixed", input=PAPER, operating_point=SimpleNamespace(threshold=0.45)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "choices", lambda: [("Stand-in", "standin")])
        patch.setattr(serving, "card", lambda name: card)
        patch.setattr(serving, "predictor", lambda name: Network())
        with gr.Blocks(analytics_enabled=False, delete_cache=(600, 3600)) as demo:
            with gr.Tab("Other"):
                gr.Markdown("Another tab")
            with gr.Tab("Augmentation"):
                augmentation.build()
        yield serve(demo, theme=THEME, css=CSS)


def look(visited):
    """Go to the tab and wait until it shows everything."""
    page = visited.page
    page.get_by_role("tab", name="Augmentation").click()
    page.wait_for_selector("#aug-tiles .score")
    page.wait_for_selector("#aug-spectrum .main-svg")
    page.locator("#aug-pair").scroll_into_view_if_needed()
    page.wait_for_function(
        """() => { const images = [...document.querySelectorAll('#aug-pair img')];
            return images.length === 2 && images.every((image) => image.complete && image.naturalWidth === 224); }"""
    )
    return page


@pytest.fixture(scope="module")
def shared(url, module_visit):
    visited = module_visit(url)
    look(visited)
    return visited


@pytest.fixture
def page(shared):
    """The example opened anew; what an earlier test left on the screen is told apart by a mark."""
    shared.page.evaluate("document.querySelectorAll('#aug-tiles figure').forEach((tile) => { tile.dataset.old = 1; })")
    shared.page.get_by_role("button", name=TITLES[0]).click()
    shared.page.wait_for_function(
        "() => !document.querySelector('#aug-tiles [data-old]') && document.querySelector('#aug-tiles .score')"
    )
    wait_for_text(shared.page, "#aug-tiles", "standin")
    return shared.page


def wait_for_text(page, selector, wanted):
    page.wait_for_function(
        "([selector, wanted]) => document.querySelector(selector)?.innerText.includes(wanted)", arg=[selector, wanted]
    )


def set_rank(page, rank):
    page.locator("#aug-rank input[type=number]").fill(str(rank))
    wait_for_text(page, "#aug-numbers", f"{rank} of 224")


def content_of(page, source):
    """What an image of the page holds: a file of the server or a picture inside the answer."""
    if source.startswith("data:image/png;base64,"):
        return base64.b64decode(source.partition(",")[2])
    return page.request.get(source).body()


def shown_pair(page):
    """Original and reconstruction as the page has them, (2, 224, 224, 3)."""
    sources = page.evaluate("() => [...document.querySelectorAll('#aug-pair img')].map((image) => image.src)")
    return np.stack([np.asarray(Image.open(io.BytesIO(content_of(page, source))).convert("RGB")) for source in sources])


def test_nothing_is_computed_before_the_tab_is_looked_at(url, visit):
    visited = visit(url)
    visited.page.wait_for_timeout(600)
    assert visited.page.locator("#aug-tiles figure").count() == 0
    page = look(visited)
    assert page.locator("#aug-tiles figure").count() == 8
    fits(visited, 1280, "light")


def test_eight_variants_with_names_and_answers(page):
    assert [tile.get_attribute("data-variant") for tile in page.locator("#aug-tiles figure").all()] == list(
        VARIANT_NAMES
    )
    assert page.locator("#aug-tiles .score").count() == 8
    assert "synthetic phantom" in page.inner_text("#aug-tiles")
    assert "For research and teaching" in page.inner_text("#aug-tiles")


def test_the_slider_rebuilds_the_picture(page):
    set_rank(page, 20)
    page.wait_for_function(
        """() => { const plot = document.querySelector('#aug-spectrum .cp-plot'), axis = plot._fullLayout.xaxis;
            const end = document.querySelector('#aug-spectrum .cp-mark').getBoundingClientRect().right;
            return Math.abs(end - plot.getBoundingClientRect().x - axis._offset - axis.d2p(20.5)) < 1.5; }"""
    )
    original, rebuilt = shown_pair(page)
    u, s, vt = np.linalg.svd(original[..., 0].astype(float))
    assert np.abs((u[:, :20] * s[:20]) @ vt[:20] - rebuilt[..., 0]).max() <= 1.5
    psnr = page.inner_text("#aug-numbers")
    set_rank(page, 224)
    assert "infinite" in page.inner_text("#aug-numbers")
    assert psnr != page.inner_text("#aug-numbers")


@pytest.mark.parametrize(("button", "rank"), [("#aug-25", 56), ("#aug-35", 78), ("#aug-45", 101), ("#aug-100", 224)])
def test_the_papers_shares_are_one_press_away(page, button, rank):
    set_rank(page, 7)
    page.click(button)
    wait_for_text(page, "#aug-numbers", f"{rank} of 224")
    assert page.input_value("#aug-rank input[type=number]") == str(rank)


def test_a_click_on_a_singular_value_sets_the_rank(page):
    set_rank(page, 101)
    page.locator("#aug-spectrum").scroll_into_view_if_needed()
    at = page.evaluate(
        """() => { const plot = document.querySelector('#aug-spectrum .cp-plot'), layout = plot._fullLayout;
            const box = plot.getBoundingClientRect();
            return [box.x + layout.xaxis._offset + layout.xaxis.d2p(150), box.y + layout.yaxis._offset + 20]; }"""
    )
    page.mouse.move(*at)
    page.wait_for_function("() => document.querySelector('#aug-spectrum .cp-plot')._hoverdata?.length > 0")
    page.mouse.click(*at)
    page.wait_for_function("() => +document.querySelector('#aug-rank input[type=number]').value > 140")
    rank = int(page.input_value("#aug-rank input[type=number]"))
    assert abs(rank - 150) <= 1
    wait_for_text(page, "#aug-numbers", f"{rank} of 224")


def test_keys_move_the_slider(page):
    set_rank(page, 60)
    page.locator("#aug-rank input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    wait_for_text(page, "#aug-numbers", "61 of 224")


def test_the_network_is_asked_about_the_reconstruction(page):
    set_rank(page, 30)
    page.click("#aug-ask")
    wait_for_text(page, "#aug-answer", "standin at rank 30: score 0.")
    assert "the call" in page.inner_text("#aug-answer")


def test_an_upload_can_be_outlined(url, visit, tmp_path):
    Image.fromarray(speckle(3, (240, 320))).save(tmp_path / "<b>upload.png")
    visited = visit(url)
    page = look(visited)
    page.set_input_files("#aug-upload input[type=file]", tmp_path / "<b>upload.png")
    wait_for_text(page, "#aug-tiles", "the whole image is taken as the RoI")
    before = shown_pair(page)[0]
    page.wait_for_selector("#aug-canvas .bc[data-shown]", state="attached")
    page.locator("#aug-canvas .bc-overlay").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box = page.locator("#aug-canvas .bc-overlay").bounding_box()
    for x, y in ((0.4, 0.3), (0.6, 0.3), (0.6, 0.7), (0.4, 0.7)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.keyboard.press("Enter")
    wait_for_text(page, "#aug-tiles", "the minimum-area rectangle of the border")
    page.wait_for_selector("#aug-tiles .score")
    assert (shown_pair(page)[0] != before).mean() > 0.5


def test_a_file_that_is_no_image_is_told(url, visit, tmp_path):
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n no image")
    page = look(visit(url))
    page.set_input_files("#aug-upload input[type=file]", tmp_path / "broken.png")
    page.wait_for_selector(".toast-body")
    page.wait_for_function("() => document.querySelectorAll('#aug-tiles figure').length === 0")
    assert page.locator("#aug-tiles .note").count() == 1


def test_everything_comes_as_a_zip(page, tmp_path):
    set_rank(page, 42)
    with page.expect_download() as download:
        page.click("#aug-download")
    assert download.value.suggested_filename == "augmentation-phantom-a-smooth-wider-than-tall.zip"
    download.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert {"rank_42.png", "answers.csv", "variants/svd25.png", "singular_values.csv"} <= set(archive.namelist())
    with page.expect_download() as again:  # and once more, at another rank
        set_rank(page, 43)
        page.click("#aug-download")
    again.value.save_as(tmp_path / "again.zip")
    with zipfile.ZipFile(tmp_path / "again.zip") as archive:
        assert "rank_43.png" in archive.namelist()


def test_a_slow_answer_about_an_earlier_example_does_not_come_back(page, monkeypatch):
    shown = """() => document.querySelector('#aug-tiles [data-variant=original] img').src"""
    first = page.evaluate(shown)
    monkeypatch.setattr(Network, "seconds", 2.5)
    page.get_by_role("button", name=TITLES[0]).click()
    wait_for_text(page, "#aug-tiles", augmentation.ASKING)
    page.get_by_role("button", name=TITLES[1]).click()
    page.wait_for_function("(first) => document.querySelector('#aug-tiles img').src !== first", arg=first)
    second = page.evaluate(shown)
    page.evaluate(
        """() => { window.seen = [];
            const look = () => window.seen.push(document.querySelector('#aug-tiles [data-variant=original] img').src);
            const tiles = document.querySelector('#aug-tiles');
            new MutationObserver(look).observe(tiles, { childList: true, subtree: true }); }"""
    )
    page.wait_for_selector("#aug-tiles .score")
    page.wait_for_timeout(3000)  # as long as the other answer might take
    assert {*page.evaluate("() => window.seen"), page.evaluate(shown)} == {second}
    monkeypatch.setattr(Network, "seconds", 0.0)
    set_rank(page, 224)
    tile = Image.open(io.BytesIO(base64.b64decode(second.partition(",")[2]))).convert("RGB")
    page.wait_for_function("() => [...document.querySelectorAll('#aug-pair img')].every((image) => image.complete)")
    assert np.abs(np.asarray(tile, dtype=int) - shown_pair(page)[1]).mean() < 5  # grey levels; the tile is a JPEG


def test_a_press_that_ends_the_typing_of_a_rank_is_a_click(page):
    """Leaving the field asks the network; its answer must not move the pressed button away."""
    assert page.inner_text("#aug-answer") == ""
    set_rank(page, 44)
    page.locator("#aug-download").scroll_into_view_if_needed()
    box = page.locator("#aug-download").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    with page.expect_download(timeout=20_000):
        page.mouse.down()
        wait_for_text(page, "#aug-answer", "standin at rank 44")
        page.mouse.up()


MOVE = """async (rank) => {
    const slider = document.querySelector('#aug-rank input[type=range]');
    const images = () => [...document.querySelectorAll('#aug-pair img')];
    const sources = () => images().map((image) => image.src).join();
    const before = sources(), began = performance.now();
    slider.value = rank;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    while (performance.now() - began < 10000) {
        await new Promise((next) => requestAnimationFrame(next));
        const numbers = document.querySelector('#aug-numbers').innerText.includes(`${rank} of 224`);
        const pictures = images().every((image) => image.complete && image.naturalWidth);
        if (numbers && pictures && sources() !== before) return performance.now() - began;
    }
    throw new Error(`no answer for rank ${rank}`);
}"""


def test_the_slider_answers_at_once(page):
    """The goal is 150 ms on an idle machine; a busy one may only fail it by being far off."""
    set_rank(page, 101)
    taken = []
    for rank in range(30, 90, 4):
        taken.append(page.evaluate(MOVE, rank))
        page.wait_for_timeout(100)
    print(f"slider to picture, ms: median {statistics.median(taken):.0f}, from {min(taken):.0f} to {max(taken):.0f}")
    assert min(taken) < 1000


def test_dragging_ends_at_the_last_place(page):
    set_rank(page, 101)
    page.evaluate(
        """async () => {
            const slider = document.querySelector('#aug-rank input[type=range]');
            for (let rank = 100; rank >= 40; rank -= 2) {
                slider.value = rank;
                slider.dispatchEvent(new Event('input', { bubbles: true }));
                await new Promise((next) => setTimeout(next, 8));
            }
        }"""
    )
    wait_for_text(page, "#aug-numbers", "40 of 224")
    page.wait_for_timeout(400)
    assert "40 of 224" in page.inner_text("#aug-numbers")


@pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (375, "light")])
def test_screens(url, visit, width, theme):
    visited = visit(f"{url}?__theme={theme}", viewport={"width": width, "height": 900})
    look(visited)
    fits(visited, width, theme)


def fits(visited, width, theme):
    """The page takes a picture of itself, and is no wider than the window."""
    page = visited.page
    page.wait_for_timeout(500)
    visited.screenshot(f"augmentation_{width}_{theme}", full_page=True)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    columns = page.evaluate(
        "() => getComputedStyle(document.querySelector('#aug-tiles .tiles')).gridTemplateColumns.split(' ').length"
    )
    assert columns == (8 if width == 1280 else 2)
