import csv
import shutil
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.cases.table import read_cases
from lesion_core.errors import InputError
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.review.bundled import bundled_sources
from lesion_core.results.scores import read_scores, write_scores
from lesion_core.training import outline
from lesion_core.training.run_record import read_run
from tests.commands.conftest import command


def test_it_keeps_scores_record_and_history_under_the_new_name(workshop, tmp_path):
    output = command("keep", workshop.run, "--as", "bnet-other", "--to", tmp_path).output
    folder = tmp_path / "bnet-other" / "scores"
    kept, made = read_scores(folder / "thirds-3-out-of-fold.csv"), read_scores(workshop.run / "scores.csv")
    assert [(row.case_id, row.score, row.fold) for row in kept.rows] == [
        (row.case_id, row.score, row.fold) for row in made.rows
    ]
    assert {(row.run, row.model) for row in kept.rows} == {("bnet-other", "bnet-other")}
    assert read_run(folder).run == "bnet-other"
    assert read_run(folder).folds == read_run(workshop.run).folds
    with (folder / "history-bnet-other.csv").open() as stream:
        assert {row["fold"] for row in csv.DictReader(stream)} == {"1", "2", "3"}
    for line in cross_fitted_performance(kept, wanted_sensitivity=0.95, unit="patient").lines():
        assert line in output


def test_the_review_tabs_find_it(workshop, tmp_path):
    command("keep", workshop.run, "--as", "bnet-other", "--to", tmp_path)
    sources, damaged = bundled_sources(tmp_path, thresholds={})
    assert damaged == ()
    assert [run.model for source in sources for run in source.runs] == ["bnet-other"]


def test_with_its_cases_the_outline_enters_and_the_network_alone_stands_beside(workshop, tmp_path, monkeypatch):
    # Scores and shapes of phantoms separate their labels: noise does not.
    rng = np.random.default_rng(2)
    rows = read_scores(workshop.run / "scores.csv").rows
    noise = [replace(row, score=float(score)) for row, score in zip(rows, rng.random(len(rows)).round(6), strict=True)]
    write_scores(noise, workshop.run / "scores.csv")
    measured = rng.standard_normal((len(rows), 2))
    monkeypatch.setattr(outline, "measure", lambda table: measured)
    command("keep", workshop.run, "--as", "bnet-seed-1", "--outline", workshop.cases, "--to", tmp_path)
    name = "thirds-3-out-of-fold.csv"
    made = read_scores(workshop.run / "scores.csv")
    alone = read_scores(tmp_path / "bnet-seed-1-image-only" / "scores" / name)
    both = read_scores(tmp_path / "bnet-seed-1" / "scores" / name)
    assert [(row.case_id, row.score) for row in alone.rows] == [(row.case_id, row.score) for row in made.rows]
    assert {row.model for row in alone.rows} == {"bnet-seed-1-image-only"}
    assert {(row.run, row.model) for row in both.rows} == {("bnet-seed-1", "bnet-seed-1")}
    place = {case.case_id: at for at, case in enumerate(read_cases(workshop.cases).cases)}
    expected = outline.cross_fit(made, measured[[place[row.case_id] for row in made.rows]])
    assert both.scores == pytest.approx(expected.scores)
    assert (both.scores != alone.scores).any()


def test_the_network_alone_of_a_run_kept_before_does_not_stay_beside_another(workshop, tmp_path):
    partner = tmp_path / "bnet-seed-1-image-only" / "scores" / "thirds-3-out-of-fold.csv"
    partner.parent.mkdir(parents=True)
    partner.write_text("of a run kept before\n")
    with pytest.raises(InputError, match="give the cases with --outline, or delete"):
        command("keep", workshop.run, "--as", "bnet-seed-1", "--to", tmp_path)
    assert not (tmp_path / "bnet-seed-1").exists()
    partner.unlink()  # an emptied folder holds no network alone
    assert command("keep", workshop.run, "--as", "bnet-seed-1", "--to", tmp_path).exit_code == 0


@pytest.mark.parametrize("kept", ["bnet-other", "bnet-other-image-only"])
def test_a_name_with_scores_by_other_folds_is_refused_before_anything_is_written(workshop, tmp_path, kept):
    earlier = tmp_path / kept / "scores" / "fifths-5-out-of-fold.csv"
    earlier.parent.mkdir(parents=True)
    shutil.copy(workshop.run / "scores.csv", earlier)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match=r"holds fifths-5-out-of-fold\.csv, scores by other folds than thirds-3"):
        command("keep", workshop.run, "--as", "bnet-other", "--outline", workshop.cases, "--to", tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("name", ["bnet", "bnet-", "tnet-other", "mine", "-other", "BNET-other", "bnet-a/../../b"])
def test_a_name_that_is_not_beside_the_runs_model_is_refused(workshop, tmp_path, name):
    with pytest.raises(InputError, match=r"start it with bnet-"):
        command("keep", workshop.run, "--as", name, "--to", tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_an_unfinished_run_is_refused(workshop, tmp_path):
    run = tmp_path / "unfinished"
    shutil.copytree(workshop.run, run)
    made = read_scores(run / "scores.csv")
    write_scores(type(made)(made.rows[:-1]), run / "scores.csv")
    with pytest.raises(InputError, match="holds 23 of 24 cases"):
        command("keep", run, "--as", "bnet-other", "--to", tmp_path / "kept")
    (run / "scores.csv").unlink()
    with pytest.raises(InputError, match="is not finished"):
        command("keep", run, "--as", "bnet-other", "--to", tmp_path / "kept")
