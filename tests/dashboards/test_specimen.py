from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from dashboards import serving, specimen
from dashboards.specimen import PAPER, PHANTOM, WHOLE, ask, cut, decomposed
from dashboards.uploads import Source
from lesion_core.augment.variants import eight_variants
from lesion_core.errors import ImageError
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.imaging.prepare import InputSpec, prepare
from lesion_core.imaging.rectangle import minimum_area_rectangle
from tests.augment.conftest import speckle

TITLE = next(iter(EXAMPLES))
UPRIGHT = InputSpec(rule="upright", margin=0.15)


@pytest.fixture
def _stand_in(monkeypatch):
    """A model that answers with the mean grey level of the upper left quarter."""
    card = SimpleNamespace(
        name="standin",
        version="0123456789ab",
        target="mixed",
        input=UPRIGHT,
        operating_point=SimpleNamespace(threshold=0.3),
    )
    network = SimpleNamespace(scores=lambda rois, border=None: rois[:, :112, :112].mean(axis=(1, 2, 3)) / 255)
    monkeypatch.setattr(serving, "card", lambda name: card)
    monkeypatch.setattr(serving, "predictor", lambda name: network)


@pytest.fixture
def upload(tmp_path):
    Image.fromarray(speckle(0, (120, 200))).save(tmp_path / "upload.png")
    return Source(path=str(tmp_path / "upload.png"))


def test_without_a_model_the_papers_rectangle_is_cut():
    phantom = example(TITLE)
    found = cut(Source(example=TITLE), phantom.border, None)
    expected = prepare(phantom.pixels, phantom.border, PAPER)
    np.testing.assert_array_equal(found.roi, expected.pixels)
    assert found.fed == expected.corners
    assert found.rectangle == minimum_area_rectangle(phantom.border).corners
    assert found.notes[0] == PHANTOM
    assert "paper's rule" in found.notes[-1]


@pytest.mark.usefixtures("_stand_in")
def test_with_a_model_its_own_rule_is_used():
    phantom = example(TITLE)
    found = cut(Source(example=TITLE), phantom.border, "standin")
    np.testing.assert_array_equal(found.roi, prepare(phantom.pixels, phantom.border, UPRIGHT).pixels)
    assert "15 % margin" in found.notes[-1]


def test_without_a_border_the_whole_image_is_the_roi(upload):
    found = cut(upload, None, None)
    whole = np.asarray(Image.open(upload.path).resize((224, 224), Image.Resampling.BICUBIC))
    assert np.abs(found.roi.astype(int) - whole).max() <= 1
    assert (found.border, found.rectangle, found.fed) == (None, None, None)
    assert found.notes == (WHOLE,)


def test_notes_of_a_repaired_border_are_kept(upload):
    border = border_from_points([(-20, 20), (90, 20), (90, 90), (-20, 90)], (120, 200))
    assert any("cut at the image's edge" in note for note in cut(upload, border, None).notes)


def test_a_file_that_is_gone_is_told(tmp_path):
    with pytest.raises(ImageError, match="upload it again"):
        cut(Source(path=str(tmp_path / "gone.png")), None, None)


@pytest.mark.usefixtures("_stand_in")
def test_the_network_is_asked_about_all_eight():
    found = cut(Source(example=TITLE), example(TITLE).border, "standin")
    answers = ask("standin", found)
    expected = eight_variants(found.roi).stack()[:, :112, :112].mean(axis=(1, 2, 3)) / 255
    np.testing.assert_allclose(answers.scores, expected)
    assert (answers.model, answers.version, answers.target, answers.threshold) == (
        "standin",
        "0123456789ab",
        "mixed",
        0.3,
    )
    assert len(set(answers.scores[:4])) == 4  # turned differently, answered differently


def test_an_roi_is_decomposed_once(monkeypatch):
    counted = []
    real = specimen.decompose
    monkeypatch.setattr(specimen, "decompose", lambda roi: counted.append(1) or real(roi))
    first, second = (cut(Source(example=TITLE), None, None) for _ in range(2))
    for each in (first, second, first, second):
        np.testing.assert_allclose(decomposed(each).rebuild(224), each.roi, atol=1e-8)
    assert len(counted) == 2
