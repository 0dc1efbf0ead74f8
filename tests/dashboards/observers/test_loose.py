import gradio as gr

from dashboards.observers.loose import LONGEST, MOST, LooseCheckboxGroup, LooseDropdown, LooseRadio, LooseSlider


def test_a_value_of_a_moment_ago_is_passed_on():
    assert LooseDropdown(["a"]).preprocess("b") == "b"
    assert LooseRadio(["a"]).preprocess("b") == "b"
    assert LooseCheckboxGroup(["a"]).preprocess(["a", "b"]) == ["a", "b"]


def test_what_is_no_text_is_not():
    assert LooseDropdown(["a"]).preprocess({"a": 1}) is None
    assert LooseRadio(["a"]).preprocess(3) is None
    assert LooseCheckboxGroup(["a"]).preprocess("a") == []
    assert len(LooseDropdown([]).preprocess("a" * 9999)) == LONGEST
    assert len(LooseCheckboxGroup([]).preprocess(["a"] * 9999)) == MOST


def test_a_number_that_is_being_typed_is_one_of_the_range():
    slider = LooseSlider(0, 1, 0.5)
    assert [slider.preprocess(typed) for typed in (0.3, 7, -1, None)] == [0.3, 1, 0, 0]


def test_the_page_shows_them_as_their_parents():
    for loose, parent in ((LooseDropdown, gr.Dropdown), (LooseRadio, gr.Radio), (LooseCheckboxGroup, gr.CheckboxGroup)):
        assert loose([]).get_block_name() == parent([]).get_block_name()
    assert LooseSlider(0, 1).get_block_name() == gr.Slider(0, 1).get_block_name()
