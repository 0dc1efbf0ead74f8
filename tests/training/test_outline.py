from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import read_cases
from lesion_core.errors import InputError, StatisticsError, TableError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.outline import outline_of
from lesion_core.imaging.read import read_image
from lesion_core.model.card import write_card
from lesion_core.model.outline import OutlinePart, logit
from lesion_core.results.scores import ScoreTable, read_scores, score_rows, write_scores
from lesion_core.stats.roc import auc
from lesion_core.training import outline
from lesion_core.training.outline import (
    cross_fit,
    keep_beside,
    learn,
    measure,
    network_scores,
    scores_to_combine,
    with_outline,
)
from lesion_core.training.release import SOFTMAX
from tests.model.stand_in import card
from tests.training.phantom_set import make_set
from tests.training.test_release import cases, scored

PART = OutlinePart(0.3, 0.7, (12.0, -1.5), (0.03, 0.3), "here", 10)


@pytest.fixture
def made(tmp_path):
    """Sixty patients with two views; the outline knows what the network does not."""
    table = cases(tmp_path, patients=60)
    rng = np.random.default_rng(1)
    measured = rng.standard_normal((len(table), 2)) * 0.1
    measured[:, 0] += 0.1 * table.labels
    return table, scored(table), measured


def test_the_combination_beats_the_network_where_the_outline_knows_more(made):
    _, alone, measured = made
    combined = cross_fit(alone, measured)
    assert auc(alone.labels, combined.scores) > auc(alone.labels, alone.scores)
    part = learn(alone, measured, "here")
    assert part.coefficients[0] > 0
    assert part.average == pytest.approx(tuple(measured.mean(axis=0)))
    assert part.n == len(alone)


def test_a_combined_score_has_not_seen_its_own_folds_labels(made):
    _, alone, measured = made
    flipped = ScoreTable(tuple(replace(row, label=1 - row.label) if row.fold == 2 else row for row in alone.rows))
    before, after = cross_fit(alone, measured), cross_fit(flipped, measured)
    own = alone.folds == 2
    assert (before.scores[own] == after.scores[own]).all()
    assert (before.scores[~own] != after.scores[~own]).any()


def test_each_folds_coefficients_are_the_maximum_likelihood_of_the_others(made):
    from sklearn.linear_model import LogisticRegression

    _, alone, measured = made
    columns = np.column_stack([logit(alone.scores), measured])
    combined = cross_fit(alone, measured)
    for fold in (1, 2, 3):
        own = alone.folds == fold
        model = LogisticRegression(C=1e8, tol=1e-10, max_iter=10_000).fit(columns[~own], alone.labels[~own])
        assert combined.scores[own] == pytest.approx(model.predict_proba(columns[own])[:, 1], abs=1e-4)


def test_scores_without_a_fold_teach_nothing(made):
    _, alone, measured = made
    without = ScoreTable(tuple(replace(row, fold=None) for row in alone.rows))
    with pytest.raises(StatisticsError, match="no fold"):
        cross_fit(without, measured)


def test_a_network_that_says_nothing_is_not_combined(made):
    _, alone, measured = made
    against = ScoreTable(tuple(replace(row, score=1 - row.score) for row in alone.rows))
    with pytest.raises(StatisticsError, match="says nothing"):
        learn(against, measured, "here")


def test_outlines_are_measured_on_the_borders_that_serving_sees(tmp_path):
    make_set(tmp_path, patients=2)
    table = read_cases(tmp_path / "cases.csv")
    found = measure(table)
    assert found.shape == (len(table), 2)
    first = table.cases[0]
    size = read_image(table.image_path(first)).size
    assert found[0].tolist() == list(outline_of(read_border(table.border_path(first), size)).row)


def test_all_unusable_borders_are_listed(tmp_path):
    make_set(tmp_path, patients=3)
    table = read_cases(tmp_path / "cases.csv")
    for case in table.cases[:2]:
        table.border_path(case).write_text("[]")
    with pytest.raises(TableError) as caught:
        measure(table)
    assert all(case.case_id in str(caught.value) for case in table.cases[:2])


def test_a_model_gets_threshold_figures_and_limits_of_the_combination(tmp_path, monkeypatch):
    make_set(tmp_path, patients=30)
    table = read_cases(tmp_path / "cases.csv")
    rng = np.random.default_rng(2)
    # The phantoms' outlines separate them perfectly, which no combination can be learnt from.
    overlapping = rng.standard_normal((len(table), 2)) + 0.5 * table.labels[:, None]
    monkeypatch.setattr(outline, "measure", lambda table: overlapping)
    values = np.clip(0.4 + 0.15 * table.labels + 0.2 * rng.standard_normal(len(table)), 0.01, 0.99).round(6)
    folds = [1 + at // 2 % 3 for at in range(len(table))]
    alone = score_rows(table.cases, values, run="r", model="bnet", folds=folds)
    plain = card(limits=(SOFTMAX, "For research and teaching only."))
    changed, combined = with_outline(plain, alone, [table], wanted_sensitivity=0.9, command="how")
    assert changed.outline is not None
    assert changed.outline.n == len(table)
    assert SOFTMAX not in changed.limits
    assert changed.commands[-1] == "how"
    assert changed.operating_point.rule == "90 % sensitivity"
    assert (combined.scores >= changed.operating_point.threshold)[combined.labels == 1].mean() >= 0.9
    area = next(each for each in changed.metrics if (each.name, each.unit) == ("AUC", "image"))
    assert area.value == pytest.approx(auc(combined.labels, combined.scores), abs=1e-4)
    with pytest.raises(InputError, match="already"):
        with_outline(changed, combined, [table], wanted_sensitivity=0.9, command="again")
    with pytest.raises(InputError, match="differ in 1 cases"):
        with_outline(plain, ScoreTable(alone.rows[1:]), [table], wanted_sensitivity=0.9, command="how")


@pytest.fixture
def kept(made, tmp_path, monkeypatch):
    """A model's folder with the combination in place of the network's scores, which are beside it; no card."""
    _, alone, measured = made
    folder = tmp_path / "bnet"
    own = folder / "scores" / "three-out-of-fold.csv"
    own.parent.mkdir(parents=True)
    write_scores(alone, own)
    keep_beside(folder, alone, cross_fit(alone, measured))
    monkeypatch.setattr(outline, "measure", lambda table: measured)
    return folder, own


def test_cut_off_before_the_card_was_written_the_network_scores_are_found_again(made, kept, tmp_path):
    table, alone, measured = made
    folder, own = kept
    combined = cross_fit(alone, measured)
    assert read_scores(own).scores.tolist() == combined.scores.tolist()
    beside = read_scores(tmp_path / "bnet-image-only" / "scores" / own.name)
    assert {(row.run, row.model) for row in beside.rows} == {("r-image-only", "bnet-image-only")}
    assert scores_to_combine(folder, [table]) == alone
    write_scores(alone, own)  # cut off between the two files
    assert scores_to_combine(folder, [table]) == alone


def test_the_networks_scores_of_an_earlier_release_are_not_taken_for_this_ones(made, kept):
    table, alone, measured = made
    folder, own = kept
    released = ScoreTable(tuple(replace(row, score=round(0.9 * row.score + 0.01, 6)) for row in alone.rows))
    for again in (released, ScoreTable(tuple(replace(row, fold=4 - row.fold) for row in alone.rows))):
        write_scores(again, own)
        assert scores_to_combine(folder, [table]) == again
        write_scores(cross_fit(again, measured), own)
        assert scores_to_combine(folder, [table]) == cross_fit(again, measured), "combined, but not of those beside it"


def test_a_finished_models_card_says_where_its_networks_scores_are(made, kept):
    _, alone, _ = made
    folder, own = kept
    write_card(card(), folder)
    assert network_scores(folder) == read_scores(own), "what is beside it is of another release"
    write_card(card(outline=PART), folder)
    assert network_scores(folder) == alone
    (folder.parent / "bnet-image-only" / "scores" / own.name).unlink()
    with pytest.raises(InputError, match="the scores of its network alone, is missing"):
        network_scores(folder)


def test_a_folder_without_out_of_fold_scores_is_named(tmp_path):
    with pytest.raises(InputError, match="0 files of out-of-fold scores"):
        network_scores(tmp_path)


def test_the_borders_of_joined_tables_are_found_each_from_its_own_folder(tmp_path, monkeypatch):
    make_set(tmp_path / "a", patients=20)
    make_set(tmp_path / "b", patients=20)
    first, second = (read_cases(tmp_path / name / "cases.csv") for name in ("a", "b"))
    second = replace(second, cases=tuple(replace(case, case_id=f"b-{case.case_id}") for case in second.cases))
    asked = []
    own = outline.measure

    def overlapping(table):
        asked.append(own(table).shape)
        return np.random.default_rng(len(asked)).standard_normal((len(table), 2))

    monkeypatch.setattr(outline, "measure", overlapping)
    cases = (*first.cases, *second.cases)
    labels = np.array([case.label for case in cases])
    values = np.clip(0.4 + 0.15 * labels + 0.2 * np.random.default_rng(3).standard_normal(len(cases)), 0.01, 0.99)
    alone = score_rows(cases, values, run="r", model="tbnet", folds=[1 + at // 2 % 3 for at in range(len(cases))])
    changed, _ = with_outline(card(), alone, [first, second], wanted_sensitivity=0.9, command="how")
    assert asked == [(len(first), 2), (len(second), 2)]
    assert changed.outline.n == len(cases)
