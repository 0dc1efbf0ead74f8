import numpy as np

from lesion_core.results.observers.flow import panel_flow
from lesion_core.results.observers.panel import panel_of
from lesion_core.results.review.attributes import Attributes
from tests.results.observers.made import calls_of, random_study, run_of, source_of


def boxes_of(flow):
    """(title, lines) of each box from the top."""
    return [(box.title, box.lines) for box in flow.boxes]


def study():
    """Eight images of seven patients, two more that nothing scored; four of the eight are not shared."""
    labels, scores = [1, 1, 1, 0, 0, 0, 1, 0], [0.9, 0.2, 0.8, 0.1, 0.7, 0.3, np.nan, 0.2]
    run = run_of(labels, scores, patients=list("aabcdefg"))
    readings = calls_of("R1", [1, 0, None, 0, "?", 0, "?", 1]) + calls_of("R2", [1, 1, "?", "?", "?", 0, 1, 1])
    known = Attributes(np.array(["c0", "x1", "x2"]), {})
    return source_of(run, readings=readings).with_attributes(known)


def test_each_case_that_is_not_shared_is_counted_once_with_its_reason():
    source = study()
    panel = panel_of(source, ["bnet@r"], unit="image")
    flow = panel_flow(source, panel, "left out", model="bnet")
    assert boxes_of(flow) == [
        ("Cases of the set", ("10 images", "7 lesions (2 images without)", "7 patients (2 images without)")),
        ("Left out", ("not scored by every chosen model: 2 images",)),
        ("Scored by every model", ("8 images", "7 lesions", "7 patients")),
        (
            "Left out",
            (
                "a model could not assess: 1 images with label 1",
                "no reading of a reader: 1 images with label 1",
                "a reader could not assess: 2 images with label 0",
            ),
        ),
        ("Answered by every model and reader", ("4 images", "3 lesions", "3 patients")),
        ("Label 1", ("2 images",)),
        ("Label 0", ("2 images",)),
        ("Calls", ("above 1", "below 1")),
        ("Calls", ("above 0", "below 2")),
    ]
    moved = panel_flow(source, panel, "left out", model="bnet", threshold=0.25)
    assert [box.lines for box in moved.boxes if box.title == "Calls"] == [
        ("above 1", "below 1"),
        ("above 1", "below 1"),
    ]


def test_counted_as_wrong_they_stay_and_only_a_missing_reading_is_left_out():
    source = study()
    flow = panel_flow(source, panel_of(source, ["bnet@r"], unit="image"), "counted as wrong", model="bnet")
    shown = dict(boxes_of(flow)[3:7])
    assert shown["Left out"] == ("no reading of a reader: 1 images with label 1",)
    assert shown["Answered by every model and reader"] == (
        "7 images",
        "6 lesions",
        "6 patients",
        "not assessed, counted as wrong: 3 images",
    )
    assert (shown["Label 1"], shown["Label 0"]) == (("3 images",), ("4 images",))


def test_counted_as_wrong_a_case_that_the_model_could_not_assess_either_is_out_for_its_reading():
    run = run_of([1, 0, 1], [np.nan, 0.1, 0.9])
    source = source_of(run, readings=calls_of("R1", [None, 0, 1]))
    panel = panel_of(source, ["bnet@r"], unit="image")
    wrong, left = (
        boxes_of(panel_flow(source, panel, how, model="bnet"))[3][1] for how in ("counted as wrong", "left out")
    )
    assert wrong == ("no reading of a reader: 1 images with label 1",)
    assert left == ("a model could not assess: 1 images with label 1",)


def test_by_patient_and_only_the_chosen_readers():
    source = study()
    panel = panel_of(source, ["bnet@r"], unit="patient").chosen(["R1"])
    shown = boxes_of(panel_flow(source, panel, "left out", model="bnet"))
    assert shown[3][1] == (
        "a model could not assess: 1 patients with label 1",
        "no reading of a reader: 1 patients with label 1",
        "a reader could not assess: 1 patients with label 0",
    )
    assert shown[4][1] == ("5 images", "4 lesions", "4 patients")
    assert shown[5][1] == ("1 patients",)


def test_without_readers_or_threshold():
    source = source_of(run_of([1, 0], [0.9, 0.1]), thresholds=())
    shown = boxes_of(panel_flow(source, panel_of(source, ["bnet@r"], unit="image"), "left out", model="bnet"))
    assert [title for title, _ in shown][-3:] == ["Could be assessed by every model", "Label 1", "Label 0"]
    assert shown[1][1] == ("none (what the import left out stands in its notes)",)
    assert shown[3][1] == ("none",)


def test_every_case_of_a_larger_study_is_in_one_place():
    source = random_study(readers=3, unsure=0.1)
    panel = panel_of(source, ["bnet@r"], unit="image")
    words = boxes_of(panel_flow(source, panel, "left out", model="bnet"))
    lost = sum(int(line.split(": ")[1].split()[0]) for line in words[3][1])
    answered = int(words[4][1][0].split()[0])
    assert lost + answered == panel.n
    assert lost == len({case for reader in source.readers for case in reader.case_ids[~reader.assessed].tolist()})
