"""Cross validation with further training data: who teaches, who decides, and what is written down of it."""

from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import Case, write_cases
from lesion_core.errors import InputError
from lesion_core.results.scores import read_scores
from lesion_core.training import crossval
from lesion_core.training.choice import CHOICE_FILE
from lesion_core.training.config import config_as_json
from lesion_core.training.crossval import choose, fold_folders, merge_folds
from lesion_core.training.final import train_final
from lesion_core.training.further import read_further
from lesion_core.training.plan import ExampleStore
from lesion_core.training.run_record import read_run
from lesion_core.training.snapshot import SNAPSHOT_FILE
from tests.training.blocks import use_blocks
from tests.training.test_crossval import LEARNS, PRESET, SLEEPS, make_plan, quiet, run

ALONE = replace(PRESET, candidates=(LEARNS,))


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    use_blocks(monkeypatch)


def with_further(plan, *, right=True, strangers=20):
    """Two further cases of every second patient, a copy of p1's image under another name, and strangers.

    The bright ones have label 1, or label 0 where they are not right.
    """
    root = plan.table.folder
    named = [(f"p{patient}", "") for patient in range(0, 12, 2) for _ in range(2)]
    named += [("p77", "copies")] + [(f"q{number}", "") for number in range(strangers)]
    bright = np.arange(len(named)) % 2
    cases = tuple(
        Case(
            f"f{at:02d}",
            "breast",
            "x.png",
            int(bright[at]) if right else 1 - int(bright[at]),
            "labelled malignant",
            patient_id=patient,
            group=group,
            label_source="folder",
        )
        for at, (patient, group) in enumerate(named)
    )
    root.mkdir(parents=True, exist_ok=True)
    (root / "x.png").touch()
    write_cases(cases, root / "further.csv")
    grouped = tuple(replace(case, group="copies" if case.patient_id == "p1" else "") for case in plan.table.cases)
    plan = replace(plan, table=replace(plan.table, cases=grouped))
    noise = np.random.default_rng(1).integers(0, 60, (len(cases), 224, 224, 1))
    rois = (noise + bright[:, None, None, None] * 100).repeat(3, axis=3).astype(np.uint8)
    return replace(plan, further=read_further([root / "further.csv"], plan.table)[0], further_rois=rois)


def people(plan, positions):
    """The persons behind positions in a plan's images; p77 is p1 under another name."""
    cases = (*plan.table.cases, *plan.further.table.cases)
    return {"p1" if cases[at].patient_id == "p77" else cases[at].patient_id for at in positions.tolist()}


def test_nobody_who_is_scored_or_watched_teaches_through_the_further_cases(tmp_path, monkeypatch):
    """Every call that learns or scores is written down with the persons it saw, in outer and inner folds."""
    held_back = (replace(LEARNS, validation=0.5, epochs=1),)
    plan = with_further(make_plan(tmp_path, replace(PRESET, candidates=held_back)))
    n, fold = len(plan.table), {case.patient_id: plan.scheme.fold[case.case_id] for case in plan.table.cases}
    learnt, scored = [], []
    real_fit, real_score, real_choose = crossval.fit, crossval.score_examples, crossval.choose

    def spied_fit(network, examples, labels, train, config, *, validation, **options):
        learnt.append((train, validation))
        assert labels.tolist() == [*plan.table.labels.tolist(), *plan.further.table.labels.tolist()]
        assert len(examples) == len(labels)
        return real_fit(network, examples, labels, train, config, validation=validation, **options)

    def spied_score(network, examples, chosen, **options):
        scored.append(chosen)
        return real_score(network, examples, chosen, **options)

    monkeypatch.setattr(crossval, "fit", spied_fit)
    monkeypatch.setattr(crossval, "score_examples", spied_score)
    for number in (1, 2, 3):
        learnt.clear()
        scored.clear()
        with monkeypatch.context() as patched:  # the outer network learns from them whatever the inner folds say
            patched.setattr(crossval, "choose", lambda *given: replace(real_choose(*given), further=True))
            run(plan, (number,))
        assert len(learnt) == len(scored) == 2 + 2 + 1  # inner folds without, inner folds with, the fold itself
        for (train, validation), test in zip(learnt, scored, strict=True):
            assert max(*test, *validation) < n  # further cases are neither scored nor watched
            assert not people(plan, train) & (people(plan, test) | people(plan, validation))
            assert all(fold.get(person) != number for person in people(plan, train))
        with_them = [(train[train >= n], train[train < n]) for train, _ in learnt[2:]]
        assert all((train < n).all() for train, _ in learnt[:2])
        for more, own in with_them:
            known = people(plan, own)
            expected = [
                n + at
                for at in range(len(plan.further))
                if (person := next(iter(people(plan, np.array([n + at]))))) in known or person.startswith("q")
            ]
            assert more.tolist() == expected  # and whoever may teach does
            assert len(people(plan, more) & known) > 0


def test_what_helps_is_taken_and_what_harms_is_left(tmp_path):
    # From this seed's first weights, which score the wrong way round, one pass over the 8 cases of an inner training
    # part is too short to turn them, one over 30 is not.
    weak = replace(PRESET, candidates=(replace(LEARNS, epochs=1, rate=3e-6, seed=3),))
    good = with_further(make_plan(tmp_path / "good", weak))
    bad = with_further(make_plan(tmp_path / "bad", ALONE), right=False, strangers=60)
    for plan, learnt in ((good, True), (bad, False)):
        choice = choose(plan, 2, ExampleStore(plan, quiet))
        assert len(choice.inner) == len(choice.inner_further) == 1
        assert choice.further is learnt
        assert (choice.inner_further > choice.inner) is learnt


@pytest.mark.parametrize(
    ("without", "with_them", "taken"),
    [
        ((0.6, 0.7), (0.8, 0.75), (0, True)),
        ((0.6, 0.7), (0.65, 0.71), (1, True)),
        ((0.6, 0.7), (0.7, 0.7), (1, False)),  # of equals the one without
        ((0.9, 0.7), (0.6, 0.7), (0, False)),
    ],
)
def test_each_candidate_is_compared_with_and_without(without, with_them, taken, tmp_path, monkeypatch):
    plan = with_further(make_plan(tmp_path))
    monkeypatch.setattr(crossval, "inner_areas", lambda *_, further=False: with_them if further else without)
    choice = choose(plan, 1, None)
    assert (PRESET.candidates.index(choice.config), choice.further) == taken
    assert (choice.inner, choice.inner_further) == (without, with_them)


def test_the_record_says_what_each_fold_did(tmp_path, monkeypatch):
    plan = with_further(make_plan(tmp_path, ALONE))
    monkeypatch.setattr(
        crossval, "inner_areas", lambda plan, number, _, further=False: (0.8 if further and number < 3 else 0.7,)
    )
    told = []
    run(plan, tell=told.append)
    record, scores = merge_folds(fold_folders(plan.folder))
    assert record.further == plan.further.record
    for number, fold in record.folds.items():
        tied = sum(plan.scheme.fold[f"c{int(p):02d}-0"] == int(number) for p in range(0, 12, 2)) * 2
        tied += plan.scheme.fold["c01-0"] == int(number)
        taken = int(number) < 3
        use = fold.further
        assert (use.learnt, use.left_out, use.images) == (taken, tied, (len(plan.further) - tied) * taken)
        assert (fold.images, fold.inner_aucs, use.inner_aucs) == (16, (0.7,), (0.8 if taken else 0.7,))
    assert "with 28 further cases (inner AUC 0.700 without, 0.800 with them; 5 left out for their patients)" in told[0]
    assert "without the further cases" in told[2]
    assert "were learnt from in 2 of 3 folds" in record.further_sentence
    assert [row.case_id for row in scores.rows] == [case.case_id for case in plan.table.cases]


def test_a_fold_left_off_goes_on_to_the_same_scores(tmp_path, monkeypatch):
    monkeypatch.setattr(crossval, "inner_areas", lambda *_, further=False: (0.8 if further else 0.7,))
    whole = with_further(make_plan(tmp_path, ALONE))
    broken, bare = replace(whole, folder=tmp_path / "broken" / "run"), make_plan(tmp_path / "bare", ALONE)
    run(whole, (1,))
    assert run(broken, (1,), stop=lambda: True) == [False]
    assert run(broken, (1,)) == [True]
    run(replace(bare, table=whole.table), (1,))
    first, second, third = (read_scores(each.fold_folder(1) / "scores.csv") for each in (whole, broken, bare))
    assert first == second
    assert not np.array_equal(first.scores, third.scores)  # they were learnt from


def test_what_the_inner_folds_decided_is_not_decided_again(tmp_path, monkeypatch):
    asked = []

    def areas(plan, number, _, further=False):
        asked.append(further)
        return (0.6, 0.7) if not further else (0.65, 0.8)

    monkeypatch.setattr(crossval, "inner_areas", areas)
    plan = with_further(make_plan(tmp_path))
    assert run(plan, (1,), stop=lambda: True) == [False]
    assert sorted(path.name for path in plan.fold_folder(1).iterdir()) == [CHOICE_FILE, SNAPSHOT_FILE]
    assert run(plan, (1,)) == [True]
    assert asked == [False, True]
    fold = read_run(plan.fold_folder(1)).folds["1"]
    assert (fold.config, fold.learnt_further) == (config_as_json(LEARNS), True)
    assert (fold.inner_aucs, fold.further.inner_aucs) == ((0.6, 0.7), (0.65, 0.8))
    assert not (plan.fold_folder(1) / CHOICE_FILE).exists()


def test_a_run_with_them_is_no_part_of_one_without(tmp_path, monkeypatch):
    monkeypatch.setattr(crossval, "inner_areas", lambda *_, further=False: (0.7,))
    plan = with_further(make_plan(tmp_path, ALONE))
    without = replace(plan, further=None, further_rois=None)
    run(plan, (1,))
    with pytest.raises(InputError, match="made with other cases, folds or settings"):
        run(without, (1,))
    run(replace(without, folder=tmp_path / "other" / "run"), (2,))
    with pytest.raises(InputError, match="no parts of one run"):
        merge_folds([plan.fold_folder(1), tmp_path / "other" / "run" / "fold-02"])
    assert read_run(tmp_path / "other" / "run" / "fold-02").further is None


def test_the_final_model_learns_from_all_of_them_where_it_is_told_to(tmp_path):
    plan = with_further(make_plan(tmp_path, replace(PRESET, candidates=(SLEEPS,))))
    for further, images in ((True, 24 + len(plan.further)), (False, 24)):
        folder = tmp_path / f"model-{further}"
        assert train_final(plan, SLEEPS, 1, ExampleStore(plan, quiet), folder=folder, further=further) is not None
        assert (folder / "history.csv").read_text().splitlines()[1].endswith(f",{images},1")
