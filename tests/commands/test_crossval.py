import shutil
from dataclasses import replace

import pytest

from lesion_core.cases.folds import Scheme, write_folds
from lesion_core.cases.table import read_cases, write_cases
from lesion_core.errors import InputError
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.scores import read_scores
from lesion_core.training import config
from lesion_core.training.run_record import config_as_json, fingerprint_of, read_run, settings_of
from tests.commands.conftest import LEARNS, TINY, command
from tests.training.phantom_set import by_patient, make_set, write_scheme


def crossval(cases, out, cache, **options):
    chosen = {"scheme": "thirds-3", "preset": "tiny", "cache": cache} | options
    flags = [part for name, value in chosen.items() for part in (f"--{name}", value)]
    return command("crossval", cases, "--out", out, *flags)


def test_it_leaves_scores_and_the_record_of_the_run(workshop):
    folds = ["fold-01", "fold-02", "fold-03"]
    assert sorted(file.name for file in workshop.run.iterdir()) == [*folds, "folds.csv", "run.json", "scores.csv"]
    table, scores, record = (
        read_cases(workshop.cases),
        read_scores(workshop.run / "scores.csv"),
        read_run(workshop.run),
    )
    assert [row.case_id for row in scores.rows] == sorted(case.case_id for case in table.cases)
    assert {row.fold for row in scores.rows} == {1, 2, 3}
    assert {(row.run, row.model) for row in scores.rows} == {("cv", "bnet")}
    assert (record.run, record.model, record.preset, record.scheme) == ("cv", "bnet", "tiny", "thirds-3")
    assert record.settings == settings_of(TINY)
    assert record.cases_sha256 == fingerprint_of(table)
    assert record.images == 24
    assert sorted(record.folds) == ["1", "2", "3"]
    assert all(fold.config == config_as_json(LEARNS) for fold in record.folds.values())


def test_it_prints_the_figures_of_the_scores_it_wrote(workshop):
    scores = read_scores(workshop.run / "scores.csv")
    for unit in ("patient", "image"):
        for line in cross_fitted_performance(scores, wanted_sensitivity=0.95, unit=unit).lines():
            assert line in workshop.crossval_output
    for expected in (
        "first weights: the original VGG-19",
        "RoIs: 24/24",
        "features (original): 24/24",
        "fold 3: ",
        "written: ",
    ):
        assert expected in workshop.crossval_output
    assert cross_fitted_performance(scores, wanted_sensitivity=0.95, unit="patient").auc.value > 0.9


def test_a_second_run_trains_nothing_and_prints_the_same(workshop, monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("it was trained again")

    monkeypatch.setattr("lesion_core.training.crossval.fit", never)
    result = crossval(workshop.cases, workshop.run, workshop.cache)
    assert result.exit_code == 0
    assert "fold 2: finished before" in result.output
    assert [line for line in workshop.crossval_output.splitlines() if line.startswith("per ")] == [
        line for line in result.output.splitlines() if line.startswith("per ")
    ]


def test_folds_one_by_one_and_merged_by_command(workshop, tmp_path):
    out = tmp_path / "parts"
    first = crossval(workshop.cases, out, workshop.cache, fold=2)
    assert "still to run: fold 1, 3" in first.output
    assert not (out / "scores.csv").exists()
    with pytest.raises(InputError, match="only 8 of 24 cases are scored, by fold 2: run the others"):
        command("merge", out, "--out", tmp_path / "merged")
    shutil.rmtree(workshop.run / "fold-02")
    result = command("merge", workshop.run, out / "fold-02", "--out", tmp_path / "merged")
    assert result.exit_code == 0
    assert "per patient: AUC" in result.output
    again, before = (read_scores(folder / "scores.csv") for folder in (tmp_path / "merged", workshop.run))
    assert {(row.case_id, row.score, row.fold) for row in again.rows} == {
        (row.case_id, row.score, row.fold) for row in before.rows
    }


def no_trunk(monkeypatch):
    """What is asked wrongly must be said before an hour of features."""

    def never(*arguments):
        raise AssertionError("the trunk was loaded first")

    monkeypatch.setattr("lesion_core.training.planning.imagenet_weights", never)


def test_a_patient_id_in_two_data_sets_is_told_before_anything_is_computed(workshop, tmp_path, monkeypatch):
    said = []

    def stop(*arguments, **options):
        raise InputError("stopped before the training")

    monkeypatch.setattr("lesion_core.training.planning.complete", stop)
    monkeypatch.setattr("typer.echo", said.append)
    first, second, *rest = read_cases(workshop.cases).cases
    assert first.patient_id == second.patient_id
    table = workshop.cases.with_name("two-sets.csv")
    for dataset, told in (("elsewhere", True), (first.dataset, False)):
        said.clear()
        write_cases([first, replace(second, dataset=dataset), *rest], table)
        with pytest.raises(InputError, match="stopped before"):
            crossval(table, tmp_path / "new", workshop.cache)
        assert [f"more than one data set ({first.patient_id})" in line for line in said] == [True] * told


def test_mistakes_are_said_before_anything_is_computed(workshop, tmp_path, monkeypatch):
    no_trunk(monkeypatch)
    out = tmp_path / "new"
    with pytest.raises(InputError, match=r"no scheme 'busbra-5' in .*: it has thirds-3"):
        crossval(workshop.cases, out, workshop.cache, scheme="busbra-5")
    with pytest.raises(InputError, match="no preset named 'worst'"):
        crossval(workshop.cases, out, workshop.cache, preset="worst")
    with pytest.raises(InputError, match="all 6 cases are marked external"):
        crossval(workshop.external, out, workshop.cache)
    table = make_set(tmp_path / "torn", patients=4)
    torn = Scheme("thirds-3", {case.case_id: 1 + at % 2 for at, case in enumerate(table.cases)})
    write_folds([torn], tmp_path / "torn" / "folds.csv")
    with pytest.raises(InputError, match="puts 4 patients or duplicate groups into two folds"):
        crossval(tmp_path / "torn" / "cases.csv", out, workshop.cache)
    assert not out.exists()


def test_external_cases_of_a_mixed_table_are_left_out(workshop, tmp_path, monkeypatch):
    alone = replace(TINY, candidates=(LEARNS,))
    monkeypatch.setitem(config.PRESETS, "tiny", alone)
    table = make_set(tmp_path / "mixed", patients=8, views=1)
    write_scheme(replace(table, cases=table.cases[:6]), by_patient(replace(table, cases=table.cases[:6])))
    cases = [replace(case, split="external" if at >= 6 else "") for at, case in enumerate(table.cases)]
    write_cases(cases, tmp_path / "mixed" / "cases.csv")
    result = crossval(tmp_path / "mixed" / "cases.csv", tmp_path / "run", workshop.cache)
    assert "left out: 2 cases marked external" in result.output
    assert len(read_scores(tmp_path / "run" / "scores.csv")) == 6
    assert read_run(tmp_path / "run").images == 6


def test_folds_by_image_are_marked(workshop, tmp_path, monkeypatch):
    monkeypatch.setitem(config.PRESETS, "tiny", replace(TINY, candidates=(LEARNS,)))
    table = make_set(tmp_path / "torn", patients=4)
    by_image = Scheme("thirds-3", {case.case_id: 1 + at % 2 for at, case in enumerate(table.cases)}, "image")
    write_folds([by_image], tmp_path / "torn" / "folds.csv")
    result = crossval(tmp_path / "torn" / "cases.csv", tmp_path / "run", workshop.cache)
    assert "a patient may stand on both sides, which flatters every figure" in result.output
    assert "per image: AUC" in result.output
    assert "per patient" not in result.output
