"""The cross-validation tab when answers are slow: nothing that was clicked meanwhile is lost or taken for another."""

import time

import pytest

from dashboards import crossval_handlers
from tests.browser.crossval.page import images_of, in_address, listed, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def slow(monkeypatch):
    """Every answer takes a second longer."""
    read = crossval_handlers.read_view

    def read_slowly(*values):
        time.sleep(1)
        return read(*values)

    monkeypatch.setattr(crossval_handlers, "read_view", read_slowly)


def test_the_last_of_two_cells_is_listed(visit, url, patients, slow):
    """Gradio's `always_last` asked again with the first click, which took its own choice back."""
    page = opened(visit, url, "cv.rule=slider&cv.t=0.3").page
    page.locator("#cv-matrix [data-cell=tp]").click()
    page.locator("#cv-matrix [data-cell=fn]").click()
    assert listed(page, "(missed)") == images_of(patients, lambda p: p.label == 1 and p.score < 0.3)
    page.wait_for_timeout(2500)
    assert page.locator("#cv-matrix [aria-pressed=true]").get_attribute("data-cell") == "fn"


def test_the_last_unit_is_shown(visit, url, slow):
    page = opened(visit, url).page
    unit = page.locator("#cv-unit")
    unit.get_by_label("image").check()
    unit.get_by_label("patient").check()
    page.wait_for_timeout(4500)
    assert unit.get_by_label("patient").is_checked()
    assert page.locator("#cv-cases .cl-heading", has_text="patients: all").count() == 1
    assert in_address(page, "unit") == "patient"
