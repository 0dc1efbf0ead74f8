from dataclasses import replace

import numpy as np
import pytest

from lesion_core.results.observers.organ_matrix import organ_matrix, published_matrix, published_pair
from lesion_core.stats.paired import delong_test
from lesion_core.stats.point import Point
from tests.results.observers.made import random_study, run_of, source_of

RNG = np.random.default_rng(3)
LABELS = [0, 1] * 20


def scores():
    return (0.5 * np.array(LABELS) + RNG.random(40)).clip(0, 1.5) / 1.5


def test_cells_without_a_model_or_scores_say_so():
    matrix = organ_matrix([source_of(run_of(LABELS, scores()))])
    cells = {(cell.model, cell.organ): cell for cell in matrix.cells}
    assert cells["tnet", "thyroid"].reason == "no TNet is bundled"
    assert cells["bnet", "thyroid"].reason == "BNet has no scores of thyroid cases"
    (entry,) = cells["bnet", "breast"].entries
    assert entry.area.n == 40
    assert matrix.tests == ()
    assert matrix.reason == "no two models scored the same cases yet"


def test_models_on_the_same_cases_are_tested_paired_with_holm():
    runs = [run_of(LABELS, scores(), model=name) for name in ("tnet", "bnet", "tbnet")]
    matrix = organ_matrix([source_of(*runs, title="Set")])
    assert len(matrix.tests) == 3
    raw = [
        delong_test(a.labels, a.scores, b.scores, groups=a.patient_ids)
        for a, b in ((runs[0], runs[1]), (runs[0], runs[2]), (runs[1], runs[2]))
    ]
    assert [t.value for t in matrix.tests] == pytest.approx([t.value for t in raw])
    assert min(t.p_value for t in matrix.tests) == pytest.approx(min(1, 3 * min(t.p_value for t in raw)))
    assert matrix.tests[0].name == "AUC per patient on set, tnet (final model) minus bnet (final model)"


def test_models_in_different_sources_are_paired_by_data_set_and_target():
    labels, patients = [0, 0, 1, 1] * 10, [f"p{i // 2:02}" for i in range(40)]
    final = run_of(labels, scores(), model="tnet", patients=patients)
    folds = run_of(labels[:30], scores()[:30], model="bnet", patients=patients[:30], folds=[1, 1, 2, 2, 3, 3] * 5)
    other = replace(run_of(LABELS, scores(), model="tbnet"), targets=np.full(40, "another target"))
    elsewhere = replace(run_of(LABELS, scores(), model="tbnet"), datasets=np.full(40, "elsewhere"))
    matrix = organ_matrix([source_of(final), source_of(folds), source_of(other), source_of(elsewhere)])
    (test,) = matrix.tests
    assert test.name == "AUC per patient on set, tnet (final model) minus bnet (out of fold)"
    means = [run.scores[:30].reshape(15, 2).mean(1) for run in (final, folds)]
    expected = delong_test(labels[:30:2], *means)
    assert (test.n, test.clusters) == (15, None)
    assert (test.value, test.p_value) == pytest.approx((expected.value, expected.p_value))
    nameless = [replace(run_of(LABELS, scores(), model=name), datasets=np.full(40, "")) for name in ("tnet", "bnet")]
    assert organ_matrix([source_of(nameless[0], key="a"), source_of(nameless[1], key="b")]).tests == ()


def test_the_outlines_shape_alone_is_the_last_row_and_is_tested():
    runs = [run_of(LABELS, scores(), model=name) for name in ("shape-only", "tnet", "tnet-image-only")]
    matrix = organ_matrix([source_of(*runs)])
    assert matrix.models == ("tnet", "bnet", "tbnet", "shape-only")
    (test,) = matrix.tests
    assert "tnet (final model) minus shape-only (final model)" in test.name
    cells = {(cell.model, cell.organ): cell for cell in matrix.cells}
    assert cells["shape-only", "breast"].entries[0].area.n == 40


def test_a_models_own_part_of_the_outline_is_told_where_it_lies_there():
    runs = [run_of(LABELS, scores(), model=name) for name in ("tnet", "bnet", "shape-only", "tnet-outline-only")]
    matrix = organ_matrix([source_of(*runs, title="Set")])
    ((title, found),) = matrix.outlines
    assert (title, found.model, found.reference) == ("Set", "tnet", "tnet-outline-only")
    assert found.test.value == pytest.approx(delong_test(LABELS, runs[0].scores, runs[3].scores).value)
    assert matrix.models == ("tnet", "bnet", "tbnet", "shape-only")
    assert organ_matrix([source_of(*runs[:3])]).outlines == ()


def test_a_model_is_tested_against_the_shape_that_was_fitted_on_its_own_cases():
    folds, labels = [1, 2] * 20, LABELS
    small = [run_of(labels, scores(), model=name, folds=folds) for name in ("tnet", "shape-only")]
    both = []
    for name in ("tbnet", "shape-only"):
        run = run_of(labels * 2, np.tile(scores(), 2), model=name, folds=folds * 2)
        both.append(replace(run, datasets=np.array(["set"] * 40 + ["more"] * 40)))
    final = run_of(labels, scores(), model="bnet")
    tests = organ_matrix([source_of(*small, final), source_of(*both)]).tests
    found = {test.name: test.value for test in tests if "shape-only" in test.name}
    assert len(found) == 4  # tnet, bnet and tbnet on the set, tbnet on the other one
    for model, fit in ((small[0], small[1]), (final, small[1]), (both[0], both[1])):
        test = delong_test(np.array(labels), model.scores[:40], fit.scores[:40])
        stage = "out of fold" if model.out_of_fold else "final model"
        name = f"AUC per patient on set, {model.model} ({stage}) minus shape-only (out of fold)"
        assert found[name] == pytest.approx(test.value)


def test_a_model_of_both_organs_is_split_and_reference_models_have_no_row():
    both = run_of(LABELS, scores(), model="tbnet")
    organs = np.array(["breast"] * 20 + ["thyroid"] * 20)
    both = type(both)(**{**{k: getattr(both, k) for k in both.__dataclass_fields__}, "organs": organs})
    size = run_of(LABELS, scores(), model="size-only")
    own = run_of(LABELS, scores(), model="mine")
    matrix = organ_matrix([source_of(both, size, own)])
    assert matrix.models == ("tnet", "bnet", "tbnet", "mine")
    cells = {(cell.model, cell.organ): cell for cell in matrix.cells}
    assert cells["tbnet", "thyroid"].entries[0].area.n == 20
    assert cells["tbnet", "breast"].entries[0].area.n == 20


def test_synthetic_sets_are_left_out():
    assert organ_matrix([replace(random_study(), kind="synthetic")]).cells[2].reason == "no BNet is bundled"


def test_the_papers_matrix():
    cells = {(cell.model, cell.organ): cell for cell in published_matrix()}
    assert cells["TNet", "breast"].counts == Point(46, 52, 44, 52)
    assert cells["BNet", "breast"].counts == Point(46, 52, 45, 52)
    assert cells["BNet", "thyroid"].counts is None
    assert "no integer gives sensitivity 67.6" in cells["BNet", "thyroid"].words
    assert "both organs together" in cells["TBNet", "both"].words
    pair = published_pair()
    assert 0 < pair.lowest <= pair.highest <= 1
