from types import SimpleNamespace

import gradio as gr
import pytest

from dashboards.widgets.case_strip import CaseStrip


def event(data):
    return SimpleNamespace(_data=data)


def test_states_travel_as_letters():
    shown = CaseStrip.show(["drawn", "approved", "corrected", "rejected"], 2)
    assert (shown["states"], shown["at"]) == ("dacr", 2)
    with pytest.raises(KeyError):
        CaseStrip.show(["unknown"], 0)


def test_words_and_indices_from_the_page_are_checked():
    assert CaseStrip.read_word(event({"word": "next"}), ["next"]) == "next"
    for data in ({"word": "other"}, {"word": ["next"]}, {}, None, "next"):
        with pytest.raises(gr.Error, match="press it again"):
            CaseStrip.read_word(event(data), ["next"])
    assert CaseStrip.read_index(event({"index": 1}), 2) == 1
    for data in ({"index": 2}, {"index": -1}, {"index": 0.0}, {"index": True}, {"index": "0"}, {}, None):
        with pytest.raises(gr.Error, match="click its cell again"):
            CaseStrip.read_index(event(data), 2)


def test_the_template_is_static_and_only_its_own_words_are_events():
    strip = CaseStrip(keys={"n": "next"}, fields={"r": "reason"})
    assert "${" not in strip.html_template
    assert "{{" not in strip.html_template
    assert "innerHTML" not in strip.js_on_load
    assert not hasattr(strip, "keydown")
    assert strip.preprocess({"anything": 1}) is None
    assert strip.postprocess(strip.example_value()) is strip.example_payload() is None
    assert strip.api_info()["type"] == "null"
