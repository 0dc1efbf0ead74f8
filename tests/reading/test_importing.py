from dataclasses import replace

import pytest

from lesion_core.cases.readings import Reading, read_readings, write_readings
from lesion_core.errors import InputError, TableError
from lesion_core.reading.exchange import read_imrmc, readings_of, score_of, write_imrmc
from lesion_core.reading.importing import ONE_NUMBER, from_imrmc, import_readings
from lesion_core.reading.result import study_result
from lesion_core.reading.study import Order, Question
from tests.reading.studies import bundle, read_all, study

LABELS = (0, 1) * 6
BIRADS = ("2", "3", "4a", "4b", "4c", "5", "5")
QUESTIONS = {
    "call": Question(call=True),
    "suspicion": Question(call=False, suspicion=True),
    "category": Question(call=False, system="bi-rads-us"),
    "all": Question(call=True, suspicion=True, system="bi-rads-us", action=True, border=True, descriptors=True),
    "call and category": Question(call=True, system="bi-rads-us"),
}


def said(question):
    border = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))

    def say(step):
        at = (step.item * 5 + (step.arm == "aided")) % 7
        return {
            "call": int(at > 3) if question.call else None,
            "suspicion": 10.0 * at if question.suspicion else None,
            "rating": BIRADS[at] if question.system else "",
            "action": ("routine", "follow-up", "biopsy")[at % 3] if question.action else "",
            "border": border if question.border else (),
        }

    return say


def two_studies(store, desk, question, **changes):
    """One that two readers read, and the same that nobody did."""
    made = study(LABELS, question=question, design="sequential", order=Order(repeats=3), **changes)
    first = store.open_study(bundle(made))
    for name in made.readers:
        read_all(desk, first, name, said(question))
    second = store.open_study(bundle(replace(made, readers=("Eve",))))
    return made, first, second


@pytest.mark.parametrize("asked", QUESTIONS)
def test_readings_csv_goes_out_and_comes_in(store, desk, tmp_path, asked):
    made, first, second = two_studies(store, desk, QUESTIONS[asked])
    path = tmp_path / "readings.csv"
    write_readings(readings_of(made, store.answers(first.study_id)), path)
    done = import_readings(store, second.study_id, read_readings(path))
    assert (done.readers, done.readings) == (("Ann", "Bob"), 2 * 27)
    for one, two in zip(store.answers(first.study_id), store.answers(second.study_id), strict=True):
        assert (one.reader, one.item, one.arm, one.repeat) == (two.reader, two.item, two.arm, two.repeat)
        for field in ("assessed", "call", "suspicion", "rating", "action", "seconds"):
            assert getattr(one.answer, field) == getattr(two.answer, field)
        assert one.read_at == two.read_at


@pytest.mark.parametrize("asked", QUESTIONS)
def test_imrmc_goes_out_and_comes_in_with_the_one_number_it_has(store, desk, tmp_path, asked):
    made, first, second = two_studies(store, desk, QUESTIONS[asked])
    path = tmp_path / "study.imrmc"
    write_imrmc(made, store.answers(first.study_id), path)
    import_readings(store, second.study_id, from_imrmc(made, read_imrmc(path)), may_lack=ONE_NUMBER)

    def numbers(study_id):
        return {
            (row.reader, row.item, row.arm): score_of(made, row) for row in store.answers(study_id) if not row.repeat
        }

    assert numbers(first.study_id) == numbers(second.study_id)
    results = [
        study_result(store.study(each), store.answers(each), store.progress(each))
        for each in (first.study_id, second.study_id)
    ]
    assert [each.area.value for each in results[0].readers] == [each.area.value for each in results[1].readers[2:]]
    assert results[0].arms.values.tolist() == results[1].arms.values.tolist()
    lacks_calls = QUESTIONS[asked].call and asked != "call"
    assert bool(results[1].rates) == (asked == "call")
    assert any("imported without calls" in note for note in results[1].notes) == lacks_calls


def test_a_table_must_still_answer_what_is_asked(store, desk):
    _, _, second = two_studies(store, desk, QUESTIONS["all"])
    with pytest.raises(TableError, match="call is missing"):
        import_readings(store, second.study_id, [Reading("Z", "secret-0", suspicion=5.0, rating="2", action="biopsy")])
    with pytest.raises(InputError, match="no reading to import"):
        import_readings(store, second.study_id, [])
    assert len(store.answers(second.study_id)) == 0


def test_scores_that_are_no_answer_and_truths_that_differ(tmp_path):
    path = tmp_path / "a.imrmc"
    made = study((0, 1), question=QUESTIONS["call and category"])
    path.write_text("x\nBEGIN DATA:\n-1,secret-0,0,1\n-1,secret-1,0,1\n1,secret-0,1,3\n1,secret-1,1,8\n")
    with pytest.raises(TableError) as caught:
        from_imrmc(made, read_imrmc(path))
    assert "case secret-0: the file's truth is 1, the study's label is 0" in str(caught.value)
    assert "reader 1, case secret-1: the score 8 is no answer of this study" in str(caught.value)
    path.write_text("x\nBEGIN DATA:\n-1,secret-0,0,0\n1,secret-0,1,101\n")
    with pytest.raises(TableError, match="the score 101 is no answer"):
        from_imrmc(study((0, 1), question=QUESTIONS["suspicion"]), read_imrmc(path))
