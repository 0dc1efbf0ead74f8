"""What leaves the cross-validation tab: a page that works offline, and tables."""

import zipfile

import pytest

from lesion_core.notice import NOTICE
from tests.browser.crossval.page import opened

pytestmark = pytest.mark.browser


def test_the_view_leaves_as_a_page_that_works_offline_and_as_tables(visit, url, tmp_path):
    page = opened(visit, url, "cv.rule=slider&cv.t=0.3").page
    page.locator("#cv-export").click()
    with page.expect_download() as download:
        page.locator("#cv-export-page").click()
    path = tmp_path / "review.html"
    download.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    assert NOTICE in text
    assert "post hoc" in text
    offline = visit(path.as_uri()).page  # the visit fails when the page asks anything of a host, or logs an error
    offline.locator("figure .main-svg").first.wait_for()
    assert offline.locator("figure .plot .main-svg").count() >= 4
    with offline.expect_download() as picture:
        offline.locator("button[data-save=svg]").first.click()
    svg = picture.value.path().read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    assert NOTICE.split()[0] in svg
    with page.expect_download() as download:
        page.locator("#cv-export-tables").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        names = archive.namelist()
        assert {"confusion-matrix.csv", "confusion-matrix.tex", "fold-by-fold.csv"} <= set(names)
        assert all(NOTICE in archive.read(name).decode("utf-8-sig") for name in names)
