import json

import pytest

from lesion_core.cases.importers import labelme
from lesion_core.cases.importers.source import Options
from lesion_core.cases.splits import units
from lesion_core.errors import InputError, TableError

from . import sets

BREAST = Options(organ="breast")
SQUARE = [[20.5, 20.0], [60.0, 20.0], [60.0, 70.0], [20.0, 70.0]]


def shape(label, points=SQUARE, kind="polygon"):
    return {"label": label, "points": points, "group_id": None, "shape_type": kind, "flags": {}}


def write(root, name, shapes, image=None):
    sets.save(sets.picture(1), root / f"{name}.png")
    data = {"version": "5.4.1", "flags": {}, "shapes": shapes, "imagePath": image or f"{name}.png", "imageData": None}
    (root / f"{name}.json").write_text(json.dumps(data))


def test_imitation(tmp_path):
    write(tmp_path, "a", [shape("benign")])
    write(tmp_path, "b", [shape("Malignant"), shape("benign", [[70, 70], [100, 90]], "rectangle")])
    write(tmp_path, "c", [])
    found = labelme.load(tmp_path, BREAST)
    assert [(each.case.case_id, each.case.label) for each in found.lesions] == [("a", 0), ("b-1", 1), ("b-2", 0)]
    assert set(found.lesions[0].border.points) == {tuple(point) for point in SQUARE}
    assert set(found.lesions[2].border.points) == {(70, 70), (70, 90), (100, 90), (100, 70)}
    assert units([each.case for each in found.lesions]).tolist() == [0, 1, 1]
    assert found.notes == ("1 files have no shape and were left out.",)


def test_picture_in_another_folder(tmp_path):
    sets.save(sets.picture(1), tmp_path / "pictures" / "x.png")
    (tmp_path / "json").mkdir()
    write(tmp_path / "json", "a", [shape("1")], image="..\\pictures\\x.png")
    assert labelme.load(tmp_path / "json", BREAST).lesions[0].image.samefile(tmp_path / "pictures" / "x.png")


def test_faults(tmp_path):
    with pytest.raises(InputError, match=r"expected \*\.json"):
        labelme.load(tmp_path, BREAST)
    write(tmp_path, "a", [shape("cyst")])
    write(tmp_path, "b", [shape("benign", [[1, 1], [5, 5]], "circle")])
    write(tmp_path, "c", [shape("benign")], image="missing.png")
    write(tmp_path, "d", [shape("benign", [[1, 1], [2, 2]])])
    (tmp_path / "e.json").write_text('{"shapes": [')
    (tmp_path / "f.json").write_text("[]")
    with pytest.raises(TableError) as caught:
        labelme.load(tmp_path, BREAST)
    starts = [
        "a.json: label is 'cyst', expected benign or malignant",
        "b.json: a shape of type 'circle', expected polygon or rectangle",
        "c.json: no missing.png in",
        "d.json: border needs at least 3 points, got 2",
        "e.json: is no readable JSON",
        "f.json: is no labelme file",
    ]
    assert len(caught.value.problems) == len(starts)
    for problem, start in zip(caught.value.problems, starts, strict=True):
        assert problem.startswith(start)
    with pytest.raises(InputError, match="--organ is not given"):
        labelme.load(tmp_path, Options())
