import math
from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import CheckpointError
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.outline import outline_of
from lesion_core.model.answer import answer_record
from lesion_core.model.card import check_card, read_card, write_card
from lesion_core.model.outline import OutlinePart, logit
from lesion_core.model.predictor import LesionPredictor
from lesion_core.records import LoadedImage
from tests.model.stand_in import card, cheap_vgg19, opinionated

PART = OutlinePart(-1.0, 0.7, (10.0, -2.0), (0.08, 0.3), "BUS-BRA, out of fold, per image", 10)
POINTS = [(20, 30), (90, 25), (95, 60), (60, 80), (25, 60)]


@pytest.fixture(scope="module")
def network():
    return opinionated(cheap_vgg19(normalisation="power"))


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).integers(0, 256, (100, 120, 3), dtype=np.uint8)


def test_the_combination_is_a_logistic_one():
    combined = PART.combine(np.array([0.3, 0.9]), np.array([[0.1, 0.5], [0.0, -0.2]]))
    for score, row, found in zip((0.3, 0.9), ((0.1, 0.5), (0.0, -0.2)), combined, strict=True):
        odds = -1.0 + 0.7 * math.log(score / (1 - score)) + 10.0 * row[0] - 2.0 * row[1]
        assert found == pytest.approx(1 / (1 + math.exp(-odds)))


def test_scores_at_the_ends_stay_finite():
    assert np.isfinite(logit(np.array([0.0, 1.0]))).all()
    assert np.isfinite(PART.combine(np.array([0.0, 1.0]), np.array([0.1, 0.1]))).all()


def test_a_model_with_an_outline_answers_with_it_and_says_what_it_adds(network, image):
    plain, shaped = LesionPredictor(network, card()), LesionPredictor(network, card(outline=PART))
    alone, found = plain.predict(image, POINTS), shaped.predict(image, POINTS)
    outline = outline_of(border_from_points(POINTS, image.shape[:2]))
    assert alone.network_score == alone.score == found.network_score
    assert alone.outline == ()
    assert found.score == pytest.approx(PART.combine(np.array([alone.score]), np.array(outline.row))[0])
    assert [name for name, *_ in found.outline] == ["irregularity", "parallelism"]
    name, value, average, added = found.outline[0]
    assert (name, value, average) == ("irregularity", outline.irregularity, 0.08)
    assert added == pytest.approx(10.0 * (outline.irregularity - 0.08))
    average_score = shaped.scores(found.roi.pixels[None])[0]
    shares = sum(share for *_, share in found.outline)
    assert logit(np.array([found.score]))[0] == pytest.approx(logit(np.array([average_score]))[0] + shares, abs=1e-6)


def test_prepared_rois_are_scored_with_the_border_of_their_lesion(network, image):
    shaped = LesionPredictor(network, card(outline=PART))
    found = shaped.predict(image, POINTS)
    assert shaped.scores(found.roi.pixels[None], found.border)[0] == pytest.approx(found.score)


def test_the_record_names_both_parts(network, image):
    found = LesionPredictor(network, card(outline=PART)).predict(image, POINTS)
    parts = answer_record(found, LoadedImage(image, "PNG", "ab" * 32))["parts"]
    assert parts["network_score"] == pytest.approx(found.network_score, abs=1e-6)
    assert set(parts["outline"]) == {"irregularity", "parallelism"}


def test_another_combination_is_another_version(tmp_path):
    plain, shaped = card(), card(outline=PART)
    other = card(outline=replace(PART, intercept=-1.1))
    assert plain.identity == plain.weights_sha256
    assert len({plain.version, shaped.version, other.version}) == 3
    write_card(shaped, tmp_path)
    assert read_card(tmp_path) == shaped


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"network": 0.0}, "factor of the network"),
        ({"intercept": float("nan")}, "outline"),
        ({"n": 0}, "learnt on 0"),
    ],
)
def test_a_combination_that_cannot_be_right_is_refused(changes, said):
    with pytest.raises(CheckpointError, match=said):
        check_card(card(outline=replace(PART, **changes)))
