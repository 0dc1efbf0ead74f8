from typer.testing import CliRunner

from lesion_core.cases.table import Case, write_cases
from lesion_core.cli import app
from lesion_core.imaging.border import border_to_json
from lesion_core.records import Border
from lesion_core.results.review.attributes import read_attributes


def test_known_and_measured_attributes(tmp_path):
    from PIL import Image

    Image.new("L", (60, 50)).save(tmp_path / "a.png")
    (tmp_path / "a.json").write_text(border_to_json(Border(((10, 10), (10, 30), (50, 30), (50, 10)))))
    cases = [
        Case(
            "a",
            "breast",
            "a.png",
            1,
            "histology malignant",
            border="a.json",
            machine="X",
            notes="carcinoma",
            label_source="histopathology",
        ),
        Case("b", "breast", "a.png", 0, "histology malignant", label_source="histopathology"),
    ]
    write_cases(cases, tmp_path / "cases.csv")
    out = tmp_path / "known.csv"
    done = CliRunner().invoke(app, ["attributes", str(tmp_path / "cases.csv"), str(out)])
    assert done.exit_code == 0, done.output
    known = read_attributes(out, source="x")
    assert known.of("a")[:2] == (("Machine", "X"), ("Histology", "carcinoma"))
    assert dict(known.of("a"))["Height / width"] == "0.500"
    assert dict(known.of("a"))["Lesion area, px"] == "800"
    assert dict(known.of("a"))["Calipers near the border"] == "none found"
    assert known.of("b") == ()
    done = CliRunner().invoke(app, ["attributes", str(tmp_path / "cases.csv"), str(out), "--geometry-only"])
    assert "machine" not in read_attributes(out, source="x").columns


def test_calipers_near_the_border(tmp_path):
    import numpy as np
    from PIL import Image

    pixels = np.full((100, 120), 20, dtype=np.uint8)
    for x, y in ((28, 50), (92, 50)):
        pixels[y, x - 4 : x + 5] = 255
        pixels[y - 4 : y + 5, x] = 255
        pixels[y, x] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (tmp_path / "near.json").write_text(border_to_json(Border(((30, 30), (30, 70), (90, 70), (90, 30)))))
    (tmp_path / "far.json").write_text(border_to_json(Border(((50, 5), (50, 15), (70, 15), (70, 5)))))
    cases = [Case(name, "breast", "a.png", 0, "histology malignant", border=f"{name}.json") for name in ("near", "far")]
    write_cases(cases, tmp_path / "cases.csv")
    done = CliRunner().invoke(app, ["attributes", str(tmp_path / "cases.csv"), str(tmp_path / "known.csv")])
    assert done.exit_code == 0, done.output
    assert read_attributes(tmp_path / "known.csv", source="x").columns["calipers"].tolist() == ["found", "none found"]
