from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from lesion_core.cases.folds import Scheme
from lesion_core.cases.splits import make_scheme
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError, TrainingError
from lesion_core.results.observers.reference_names import LINEAR, is_reference
from lesion_core.stats.roc import auc
from lesion_core.training import trunk_linear
from lesion_core.training.trunk_linear import cross_fit, inner_areas, turned, unit_rows

STRENGTHS = (1.0, 30.0)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Fewer fits, on one thread."""
    monkeypatch.setattr(trunk_linear, "STRENGTHS", STRENGTHS)
    monkeypatch.setattr(trunk_linear, "INNER_FOLDS", 3)
    with threadpool_limits(1):
        yield


def patients(n=40, *, views=2, folds=3, seed=0):
    """n patients with `views` views each, features in which a few columns tell the labels apart."""
    rng = np.random.default_rng(seed)
    cases, rows, fold = [], [], {}
    for patient in range(n):
        label = patient % 2
        for view in range(views):
            name = f"p{patient}-{view}"
            cases.append(Case(name, "breast", "", label, "mixed", patient_id=f"p{patient}"))
            rows.append(np.abs(rng.normal(size=80)) + np.r_[np.full(5, 0.7 * label), np.zeros(75)])
            fold[name] = 1 + patient // 2 % folds
    return CaseTable(tuple(cases), Path()), np.array(rows, dtype=np.float16), Scheme(f"thirds-{folds}", fold)


def test_rows_are_roots_of_unit_length():
    found = unit_rows(np.array([[9, 16, 0], [4, 0, 0]], dtype=np.float16))
    assert found == pytest.approx(np.array([[0.6, 0.8, 0], [1, 0, 0]]))


@pytest.mark.parametrize("row", [[-1, 1], [np.nan, 1], [0, 0]])
def test_rows_that_no_trunk_gives(row):
    with pytest.raises(InputError, match=r"pool5|no feature above 0"):
        unit_rows(np.array([[1, 1], row], dtype=np.float16))


def test_a_penalised_fit_on_turned_rows_is_that_on_the_rows():
    table, features, _ = patients(20)
    rows = unit_rows(features)
    points = turned(rows)
    assert points.shape[1] <= len(rows) < rows.shape[1]
    assert points @ points.T == pytest.approx(rows @ rows.T, abs=1e-5)
    learn = np.arange(len(rows)) % 4 != 0
    long, short = (
        LogisticRegression(C=10.0, max_iter=5000, tol=1e-8).fit(each[learn], table.labels[learn]).predict_proba(each)
        for each in (rows.astype(np.float64), points)
    )
    assert short == pytest.approx(long, abs=1e-3)


def test_each_fold_is_scored_by_the_others_at_the_strength_of_its_inner_folds():
    table, features, scheme = patients()
    found = cross_fit(table, features, scheme, run="r")
    folds = np.array([scheme.fold[case.case_id] for case in table.cases])
    rows = unit_rows(features).astype(np.float64)
    for choice in found.choices:
        learn = np.flatnonzero(folds != choice.fold)
        cases = tuple(table.cases[at] for at in learn)
        inner = make_scheme(cases, trunk_linear.INNER_FOLDS, rng=np.random.default_rng((1, choice.fold)))
        place = np.array([inner.fold[case.case_id] for case in cases])
        slow = []
        for strength in STRENGTHS:
            areas = []
            for fold in inner.folds:
                a, b = learn[place != fold], learn[place == fold]
                fitted = LogisticRegression(C=strength, max_iter=5000).fit(rows[a], table.labels[a])
                areas.append(auc(table.labels[b], fitted.predict_proba(rows[b])[:, 1]))
            slow.append(np.mean(areas))
        assert choice.areas == pytest.approx(slow, abs=0.01)
        assert choice.strength == STRENGTHS[int(np.argmax(choice.areas))]
        fitted = LogisticRegression(C=choice.strength, max_iter=5000).fit(rows[learn], table.labels[learn])
        own = folds == choice.fold
        assert found.scores.scores[own] == pytest.approx(fitted.predict_proba(rows[own])[:, 1], abs=0.01)
    assert auc(table.labels, found.scores.scores) > 0.75
    assert {row.model for row in found.scores.rows} == {LINEAR}
    assert is_reference(LINEAR)


def test_a_folds_own_labels_change_nothing_in_it():
    table, features, scheme = patients()
    before = cross_fit(table, features, scheme, run="r")
    own = np.array([scheme.fold[case.case_id] == 2 for case in table.cases])
    cases = [replace(case, label=1 - case.label) if here else case for case, here in zip(table.cases, own, strict=True)]
    after = cross_fit(CaseTable(tuple(cases), table.folder), features, scheme, run="r")
    assert np.array_equal(before.scores.scores[own], after.scores.scores[own])
    assert before.choices[1] == after.choices[1]
    assert not np.array_equal(before.scores.scores[~own], after.scores.scores[~own])


def test_inner_folds_keep_patients_together_and_need_enough_of_them():
    table, features, scheme = patients(6)
    with pytest.raises(InputError, match="need at least 3 patients"):
        cross_fit(table, features, scheme, run="r")
    many, other, _ = patients(30)
    points = turned(unit_rows(other))
    assert len(inner_areas(many.cases, points, many.labels, seed=1)) == len(STRENGTHS)


def test_folds_that_leak_and_features_that_do_not_fit():
    table, features, scheme = patients()
    with pytest.raises(InputError, match="divided by image"):
        cross_fit(table, features, replace(scheme, level="image"), run="r")
    torn = replace(scheme, fold={**scheme.fold, "p0-1": 3})
    with pytest.raises(InputError, match="into two folds: p0"):
        cross_fit(table, features, torn, run="r")
    with pytest.raises(InputError, match="80 cases and 79 rows"):
        cross_fit(table, features[1:], scheme, run="r")


def test_a_fit_that_does_not_converge_is_no_score(monkeypatch):
    table, features, scheme = patients()
    monkeypatch.setattr(trunk_linear, "ITERATIONS", 1)
    with pytest.raises(TrainingError, match="does not converge"):
        cross_fit(table, features, scheme, run="r")
