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
    monkeypatch.setenv(pictures.VARIABLE, os.pathsep.join([str(tmp_path / "cases.csv"), str(tmp_path / "none.csv")]))
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
    assert pictures.connected_attributes().of("a")[-1] == ("Machine", "X")


@pytest.mark.parametrize(("dataset", "case"), [("own", "b"), ("own", "c"), ("own", "../a"), ("other", "a")])
def test_what_has_no_border_no_file_or_no_table_has_none(connected, dataset, case):
    assert pictures.picture_of(dataset, case) == ""
