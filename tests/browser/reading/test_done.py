"""Taking back once every case is read, where any answer may be: the last one, then the one before it."""

import pytest

from tests.browser.reading.readers import at_case, sign_in
from tests.reading.studies import bundle, study

pytestmark = pytest.mark.browser


def test_the_last_answer_then_the_one_before_it_each_time(tab, server, store):
    opened = store.open_study(bundle(study((0, 1), readers=("Ann",), come_back="any")))
    page = tab(f"{server.url}?study={opened.study_id}")
    sign_in(page, "Ann", dict(opened.codes)["Ann"])
    for position in range(2):
        at_case(page, position)
        page.keyboard.press("m")
        page.keyboard.press("Enter")
    take_back = page.get_by_role("button", name="Take back the last answer (U)")
    for at_the_first in (False, True, False):
        take_back.click()
        at_case(page, 1)
        if at_the_first:
            page.get_by_role("button", name="Take back (U)").click()
            at_case(page, 0)
            assert page.get_by_role("button", name="Take back").count() == 0  # there is none before it
        page.keyboard.press("Enter")
        take_back.wait_for()
    rows = store.answers(opened.study_id, all_revisions=True)
    assert [(row.answer.position, row.answer.revision) for row in rows] == [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)]
