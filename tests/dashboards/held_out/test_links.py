"""Links of the held-out test tab, and its first look: with a link, without one, and where one is lost."""

import json
from dataclasses import replace

import gradio as gr
import pytest

from dashboards import held_out_controls as choosing
from dashboards import held_out_handlers as handlers
from dashboards import held_out_view
from lesion_core.errors import InputError
from tests.dashboards.held_out.controls import values
from tests.results.observers.made import random_study


def test_another_margin_is_written_into_the_link():
    address = handlers.show_link(*values("busbra.folds", margin=0.1))
    assert json.loads(address)["values"]["margin"] == "0.1"
    assert handlers.show_link(*values("synthetic", test_set=None)) == gr.skip()


class Opened:
    """A page that was opened with an address."""

    def __init__(self, **query):
        self.query_params = query


@pytest.mark.parametrize("key", ["busbra.folds", "synthetic", "paper.breast"])
def test_the_first_look_is_what_the_controls_show_afterwards(key):
    nothing = values(key, test_set=None)
    at_once = handlers.first_look(Opened(**{"tab": "test", "test.set": key}), *nothing)
    main = handlers.show_main(*(values("paper.breast") if key == "paper.breast" else values(key)))
    before = choosing.OPENED
    assert at_once[:before] == handlers.open_set(key, None, ())[:before]
    assert at_once[before].key == key
    assert at_once[choosing.SET :] == (*main[:5], *main[7:])


def test_the_first_look_shows_what_a_link_asked_for_and_tells_what_it_cannot(warned, monkeypatch):
    asked = {"tab": "test", "test.set": "synthetic", "test.readers": "simulated B|simulated D", "test.t": "0.3"}
    at_once = handlers.first_look(Opened(**asked), *values("synthetic", test_set=None))
    assert at_once[2]["value"] == ["simulated B", "simulated D"]
    assert at_once[9]["value"] is False
    assert at_once[10]["value"] == 0.3
    assert "post hoc" in json.dumps(at_once[choosing.SET])
    assert warned == []

    def lost(asked):
        raise InputError("no set is here")

    monkeypatch.setattr(choosing, "from_link", lost)
    nothing = handlers.first_look(Opened(**asked), *values("synthetic", test_set=None))
    assert nothing == choosing.unchanged(len(at_once))
    assert warned == ["no set is here"]


@pytest.fixture
def titles(monkeypatch):
    under = []
    monkeypatch.setattr(gr, "Warning", lambda message, *, title, **more: under.append((title, message)))
    return under


@pytest.mark.parametrize("asked", [{}, {"tab": "test", "test.set": "synthetic"}])
def test_a_figure_that_cannot_be_made_is_not_blamed_on_a_link(titles, monkeypatch, asked):
    def fails(choice, own):
        raise InputError("no case in common")

    opened = Opened(**asked)
    controls = handlers.first_look(opened, *values("synthetic", test_set=None))[: choosing.SET]
    monkeypatch.setattr(held_out_view, "main_of", fails)
    at_once = handlers.first_look(opened, *values("synthetic", test_set=None))
    assert titles == [("This cannot be shown", "no case in common")]
    assert at_once[: choosing.OPENED] == controls[: choosing.OPENED]
    assert at_once[choosing.OPENED].key == controls[choosing.OPENED].key
    assert at_once[choosing.SET :] == choosing.unchanged(handlers.UPPER)


@pytest.mark.parametrize(
    ("asked", "title"),
    [({}, "This set cannot be opened"), ({"tab": "test", "test.set": "synthetic"}, "This link cannot be restored")],
)
def test_only_a_link_that_was_given_is_said_to_be_lost(titles, monkeypatch, asked, title):
    def lost(asked):
        raise InputError("no set is here")

    monkeypatch.setattr(choosing, "from_link", lost)
    at_once = handlers.first_look(Opened(**asked), *values("synthetic", test_set=None))
    assert at_once == choosing.unchanged(len(at_once))
    assert titles == [(title, "no set is here")]


def test_a_set_handed_over_before_the_tab_was_ever_shown():
    own = (replace(random_study(readers=3), key="study-1", title="study: Mine", kind="uploaded"),)
    assert handlers.first_look(Opened(), *values("synthetic", test_set=None, own=own))[0]["value"] == "study-1"
    shown = handlers.first_look(Opened(), *values("synthetic", own=own))
    main = handlers.show_main(*values("synthetic", own=own))
    assert shown[: choosing.SET] == choosing.unchanged(choosing.SET)
    assert shown[choosing.SET :] == (*main[:5], *main[7:])
