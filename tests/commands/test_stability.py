import pytest

from lesion_core.cases.ddti_readers import outlined_images
from lesion_core.errors import InputError
from lesion_core.imaging.read import read_image
from lesion_core.model.predictor import LesionPredictor
from lesion_core.results.observers.reader_borders import read_reader_borders
from lesion_core.results.observers.stability import SHARES, read_nudges
from tests.cases.importers import sets
from tests.commands.conftest import command


def test_every_border_is_nudged_at_every_size(workshop, tmp_path):
    done = command("stability", "bnet", "--cases", workshop.external, "--out", tmp_path / "nudges.csv")
    assert done.exit_code == 0, done.output
    rows = read_nudges(tmp_path / "nudges.csv")
    assert {row.nudge for row in rows} == set(SHARES)
    assert len(rows) == 6 * len(SHARES)
    assert len({row.score for row in rows}) <= 6
    assert any(row.nudged != row.score for row in rows)
    assert "nudged by 5%: mean change of the score" in done.output
    assert LesionPredictor.load("bnet").card.name == rows[0].model


def test_each_image_under_every_readers_border(workshop, tmp_path):
    source = sets.ddti(tmp_path / "ddti")
    out = tmp_path / "readers-ddti.csv"
    done = command("stability", "bnet", "--masks", source, "--out", out)
    assert done.exit_code == 0, done.output
    rows = read_reader_borders(out)
    assert [(row.image, row.first, row.second) for row in rows] == [
        ("1_1", "radiologist", "resident 1"),
        ("1_1", "radiologist", "resident 2"),
        ("1_1", "resident 1", "resident 2"),
    ]
    assert rows[0].score_first == rows[0].score_second
    assert (rows[0].score_first, rows[0].score_second) == (rows[1].score_first, rows[2].score_first)
    pixels = read_image(source / "1_1.jpg").pixels
    (image,) = outlined_images(source)
    own = LesionPredictor.load("bnet").predict(pixels, image.borders["resident 2"]).score
    assert rows[1].score_second == pytest.approx(own, abs=1e-5)
    assert "radiologist and resident 2, all images: n = 1" in done.output


def test_what_is_asked_for_must_be_clear(workshop, tmp_path):
    with pytest.raises(InputError, match="either --cases"):
        command("stability", "bnet", "--out", tmp_path / "n.csv")
    with pytest.raises(InputError, match="either --cases"):
        command("stability", "bnet", "--cases", workshop.external, "--masks", tmp_path, "--out", tmp_path / "n.csv")
    with pytest.raises(InputError, match=r"readers-ddti\.csv"):
        command("stability", "bnet", "--masks", tmp_path, "--out", tmp_path / "n.csv")
