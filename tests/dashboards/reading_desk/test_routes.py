import json
import re
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboards.reading_desk import routes
from lesion_core.notice import NOTICE
from lesion_core.reading.desk import Desk
from lesion_core.reading.study import Question
from tests.dashboards.reading_desk.rooms import Reader
from tests.reading.studies import bundle, picture, study

FOLDER = Path(routes.__file__).parent


def test_a_whole_reading(store, client):
    opened = store.open_study(bundle())
    ann = Reader(client, opened, "Ann")
    assert ann.desk["study"]["notice"] == NOTICE
    while ann.place["state"] == "read":
        image = ann.call(f"image/{ann.place['step']['position']}/0")
        assert image.headers["content-type"] == "image/png"
        assert ann.answer(call=1).status_code == 200
    assert ann.place["answered"] == 6
    assert len(store.answers(opened.study_id)) == 6


def test_the_image_is_that_of_the_readers_own_order(store, client):
    ann = Reader(client, store.open_study(bundle()), "Ann")
    step = store.steps(1)[0]
    assert ann.call("image/0/0").content == picture(step.item)


def test_images_open_as_the_reading_goes(store, client):
    ann = Reader(client, store.open_study(bundle()), "Ann")
    assert ann.call("image/1/0").status_code == 200
    for position, view in ((2, 0), (5, 0), (99, 0), (0, 1)):
        assert ann.call(f"image/{position}/{view}").status_code == 400
    ann.answer(call=0)
    assert ann.call("image/2/0").status_code == 200


def test_where_time_is_limited_no_image_goes_out_ahead_and_the_server_times(store, client, clock):
    opened = store.open_study(bundle(study(time_limit_s=20.0)))
    ann = Reader(client, opened, "Ann")
    assert "not open yet" in ann.call("image/1/0").json()["error"]
    assert ann.call("image/0/0").status_code == 200
    clock.now += timedelta(seconds=12)
    assert ann.call("look/0", {"what": "pause"}).json() == {}
    clock.now += timedelta(hours=1)
    assert ann.call("look/0", {"what": "resume"}).json() == {}
    clock.now += timedelta(seconds=5)
    assert ann.answer(call=1).status_code == 200
    ann.call("image/1/0")
    clock.now += timedelta(seconds=31)
    ann.answer(call=1, seconds=3.0)
    first, second = store.answers(opened.study_id)
    assert (first.server_seconds, first.late) == (17.0, False)
    assert (second.server_seconds, second.late, second.answer.overtime) == (31.0, True, False)
    for path, said in (("look/0", "gone"), ("look/99", "pause")):
        assert ann.call(path, {"what": said}).status_code == 400
    assert client.post("/reading/api/look/0", json={"what": "pause"}).status_code == 401


def test_errors_have_their_status_and_say_what_to_do(store, client):
    opened = store.open_study(bundle())
    wrong = client.post("/reading/api/enter", json={"study": opened.study_id, "name": "Ann", "code": "no"})
    assert (wrong.status_code, wrong.json()["error"][:20]) == (401, "study, name and code")
    assert client.get("/reading/api/desk").status_code == 401
    ann = Reader(client, opened, "Ann")
    assert "benign" not in ann.answer().json()["error"]
    assert ann.answer(call=7).status_code == 400
    assert client.post("/reading/api/enter", content=b"{").status_code == 400
    assert client.post("/reading/api/enter", content=b"[" * 60_000).status_code == 400
    assert client.post("/reading/api/enter", content=b"[]").status_code == 400
    big = client.post("/reading/api/enter", content=b" " * (routes.MOST_BODY_BYTES + 1))
    assert "larger than 200 kB" in big.json()["error"]


def test_another_window_was_quicker(store, client):
    opened = store.open_study(bundle())
    one, two = Reader(client, opened, "Ann"), Reader(client, opened, "Ann")
    one.answer(call=1)
    late = two.answer(call=0)
    assert late.status_code == 409
    assert late.json()["place"]["answered"] == 1
    assert "that answer stands" in late.json()["error"]


def test_a_store_that_cannot_write_is_said_and_the_same_answer_comes_through_later(store, client, tmp_path):
    ann = Reader(client, store.open_study(bundle()), "Ann")
    other = sqlite3.connect(tmp_path / "readings.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with store.database.reading() as connection:
        connection.execute(sa.text("PRAGMA busy_timeout = 30"))
    reply = ann.answer(call=1)
    assert (reply.status_code, reply.json()["error"][:23]) == (503, "the readings are locked")
    other.execute("ROLLBACK")
    other.close()
    assert ann.answer(call=1).status_code == 200


def test_a_correction_shows_the_readers_own_answer(store, client):
    ann = Reader(client, store.open_study(bundle()), "Ann")
    ann.answer(call=1)
    assert ann.place["undo"] == 0
    step = ann.call("step/0").json()
    assert (step["revision"], step["before"]["call"], step["before"]["seconds"]) == (1, 1, 2.0)
    done = ann.call("answer", {"position": 0, "revision": 1, "answer_key": "correction-1", "call": 0, "seconds": 1})
    assert done.json()["place"]["answered"] == 1
    assert ann.call("step/1").status_code == 400


def test_each_step_says_which_answer_may_be_taken_back_from_it(store, client):
    ann = Reader(client, store.open_study(bundle(study(design="sequential", come_back="any"))), "Ann")
    offered = [ann.place["step"]["undo"]]
    for _ in range(4):
        ann.answer(call=1)
        offered.append(ann.place["step"]["undo"])
        assert ann.place["undo"] == offered[-1]
    assert offered == [-1, -1, 1, 1, 3]
    assert [ann.call(f"step/{position}").json()["undo"] for position in (3, 1)] == [1, -1]


def test_the_aid_comes_with_its_own_step_only(store, client):
    opened = store.open_study(bundle(study(design="sequential")))
    ann = Reader(client, opened, "Ann")
    assert ann.place["step"]["aid"] is None
    ann.answer(call=0)
    assert ann.place["step"]["arm"] == "aided"
    assert ann.place["step"]["aid"]["sentence"]
    ann.answer(call=0)
    assert ann.place["step"]["aid"] is None


def test_the_aided_answer_starts_from_the_locked_unaided_one(store, client):
    asked = Question(call=True, system="bi-rads-us", descriptors=True, border=True)
    ann = Reader(client, store.open_study(bundle(study(design="sequential", question=asked))), "Ann")
    assert ann.place["step"]["before"] is None
    border = [[0, 0], [1, 0], [1, 1]]
    said = {"call": 0, "rating": "4a", "descriptors": {"Shape": ["oval"]}, "border": border}
    ann.answer(**said, seconds=9.0)
    step = ann.place["step"]
    assert (step["arm"], step["revision"]) == ("aided", 0)
    assert {name: step["before"][name] for name in said} == said
    assert step["before"]["seconds"] == 0  # a clock of its own
    assert ann.call("desk").json()["place"]["step"] == step
    ann.answer(**said)
    assert (ann.place["step"]["arm"], ann.place["step"]["before"]) == ("unaided", None)


def test_teaching_reveals_after_the_answer(store, client):
    opened = store.open_study(bundle(study(purpose="teach", readers=(), open_enrolment=True)))
    eve = Reader(client, opened, "Eve", code=opened.join_code)
    assert eve.code
    reveal = eve.answer(call=1).json()["reveal"]
    assert reveal["label"] in ("malignant (histopathology)", "benign (histopathology)")
    assert reveal["borders"] == [[[0, 0], [1, 0], [1, 1]]]
    blinded = Reader(client, store.open_study(bundle()), "Ann")
    assert blinded.answer(call=1).json()["reveal"] is None


def test_half_a_character_is_refused_in_words(store, client):
    for field in ("study", "name", "code"):
        payload = {"study": "s", "name": "Ann", "code": "C"} | {field: "A\ud800"}
        reply = client.post(
            "/reading/api/enter", content=json.dumps(payload), headers={"Content-Type": "application/json"}
        )
        assert reply.status_code == 400
        assert "must be plain text" in reply.json()["error"]


def test_the_token_is_taken_from_its_own_header_only(store):
    opened = store.open_study(bundle())
    token = Desk(store).enter(opened.study_id, "Ann", dict(opened.codes)["Ann"]).token
    plain = TestClient(Starlette(routes=routes.reading_routes()))
    assert plain.get("/reading/api/desk", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    passing = {"Authorization": "Bearer of-the-space", "X-Reading-Token": token}
    assert plain.get("/reading/api/desk", headers=passing).json()["reader"] == "Ann"


def test_hugging_face_login_is_taken_from_the_signed_session_only(store, monkeypatch):
    opened = store.open_study(bundle())
    inner = Starlette(routes=routes.reading_routes())

    async def on_a_space(scope, receive, send):
        if scope["type"] == "http":
            scope["session"] = {"oauth_info": {"userinfo": {"preferred_username": "Ann"}}}
        await inner(scope, receive, send)

    nameless = {"study": opened.study_id, "name": "", "code": ""}
    assert TestClient(on_a_space).post("/reading/api/enter", json=nameless).status_code == 401  # signed with no secret
    assert TestClient(on_a_space).get("/reading/api/who").json() == {"hugging_face": "", "login": False}
    monkeypatch.setenv("OAUTH_CLIENT_SECRET", "x")
    entered = TestClient(on_a_space).post("/reading/api/enter", json=nameless)
    assert entered.status_code == 200
    who = TestClient(on_a_space).get("/reading/api/who").json()
    assert who == {"hugging_face": "Ann", "login": True}
    assert TestClient(inner).get("/reading/api/who").json() == {"hugging_face": "", "login": True}
    forged = {"study": opened.study_id, "name": "Ann", "code": "", "preferred_username": "Ann"}
    assert TestClient(inner).post("/reading/api/enter", json=forged).status_code == 401


def test_the_page_and_its_files(client):
    page = client.get("/reading/?study=x")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert client.get("/reading", follow_redirects=False).headers["location"] == "/reading/"
    for name in re.findall(r'(?:href|src)="([\w.]+)"', page.text):
        assert client.get(f"/reading/{name}").status_code == 200
    for script in FOLDER.glob("*.js"):
        for name in re.findall(r'from "\./([\w.]+)"', script.read_text()):
            assert client.get(f"/reading/{name}").status_code == 200
    for outside in ("routes.py", "..%2Froutes.py", "__init__.py"):
        assert client.get(f"/reading/{outside}").status_code == 404


def test_every_screen_carries_the_notice():
    assert f'"{NOTICE}"' in (FOLDER / "screens.js").read_text()


def test_every_text_reaches_the_page_as_text():
    for script in FOLDER.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script.read_text())


@pytest.mark.parametrize("design", ["single", "sequential"])
def test_a_blinded_readers_traffic_holds_neither_labels_nor_scores_nor_names(store, client, design):
    """Everything that a reader's browser gets, from the page's source to the last reply, until the last answer."""
    asked = Question(call=True, suspicion=True, system="bi-rads-us", descriptors=True, action=True)
    made = study((0, 1) * 5, design=design, question=asked, notes="for the analyst only")
    opened = store.open_study(bundle(made))
    ann = Reader(client, opened, "Ann")
    files = [client.get("/reading/").content, *(client.get(f"/reading/{name}").content for name in routes._FILES)]
    told = []
    while ann.place["state"] == "read":
        step = ann.place["step"]
        ann.call(f"image/{step['position']}/0")
        if step["aid"]:
            told.append(step["aid"]["score"])
        ann.answer(call=0, suspicion=5, rating="3", action="routine")
    seen = b"\n".join([*files, *ann.received]).decode("utf-8", "replace")
    secrets = ["secret-", "histology malignant", "histopathology", "analyst", opened.key, "label_source"]
    if design == "sequential":
        secrets.remove("histology malignant")  # the aid says what its score means
        assert len(told) == 10
    else:
        secrets += ["bnet", *(f"{item.score:.3f}" for item in made.items)]
    assert [secret for secret in secrets if secret in seen] == []
    keys = set(re.findall(r'"(\w+)":', seen))
    assert not keys & {"label", "target", "truth", "patient", "unit", "item", "item_id", "case_id", "dataset", "sha256"}
    assert ("score" in keys) == bool(told)
