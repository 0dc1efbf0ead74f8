import csv
import io
import json
from dataclasses import replace

from lesion_core.notice import NOTICE
from lesion_core.reading.answer import Event
from lesion_core.reading.every_answer import COLUMNS, answers_text
from lesion_core.reading.study import Question
from tests.reading.studies import answer, bundle, enter, study


def test_every_revision_with_all_that_was_said(store, desk):
    square = ((2.0, 2.0), (42.0, 2.0), (42.0, 42.0), (2.0, 42.0))
    question = Question(call=True, system="bi-rads-us", descriptors=True, border=True)
    made = study(question=question, readers=("=Ann", "Bob"))
    views = [replace(each.views[0], size=(50, 50), border=square) for each in made.items]
    made = replace(
        made, items=tuple(replace(each, views=(view,)) for each, view in zip(made.items, views, strict=True))
    )
    opened = store.open_study(bundle(made))
    ann = enter(desk, opened, "=Ann")
    said = {"rating": "4a", "descriptors": (("Margin", ("angular", "indistinct")),), "border": square}
    desk.record(ann, answer(0, events=(Event("blur", 1.5),), **said))
    desk.record(ann, answer(0, revision=1, call=0, overtime=True, **said))
    desk.record(ann, answer(1, assessed=False, call=None))
    rows = store.answers(opened.study_id, all_revisions=True)
    first, second, third = csv.DictReader(io.StringIO(answers_text(made, rows, store.progress(opened.study_id))))
    assert tuple(first) == COLUMNS
    assert (first["reader"], first["experience"], first["display"]) == ("'=Ann", "5 years", "24 inch")
    assert [row["revision"] for row in (first, second, third)] == ["0", "1", "0"]
    assert [row["call"] for row in (first, second, third)] == ["1", "0", ""]
    assert [row["assessed"] for row in (first, second, third)] == ["1", "1", "0"]
    assert [row["after_limit"] for row in (first, second, third)] == ["0", "1", "0"]
    assert {(row["server_seconds"], row["late"]) for row in (first, second, third)} == {("", "0")}
    assert json.loads(first["descriptors"]) == {"Margin": ["angular", "indistinct"]}
    assert json.loads(first["events"]) == [["blur", 1.5]]
    assert json.loads(first["border"]) == [list(point) for point in square]
    assert [row["dice"] for row in (first, second, third)] == ["1.0000", "1.0000", ""]
    assert first["lesion"] == made.items[rows[0].item].item_id
    assert {row["notice"] for row in (first, second, third)} == {NOTICE}
