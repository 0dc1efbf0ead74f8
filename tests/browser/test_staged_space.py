"""The staged Space, started as the hub starts it, answers somebody with a browser.

LESION_SPACE_PYTHON names the interpreter of a fresh environment (`rehearse --environment` leaves one); without it,
this one is used.
"""

import os
import sys

import pytest
from PIL import Image

from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.model.card import bundled_names, model_folder, read_card
from lesion_core.notice import NOTICE
from lesion_core.publish.rehearse import running
from lesion_core.publish.space import stage_space
from tests.browser.test_classify import answer_of, outline, upload

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    stage = stage_space(tmp_path_factory.mktemp("staged") / "space")
    with running(stage, os.environ.get("LESION_SPACE_PYTHON") or sys.executable) as app:
        yield app


def test_a_browser_classifies_a_lesion_and_reads_the_models_card(visit, space, tmp_path):
    phantom = example(next(iter(EXAMPLES)))
    Image.fromarray(phantom.pixels).save(tmp_path / "phantom.png")
    made = visit(space.url, viewport={"width": 1400, "height": 1000})
    page = made.page
    page.locator("#lesion canvas").first.wait_for()
    upload(page, tmp_path / "phantom.png")
    outline(page, phantom.border.points, phantom.pixels.shape[:2])
    answer = answer_of(page)
    assert 0 <= answer["score"] <= 1
    assert answer["model"] in bundled_names()
    assert f"{answer['score']:.2f}" in page.locator("#answer").inner_text()
    made.screenshot("staged-space-classify", full_page=True)
    page.get_by_role("tab", name="About").click()
    page.locator("#about-network .main-svg").first.wait_for()
    page.locator("#about-card h3").first.wait_for()
    assert page.locator("#about-card h3").first.inner_text() == read_card(model_folder(answer["model"])).title
    assert NOTICE in page.inner_text("body")
