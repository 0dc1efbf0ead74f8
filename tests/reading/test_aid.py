from lesion_core.reading.aid import aid_changes
from lesion_core.reading.result import study_result
from lesion_core.reading.study import Order, Question
from lesion_core.stats.mcnemar import compare_calls
from lesion_core.stats.readers import obuchowski_rockette
from tests.reading.studies import bundle, read_all, study

LABELS = (0, 1) * 8
UNAIDED = (0, 0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1)  # wrong at 1, 2, 5, 6
AIDED = (0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1)  # mends 1, 2, 5; wrong at 6, new at 11


def said(step, wrong=0):
    """As in the tables; the first `wrong` cases malignant in the unaided arm, whatever they are."""
    call = (UNAIDED if step.arm == "unaided" else AIDED)[step.item]
    return {"call": 1 if step.arm == "unaided" and step.item < wrong else call}


def test_what_the_aid_changed_by_hand(store, desk):
    opened = store.open_study(
        bundle(study(LABELS, readers=("A", "B"), design="sequential", order=Order(seed=2, repeats=3)))
    )
    read_all(desk, opened, "A", lambda step: {"call": 1 - LABELS[step.item]} if step.repeat else said(step))
    read_all(
        desk,
        opened,
        "B",
        lambda step: {"call": None, "assessed": False} if (step.item, step.arm) == (1, "aided") else said(step),
    )
    a, b = aid_changes(store.study(opened.study_id), store.answers(opened.study_id))
    assert (a.reader, a.pairs, a.to_right, a.to_wrong) == ("A", 16, 3, 1)
    expected = compare_calls(LABELS, UNAIDED, AIDED, rate="sensitivity")
    assert (a.sensitivity.value, a.sensitivity.p_value) == (expected.value, expected.p_value)
    assert a.sensitivity.value == -1 / 8  # two mended, one spoiled of eight
    assert a.specificity.value == -1 / 8
    assert (b.pairs, b.to_right, b.to_wrong) == (15, 2, 1)


def test_rates_of_the_arms_over_the_readers(store, desk):
    made = study(LABELS, readers=("A", "B", "C"), design="sequential")
    opened = store.open_study(bundle(made))
    for number, name in enumerate(made.readers):
        read_all(desk, opened, name, lambda step, n=number: said(step, 3 * n))
    result = study_result(made, store.answers(opened.study_id), store.progress(opened.study_id))
    calls = [[[1] * 3 * n + list(UNAIDED[3 * n :]) for n in range(3)], [list(AIDED)] * 3]
    for found, figure in zip(result.rates, ("sensitivity", "specificity"), strict=True):
        expected = obuchowski_rockette(LABELS, calls, figure=figure)
        assert found.figure == figure
        test, wanted = found.random.test, expected.random.test
        assert (test.value, test.low, test.p_value) == (wanted.value, wanted.low, wanted.p_value)
    assert len(result.changes) == 3


def test_one_arm_or_no_call_has_nothing_to_compare(store, desk):
    opened = store.open_study(bundle(study(LABELS, readers=("A",))))
    read_all(desk, opened, "A", said)
    assert aid_changes(store.study(opened.study_id), store.answers(opened.study_id)) == ()
    asked = Question(call=False, suspicion=True)
    opened = store.open_study(bundle(study(LABELS, readers=("A",), design="sequential", question=asked)))
    read_all(desk, opened, "A", lambda step: {"call": None, "suspicion": 50.0})
    made = store.study(opened.study_id)
    assert aid_changes(made, store.answers(opened.study_id)) == ()
    result = study_result(made, store.answers(opened.study_id), store.progress(opened.study_id))
    assert (result.rates, result.changes) == ((), ())
