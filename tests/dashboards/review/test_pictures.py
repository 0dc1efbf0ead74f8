import base64
import io
import os

import pytest
from PIL import Image

from dashboards.review import pictures
from lesion_core.cases.table import Case, write_cases
from lesion_core.imaging.border import border_to_json
from lesion_core.records import Border


@pytest.fixture
def connected(tmp_path, monkeypatch):
    Image.new("L", (80, 60), 90).save(tmp_path / "a.png")
    (tmp_path / "a.json").write_text(border_to_json(Border(((20, 20), (20, 40), (60, 40), (60, 20)))))
    cases = [
        Case("a", "breast", "a.png", 1, "mixed", dataset="own", border="a.json", machine="X"),
        Case("b", "breast", "a.png", 0, "mixed", dataset="own"),
        Case("c", "breast", "gone.png", 0, "mixed", dataset="own", border="a.json"),
    ]
    write_cases(cases, tmp_path / "cases.csv")
    second = [Case("a", "breast", "a.png", 1, "mixed", dataset="second", border="a.json", machine="Y")]
    write_cases(second, tmp_path / "second.csv")
    named = [str(tmp_path / f"{name}.csv") for name in ("cases", "none", "second")]
    monkeypatch.setenv(pictures.VARIABLE, os.pathsep.join(named))
    kept = (pictures.connected_tables, pictures.connected_attributes, pictures.picture_of, pictures._places)
    for each in kept:
        each.cache_clear()
    yield
    for each in kept:
        each.cache_clear()


def test_a_connected_case_has_its_picture(connected):
    sent = pictures.picture_of("own", "a")
    picture = Image.open(io.BytesIO(base64.b64decode(sent.removeprefix("data:image/jpeg;base64,"))))
    assert max(picture.size) == 240
    assert pictures.is_connected("own")


def test_each_data_set_has_its_own_cases_whatever_their_names(connected):
    known = pictures.connected_attributes()
    assert {name: each.case_ids.tolist() for name, each in known.items()} == {"own": ["a", "b", "c"], "second": ["a"]}
    assert [known[name].of("a")[-1] for name in known] == [("Machine", "X"), ("Machine", "Y")]


@pytest.mark.parametrize(("dataset", "case"), [("own", "b"), ("own", "c"), ("own", "../a"), ("other", "a")])
def test_what_has_no_border_no_file_or_no_table_has_none(connected, dataset, case):
    assert pictures.picture_of(dataset, case) == ""
