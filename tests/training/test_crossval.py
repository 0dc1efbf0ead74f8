from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.folds import Scheme
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError
from lesion_core.results.scores import read_scores
from lesion_core.training import crossval
from lesion_core.training.config import Preset, TrainConfig, config_as_json
from lesion_core.training.crossval import fold_folders, merge_folds, run_fold
from lesion_core.training.plan import ExampleStore, Plan
from lesion_core.training.run_record import read_run
from tests.training.blocks import WEIGHTS, use_blocks

LEARNS = TrainConfig(
    ranks=(4, 4),
    augmentation="none",
    epochs=8,
    batch=4,
    rate=3e-3,
    smoothing=0.2,
    dropout=(0.0, 0.0),
    normalisation="power",
)
SLEEPS = replace(LEARNS, rate=0.0, epochs=1)
PRESET = Preset("tiny", candidates=(SLEEPS, LEARNS), inner_folds=2)
PATIENTS, VIEWS = 12, 2


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    use_blocks(monkeypatch)


def make_plan(root, preset=PRESET, **changes):
    """24 cases of 12 patients in 3 folds; the bright ones have label 1."""
    cases = tuple(
        Case(f"c{patient:02d}-{view}", "breast", "x.png", patient % 2, "mixed", patient_id=f"p{patient}")
        for patient in range(PATIENTS)
        for view in range(VIEWS)
    )
    table = CaseTable(cases, root)
    scheme = Scheme("thirds", {case.case_id: 1 + int(case.patient_id[1:]) // 2 % 3 for case in cases})
    noise = np.random.default_rng(0).integers(0, 60, (len(cases), 224, 224, 1))
    rois = (noise + table.labels[:, None, None, None] * 100).repeat(3, axis=3).astype(np.uint8)
    plan = Plan(table, rois, scheme, preset, preset.name, "bnet", WEIGHTS, root / "run", root / "cache", cpu=True)
    return replace(plan, **changes)


def quiet(*told):
    pass


def run(plan, numbers=(1, 2, 3), **options):
    store = ExampleStore(plan, quiet)
    return [run_fold(plan, number, store, **options) for number in numbers]


def test_every_case_is_scored_once_in_its_own_fold_by_the_best_candidate(tmp_path):
    plan = make_plan(tmp_path)
    told = []
    assert run(plan, tell=told.append) == [True] * 3
    record, scores = merge_folds(fold_folders(plan.folder))
    assert [row.case_id for row in scores.rows] == [case.case_id for case in plan.table.cases]
    assert [row.fold for row in scores.rows] == [plan.scheme.fold[case.case_id] for case in plan.table.cases]
    assert {(row.run, row.model) for row in scores.rows} == {("run", "bnet")}
    assert [line.partition(":")[0] for line in told] == ["fold 1", "fold 2", "fold 3"]
    assert all(line.endswith("on 8 images") for line in told)
    for fold in record.folds.values():
        taken = PRESET.candidates[int(np.argmax(fold.inner_aucs))]
        assert fold.config == config_as_json(taken)
        assert fold.inner_aucs[1] == 1.0
        assert (fold.images, fold.validation, fold.epoch, fold.device) == (16, 0, taken.epochs, "cpu, float32")
    assert any(fold.config == config_as_json(LEARNS) for fold in record.folds.values())
    assert sorted(file.name for file in plan.fold_folder(1).iterdir()) == ["history.csv", "run.json", "scores.csv"]


def test_no_patient_stands_on_both_sides_not_even_where_settings_are_chosen(tmp_path, monkeypatch):
    """Every call that learns or scores is written down with the cases it saw."""
    plan = make_plan(tmp_path, replace(PRESET, candidates=(replace(LEARNS, validation=0.5), SLEEPS)))
    patient = np.array([case.patient_id for case in plan.table.cases])
    fold = np.array([plan.scheme.fold[case.case_id] for case in plan.table.cases])
    learnt, scored = [], []
    real_fit, real_score = crossval.fit, crossval.score_examples

    def spied_fit(network, examples, labels, train, config, *, validation, **options):
        learnt.append((set(patient[train]), set(patient[validation]), set(fold[train]) | set(fold[validation])))
        assert labels is plan.table.labels
        return real_fit(network, examples, labels, train, config, validation=validation, **options)

    def spied_score(network, examples, chosen, **options):
        scored.append((set(patient[chosen]), set(fold[chosen])))
        return real_score(network, examples, chosen, **options)

    monkeypatch.setattr(crossval, "fit", spied_fit)
    monkeypatch.setattr(crossval, "score_examples", spied_score)
    run(plan, (2,))
    assert len(learnt) == len(scored) == 2 * 2 + 1
    for (train, validation, _), (test, _) in zip(learnt, scored, strict=True):
        assert not train & test
        assert not train & validation
        assert not validation & test
    assert all(2 not in folds for _, _, folds in learnt)
    assert all(2 not in folds for _, folds in scored[:-1])
    assert scored[-1][1] == {2}


def test_a_finished_fold_is_never_run_again(tmp_path, monkeypatch):
    plan = make_plan(tmp_path, replace(PRESET, candidates=(LEARNS,)))
    run(plan, (1,))

    def never(*arguments, **options):
        raise AssertionError("trained again")

    told = []
    monkeypatch.setattr(crossval, "fit", never)
    assert run(plan, (1,), tell=told.append) == [True]
    assert told == ["fold 1: finished before"]
    assert [folder.name for folder in fold_folders(plan.folder)] == ["fold-01"]
    with pytest.raises(InputError, match="made with other cases, folds or settings"):
        run(replace(plan, preset=PRESET), (1,))


def test_a_fold_left_off_goes_on_to_the_same_scores(tmp_path):
    alone = replace(PRESET, candidates=(LEARNS,))
    whole, broken = make_plan(tmp_path, alone), make_plan(tmp_path, alone, folder=tmp_path / "broken" / "run")
    run(whole, (1,))
    assert run(broken, (1,), stop=lambda: True) == [False]
    assert not (broken.fold_folder(1) / "scores.csv").exists()
    assert run(broken, (1,)) == [True]
    first, second = (read_scores(plan.fold_folder(1) / "scores.csv") for plan in (whole, broken))
    assert first == second
    assert not list(broken.fold_folder(1).glob("*.safetensors"))


def test_parts_run_apart_are_merged_and_strangers_refused(tmp_path):
    alone = replace(PRESET, candidates=(LEARNS,))
    here, there = make_plan(tmp_path, alone), make_plan(tmp_path, alone, folder=tmp_path / "there" / "run")
    run(here, (1, 3))
    run(there, (2,))
    record, scores = merge_folds([*fold_folders(here.folder), *fold_folders(there.folder)])
    assert list(record.folds) == ["1", "2", "3"]
    assert len(scores) == 24
    with pytest.raises(InputError, match="stands in two of the parts"):
        merge_folds([here.fold_folder(1), here.fold_folder(1)])
    with pytest.raises(InputError, match="no finished fold was found"):
        merge_folds([])
    other = make_plan(tmp_path, alone, model="tnet", folder=tmp_path / "other" / "run")
    run(other, (2,))
    with pytest.raises(InputError, match="no parts of one run"):
        merge_folds([here.fold_folder(1), other.fold_folder(2)])


def test_seeds_make_the_scores(tmp_path):
    alone = replace(PRESET, candidates=(LEARNS,))
    found = []
    for name, preset in (("a", alone), ("b", alone), ("c", replace(alone, candidates=(replace(LEARNS, seed=1),)))):
        plan = make_plan(tmp_path, preset, folder=tmp_path / name / "run")
        run(plan, (1,))
        found.append(read_scores(plan.fold_folder(1) / "scores.csv"))
        assert read_run(plan.fold_folder(1)).folds["1"].inner_aucs == ()
    assert found[0] == found[1]
    assert not np.array_equal(found[0].scores, found[2].scores)


def test_folds_that_are_not_there_or_tear_patients_are_refused(tmp_path):
    plan = make_plan(tmp_path, replace(PRESET, candidates=(LEARNS,)))
    with pytest.raises(InputError, match="no fold 4 in scheme 'thirds': it has 1, 2, 3"):
        run(plan, (4,))
    torn = replace(plan, scheme=replace(plan.scheme, fold=dict(plan.scheme.fold) | {"c00-1": 2}))
    with pytest.raises(InputError, match="puts 1 patients or duplicate groups into two folds: p0"):
        run(torn, (1,))


def test_examples_are_made_once_for_settings_that_show_the_same(tmp_path):
    plan = make_plan(tmp_path)
    store = ExampleStore(plan, quiet)
    first = store(LEARNS)
    assert store(SLEEPS) is first
    assert store(replace(LEARNS, augmentation="mirror")) is not first
