from dataclasses import replace

import numpy as np
import pytest

import lesion_core
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError
from lesion_core.model.card import check_card
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.scores import Score, ScoreTable, score_rows
from lesion_core.training import terms
from lesion_core.training.config import Preset, TrainConfig
from lesion_core.training.release import check_releasable, check_scores, make_card
from lesion_core.training.run_record import (
    FoldRecord,
    FurtherRecord,
    FurtherUse,
    RunRecord,
    config_as_json,
    fingerprint_of,
    settings_of,
    software_versions,
)

A, B, C = (TrainConfig(ranks=(2, 2), epochs=epochs, seed=4) for epochs in (1, 2, 3))
PRESET = Preset("tiny", candidates=(A, B, C))


@pytest.fixture(autouse=True)
def known_terms(monkeypatch):
    monkeypatch.setitem(terms.SOURCES, "phantoms", ("Phantoms", "public domain", "nobody"))
    monkeypatch.setitem(terms.SOURCES, "others", ("Others", "public domain", "nobody"))


def cases(folder, *, patients=12, views=2, **changes):
    made = (
        Case(
            f"c{patient}-{view}",
            "breast",
            "x.png",
            patient % 2,
            "histology malignant",
            patient_id=f"p{patient}",
            dataset="phantoms",
            label_source="histopathology",
        )
        for patient in range(patients)
        for view in range(views)
    )
    return CaseTable(tuple(replace(case, **changes) for case in made), folder)


def scored(table, *, seed=0, **changes):
    """Out-of-fold scores in three folds by patient, better than chance."""
    rng = np.random.default_rng(seed)
    values = np.clip(0.4 + 0.2 * table.labels + 0.2 * rng.standard_normal(len(table)), 0.01, 0.99).round(6)
    folds = [1 + at // 4 % 3 for at in range(len(table))]
    made = score_rows(table.cases, values, run="r", model="bnet", folds=folds)
    return ScoreTable(tuple(replace(row, **changes) for row in made.rows))


def record(table, chosen=(B, B, A), epochs=(2, 1, 1)):
    folds = {
        str(number): FoldRecord(config_as_json(config), (), epoch, 16, 0, 1.0, "cpu")
        for number, (config, epoch) in enumerate(zip(chosen, epochs, strict=False), start=1)
    }
    return RunRecord(
        run="r",
        model="bnet",
        preset="tiny",
        settings=settings_of(PRESET),
        scheme="thirds",
        cases_sha256=fingerprint_of(table),
        folds_sha256="ab" * 32,
        images=len(table),
        initialisation="a stand-in",
        folds=folds,
        software=software_versions(),
    )


def card_of(table, scores, preset=PRESET, name="bnet"):
    return make_card(name, table, scores, preset, B, record(table), commands=("one", "two"))


def test_a_card_says_what_was_measured_on_what(tmp_path):
    table = cases(tmp_path)
    scores = scored(table)
    made = card_of(table, scores)
    check_card(made)
    assert (made.name, made.title, made.target, made.organs) == ("bnet", "BNet", "histology malignant", ("breast",))
    assert (made.seed, made.code_version) == (4, lesion_core.__version__)
    assert made.architecture.ranks == (2, 2)
    assert made.architecture.initialisation == "a stand-in; fc6 to fc8 random"
    assert made.architecture.trained.startswith("fc6 to fc8, with low-rank factors")
    assert "preset tiny; folds on cpu" in made.architecture.trained
    assert made.commands == ("one", "two")
    (data,) = made.training
    assert (data.dataset, data.images, data.patients, data.benign, data.malignant) == ("Phantoms", 24, 12, 12, 12)
    assert [(metric.unit, metric.name) for metric in made.metrics] == [
        (unit, name) for unit in ("patient", "image") for name in ("AUC", "sensitivity", "specificity")
    ]
    for unit, n in (("patient", 12), ("image", 24)):
        found = cross_fitted_performance(scores, wanted_sensitivity=0.95, unit=unit)
        metric = next(each for each in made.metrics if (each.unit, each.name) == (unit, "AUC"))
        assert (metric.value, metric.n, metric.n_malignant) == (round(found.auc.value, 6), n, n // 2)
        assert (metric.low, metric.high) == (round(found.auc.low, 6), round(found.auc.high, 6))
        assert metric.protocol == "out of fold (3 folds by patient, thirds; settings chosen on inner folds)"
        assert metric.note.startswith(f"pooled over folds; mean of the folds' AUCs {found.fold_mean:.3f}")
    assert any("not a medical device" in limit for limit in made.limits)
    assert any("not a probability" in limit for limit in made.limits)


def test_settings_that_were_not_chosen_are_not_called_chosen(tmp_path):
    table = cases(tmp_path)
    made = card_of(table, scored(table), replace(PRESET, candidates=(B,)))
    assert {metric.protocol for metric in made.metrics} == {"out of fold (3 folds by patient, thirds)"}


def test_folds_that_tear_patients_mark_every_figure(tmp_path):
    table = cases(tmp_path)
    torn = scored(table)
    torn = ScoreTable(tuple(replace(row, fold=1 + at % 3) for at, row in enumerate(torn.rows)))
    made = card_of(table, torn)
    check_card(made)
    assert {metric.unit for metric in made.metrics} == {"image"}
    assert all(
        "3 folds by image (patients stand on both sides, which flatters)" in each.protocol for each in made.metrics
    )


def test_without_patients_nothing_is_counted_by_patient(tmp_path):
    table = cases(tmp_path, patient_id="")
    made = card_of(table, scored(table))
    assert {metric.unit for metric in made.metrics} == {"image"}
    assert all("by image (patients unknown)" in metric.protocol for metric in made.metrics)


def test_several_data_sets_are_listed_each(tmp_path):
    table = cases(tmp_path)
    mixed = tuple(replace(case, dataset="others" if case.label else "phantoms") for case in table.cases)
    made = card_of(CaseTable(mixed, tmp_path), scored(table), name="mine")
    assert [(data.dataset, data.benign, data.malignant) for data in made.training] == [
        ("Others", 0, 12),
        ("Phantoms", 12, 0),
    ]
    assert made.operating_point.dataset == "Others, Phantoms, out of fold, per image"
    assert made.title == "mine"


@pytest.mark.parametrize(
    "changes",
    [{"dataset": "secret"}, {"dataset": ""}, {"target": "labelled malignant"}, {"target": "BI-RADS 4 or higher"}],
)
def test_data_without_terms_or_a_target_that_no_card_knows_are_refused_early(changes, tmp_path):
    table = cases(tmp_path, **changes)
    with pytest.raises(InputError, match="a card needs one target"):
        check_releasable(table)
    with pytest.raises(InputError, match="a card needs one target"):
        card_of(table, scored(table))


def test_two_targets_are_refused(tmp_path):
    table = cases(tmp_path)
    mixed = CaseTable((replace(table.cases[0], target="mixed"), *table.cases[1:]), tmp_path)
    with pytest.raises(InputError, match=r"got histology malignant, mixed"):
        check_releasable(mixed)
    check_releasable(table)


def test_scores_must_be_of_these_cases_and_of_this_run(tmp_path):
    table = cases(tmp_path)
    good, run = scored(table), record(table)
    check_scores(good, table, run)
    check_scores(ScoreTable(good.rows[::-1]), table, run)
    flipped: list[Score] = [replace(good.rows[0], label=1 - good.rows[0].label), *good.rows[1:]]
    for rows, message in (
        (good.rows[1:], "differ in 1 cases or labels: c0-0"),
        ((*good.rows, replace(good.rows[0], case_id="more")), "differ in 1 cases or labels: more"),
        (flipped, "differ in 1 cases or labels: c0-0"),
        ([replace(row, run="s") for row in good.rows], r"made by s \(bnet\), the record by r \(bnet\)"),
        ([replace(row, model="tnet") for row in good.rows], "made by r .tnet"),
        ([replace(good.rows[0], fold=None), *good.rows[1:]], "have no fold"),
    ):
        with pytest.raises(InputError, match=message):
            check_scores(ScoreTable(tuple(rows)), table, run)


def test_both_organs_together_are_mixed(tmp_path, monkeypatch):
    breast = cases(tmp_path)
    thyroid = cases(tmp_path, organ="thyroid", target="TI-RADS 4 or higher", dataset="others", label_source="tirads")
    thyroid = tuple(
        replace(case, case_id=f"t{case.case_id}", patient_id=f"t{case.patient_id}") for case in thyroid.cases
    )
    both = CaseTable((*breast.cases, *thyroid), tmp_path)
    made = make_card("tbnet", both, scored(both), PRESET, B, record(both), commands=())
    check_card(made)
    assert (made.target, made.organs, made.title) == ("mixed", ("breast", "thyroid"), "TBNet")
    assert [(data.organ, data.benign, data.malignant) for data in made.training] == [
        ("thyroid", 12, 12),
        ("breast", 12, 12),
    ]
    assert any("TI-RADS grade" in limit for limit in made.limits)
    assert not any("biopsied" in limit for limit in made.limits)


def test_a_card_says_what_the_model_and_its_folds_learnt_beside_the_cases_it_was_measured_on(tmp_path):
    table = cases(tmp_path)
    more = cases(tmp_path, patients=3, target="BI-RADS 4a or higher", rads_system="one reader", dataset="others")
    more = CaseTable(tuple(replace(case, case_id=f"f{case.case_id}") for case in more.cases), tmp_path)
    run = record(table)
    use = FurtherUse(True, (0.5, 0.6, 0.7), 6, 0)
    run = replace(
        run,
        folds=run.folds | {"1": replace(run.folds["1"], further=use)},
        further=FurtherRecord("ab" * 32, 6, 3, 2, "BI-RADS 4a or higher by one reader"),
    )

    def made(further, preset=PRESET):
        card = make_card("bnet", table, scored(table), preset, B, run, commands=(), further=further)
        check_card(card)
        return card

    (data,) = made(more).further
    assert (data.dataset, data.images, data.patients, data.benign, data.malignant) == ("Others", 6, 3, 4, 2)
    assert data.labelled == "BI-RADS 4a or higher by one reader"
    assert made(more).training == made(None).training
    assert {each.dataset for each in made(more).learnt_from} == {"Phantoms", "Others"}
    assert run.further_sentence.endswith("were learnt from in 1 of 3 folds, as each one's inner folds decided.")
    assert f"{run.further_sentence} The final model learnt from them too." in made(more).limits
    assert f"{run.further_sentence} The final model did not." in made(None).limits
    assert made(None).further == ()
    protocol = "out of fold (3 folds by patient, thirds; {}further training cases chosen on inner folds)"
    assert made(more).metrics[0].protocol == protocol.format("settings and ")
    assert made(more, replace(PRESET, candidates=(B,))).metrics[0].protocol == protocol.format("")
    with pytest.raises(InputError, match="unknown: 'secret'"):
        made(CaseTable(tuple(replace(case, dataset="secret") for case in more.cases), tmp_path))
    for wrong in ({"images": 25}, {"patients": 0}, {"patients": 99}):
        assert replace(data, **wrong).problems() == ["counts of Others do not add up"]
