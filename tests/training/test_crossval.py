from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.folds import Scheme
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError
from lesion_core.model.vgg import TRUNK_FEATURES
from lesion_core.stats.roc import auc
from lesion_core.training import crossval
from lesion_core.training.config import ClassifierConfig, Preset
from lesion_core.training.crossval import choose, cross_validate, fit

LEARNS = ClassifierConfig(ranks=(2, 2), epochs=20, batch=8, rate=3e-3, dropout=(0.0, 0.0))
SLEEPS = replace(LEARNS, rate=0.0, epochs=1)
PRESET = Preset("tiny", candidates=(SLEEPS, LEARNS))
PATIENTS, VIEWS = 12, 2


def made(tmp_path):
    """24 cases of 12 patients in 3 folds; the first feature is the number of the case, so that rows can be known."""
    cases = tuple(
        Case(f"c{patient}-{view}", "breast", "x.png", patient % 2, "mixed", patient_id=f"p{patient}")
        for patient in range(PATIENTS)
        for view in range(VIEWS)
    )
    table = CaseTable(cases, tmp_path)
    scheme = Scheme("thirds", {case.case_id: 1 + int(case.patient_id[1:]) // 2 % 3 for case in cases})
    rng = np.random.default_rng(0)
    inputs = rng.random((len(cases), 1, TRUNK_FEATURES), dtype=np.float32)
    inputs[table.labels == 1, 0, 1:101] += 20
    inputs[:, 0, 0] = np.arange(len(cases))
    return table, inputs, scheme


def numbers(rows):
    """Which cases some rows of features belong to."""
    return rows[:, 0].astype(int)


def run(table, inputs, scheme, preset=PRESET):
    told = []
    found = cross_validate(table, inputs, scheme, preset, run="r", model="bnet", report=told.append)
    return found, told


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    table, inputs, scheme = made(tmp_path_factory.mktemp("crossval"))
    return table, scheme, *run(table, inputs, scheme)


def test_every_case_is_scored_once_in_its_own_fold(done):
    table, scheme, found, told = done
    assert [row.case_id for row in found.scores.rows] == [case.case_id for case in table.cases]
    assert [row.fold for row in found.scores.rows] == [scheme.fold[case.case_id] for case in table.cases]
    assert {(row.run, row.model) for row in found.scores.rows} == {("r", "bnet")}
    assert auc(found.scores.labels, found.scores.scores) == 1.0
    assert [line.split(":")[0] for line in told] == ["fold 1", "fold 2", "fold 3"]
    assert all("AUC 1.000 on 8 images" in line for line in told)


def test_the_candidate_that_ranks_best_on_inner_folds_is_taken(done):
    _, _, found, _ = done
    assert sorted(found.choices) == [1, 2, 3]
    for choice in found.choices.values():
        assert choice.config == LEARNS
        assert len(choice.aucs) == 2
        assert choice.aucs[1] == max(choice.aucs) == 1.0


def test_no_patient_stands_on_both_sides_and_choices_are_made_on_inner_folds_only(tmp_path, monkeypatch):
    """Every call that learns or scores is written down in its order with the cases it saw."""
    table, inputs, scheme = made(tmp_path)
    seen = []

    def spy(name, cases_of):
        real = getattr(crossval, name)

        def spied(*arguments):
            seen.append((name, *cases_of(*arguments)))
            return real(*arguments)

        monkeypatch.setattr(crossval, name, spied)

    spy("choose", lambda given, labels, fold_of, preset: (numbers(given[:, 0]), labels, fold_of))
    spy("span_of", lambda rows: (numbers(rows),))
    spy("classifier_scores", lambda classifier, rows: (numbers(rows),))
    run(table, inputs, scheme)
    patient = np.array([case.patient_id for case in table.cases])
    fold = np.array([scheme.fold[case.case_id] for case in table.cases])
    calls = iter(seen)
    for outer in (1, 2, 3):
        name, given, labels, fold_of = next(calls)
        assert name == "choose"
        assert sorted(given) == np.flatnonzero(fold != outer).tolist()
        assert np.array_equal(labels, table.labels[given])
        assert np.array_equal(fold_of, fold[given])
        for inner in sorted({1, 2, 3} - {outer}):
            name, train = next(calls)
            assert name == "span_of"
            assert sorted(train) == np.flatnonzero((fold != outer) & (fold != inner)).tolist()
            for _ in PRESET.candidates:
                name, test = next(calls)
                assert name == "classifier_scores"
                assert sorted(test) == np.flatnonzero(fold == inner).tolist()
                assert not set(patient[train]) & set(patient[test])
        (_, train), (name, test) = next(calls), next(calls)
        assert name == "classifier_scores"
        assert sorted(test) == np.flatnonzero(fold == outer).tolist()
        assert sorted(train) == np.flatnonzero(fold != outer).tolist()
        assert not set(patient[train]) & set(patient[test])
    assert next(calls, None) is None


def test_the_same_run_gives_the_same_scores(tmp_path):
    table, inputs, scheme = made(tmp_path)
    alone = replace(PRESET, candidates=(LEARNS,))
    first, second = (run(table, inputs, scheme, alone)[0] for _ in range(2))
    assert np.array_equal(first.scores.scores, second.scores.scores)
    assert all(choice.aucs == () and choice.config == LEARNS for choice in first.choices.values())
    other, _ = run(table, inputs, scheme, replace(PRESET, candidates=(replace(LEARNS, seed=1),)))
    assert not np.array_equal(first.scores.scores, other.scores.scores)


def test_only_variant_0_is_scored_and_all_are_trained_on(tmp_path, monkeypatch):
    table, inputs, _ = made(tmp_path)
    both = np.concatenate([inputs, inputs + np.float32(0.5)], axis=1)
    both[:, 1, 0] = 1000 + np.arange(len(both))
    trained, scored = [], []
    real_span, real_scores = crossval.span_of, crossval.classifier_scores
    monkeypatch.setattr(crossval, "span_of", lambda rows: trained.append(numbers(rows)) or real_span(rows))
    monkeypatch.setattr(
        crossval, "classifier_scores", lambda model, rows: scored.append(numbers(rows)) or real_scores(model, rows)
    )
    fold_of = np.arange(len(both)) // 4 % 2
    choose(both, table.labels, fold_of, PRESET)
    for rows in trained:
        half = len(rows) // 2
        assert np.array_equal(rows[half:], rows[:half] + 1000)
    assert all((rows < 1000).all() for rows in scored)
    assert len(trained) == 2
    fit(both, table.labels, LEARNS)
    assert len(trained[-1]) == 2 * len(both)


def test_a_patient_in_two_folds_is_refused(tmp_path):
    table, inputs, scheme = made(tmp_path)
    torn = replace(scheme, fold=dict(scheme.fold) | {"c0-1": 2})
    with pytest.raises(InputError, match="puts 1 patients or duplicate groups into two folds: p0"):
        run(table, inputs, torn)


def test_choosing_needs_two_inner_folds(tmp_path):
    table, inputs, scheme = made(tmp_path)
    halves = replace(scheme, fold={name: 1 + fold % 2 for name, fold in scheme.fold.items()})
    with pytest.raises(InputError, match="2 candidates needs at least 2 inner folds, got 1: make 3 folds or more"):
        run(table, inputs, halves)
    found, _ = run(table, inputs, halves, replace(PRESET, candidates=(LEARNS,)))
    assert len(found.scores) == 24
