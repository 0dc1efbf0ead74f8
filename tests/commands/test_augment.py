import json

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lesion_core.augment.variants import VARIANT_NAMES, eight_variants
from lesion_core.cli import app
from lesion_core.errors import BorderError, ImageError, InputError
from lesion_core.imaging.border import border_to_json, border_to_mask
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.imaging.prepare import InputSpec, prepare


@pytest.fixture(scope="module")
def phantom(tmp_path_factory):
    """A phantom with its files: image, border as JSON and as a mask."""
    drawn = example(next(iter(EXAMPLES)))
    folder = tmp_path_factory.mktemp("phantom")
    Image.fromarray(drawn.pixels).save(folder / "image.png")
    (folder / "border.json").write_text(border_to_json(drawn.border))
    Image.fromarray(border_to_mask(drawn.border, drawn.pixels.shape[:2]).astype(np.uint8) * 255).save(
        folder / "mask.png"
    )
    return drawn, folder


def augment(*arguments):
    return CliRunner().invoke(app, ["augment", *map(str, arguments)])


def written(folder):
    return {file.stem: np.asarray(Image.open(file)) for file in folder.iterdir()}


def test_eight_files_with_the_papers_rectangle(phantom, tmp_path):
    drawn, folder = phantom
    done = augment(folder / "image.png", "--border", folder / "border.json", "--out", tmp_path / "new" / "folder")
    assert done.exit_code == 0, done.output
    assert "8 variants in" in done.output
    images = written(tmp_path / "new" / "folder")
    assert sorted(images) == sorted(VARIANT_NAMES)
    roi = prepare(drawn.pixels, drawn.border, InputSpec(rule="min-area", margin=0.0)).pixels
    for name, expected in eight_variants(roi).items():
        assert images[name].shape == (224, 224, 3)
        # The border file is rounded to a hundredth of a pixel.
        assert np.abs(images[name].astype(int) - expected).max() <= 3


def test_a_mask_another_rule_and_energy(phantom, tmp_path):
    drawn, folder = phantom
    done = augment(
        folder / "image.png", "--border", folder / "mask.png", "--out", tmp_path, "--rule", "upright", "--by", "energy"
    )
    assert done.exit_code == 0, done.output
    images = written(tmp_path)
    np.testing.assert_array_equal(images["svd25"], eight_variants(images["original"], by="energy")["svd25"])
    upright = prepare(drawn.pixels, drawn.border, InputSpec()).pixels
    assert np.abs(images["original"].astype(int) - upright).mean() < 12  # a mask is a border of whole pixels


def test_run_twice_it_writes_the_same(phantom, tmp_path):
    _, folder = phantom
    for _ in range(2):
        assert augment(folder / "image.png", "--border", folder / "border.json", "--out", tmp_path).exit_code == 0
    assert len(list(tmp_path.iterdir())) == 8


def test_mistakes_are_told(phantom, tmp_path):
    _, folder = phantom
    (tmp_path / "line.json").write_text(json.dumps([[0, 0], [5, 5], [9, 9]]))
    (tmp_path / "taken").write_text("a file, not a folder")
    good = folder / "border.json"
    for image, border, out, error in (
        (tmp_path / "none.png", good, "out", ImageError),
        (folder / "image.png", tmp_path / "none.json", "out", BorderError),
        (folder / "image.png", tmp_path / "line.json", "out", BorderError),
        (folder / "image.png", good, "taken", InputError),
    ):
        done = augment(image, "--border", border, "--out", tmp_path / out)
        assert done.exit_code != 0
        assert isinstance(done.exception, error), done.exception
        assert not (tmp_path / "out").exists()
