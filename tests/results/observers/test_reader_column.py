from lesion_core.cases.readings import Reading
from lesion_core.results.observers.panel import panel_of
from tests.results.observers.made import run_of, source_of

RUN = run_of([1, 1, 0, 0], [0.9, 0.2, 0.1, 0.7])


def reader_of(readings):
    return panel_of(source_of(RUN, readings=readings), ["bnet@r"], unit="image").readers


def test_a_suspicion_without_a_call_is_ordinal_and_cut_in_the_middle():
    (reader,) = reader_of([Reading("R", f"c{i}", suspicion=value) for i, value in enumerate([90.0, 50.0, 5.0, 49.0])])
    assert reader.ordinal
    assert reader.categories == ("5", "49", "50", "90")
    assert reader.called.tolist() == [True, True, False, False]
    assert reader.cut == "called from suspicion 50 on"


def test_an_action_alone_is_a_call():
    actions = ("biopsy", "follow-up", "routine", "biopsy")
    (reader,) = reader_of([Reading("R", f"c{i}", action=action) for i, action in enumerate(actions)])
    assert reader.called.tolist() == [True, False, False, True]
    assert not reader.ordinal
    assert reader.cut == ""


def test_a_category_goes_before_an_action_and_a_call_before_both():
    (reader,) = reader_of(
        [
            Reading("R", "c0", rating="3", action="biopsy"),
            Reading("R", "c1", rating="5", action="routine", call=0),
            Reading("R", "c2", rating="5", suspicion=1.0),
        ]
    )
    assert reader.called.tolist() == [False, False, True, False]
    assert reader.read.tolist() == [True, True, True, False]


def test_each_arm_is_a_reader_of_its_own():
    found = reader_of([Reading("R", "c0", call=1, arm="unaided"), Reading("R", "c0", call=0, arm="aided")])
    assert [each.name for each in found] == ["R (unaided)", "R (aided)"]
    assert [bool(each.called[0]) for each in found] == [True, False]
