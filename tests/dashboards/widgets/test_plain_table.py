import json

from dashboards.widgets.plain_table import PlainTable


def test_cells_are_text_and_the_page_gets_json():
    table = PlainTable(PlainTable.show([["", "a"], ["b", 1]], name="n"))
    assert json.loads(table.postprocess(table.value if isinstance(table.value, dict) else json.loads(table.value))) == {
        "name": "n",
        "titled": False,
        "rows": [["", "a"], ["b", "1"]],
    }
    assert table.postprocess(None) is None
    assert table.preprocess({"rows": "forged"}) is None


def test_the_template_is_static():
    table = PlainTable()
    assert "${" not in table.html_template
    assert "{{" not in table.html_template
    assert "innerHTML" not in table.js_on_load
