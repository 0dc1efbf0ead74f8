"""The cross-validation tab without a browser: its numbers against an independent computation, its links, its export."""

import csv
import re
import time
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest

from dashboards import crossval_handlers as handlers
from dashboards.asking import Opening
from dashboards.crossval_compare import comparison_rows, others
from dashboards.crossval_figures import training_figure
from dashboards.crossval_report import make_report
from dashboards.crossval_tables import METHODS, figures_table, fold_table, forest_rows, table_three_rows
from dashboards.crossval_updates import training_words
from dashboards.crossval_view import make_view, median_threshold
from dashboards.review import sources, uploads
from lesion_core.errors import InputError
from lesion_core.model.card import model_folder, read_card
from lesion_core.results.review.history import EpochRow
from lesion_core.results.review.selection import Selection
from tests.test_readme import ROOT

RUN = "busbra.folds/bnet@bnet-best-cv"


@pytest.fixture(scope="module")
def patients():
    """Independent of the product: patient -> (label, mean score, fold), by plain Python from the file."""
    found = {}
    with (ROOT / "checkpoints/bnet/scores/busbra-10-out-of-fold.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["patient_id"], []).append((int(row["label"]), float(row["score"]), int(row["fold"])))
    return {
        key: (max(a for a, _, _ in rows), sum(b for _, b, _ in rows) / len(rows), rows[0][2])
        for key, rows in found.items()
    }


SHOWN = Opening(RUN, 1)


def values(
    *, run=RUN, unit="patient", rule="slider", t=0.3, prev=0.1, by="machine", fig="AUC", asked="", own=(),
    opened=SHOWN, number=1,
):  # fmt: skip
    return (own, run, unit, rule, t, prev, by, fig, asked, opened, number)


def event(data):
    return SimpleNamespace(_data=data)


def asking(query):
    return SimpleNamespace(query_params=query)


def text_of(update, key="value"):
    return update[key] if isinstance(update, dict) and key in update else update


def test_the_matrix_at_a_threshold_is_what_plain_python_counts(patients):
    rule, _, matrix, figures, *_ = handlers.move(*values(rule="cross-fitted"))
    assert rule == "slider"
    shown = {cell[0]: int(cell[1].replace(",", "")) for _, cells in matrix["rows"] for cell in cells}
    expected = {"tp": 0, "fn": 0, "fp": 0, "tn": 0}
    for label, score, _ in patients.values():
        expected[("tp" if score >= 0.3 else "fn") if label else ("fp" if score >= 0.3 else "tn")] += 1
    assert shown == expected
    sensitivity = next(row for row in figures["rows"] if row[0] == "Sensitivity (TPR)")
    assert sensitivity[1].startswith(f"{expected['tp'] / (expected['tp'] + expected['fn']):.3f} (")
    assert sensitivity[2] == f"n = {expected['tp'] + expected['fn']}, Wilson"


def test_a_cell_lists_the_cases_of_its_patients(patients):
    out = handlers.choose_cell(event({"cell": "fn"}), *values())
    view = handlers.read_view(*values(asked=out[0]))
    missed = {key for key, (label, score, _) in patients.items() if label and score < 0.3}
    assert set(view.run.patient_ids[view.chosen_rows].tolist()) == missed
    cases = next(each for each in out if isinstance(each, dict) and "cards" in each)
    assert cases["heading"] == "patients: positive, called below the threshold (missed)"
    assert cases["count"] == f"{view.chosen_rows.size:,} images"
    again = handlers.choose_cell(event({"cell": "fn"}), *values(asked=out[0]))
    assert again[0] == "|"


def test_folds_bars_points_and_rows_filter(patients):
    def chosen(out):
        asked, rule, t = out[:3]
        view = handlers.read_view(*values(asked=asked, rule=rule, t=t))
        return set(view.run.patient_ids[view.chosen_rows].tolist())

    fold = handlers.choose_fold(event({"key": "3"}), *values())
    assert chosen(fold) == {key for key, (_, _, number) in patients.items() if number == 3}
    bar = handlers.click_scores(event({"curve": 0, "custom": [0.25, 0.3, 0, 12]}), *values())
    assert chosen(bar) == {key for key, (label, score, _) in patients.items() if not label and 0.25 <= score < 0.3}
    point = handlers.click_scores(event({"curve": 3, "custom": [0.2, 0.5, 99]}), *values())
    assert chosen(point) == {key for key, (_, score, _) in patients.items() if 0.2 <= score <= 0.5}
    roc = handlers.click_roc(event({"curve": 2, "custom": [2, 0.4]}), *values(rule="cross-fitted"))
    assert roc[1:3] == ("slider", 0.4)
    assert chosen(roc) == {key for key, (_, score, number) in patients.items() if number == 2 and score >= 0.4}
    row = handlers.click_forest(event({"curve": 0, "custom": ["U-Systems @10-14MHz", 14, 6, ""]}), *values())
    assert len(chosen(row)) == 14
    mean = handlers.click_roc(event({"curve": 5, "custom": None}), *values(asked=fold[0]))
    assert mean[0] == fold[0]


#: The areas that the card says, as the page writes them.
AREAS = {
    metric.unit: f"{metric.value:.3f} ({metric.low:.3f} to {metric.high:.3f})"
    for metric in read_card(model_folder("bnet")).metrics
    if metric.name == "AUC" and metric.dataset == "BUS-BRA"
}


def test_the_headline_is_the_released_one():
    view = make_view((), {"run": RUN})
    head, patient, image = table_three_rows(view)
    assert head[-1] == "Pooled AUC"
    assert patient[-1] == AREAS["patient"]
    assert image[-1] == AREAS["image"]
    assert image[2].startswith("94.7 (")
    rates = {row[0]: row[1] for row in figures_table(view)[1:]}
    assert rates["Sensitivity (TPR)"] == "0.950 (0.922 to 0.969)"
    assert rates["Specificity (TNR)"] == "0.715 (0.681 to 0.746)"
    assert view.facts().threshold.origin == "cross-fitted"
    assert len(fold_table(view)) == 10
    assert 0.08 < median_threshold(view) < 0.2


def test_a_moved_slider_is_post_hoc_everywhere():
    report = make_report(*values())
    assert report.facts.post_hoc
    assert all("post hoc" in table.caption for table in report.tables)
    assert len(report.figures) == 5
    assert {table.title for table in report.tables} >= {"Confusion matrix", "Fold by fold", "AUC by subgroup"}
    assert report.link.startswith("tab=cv&cv.run=busbra.folds%2Fbnet%40bnet-best-cv")


def test_a_link_restores_the_whole_view():
    asked = Selection(cell="fp", fold=2)
    view = make_view(
        (),
        {
            "run": RUN,
            "unit": "image",
            "rule": "slider",
            "t": "0.41",
            "prev": "0.05",
            "by": "rads",
            "fig": "specificity",
            "cases": asked.as_query(),
            "page": "2",
        },
    )
    again = make_view((), view.as_query())
    assert again == view
    assert (again.selection, again.attribute, again.unit) == (asked, "rads", "image")


def test_a_link_calls_the_same_patients_at_a_threshold_that_is_a_score():
    view = make_view((), {"run": RUN, "rule": "slider"})
    for score in view.counted.scores[:200].tolist():
        at = replace(view, threshold=score, prevalence=score)
        assert make_view((), at.as_query()) == at


def test_a_tab_is_filled_once_as_the_link_says(monkeypatch):
    monkeypatch.setattr(gr, "Warning", lambda *a, **k: None)
    empty = ((), None, None, None, None, None, None, None, "")
    query = {"tab": "cv", "cv.run": RUN, "cv.rule": "slider", "cv.t": "0.3"}
    assert handlers.fill(asking(query), *empty)[2:4] == ("slider", 0.3)
    assert handlers.fill(asking(query), *values()) == handlers.nothing()
    assert handlers.fill(asking({"tab": "test", "test.set": "x"}), *empty)[2] == "cross-fitted"
    assert handlers.fill(asking({"tab": "cv"}), *empty)[2] == "cross-fitted"
    gone = handlers.fill(asking({"tab": "cv", "cv.run": "upload-9/m@r"}), *empty)
    assert gone[0]["value"] == sources.choices(out_of_fold=True)[0][1]


def test_a_drop_down_that_is_left_as_it_was_changes_nothing():
    asked = handlers.choose_cell(event({"cell": "fn"}), *values())[0]
    assert handlers.choose_run(*values(asked=asked)) == handlers.nothing()
    assert handlers.choose_run(*values(opened=Opening("upload-1/m@r", 1)))[2] == "cross-fitted"
    assert handlers.choose_run(*values(opened=Opening(), number=0))[2] == "cross-fitted"
    asked_again = values(opened=Opening(RUN, 2, time.monotonic()))
    assert handlers.choose_run(*asked_again) == handlers.nothing(), "its answer is on the way"


def test_nonsense_in_a_link_takes_the_defaults_and_no_such_run_is_told():
    view = make_view(
        (), {"run": RUN, "unit": "galaxy", "t": "9", "prev": "x", "by": "nothing", "fig": "F1", "page": "-"}
    )
    assert (view.unit, view.threshold, view.prevalence, view.figure, view.page) == ("patient", 0.5, 0.1, "AUC", 0)
    assert view.attribute in view.cuts
    with pytest.raises(InputError, match="no set"):
        make_view((), {"run": "upload-9/m@r"})
    with pytest.raises(InputError, match="no cross validation"):
        make_view((), {"run": "busi.test/bnet@bnet-best-busi"})


def test_the_forest_counts_every_patient_once():
    view = make_view((), {"run": RUN, "by": "rads"})
    _, rows, foot = forest_rows(view.subgroups)
    assert list(rows) == ["2", "3", "4", "5", "several"]  # a patient whose images were given different categories
    assert sum(int(re.match(r"[\d,]+", row[1]).group().replace(",", "")) for row in rows.values()) == 1064
    assert foot[1] == "1,064 (342)"
    assert "do they differ: p" in foot[2]


def test_an_area_without_delongs_interval_and_either_test_are_named():
    _, rows, _foot = forest_rows(make_view((), {"run": RUN, "by": "machine"}).subgroups)
    assert rows["U-Systems @10-14MHz"][2] == "1.000 (0.722 to 1.000), Newcombe score"
    assert rows["GE Logiq 5 @10-12MHz"][2] == "0.969 (0.953 to 0.984)"
    assert "Newcombe's score interval" in " ".join(METHODS)
    for figure in ("AUC", "sensitivity"):
        found = make_view((), {"run": RUN, "by": "machine", "fig": figure}).subgroups
        assert found.test.method in " ".join(METHODS)


def test_an_upload_with_unassessed_cases_counts_both_ways(tmp_path, monkeypatch):
    monkeypatch.setattr(gr, "Warning", lambda *a, **k: None)
    rng = np.random.default_rng(1)
    lines = ["case_id,score,label,fold"]
    for i in range(120):
        score = "" if i % 20 == 0 else f"{min(max(rng.normal(0.3 + 0.4 * (i % 2), 0.2), 0), 1):.3f}"
        lines.append(f"c{i},{score},{i % 2},{i % 3 + 1}")
    (tmp_path / "own.csv").write_text("\n".join(lines) + "\n")
    own, *_ = uploads.open_files([str(tmp_path / "own.csv")], (), 0)
    out = handlers.open_newest(own)
    view = make_view(own, {"run": sources.choices(own)[0][1], "rule": "slider", "t": "0.5"})
    assert view.at.counts.unassessed_negative == 6
    names = [row[0] for row in figures_table(view)]
    assert "Specificity, not assessed = false alarm" in names
    assert view.at.as_wrong.specificity.value < view.at.rates.specificity.value
    assert view.facts().unassessed == 6
    assert text_of(out[0]) == "upload-1/model@upload"


def test_scores_without_folds_are_no_cross_validation(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(gr, "Info", lambda text, **_: said.append(text))
    (tmp_path / "own.csv").write_text("case_id,score,label\na,0.5,1\nb,0.4,0\n")
    own, *_ = uploads.open_files([str(tmp_path / "own.csv")], (), 0)
    handlers.open_newest(own)
    assert "no folds" in said[0]


def test_two_runs_are_compared_on_their_cases(tmp_path):
    with (ROOT / "checkpoints/bnet/scores/busbra-10-out-of-fold.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rng = np.random.default_rng(0)
    for row in rows:
        row["model"], row["score"] = "noisy", f"{min(max(float(row['score']) + rng.normal(0, 0.2), 0), 1):.4f}"
    with (tmp_path / "other.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    own, *_ = uploads.open_files([str(tmp_path / "other.csv")], (), 0)
    view = make_view(own, {"run": RUN})
    (key,) = [key for shown, key in others(view, own) if "noisy" in shown]
    table = {row[0]: row for row in comparison_rows(view, own, key)}
    assert table["AUC of A"][1] == AREAS["patient"]
    assert table["AUC, A minus B"][1].startswith("+0.0")
    assert "1,064 patients in common" in table["Size"][1]
    shown = handlers.compare(key, *values(own=own))
    assert shown["visible"]
    assert not handlers.compare("", *values())["visible"]


def test_the_models_of_another_folder_are_seen_and_compared(tmp_path, monkeypatch):
    for model, shift in (("one", 0.0), ("two", 0.05)):
        folder = tmp_path / model / "scores"
        folder.mkdir(parents=True)
        with (ROOT / "checkpoints/bnet/scores/busbra-10-out-of-fold.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))[:600]
        for at, row in enumerate(rows):
            row["model"] = model
            row["score"] = f"{min(max(float(row['score']) + shift * (at % 3 - 1), 0), 1):.4f}"
        with (folder / "busbra-10-out-of-fold.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    monkeypatch.setenv("LESION_CHECKPOINTS", str(tmp_path))
    sources.bundled.cache_clear()
    try:
        view = make_view((), {"run": "busbra.folds/one@bnet-best-cv"})
        assert [key for _, key in others(view, ())] == ["busbra.folds/two@bnet-best-cv"]
        table = {row[0]: row for row in comparison_rows(view, (), "busbra.folds/two@bnet-best-cv")}
        assert "patients in common" in table["Size"][1]
        assert table["AUC, A minus B"][2].startswith("p ")
    finally:
        sources.bundled.cache_clear()


def test_many_cases_let_the_tables_wait(monkeypatch):
    monkeypatch.setattr(handlers, "MANY", 10)
    assert all("value" not in (each or {}) for each in handlers.settle_few(*values()))
    assert len(handlers.settle(*values())) == 12


def test_a_slider_that_was_reset_moves_the_figures_too():
    """Gradio says of a reset that the slider was let go, not that it was moved."""
    _, *moved = handlers.move(*values(t=0.5))
    assert handlers.settle(*values(t=0.5))[:5] == tuple(moved)
    assert handlers.settle(*values(t=0.5, rule="cross-fitted"))[:5] == (gr.skip(),) * 5


def test_other_changes_return_what_is_listened_for():
    assert len(handlers.change_rule(*values())) == 12
    assert len(handlers.change_prevalence(*values())) == 6
    assert len(handlers.change_forest(*values())) == 3
    assert len(handlers.choose_unit(*values())) == len(handlers.fill(asking({}), *values())) == 25
    assert len(handlers.change_run(*values())) == 25
    turned = handlers.turn(event({"page": 2}), *values())
    assert turned[1]["page"] == 2
    assert turned[0] == "|2"


def test_a_run_that_is_gone_is_told_and_nothing_else_changes(monkeypatch):
    said = []
    monkeypatch.setattr(gr, "Warning", lambda text, **_: said.append(text))
    gone = values(run="upload-1/m@r")
    asked = [
        handlers.choose_unit,
        handlers.move,
        handlers.settle,
        handlers.settle_few,
        handlers.change_rule,
        handlers.change_prevalence,
        handlers.change_forest,
        handlers.choose_everything,
        partial(handlers.choose_cell, event({"cell": "fn"})),
        partial(handlers.choose_fold, event({"key": "1"})),
        partial(handlers.click_roc, event({"curve": 2, "custom": [2, 0.4]})),
        partial(handlers.turn, event({"page": 1})),
    ]
    assert all(handler(*gone) == gr.skip() for handler in asked)
    assert len(said) == len(asked)
    assert all("no set" in text for text in said)


def test_ten_folds_training_lines_differ_and_the_words_name_only_what_is_drawn():
    rows = [EpochRow(fold, epoch, 0.5, None, None) for fold in range(1, 11) for epoch in (1, 2)]
    lines = training_figure(rows).data
    assert len({(line.line.color, line.marker.symbol) for line in lines}) == len(lines) == 10
    assert "dashed" not in training_words(rows)
    both = [*rows, EpochRow(1, 3, 0.4, 0.6, None)]
    assert "dashed" in training_words(both)
    assert [line.line.dash for line in training_figure(both).data].count("dash") == 1


def test_a_question_that_was_put_before_another_run_was_shown_changes_nothing():
    late = values(opened=Opening(RUN, 2, time.monotonic()))
    for handler in (handlers.choose_unit, handlers.move, handlers.settle, handlers.settle_few, handlers.change_rule):
        assert handler(*late) == gr.skip()
    assert handlers.choose_cell(event({"cell": "fn"}), *late) == gr.skip()
    assert handlers.turn(event({"page": 1}), *late) == gr.skip()
    assert handlers.compare(RUN, *late) == gr.skip()
    first, again = (handlers.fill(asking({}), *values(run=None))[8:10] for _ in range(2))
    assert first[0].number == first[1] != again[1], "the server and the page have the same number, another each time"


@pytest.mark.parametrize(("opened", "number"), [(Opening(), 7), (Opening(RUN, 7, time.monotonic() - 60), 3)])
def test_a_server_that_has_forgotten_what_is_open_or_whose_answer_was_lost_still_answers(opened, number):
    """After a restart, an hour's sleep, or on a bad line."""
    asked = values(opened=opened, number=number)
    assert len(handlers.choose_cell(event({"cell": "fn"}), *asked)) == 15
    assert handlers.choose_run(*asked)[2] == "cross-fitted", "it is opened once more"


def test_a_click_leaves_the_slider_where_the_visitor_has_moved_it():
    assert handlers.choose_cell(event({"cell": "fn"}), *values())[1:3] == (gr.skip(), gr.skip())
    curve = handlers.click_roc(event({"curve": 2, "custom": [2, 0.4]}), *values(rule="cross-fitted"))
    assert curve[1:3] == ("slider", 0.4)
