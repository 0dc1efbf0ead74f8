import shutil

import numpy as np
import pytest

from lesion_core.results.observers.flow import panel_flow
from lesion_core.results.observers.panel import panel_of
from lesion_core.results.review.attributes import Attributes
from lesion_core.results.review.bundled import bundled_sources
from lesion_core.results.review.source import ThresholdRule
from tests.test_readme import ROOT

MODELS = ROOT / "checkpoints"


@pytest.fixture(scope="module")
def sources():
    found, damaged = bundled_sources(MODELS, thresholds={"bnet": ThresholdRule(0.127, "as the card says")})
    assert damaged == ()
    return {source.key: source for source in found}


def test_every_set_and_stage_is_one_source(sources):
    cross, test = sources["busbra.folds"], sources["busi.test"]
    assert cross.out_of_fold
    assert not test.out_of_fold
    assert next(iter(sources)).endswith(".folds")
    run = cross.run("bnet@bnet-best-cv")
    assert len(run) == 1875
    assert cross.label_source == "histopathology"
    assert test.threshold_of(test.runs[0]).value == 0.127
    assert "by the ledger: bnet 3 times" in test.openings


def test_every_case_has_its_attributes_and_the_recorded_category(sources):
    cross = sources["busbra.folds"]
    run = cross.runs[0]
    for name in ("machine", "rads", "histology", "area_px", "height_to_width"):
        assert (cross.attributes.aligned(name, run.case_ids) != "").all(), name
    (reader,) = cross.readers
    assert set(run.case_ids.tolist()) <= set(reader.position)
    test = sources["busi.test"]
    assert (test.attributes.aligned("area_px", test.runs[0].case_ids) != "").all()
    assert "machine" not in test.attributes.columns


def test_cases_of_another_connected_set_are_no_exclusions_of_this_one():
    own = np.array(["ddti-1_1", "not-scored"])
    other = np.array(["ddti-1_1", "bus_0001-l", "bus_0001-r"])
    connected = {"ddti": Attributes(own, {"machine": np.array(["A", "A"])})}
    connected["busbra"] = Attributes(other, {"machine": np.array(["B", "B", "B"])})
    found, _ = bundled_sources(MODELS, thresholds={}, connected=connected)
    source = next(each for each in found if each.key == "ddti.test.ti-rads-4-or-higher")
    assert source.attributes.case_ids.size == 172
    assert ("Machine", "A") in source.attributes.of("ddti-1_1")
    flow = panel_flow(source, panel_of(source, [source.runs[0].key], unit="image"), "left out", model="bnet")
    lines = [box.lines for box in flow.boxes]
    assert lines[0][0] == "172 images"
    assert lines[1] == ("not scored by every chosen model: 1 images",)


def test_a_set_of_outlines_says_what_is_counted(sources):
    for key, source in sources.items():
        notes = " ".join(source.notes)
        of_2015 = key.startswith("ddti.") and not key.endswith("-4-or-higher")
        assert ("Counted by image, n counts outlines: 449 of 348 images" in notes) == of_2015, key
        assert ("Counted by patient, a patient's score is the mean over all outlines" in notes) == of_2015, key


def test_the_licence_of_the_attributes_lies_beside_them():
    assert "free of charge" in (MODELS / "attributes" / "busbra-LICENSE.txt").read_text(encoding="utf-8")


def test_a_damaged_file_hides_no_other(tmp_path):
    shutil.copytree(MODELS / "bnet" / "scores", tmp_path / "bnet" / "scores")
    (tmp_path / "bad" / "scores").mkdir(parents=True)
    (tmp_path / "bad" / "scores" / "x.csv").write_text("case_id,score,label\na,7,1\n")
    (tmp_path / "ledger.csv").write_text("nothing\n")
    found, damaged = bundled_sources(tmp_path, thresholds={})
    rules = {f"ddti.test.ti-rads-{grade}-or-higher" for grade in ("4", "4a", "4b", "4c", "5")}
    assert {source.key for source in found} == {"busbra.folds", "busi.test"} | rules
    assert [each.name for each in damaged] == ["bad/x.csv", "ledger.csv"]


def test_the_history_of_a_run(tmp_path):
    shutil.copytree(MODELS / "bnet" / "scores", tmp_path / "bnet" / "scores")
    (tmp_path / "bnet" / "scores" / "history-bnet-best-cv.csv").write_text(
        "fold,epoch,loss,validation_loss\n1,1,0.7,0.6\n1,2,0.5,\n"
    )
    found, _ = bundled_sources(tmp_path, thresholds={})
    cross = next(source for source in found if source.out_of_fold)
    history = cross.history_of(cross.runs[0])
    assert [(row.fold, row.epoch, row.loss, row.validation_loss) for row in history] == [
        (1, 1, 0.7, 0.6),
        (1, 2, 0.5, None),
    ]


def test_each_label_rule_of_a_set_is_a_source_of_its_own(tmp_path):
    source = MODELS / "bnet" / "scores" / "busi-external.csv"
    for name, target in (("x", "labelled malignant"), ("y", "grade 4 or higher")):
        folder = tmp_path / name / "scores"
        folder.mkdir(parents=True)
        text = source.read_text(encoding="utf-8").replace("labelled malignant", target)
        (folder / "busi-external.csv").write_text(text, encoding="utf-8")
    found, damaged = bundled_sources(tmp_path, thresholds={})
    assert damaged == ()
    assert [(each.key, each.title.partition("(part), ")[2]) for each in found] == [
        ("busi.test.grade-4-or-higher", "final models (grade 4 or higher)"),
        ("busi.test.labelled-malignant", "final models (labelled malignant)"),
    ]
