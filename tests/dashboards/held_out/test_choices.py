"""What is chosen on the held-out test tab and what it sets: sets, files of a visitor, clicks, the threshold."""

import json
import time
from dataclasses import replace

import gradio as gr
import pytest
from gradio.utils import deep_hash

from dashboards import held_out
from dashboards import held_out_controls as choosing
from dashboards import held_out_handlers as handlers
from dashboards.asking import Opening
from dashboards.observers.address import from_link
from lesion_core.errors import InputError
from lesion_core.model.card import model_folder, read_card
from lesion_core.results.observers.agreement_groups import MAJORITY
from tests.dashboards.held_out.controls import RELEASED, values
from tests.dashboards.observers.test_choice import readings_of_busi
from tests.results.observers.made import random_study


class Click:
    """What a click on a component brings."""

    def __init__(self, **data):
        self._data = data


def test_a_set_sets_the_controls():
    updates = handlers.open_set("synthetic", None, ())
    assert len(updates) == handlers.WHOLE
    assert updates[1]["value"] == [f"{name}@{name}-best-busi" for name in RELEASED]
    assert updates[2]["value"] == [f"simulated {letter}" for letter in "ABCDE"]
    assert updates[10]["value"] == pytest.approx(read_card(model_folder("bnet")).operating_point.threshold, abs=5e-4)
    paper = handlers.open_set("paper.thyroid", None, ())
    assert [each["visible"] for each in paper[1:6]] == [False] * 5


def test_nothing_is_done_before_a_set_is_opened_and_a_lost_set_is_told(warned):
    assert handlers.show_main(*values("synthetic", test_set=None)) == choosing.unchanged(9)
    assert warned == []
    assert handlers.show_main(*values("synthetic", test_set="upload-9")) == choosing.unchanged(9)
    assert "there is no set 'upload-9' here" in warned[0]


def test_a_drop_down_that_is_left_as_it_was_changes_nothing():
    opened = handlers.open_set("synthetic", None, ())[choosing.OPENED]
    assert opened.key == "synthetic"
    for number in (opened.number, opened.number - 1):  # the page has it, or its answer is on the way
        assert handlers.choose_set("synthetic", opened, number, None, ()) == choosing.unchanged(handlers.WHOLE)
    chosen = handlers.choose_set("synthetic", Opening("busbra.folds", 1), 1, None, ())
    again = handlers.open_set("synthetic", None, ())
    assert chosen[0] == gr.skip(), "the visitor may have gone on to a third set by now"
    assert chosen[1 : choosing.OPENED] == again[1 : choosing.OPENED]
    assert chosen[choosing.SET :] == again[choosing.SET :]
    assert chosen[choosing.NUMBER] == chosen[choosing.OPENED].number


def test_before_anything_is_open_a_set_can_be_chosen():
    """The first look may have failed, or not be answered yet."""
    with gr.Blocks() as page:
        held_out.build()
    (chosen,) = (each for each in page.fns.values() if each.name == "choose_set")
    at_first = chosen.inputs[1].value
    assert handlers.choose_set("synthetic", at_first, 0, None, ())[1]["visible"]


@pytest.mark.parametrize(("opened", "number"), [(Opening(), 7), (Opening("synthetic", 7, time.monotonic() - 60), 3)])
def test_a_server_that_has_forgotten_what_is_open_or_whose_answer_was_lost_still_answers(opened, number):
    """After a restart, an hour's sleep, or on a bad line."""
    asked = values("synthetic", opened=opened, number=number)
    assert handlers.show_main(*asked) == handlers.show_main(*values("synthetic"))
    assert handlers.choose_set("synthetic", opened, number, None, ())[1]["visible"], "it is opened once more"


def test_a_question_that_was_put_before_another_set_was_shown_changes_nothing(warned):
    """It carries the readers and models of the set before; what the new set brings is on its way."""
    late = values("synthetic", opened=Opening("synthetic", 2, time.monotonic()))
    assert handlers.show_main(*late) == choosing.unchanged(9)
    assert handlers.show_tests(*late) == choosing.unchanged(5)
    assert handlers.show_agreement(*late) == choosing.unchanged(11)
    assert handlers.count_anew(*late)[1:] == choosing.unchanged(9)
    assert warned == []
    with pytest.raises(InputError, match="another set is being opened"):
        choosing.choice_of(late)


def test_an_answer_gives_a_control_no_value_that_it_has():
    """The visitor may have chosen again by then, and the answer would take it back."""
    asked = values("synthetic", against="simulated B")
    model, against = handlers.show_main(*asked)[5:7]
    assert "value" not in model
    assert "value" not in against
    gone = values("synthetic", readers=["simulated A"], against="simulated B", model="no@such")
    model, against = handlers.show_main(*gone)[5:7]
    assert model["value"] == "bnet@bnet-best-busi"
    assert against["value"] == MAJORITY


def test_a_set_that_is_opened_once_more_is_a_change_too():
    """What follows an opening listens to this state; with other readings the key alone stays the same."""
    first, again = (handlers.open_set("busi.test", None, ())[choosing.OPENED] for _ in range(2))
    assert first.key == again.key
    assert deep_hash(first) != deep_hash(again), "Gradio's own measure of a state's change"


def test_another_way_to_count_drops_the_group_in_the_same_answer():
    asked = values("synthetic", group="readers only/0", how="counted as wrong")
    group, *main = handlers.count_anew(*asked)
    assert group == ""
    assert tuple(main) == handlers.show_main(*values("synthetic", how="counted as wrong"))


def test_ticked_models_are_answered_with_their_figures(warned):
    bnet, tnet = (f"{name}@{name}-best-busi" for name in ("bnet", "tnet"))
    gone = values("synthetic", models=[tnet], model=bnet, group="none/1", stated=False, threshold=0.3)
    group, stated, slider, *main = handlers.tick_models(*gone)
    assert (group, stated) == ("", True), "the moved threshold was of a model that is not shown any more"
    assert choosing.moved(*values("synthetic", models=[tnet], model=tnet, threshold=slider)) == (gr.skip(), gr.skip())
    assert tuple(main) == handlers.show_main(*values("synthetic", models=[tnet], model=bnet, threshold=0.3))
    stays = values("synthetic", models=[bnet, tnet], model=bnet, stated=False, threshold=0.3)
    assert handlers.tick_models(*stays)[:3] == ("", gr.skip(), gr.skip())
    none = handlers.tick_models(*values("synthetic", models=[], model=tnet))
    assert [row[0] for row in none[5]["rows"]][1:2] == ["tnet"]
    assert warned == []
    lost = handlers.tick_models(*values("synthetic", test_set="upload-9", models=[tnet], model=bnet))
    assert lost == ("", *choosing.unchanged(len(none) - 1))


def test_a_group_lists_its_cases_page_by_page():
    *_, cases, _, _, _, _, _, address = handlers.show_agreement(*values("synthetic", group="readers only/0"))
    assert json.loads(address)["values"]["group"] == "readers only/0"
    assert cases["visible"]
    first = cases["value"]
    assert first["heading"].startswith("label 0, right: readers only:")
    count = int(first["count"].split()[0])
    assert first["pages"] == -(-count // 12)
    second = handlers.turn_page(Click(page=1), *values("synthetic", group="readers only/0"))
    assert {card["id"] for card in second["cards"]}.isdisjoint(card["id"] for card in first["cards"])
    assert handlers.turn_page(Click(page=0), *values("synthetic", group="nonsense"))["cards"] == []


def test_clicks_on_figure_4():
    model = Click(curve=1, index=3, x=0.1, y=0.7, custom=["model", "bnet@bnet-best-busi", 0.31])
    assert handlers.clicked_roc(model, *values("synthetic")) == (
        "bnet@bnet-best-busi", gr.skip(), False, 0.31, "bnet@bnet-best-busi",
    )  # fmt: skip
    reader = Click(curve=9, index=0, x=0.1, y=0.7, custom=["reader", "simulated C"])
    assert handlers.clicked_roc(reader, *values("synthetic"))[1] == "simulated C"
    other = Click(curve=1, index=3, x=0.1, y=0.7, custom=["model", "no such", 0.3])
    assert handlers.clicked_roc(other, *values("synthetic")) == choosing.unchanged(5)
    assert handlers.clicked_group(Click(curve=0, index=[0, 1], custom="none/1")) == "none/1"
    assert handlers.clicked_row(Click(key="both/0")) == "both/0"


def test_a_moved_threshold_is_of_the_model_it_was_moved_for():
    bnet, tnet = (f"{name}@{name}-best-busi" for name in ("bnet", "tnet"))
    stands = handlers.open_set("synthetic", None, ())[choosing.THRESHOLD]["value"]
    assert choosing.moved(*values("synthetic", model=bnet, threshold=stands + 0.001)) == (False, bnet)
    assert choosing.moved(*values("synthetic", model=bnet, threshold=stands)) == (gr.skip(), gr.skip()), "left"
    again = values("synthetic", model=bnet, threshold=stands, stated=False)
    assert choosing.moved(*again) == (False, bnet)
    asked = values("synthetic", model=tnet, stated=False, threshold=0.3, moved_for=bnet)
    stated, slider = choosing.other_model(*asked)
    assert stated
    assert slider == pytest.approx(read_card(model_folder("tnet")).operating_point.threshold, abs=5e-4)
    assert choosing.moved(*values("synthetic", model=tnet, threshold=slider)) == (gr.skip(), gr.skip())
    kept = values("synthetic", model=bnet, stated=False, threshold=0.3, moved_for=bnet)
    assert choosing.other_model(*kept) == (False, gr.skip())


def test_the_stated_threshold_switched_on_again_takes_the_slider_along():
    """A slider left where it was moved to would untick it at the next click into its box."""
    bnet = "bnet@bnet-best-busi"
    group, moved_for, slider = choosing.switched(*values("synthetic", model=bnet, threshold=0.3, group="none/1"))
    assert (group, moved_for) == ("", bnet)
    assert choosing.moved(*values("synthetic", model=bnet, threshold=slider)) == (gr.skip(), gr.skip())
    off = values("synthetic", model=bnet, stated=False, threshold=slider)
    assert choosing.switched(*off) == ("", bnet, gr.skip())


def test_a_threshold_of_a_link_is_of_the_model_that_the_link_names():
    """Gradio says of a drop-down that is left as it was that the model was chosen."""
    tnet = "tnet@tnet-best-busi"
    link = from_link({"set": "synthetic", "model": tnet, "t": "0.3"})
    moved_for = choosing.set_controls(link)[choosing.MOVED_FOR]
    left = values("synthetic", model=tnet, stated=False, threshold=0.3, moved_for=moved_for)
    assert choosing.other_model(*left) == (False, gr.skip())


def test_the_last_model_cannot_be_unticked(warned):
    assert choosing.keep_a_model(["tnet@r"], "bnet@r") == gr.skip()
    assert choosing.keep_a_model([], None) == gr.skip()
    assert warned == []
    assert choosing.keep_a_model([], "bnet@r") == ["bnet@r"]
    assert warned == ["tick another model first: one at least is shown"]


def test_readings_of_a_visitor(tmp_path, warned):
    path = readings_of_busi(tmp_path)
    note, *updates = handlers.open_readings(path, "busbra.folds", ())
    assert note == "Open: 5 reader(s) of BUSI (part), final models."
    assert updates[0]["value"] == "busi.test"
    assert updates[2]["value"] == [f"Dr {letter}" for letter in "ABCDE"]
    shown = handlers.show_main(*values("busi.test", readings=path))[2]["rows"]
    assert {"Dr A", "Dr E"} <= {row[0] for row in shown}
    bad = tmp_path / "bad.csv"
    bad.write_text("reader,case_id,call\nR,a,2\nR,b,x\n")
    told, *skipped = handlers.open_readings(str(bad), "busi.test", ())
    assert "row 2: call is '2'" in told
    assert "row 3: call is 'x'" in told
    assert str(tmp_path) not in told
    assert tuple(skipped) == choosing.unchanged(handlers.WHOLE)
    assert warned
    closed = handlers.open_readings(None, "busi.test", ())
    assert closed[0] == choosing.NO_FILE


def test_scores_and_readers_of_a_visitor_are_a_set_of_their_own():
    own = (replace(random_study(readers=3), key="upload-1", title="Mine", kind="uploaded"),)
    updates = handlers.open_own(own)
    assert updates[0]["value"] == "upload-1"
    assert updates[2]["value"] == ["R1", "R2", "R3"]
    mine = values(
        "synthetic", test_set="upload-1", models=["bnet@r"], readers=["R1", "R2", "R3"], unit="patient", own=own
    )
    header, _, table, *_ = handlers.show_main(*mine)
    assert json.loads(header)["what"].startswith("bnet on Mine against 3 readers")
    assert [row[0] for row in table["rows"][1:]] == ["bnet", "R1", "R2", "R3"]
    assert handlers.show_tests(*mine)[4]["visible"]
    assert handlers.open_own(()) == choosing.unchanged(handlers.WHOLE)
