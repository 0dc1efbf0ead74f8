import json

import pytest

from lesion_core.cases.importers import coco
from lesion_core.cases.importers.source import Options
from lesion_core.errors import InputError, TableError

from . import sets

THYROID = Options(organ="thyroid")
SQUARE = [20, 20, 60, 20, 60, 70, 20, 70]
SMALL = [80, 20, 92, 20, 92, 32, 80, 32]


def write(root, annotations, images=2):
    data = {
        "images": [{"id": i, "file_name": f"{i}.png", "width": 128, "height": 96} for i in range(images)],
        "annotations": [{"id": i, **each} for i, each in enumerate(annotations)],
        "categories": [{"id": 7, "name": "benign"}, {"id": 9, "name": "malignant"}, {"id": 11, "name": "cyst"}],
    }
    for i in range(images):
        sets.save(sets.picture(i), root / "images" / f"{i}.png")
    (root / "annotations.json").write_text(json.dumps(data))
    return root / "annotations.json"


def test_imitation_largest_part_and_box(tmp_path):
    found = coco.load(
        write(
            tmp_path,
            [
                {"image_id": 0, "category_id": 9, "segmentation": [SMALL, SQUARE]},
                {"image_id": 0, "category_id": 7, "bbox": [70, 40, 30, 20], "segmentation": []},
            ],
        ),
        THYROID,
    )
    assert [(each.case.case_id, each.case.label, each.case.group) for each in found.lesions] == [
        ("0-1", 1, "image-0"),
        ("0-2", 0, "image-0"),
    ]
    assert set(found.lesions[0].border.points) == {(20, 20), (60, 20), (60, 70), (20, 70)}
    assert set(found.lesions[1].border.points) == {(70, 40), (70, 60), (100, 60), (100, 40)}
    assert "box only" in found.lesions[1].case.notes
    assert found.lesions[0].image == tmp_path / "images" / "0.png"


def test_faults(tmp_path):
    with pytest.raises(InputError, match="is no file: expected a COCO JSON file"):
        coco.load(tmp_path, THYROID)
    path = write(
        tmp_path,
        [
            {"image_id": 0, "category_id": 11, "segmentation": [SQUARE]},
            {"image_id": 1, "category_id": 7, "segmentation": {"counts": "abc", "size": [96, 128]}},
            {"image_id": 2, "category_id": 7},
            {"image_id": 3, "category_id": 7, "segmentation": [SQUARE[:5]]},
            {"image_id": 8, "category_id": 7, "segmentation": [SQUARE]},
        ],
        images=4,
    )
    with pytest.raises(TableError) as caught:
        coco.load(path, THYROID)
    assert list(caught.value.problems) == [
        "0.png: category is 'cyst', expected benign or malignant (0 or 1)",
        "1.png: segmentation is a run-length mask: export polygons",
        "2.png: an annotation has neither segmentation nor bbox",
        "3.png: a polygon of the segmentation is no list of x, y, x, y ...",
        "annotation of image 8: there is no such image in the file",
    ]
    path.write_text('{"info": {}}')
    with pytest.raises(InputError, match="expected images, annotations, categories; found info"):
        coco.load(path, THYROID)
    path.write_text('{"images": [')
    with pytest.raises(InputError, match="half-written"):
        coco.load(path, THYROID)
