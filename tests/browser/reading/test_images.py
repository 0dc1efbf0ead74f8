"""The images of a case leave the browser's memory with it."""

import pytest

from tests.browser.reading.readers import at_case, sign_in
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser

#: `held` is the set of the addresses of images that the page has not given back.
COUNT = """
window.held = new Set();
const [make, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
URL.createObjectURL = (blob) => { const url = make(blob); held.add(url); return url; };
URL.revokeObjectURL = (url) => { held.delete(url); revoke(url); };
"""


def test_one_case_is_held_at_a_time(tab, server, store):
    opened = store.open_study(bundle(study((0, 1), readers=("Ann",))))
    page = tab("about:blank")
    page.add_init_script(COUNT)
    page.goto(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    for position in range(2):
        at_case(page, position)
        assert page.evaluate("held.size") == 1
        page.keyboard.press("b")
        page.keyboard.press("Enter")
    page.get_by_text("All answers are stored.").wait_for()
    assert page.evaluate("held.size") == 0
