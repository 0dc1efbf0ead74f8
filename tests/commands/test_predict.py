import json
import sys

import pytest
from PIL import Image

from lesion_core.cases.table import read_cases
from lesion_core.cli import main
from lesion_core.errors import BorderError, CheckpointError, ImageError
from lesion_core.imaging.border import border_to_mask, read_border
from lesion_core.imaging.read import read_image
from lesion_core.model.card import read_card
from lesion_core.model.predictor import LesionPredictor
from tests.commands.conftest import command


@pytest.fixture
def case(workshop):
    """Image and border of one phantom."""
    table = read_cases(workshop.external)
    return table.image_path(table.cases[1]), table.border_path(table.cases[1])


def test_the_answer_is_the_predictors_in_words(workshop, case):
    image, border = case
    result = command("predict", image, "--border", border)
    loaded = read_image(image)
    expected = LesionPredictor.load("bnet").predict(loaded.pixels, read_border(border, loaded.size))
    assert result.exit_code == 0
    assert expected.sentence in result.output
    assert f"bnet {expected.version}, " in result.output
    assert "For research and teaching, not a medical device." in result.output
    for never in ("benign", "probab"):
        assert never not in result.output


def test_json_holds_the_whole_answer(workshop, case, tmp_path):
    image, border = case
    answer = json.loads(command("predict", image, "--border", border, "--json").output)
    assert answer["model"] == "bnet"
    assert answer["version"] == read_card(workshop.models / "bnet").version
    assert answer["image"]["sha256"] == read_image(image).sha256
    assert answer["roi"]["rule"] == "upright"
    points = tmp_path / "points.json"
    points.write_text(json.dumps(answer["border"]["points"]))
    again = json.loads(command("predict", image, "--border", points, "--json").output)
    assert again["score"] == pytest.approx(answer["score"], abs=1e-3)


def test_a_mask_does_as_well_and_a_folder_names_the_model(workshop, case, tmp_path):
    image, border = case
    size = read_image(image).size
    mask = border_to_mask(read_border(border, size), size)
    Image.fromarray(mask).save(tmp_path / "mask.png")
    by_mask = json.loads(
        command(
            "predict", image, "--border", tmp_path / "mask.png", "--model", workshop.models / "bnet", "--json"
        ).output
    )
    by_points = json.loads(command("predict", image, "--border", border, "--json").output)
    assert by_mask["score"] == pytest.approx(by_points["score"], abs=0.05)


def test_a_repaired_border_is_noted(workshop, case, tmp_path):
    (tmp_path / "bow.json").write_text("[[40, 30], [120, 90], [120, 30], [40, 80]]")
    result = command("predict", case[0], "--border", tmp_path / "bow.json")
    assert "note: The border crossed itself" in result.output


def test_mistakes_are_plain(workshop, case, tmp_path):
    image, border = case
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(ImageError):
        command("predict", tmp_path / "text.png", "--border", border)
    with pytest.raises(BorderError, match="no border file at"):
        command("predict", image, "--border", tmp_path / "none.json")
    with pytest.raises(CheckpointError, match="no model named 'xnet'; there are: bnet"):
        command("predict", image, "--border", border, "--model", "xnet")


def test_a_mistake_ends_in_one_message_and_exit_code_2(workshop, case, monkeypatch, capsys):
    image, border = case
    monkeypatch.setattr(sys, "argv", ["lesion_core", "predict", str(image), "--border", str(border), "--model", "xnet"])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: no model named 'xnet'; there are: bnet")
