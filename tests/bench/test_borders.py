import numpy as np
import pytest
import shapely
from PIL import Image

from lesion_core.bench import borders
from lesion_core.errors import InputError
from lesion_core.imaging.phantom import EXAMPLES, example


@pytest.mark.parametrize("title", EXAMPLES)
def test_a_nudge_moves_the_border_by_one_to_two_pixels(title):
    border = example(title).border
    moved = shapely.LinearRing(borders.nudge(border, np.random.default_rng(1), largest_px=borders.LARGEST_PX))
    distance = shapely.hausdorff_distance(moved, shapely.LinearRing(border.points), densify=0.01)
    assert 0.5 < distance < 4
    assert not np.array_equal(
        borders.nudge(border, np.random.default_rng(1), largest_px=borders.LARGEST_PX),
        borders.nudge(border, np.random.default_rng(2), largest_px=borders.LARGEST_PX),
    )


def test_it_reports_overlap_and_turns_of_the_masks_it_finds(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "BUSBRA" / "Masks"
    folder.mkdir(parents=True)
    y, x = np.mgrid[0:120, 0:160]
    for number, (across, down) in enumerate([(60, 25), (40, 40)]):
        mask = ((x - 80) / across) ** 2 + ((y - 60) / down) ** 2 < 1
        Image.fromarray(mask.astype(np.uint8) * 255).save(folder / f"{number}.png")
    monkeypatch.setenv("LESION_DATA", str(tmp_path))
    borders.run()
    printed = capsys.readouterr().out
    assert "2 masks" in printed
    assert "nudged by 1-2 px, 10 times" in printed


def test_without_masks_it_says_what_to_set(tmp_path, monkeypatch):
    monkeypatch.setenv("LESION_DATA", str(tmp_path))
    with pytest.raises(InputError, match="LESION_DATA"):
        borders.run()
