"""Text and payloads that mean harm."""

import pytest

from tests.browser.border_canvas.desk import PLAIN, TRIANGLE


@pytest.mark.parametrize(
    "text",
    [
        "${window.hacked = 1}",
        "`${window.hacked = 1}`",
        "{{#each value}}{{this}}{{/each}} {{constructor.constructor 'window.hacked=1'}}",
        "<img src=x onerror='window.hacked = 1'><script>window.hacked = 1</script>",
        "\"'></style><svg onload=window.hacked=1>",
    ],
)
def test_text_from_anywhere_stays_text(desk, text):
    desk.show(PLAIN, TRIANGLE, message=text)
    assert desk.find(".bc-message").text_content() == text
    props = {"__type__": "update", "message": text, "rectangle": text, "fed": [text] * 4, "answer_to": [text, text]}
    desk.send(props)
    desk.send({**props, "full_size": [text, text], "image_id": text})
    desk.page.wait_for_timeout(150)
    assert desk.page.evaluate("window.hacked") is None
    assert desk.page.locator("#first img, #first script").count() == 0


@pytest.mark.parametrize(
    "source", ["http://203.0.113.7/a.jpg", "javascript:window.hacked=1", "data:text/html,<script>1</script>", "x", 7]
)
def test_only_an_image_as_data_is_loaded(desk, source):
    """That nothing is asked of another host is checked by the page's fixture."""
    desk.send({"__type__": "update", "image": source, "image_id": "other"})
    desk.wait(lambda: desk.find(".bc").get_attribute("data-shown") == "")
    assert desk.page.evaluate("window.hacked") is None
    desk.click(500, 300)
    assert desk.status == ""


def test_a_forged_payload_is_refused_by_the_server(bench, url):
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    bench.seen.clear()
    client = Client(url, verbose=False)
    good = {"points": [[1, 1], [9, 1], [5, 8]], "closed": True, "size": [10, 10]}
    client.predict(good, api_name="/border_first")
    assert [drawn.points for _, drawn in bench.seen] == [((1.0, 1.0), (9.0, 1.0), (5.0, 8.0))]
    for broken in ({**good, "points": [[1, 1], [9, 1], [5, 11]]}, {**good, "points": [["a", 1]] * 3}, [1], "x"):
        with pytest.raises(AppError, match="could not be read"):
            client.predict(broken, api_name="/border_first")
    with pytest.raises(AppError, match="5000"):
        client.predict({**good, "points": [[1, 1]] * 6000}, api_name="/border_first")
    assert len(bench.seen) == 1
    client.close()
