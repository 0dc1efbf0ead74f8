from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from lesion_core.errors import BorderError, CheckpointError, ImageError
from lesion_core.imaging.border import border_from_points
from lesion_core.imaging.phantom import EXAMPLES, example
from lesion_core.imaging.prepare import InputSpec, network_input, prepare
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.model.card import FOLDER_VARIABLE
from lesion_core.model.checkpoint import save_checkpoint
from lesion_core.model.predictor import LesionPredictor, best_device
from lesion_core.records import Border
from tests.model.stand_in import card, cheap_vgg19, opinionated, use_cheap_trunk

PHANTOM = example(next(iter(EXAMPLES)))


@pytest.fixture(scope="module")
def predictor():
    return LesionPredictor(opinionated(cheap_vgg19(normalisation="power")), card())


def test_an_answer_holds_everything_about_itself(predictor):
    answer = predictor.predict(PHANTOM.pixels, PHANTOM.border)
    assert 0 <= answer.score <= 1
    assert answer.call == ("above" if answer.score >= 0.41 else "below")
    assert f"Score {answer.score:.2f}" in answer.sentence
    assert (answer.model, answer.version, answer.target) == ("bnet", "0" * 12, "histology malignant")
    assert answer.threshold == 0.41
    assert answer.border == PHANTOM.border
    assert answer.rectangle == minimum_area_rectangle(PHANTOM.border)
    assert np.array_equal(answer.roi.pixels, prepare(PHANTOM.pixels, PHANTOM.border, InputSpec()).pixels)
    assert answer.seconds > 0
    assert answer.device == "cpu"


def test_the_score_is_the_softmax_of_the_network_on_the_prepared_roi(predictor):
    roi = prepare(PHANTOM.pixels, PHANTOM.border, InputSpec()).pixels
    with torch.inference_mode():
        benign, malignant = predictor.network(torch.from_numpy(network_input(roi[None], InputSpec())))[0].tolist()
    expected = 1 / (1 + np.exp(benign - malignant))
    assert predictor.predict(PHANTOM.pixels, PHANTOM.border).score == pytest.approx(expected, abs=1e-6)


def test_points_and_borders_give_the_same(predictor):
    points = [list(point) for point in PHANTOM.border.points]
    score = predictor.predict(PHANTOM.pixels, PHANTOM.border).score
    for same in (points, np.array(points), [*points, points[0]], points[::-1]):
        assert predictor.predict(PHANTOM.pixels, same).score == pytest.approx(score, abs=1e-9)


def test_the_rule_of_the_card_is_used():
    rule = InputSpec(rule="min-area", margin=0.0)
    answer = LesionPredictor(cheap_vgg19(), card(input=rule)).predict(PHANTOM.pixels, PHANTOM.border)
    assert (answer.roi.rule, answer.roi.margin) == ("min-area", 0.0)
    assert np.array_equal(answer.roi.pixels, prepare(PHANTOM.pixels, PHANTOM.border, rule).pixels)


@pytest.mark.parametrize(
    "image",
    [
        PHANTOM.pixels[..., 0],
        PHANTOM.pixels.astype(np.float32) / 255,
        PHANTOM.pixels.astype(np.int64),
        np.concatenate([PHANTOM.pixels, PHANTOM.pixels[..., :1]], axis=2),
        PHANTOM.pixels[None],
        None,
    ],
    ids=["grey", "float", "int64", "RGBA", "batch", "none"],
)
def test_other_arrays_are_refused(image, predictor):
    with pytest.raises(ImageError, match=r"must be \(height, width, 3\) uint8, got .*: use read_image"):
        predictor.predict(image, PHANTOM.border)


def test_unusable_borders_are_refused(predictor):
    with pytest.raises(BorderError, match="at least 3 points"):
        predictor.predict(PHANTOM.pixels, [(1, 1), (50, 50)])
    with pytest.raises(BorderError, match="outside the image"):
        predictor.predict(PHANTOM.pixels, [(700, 500), (800, 500), (800, 600)])


def test_a_border_of_another_image_is_refused_where_it_shows_nothing_of_this_one(predictor):
    elsewhere = border_from_points([(700, 500), (800, 500), (800, 600)], (700, 900))
    with pytest.raises(BorderError, match="outside the image"):
        predictor.predict(PHANTOM.pixels, elsewhere)
    with pytest.raises(BorderError, match="outside the image"):
        predictor.predict(PHANTOM.pixels[:, :60], Border(PHANTOM.border.points))


def test_images_are_left_as_they_are_even_read_only_or_not_contiguous(predictor):
    locked = PHANTOM.pixels.copy()
    locked.flags.writeable = False
    score = predictor.predict(locked, PHANTOM.border).score
    assert np.array_equal(locked, PHANTOM.pixels)
    turned = np.asfortranarray(PHANTOM.pixels)
    assert predictor.predict(turned, PHANTOM.border).score == score


def test_many_at_once_and_one_by_one_are_the_same(predictor):
    rois = np.random.default_rng(0).integers(0, 256, (4, 224, 224, 3)).astype(np.uint8)
    together = predictor.scores(rois)
    assert together.dtype == np.float64
    assert together.shape == (4,)
    assert together == pytest.approx([predictor.scores(roi[None])[0] for roi in rois], abs=1e-5)
    with ThreadPoolExecutor(4) as pool:
        threads = list(pool.map(lambda roi: predictor.scores(roi[None])[0], rois))
    assert together == pytest.approx(threads, abs=1e-5)


def test_scores_are_worked_out_on_the_cpu():
    """Apple's GPUs have no float64, in which the softmax is taken."""

    class Logits:
        def float(self):
            return self

        def cpu(self):
            return torch.tensor([[0.0, 0.0]])

        def double(self):
            raise TypeError("Cannot convert a MPS Tensor to float64 dtype")

    predictor = LesionPredictor(cheap_vgg19(), card())
    predictor.network = lambda batch: Logits()
    assert predictor.scores(np.zeros((1, 224, 224, 3), np.uint8)).tolist() == [0.5]


def test_models_are_loaded_by_name_or_folder(tmp_path, monkeypatch, predictor):
    use_cheap_trunk(monkeypatch)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    save_checkpoint(predictor.network, card(), tmp_path / "bnet")
    expected = predictor.predict(PHANTOM.pixels, PHANTOM.border).score
    for name in ("bnet", tmp_path / "bnet", str(tmp_path / "bnet")):
        loaded = LesionPredictor.load(name, device="cpu")
        answer = loaded.predict(PHANTOM.pixels, PHANTOM.border)
        assert answer.score == pytest.approx(expected, abs=1e-3)
        assert answer.version == loaded.card.version != "0" * 12
    with pytest.raises(CheckpointError, match="no model named 'tnet'; there are: bnet"):
        LesionPredictor.load("tnet")


@pytest.mark.parametrize(("cuda", "mps", "chosen"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")])
def test_the_device_is_a_gpu_where_there_is_one(cuda, mps, chosen, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends, "mps", SimpleNamespace(is_available=lambda: mps))
    assert best_device().type == chosen
