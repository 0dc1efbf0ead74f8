"""How the page's questions are put while an earlier one is unanswered; `dashboards/asking.py` says why."""

import inspect

import gradio as gr
import pytest

import app

#: Choices: the last one has the last word, so that controls and figures never say two things.
CHOICES = {"input", "change", "release", "upload", "then"}


@pytest.fixture(scope="module")
def questions():
    page = app.build()
    return [
        (fn, f"{event} of {getattr(page.blocks.get(block), 'elem_id', None)}", event)
        for fn in page.fns.values()
        for block, event in fn.targets
        if fn.fn is not None
    ]


def reads_the_event(fn):
    return any("EventData" in str(each.annotation) for each in inspect.signature(fn.fn).parameters.values())


def test_no_choice_is_dropped_while_another_one_is_answered(questions):
    choices = [(fn, f"{fn.name} by {name}") for fn, name, event in questions if event in CHOICES]
    assert {event for _, _, event in questions} >= CHOICES
    assert [name for fn, name in choices if fn.trigger_mode == "once"] == []


def test_no_click_is_dropped_or_taken_for_the_one_before(questions):
    clicks = [(fn, f"{fn.name} by {name}") for fn, name, _ in questions if reads_the_event(fn)]
    assert len(clicks) > 10
    assert [name for fn, name in clicks if fn.trigger_mode != "multiple"] == []


def test_what_a_set_brings_needs_no_second_question(questions):
    """One asked behind it could be asked too early: its drop-down asks again when it is left, and is answered first."""
    (chosen,) = (fn for fn, _, _ in questions if fn.name == "choose_set")
    assert [name for fn, name, _ in questions if fn.trigger_after == chosen._id] == []
    assert isinstance(chosen.inputs[1], gr.State)
