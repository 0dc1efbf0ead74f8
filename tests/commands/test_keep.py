import csv
import shutil

import pytest

from lesion_core.errors import InputError
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.review.bundled import bundled_sources
from lesion_core.results.scores import read_scores, write_scores
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
