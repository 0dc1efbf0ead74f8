"""Teaching in a wide and a narrow window."""

import pytest

from lesion_core.notice import NOTICE
from lesion_core.reading.bundle import Bundle
from lesion_core.reading.make import from_phantoms
from tests.browser.reading.readers import at_case
from tests.reading.studies import study

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("name", "options"),
    [("wide", {"viewport": {"width": 1400, "height": 900}}), ("narrow", {"viewport": {"width": 375, "height": 800}})],
)
def test_learning_on_phantoms_and_the_page_fits_its_window(visit, server, store, name, options):
    drawn = from_phantoms(2)
    made = study(items=drawn.items, purpose="teach", readers=(), open_enrolment=True, ethics="")
    opened = store.open_study(Bundle(made, drawn.images))
    made = visit(f"{server.url}?study={opened.study_id}#join={opened.join_code}", **options)
    page = made.page
    page.locator("input[name=name]").wait_for()
    asked = []
    page.route("**/api/enter", lambda route: asked.append(route))
    page.keyboard.type("Eve")
    with page.expect_request("**/api/enter"):
        page.locator(".card button.main").dblclick()
    page.keyboard.press("Enter")
    assert len(asked) == 1
    asked[0].continue_()
    page.locator(".code").wait_for()
    page.keyboard.press("Enter")
    page.locator("input[name=experience]").wait_for()
    assert NOTICE in page.inner_text("body")
    page.keyboard.press("Enter")
    at_case(page, 0)
    made.screenshot(f"reading-{name}")
    page.keyboard.press("m")
    page.keyboard.press("Enter")
    page.get_by_text("Label: a phantom drawn as").wait_for()
    assert page.locator(".overlay .truth").count() == 1
    assert "95 % CI" in page.locator(".score").inner_text()
    made.screenshot(f"teaching-{name}")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 1
    page.keyboard.press("Enter")
    at_case(page, 1)
