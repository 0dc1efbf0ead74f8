"""What the held-out test tab and its report say of a set: tables, notes under figures, reasons."""

import csv
import json

import pytest

from dashboards import held_out_handlers as handlers
from dashboards.held_out_report import report_of_values
from dashboards.observers.fixed_parts import show_findings, show_organs
from lesion_core.model.card import model_folder, read_card
from lesion_core.notice import NOTICE
from lesion_core.results.review.tables_text import as_latex
from lesion_core.results.scores import read_scores
from lesion_core.stats.estimate import signed
from lesion_core.stats.paired import delong_test
from lesion_core.stats.roc import auc
from tests.dashboards.held_out.controls import RELEASED, ROOT, values


def test_tables_4_and_5_of_the_one_real_reader_against_the_files_themselves():
    with (ROOT / "checkpoints/readings/busbra.csv").open() as file:
        grade = {row["case_id"]: int(row["rating"]) for row in csv.DictReader(file)}
    with (ROOT / "checkpoints/bnet/scores/busbra-10-out-of-fold.csv").open() as file:
        rows = list(csv.DictReader(file))
    label = {row["patient_id"]: row["label"] for row in rows}
    called = {}
    for row in rows:
        called[row["patient_id"]] = called.get(row["patient_id"], False) or grade[row["case_id"]] >= 4
    tp = sum(called[p] for p in label if label[p] == "1")
    tn = sum(not called[p] for p in label if label[p] == "0")
    shown = handlers.show_main(*values("busbra.folds"))[2]["rows"]
    reader = next(row for row in shown if row[0] == "BUS-BRA BI-RADS")
    assert reader[2].endswith(f", {tp}/342")
    assert reader[3].endswith(f", {tn}/722")
    assert (tp, tn) == (320, 561)


def test_pooled_areas_say_so_and_final_models_have_a_calibration_check():
    note = handlers.show_main(*values("busbra.folds"))[3]
    assert "pool the folds" in note
    assert "fold-averaged AUC: bnet 0.944 (" in note
    assert "Calibration on this set" not in note
    note = handlers.show_main(*values("busi.test"))[3]
    assert "pool the folds" not in note
    assert "Calibration on this set, per image (a probability has slope 1, intercept 0): bnet slope " in note


def test_each_kind_of_reference_line_says_what_it_sees():
    note = handlers.show_main(*values("busbra.folds"))[3]
    without_pixels = next(part for part in note.split("Thin lines that ") if part.startswith("use no pixel"))
    assert "size-only AUC" in without_pixels
    assert "shape-only AUC" in without_pixels
    assert "net" not in without_pixels
    network = next(part for part in note.split("Thin lines that ") if part.startswith("are the network alone"))
    assert "bnet-image-only AUC 0.927" in network
    assert "only the outline" not in network
    linear = next(part for part in note.split("Thin lines that ") if part.startswith("are one linear layer"))
    assert "trunk-linear AUC 0.914" in linear


def test_what_the_outline_alone_gives_is_said_and_stands_out_where_it_gives_all():
    """Against the files themselves: the sentence is bold where the interval of the difference reaches 0."""
    there = [
        ("busbra", "tnet", "tnet-outline-only", ""),
        *(("busi", name, f"{name}-outline-only", "") for name in RELEASED),
    ]
    for dataset, model, reference, fitted in there:
        own, other = (
            read_scores(ROOT / "checkpoints" / name / "scores" / f"{dataset}-external.csv")
            for name in (model, reference)
        )
        labels, areas = own.labels, (own.scores, other.scores)
        if own.has_patients:
            labels, areas = own.per_patient()[0], (own.per_patient()[1], other.per_patient()[1])
        test = delong_test(labels, *areas)
        note = handlers.show_main(*values(f"{dataset}.test"))[3]
        (line,) = (line for line in note.splitlines() if line.lstrip("-* ").startswith(f"{model} has AUC"))
        assert line.startswith(f"- **{model}" if test.low <= 0 else f"- {model}")
        assert f"the outline alone ({reference}{fitted}: no pixel of the image) {auc(labels, areas[1]):.3f} (" in line
        assert f"minus outline: {signed(test.value)} ({signed(test.low)} to {signed(test.high)})" in line


@pytest.mark.parametrize(
    ("name", "model"), [("ddti.folds.ti-rads-4-or-higher", "tnet"), ("busbra+ddti.folds", "tbnet")]
)
def test_reference_lines_stand_beside_every_models_cross_validation(name, model):
    _, figure, table, note, *_ = handlers.show_main(*values(name))
    assert table["rows"][1][0] == model
    for reference in ("size-only", "shape-only", "trunk-linear", f"{model}-image-only"):
        assert f"{reference} AUC 0." in note
        assert reference in str(figure)


def test_the_paper_has_tables_and_reasons_and_nothing_of_cases():
    header, figure, table, note, keeper, *_ = handlers.show_main(*values("paper.thyroid"))
    assert "held-out test (paper)" in json.loads(header)["what"]
    assert [row[4] for row in table["rows"] if row[0] == "TNet"] == ["0.861 (0.792-0.929)"]
    assert "R1" in figure["description"]
    assert json.loads(keeper)["values"] == {"set": "paper.thyroid"}
    agreement = handlers.show_agreement(*values("paper.thyroid"))
    assert agreement[0].startswith("The paper gives counts only")
    assert [each["visible"] for each in agreement[1:5]] == [False] * 4
    pairs_note, _, ranges, group_note, group = handlers.show_tests(*values("paper.thyroid"))
    assert "range over every overlap" in pairs_note
    assert ranges["rows"][1][1] == "0.0004"
    assert "counts only" in group_note
    assert not group["visible"]
    assert "balanced accuracy" in note


def test_the_synthetic_study_shows_the_multi_reader_views_and_says_what_it_is():
    main = handlers.show_main(*values("synthetic"))
    assert main[3].startswith("- **SYNTHETIC reader study: 5 simulated readers")
    note, plot, pairs, group_note, group = handlers.show_tests(*values("synthetic"))
    assert len(pairs["rows"]) == 1 + 20 * len(RELEASED)
    assert plot["visible"]
    assert f"over all {20 * len(RELEASED)} tests (Holm)" in note
    assert "5 readers, n = 226" in group_note
    assert [row[0] for row in group["value"]["rows"][1:]] == [
        f"{name}: {figure}" for name in RELEASED for figure in ("AUC", "sensitivity", "specificity")
    ]


def test_the_flow_says_who_is_compared_and_who_is_left_out_why():
    *_, note, flow = handlers.show_main(*values("synthetic"))
    with (ROOT / "checkpoints/bnet/scores/busi-external.csv").open() as file:
        scored = list(csv.DictReader(file))
    words = flow["description"]
    assert f"Scored by every model: {len(scored):,} images" in words
    assert "a reader could not assess: " in words
    group = handlers.show_tests(*values("synthetic"))[3]
    assert "5 readers, n = 226" in group
    assert "Answered by every model and reader: 226 images" in words
    stated = read_card(model_folder("bnet")).operating_point.threshold
    assert f"Calls at threshold {stated:.4g}, pre-stated" in note
    assert note.startswith("Counted by image; each image left out once")
    *_, moved, again = handlers.show_main(*values("synthetic", stated=False, threshold=0.9, how="counted as wrong"))
    assert "0.9, post hoc" in moved
    assert f"Answered by every model and reader: {len(scored):,} images" in again["description"]
    assert "not assessed, counted as wrong: " in again["description"]
    *_, note, flow = handlers.show_main(*values("paper.breast"))
    assert note.startswith("Figure 1 of the paper, both organs. The paper gives counts only")
    assert flow["description"].startswith("Women with thyroid or breast lesions")


def test_one_reader_is_no_group():
    *_, note, group = handlers.show_tests(*values("busbra.folds"))
    assert note.startswith("Undefined: a claim about readers needs at least 3 readers, here 1 answered")
    assert not group["visible"]


def test_a_moved_threshold_reaches_kappa_and_no_table_of_stated_ones():
    moved = values("busbra.folds", stated=False, threshold=0.98)
    tables = {table.title: table for table in report_of_values(*moved).tables}
    (row,) = tables["Agreement beyond chance"].rows
    assert row[3].startswith("0.090")  # few are called; 0.684 at the stated threshold
    stated = tables["Accuracy of models and readers (Tables 4 and 5)"]
    latex = as_latex(stated, report_of_values(*moved))
    assert "threshold of each row: the stated one; the one moved to 0.98 (post hoc) is not used here" in latex
    assert "threshold 0.98, post hoc" not in latex
    assert "0.98, post hoc" in as_latex(tables["Who is right"], report_of_values(*moved))


def test_a_moved_threshold_is_post_hoc_everywhere():
    moved = values("synthetic", stated=False, threshold=0.3)
    header = handlers.show_main(*moved)[0]
    assert "post hoc" in json.dumps(json.loads(header)["entries"])
    report = report_of_values(*moved)
    assert report.facts.post_hoc
    note = handlers.show_agreement(*moved)[0]
    assert "0.3, post hoc" in note


def test_the_report_has_everything_and_no_case_of_the_paper():
    report = report_of_values(*values("synthetic"))
    assert not any("**" in table.caption for table in report.tables)
    titles = [table.title for table in report.tables]
    assert titles == [
        "Accuracy of models and readers (Tables 4 and 5)",
        "Who is right",
        "Agreement beyond chance",
        "Each model against each reader",
        "Models against the group of readers",
    ]
    assert any("SYNTHETIC" in note for note in report.facts.notes)
    flow = next(each for each in report.figures if each.title == "Flow of the cases (STARD)")
    assert "Answered by every model and reader: 226 images" in flow.words
    assert "Calls at threshold" in flow.caption
    assert report.link.startswith("tab=test&test.set=synthetic")
    paper = [table.title for table in report_of_values(*values("paper.breast")).tables]
    assert "Who is right" not in paper
    assert "Published and recomputed" in paper
    assert NOTICE


def test_matrix_and_findings():
    matrix, tests, note, paper = show_organs()
    assert [row[0] for row in matrix["rows"]] == ["Model", "TNet", "BNet", "TBNet", "the outline's shape alone"]
    assert len(paper["rows"]) == 7
    assert note.startswith("Paired tests: DeLong, paired, Holm. p is corrected over 18 tests, intervals are not.")
    assert "Areas out of fold pool the folds." in note
    assert note.count("minus outline: ") == 4  # three on BUSI, TNet on BUS-BRA
    assert "BUS-BRA, final models: tnet has AUC 0." in note
    assert any("tnet (out of fold) minus bnet (final model)" in row[0] for row in tests["value"]["rows"])
    assert tests["visible"]
    assert any(row[3] == "NO" for row in show_findings()["rows"])


def test_words_that_must_not_stand_here():
    words = []
    for key in ("busbra.folds", "synthetic", "paper.breast"):
        report = report_of_values(*values(key))
        words += [json.dumps(report.facts.entries()), *report.methods, *(t.caption for t in report.tables)]
        words += [json.dumps(table.rows) for table in report.tables]
    text = " ".join(words).lower()
    assert "outperform" not in text
    assert "external validation" not in text
