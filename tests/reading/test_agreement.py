from dataclasses import replace

import numpy as np
import pytest

from lesion_core.reading.agreement import with_each_other, with_themselves
from lesion_core.reading.study import ACTIONS, Order, Question
from lesion_core.reading.systems import SYSTEMS
from lesion_core.stats.agreement import cohen_kappa, fleiss_kappa, gwet_ac1
from tests.reading.studies import bundle, items, read_all, study

LABELS = (0, 1) * 10
ASKED = Question(call=True, suspicion=True, system="bi-rads-us", action=True)
CATEGORIES = SYSTEMS["bi-rads-us"].categories


def opinions(seed):
    """What a reader says of each case at the first and at the second look: (look, case) -> answer."""
    rng = np.random.default_rng(seed)
    said = {}
    for case, label in enumerate(LABELS):
        for look in (0, 1):
            suspicion = int(np.clip(30 + 40 * label + rng.normal(0, 15), 0, 100))
            said[look, case] = {
                "call": int(suspicion > 50),
                "suspicion": float(suspicion),
                "rating": CATEGORIES[min(suspicion // 15, len(CATEGORIES) - 1)],
                "action": ACTIONS[min(suspicion // 34, 2)],
            }
    return said


def steps(said):
    return (
        said["call"],
        round(said["suspicion"]),
        CATEGORIES.index(said["rating"]),
        ACTIONS.index(said["action"]),
    )


def read(store, desk, **changes):
    made = study(LABELS, readers=("A", "B", "C"), question=ASKED, order=Order(seed=1, repeats=8), **changes)
    opened = store.open_study(bundle(made))
    for seed, name in enumerate(made.readers):
        said = opinions(seed)
        read_all(desk, opened, name, lambda step, s=said: s[step.repeat, step.item])
    return made, store.answers(opened.study_id)


def test_each_with_themself_on_the_repeated_cases_for_all_that_was_asked(store, desk):
    made, answers = read(store, desk)
    found = with_themselves(made, answers)
    assert [each.name for each in found[:4]] == [
        "A with themself, calls: Cohen's kappa",
        "A with themself, suspicion: Cohen's kappa, quadratic weights",
        "A with themself, categories: Cohen's kappa, quadratic weights",
        "A with themself, actions: Cohen's kappa, quadratic weights",
    ]
    repeated = sorted({each.item for each in answers if each.repeat})
    said = opinions(0)
    sizes = (2, 101, len(CATEGORIES), 3)
    for at, each in enumerate(found[:4]):
        first, second = ([steps(said[look, case])[at] for case in repeated] for look in (0, 1))
        expected = cohen_kappa(first, second, weights="quadratic" if at else "none", categories=range(sizes[at]))
        assert (each.value, each.low, each.n) == pytest.approx((expected.value, expected.low, 8), nan_ok=True)


def test_the_readers_with_each_other(store, desk):
    made, answers = read(store, desk)
    found = with_each_other(made, answers, ["A", "B", "C"])
    assert len(found) == 8
    rows = [[steps(opinions(seed)[0, case])[1] for case in range(20)] for seed in range(3)]
    kappa = fleiss_kappa(rows, weights="quadratic", categories=range(101))
    ac2 = gwet_ac1(rows, weights="quadratic", categories=range(101))
    assert [each.value for each in found[2:4]] == pytest.approx([kappa.value, ac2.value])
    assert found[2].name == "3 readers, unaided, suspicion: Fleiss' kappa, quadratic weights"
    assert with_each_other(made, answers, ["A"]) == ()


def test_suspicions_that_are_near_agree_more_than_ones_that_are_far(store, desk):
    """Without weights 49 and 50 would differ as much as 0 and 100."""
    asked = Question(call=False, suspicion=True)
    values = {}
    for shift in (1.0, 40.0):
        opened = store.open_study(bundle(study(LABELS, readers=("A", "B"), question=asked)))
        for name, more in (("A", 0.0), ("B", shift)):
            read_all(desk, opened, name, lambda step, m=more: {"call": None, "suspicion": 3.0 * step.item + m})
        found = with_each_other(store.study(opened.study_id), store.answers(opened.study_id), ["A", "B"])
        values[shift] = found[0].value
    assert values[1.0] > 0.99 > 0.6 > values[40.0]


def test_what_could_not_be_assessed_has_no_agreement(store, desk):
    opened = store.open_study(bundle(study(LABELS, readers=("A",), order=Order(repeats=4))))
    none = {"assessed": False, "call": None}
    read_all(desk, opened, "A", lambda step: none if step.repeat else {"call": 1})
    (found,) = with_themselves(store.study(opened.study_id), store.answers(opened.study_id))
    assert (found.n, found.defined) == (0, False)


def test_patients_with_several_lesions_are_clusters(store, desk):
    paired = tuple(replace(each, unit=f"p{at // 2}") for at, each in enumerate(items(LABELS)))
    opened = store.open_study(bundle(study(items=paired, order=Order(repeats=8, seed=3))))
    for seed, name in enumerate(("Ann", "Bob")):
        said = opinions(seed)
        read_all(desk, opened, name, lambda step, s=said: {"call": s[step.repeat, step.item]["call"]})
    made, answers = store.study(opened.study_id), store.answers(opened.study_id)
    assert with_each_other(made, answers, ["Ann", "Bob"])[0].clusters == 10
    units = {paired[each.item].unit for each in answers if each.repeat}
    assert len(units) == 6  # two patients have both their lesions among the eight
    assert with_themselves(made, answers)[0].clusters == 6


def test_readers_imported_with_one_number_are_counted_where_it_is(store, desk):
    """As from iMRMC: a suspicion for each case, and neither call nor category."""
    made, answers = read(store, desk)
    bare = [
        replace(each, answer=replace(each.answer, call=None, rating="", action="")) if each.reader == "C" else each
        for each in answers
    ]
    found = {each.name.split(":")[0]: each for each in with_each_other(made, bare, ["A", "B", "C"])}
    two = with_each_other(made, [each for each in answers if each.reader != "C"], ["A", "B"])
    assert "3 readers, unaided, suspicion" in found
    assert found["2 of 3 readers (A, B), unaided, calls"].value == two[1].value
    assert [name for name in found if name.startswith("3 readers")] == ["3 readers, unaided, suspicion"]
    none = [each if each.reader == "A" else replace(each, answer=replace(each.answer, call=None)) for each in bare]
    assert not [each for each in with_each_other(made, none, ["A", "B", "C"]) if ", calls:" in each.name]
