import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from dashboards import augmentation_view as view
from lesion_core.augment.channels import to_pixels
from lesion_core.augment.export import VariantScores
from lesion_core.augment.quality import compare, difference_image
from lesion_core.augment.svd import decompose
from lesion_core.augment.variants import VARIANT_NAMES, VARIANT_TITLES, eight_variants
from lesion_core.notice import NOTICE
from tests.augment.conftest import speckle

SCORES = VariantScores("bnet", "0123456789ab", "histology malignant", 0.4, (0.5, 0.6, 0.3, 0.4, 0.501, 0.45, 0.39, 0.1))


@pytest.fixture(scope="module")
def variants():
    return eight_variants(speckle(0, (64, 64)))


def pictures(markup):
    encoded = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', markup)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(each))).convert("RGB")) for each in encoded]


def test_eight_tiles_with_their_names_in_order(variants):
    markup = view.tiles(variants, notes=())
    assert re.findall(r'data-variant="([^"]+)"', markup) == list(VARIANT_NAMES)
    assert all(title in markup for title in VARIANT_TITLES.values())
    shown = pictures(markup)
    assert len(shown) == 8
    for image, expected in zip(shown, variants.images, strict=True):
        assert np.abs(image.astype(int) - expected).mean() < 4  # as near as JPEG comes
    assert "score" not in markup.replace("A score below", "")
    assert NOTICE in markup


def test_answers_say_score_change_and_call(variants):
    markup = view.tiles(variants, notes=(), answers=SCORES)
    assert len(re.findall(r"score 0\.\d\d", markup)) == 8
    assert markup.count("above the threshold") == 5
    assert markup.count("below the threshold</div>") == 3
    assert re.findall(r'<figure class="changed" data-variant="([^"]+)"', markup) == ["rot180", "svd35", "svd25"]
    assert "<span>0.00</span>" in markup
    assert "+0.10" in markup
    assert "scores from 0.10 to 0.60, threshold 0.40" in markup
    assert "the call changes for: Rotated 180°, SVD, top 35 %, SVD, top 25 %." in markup
    steady = view.tiles(variants, notes=(), answers=replace(SCORES, threshold=0.05))
    assert "no variant changes the call" in steady
    assert "changed" not in steady


def test_the_words_promise_nothing(variants):
    markup = view.tiles(variants, notes=(), answers=SCORES)
    assert "benign" not in markup
    assert "does not exclude cancer" in markup


def test_texts_are_escaped(variants):
    nasty = "<img src=x onerror=alert(1)> ${alert(1)} {{alert}} `"
    for markup in (
        view.waiting(nasty),
        view.tiles(variants, notes=(nasty,)),
        view.tiles(variants, notes=(), answers=replace(SCORES, model=nasty)),
        view.rank_answer(0.5, replace(SCORES, model=nasty), 3),
    ):
        assert "<img src=x" not in markup
        assert "${" not in markup
        assert "{{" not in markup
        assert "`" not in markup


def readout(rank, roi):
    decomposition = decompose(roi)
    rebuilt = to_pixels(decomposition.rebuild(rank))
    return view.readout(decomposition, rank, compare(roi, rebuilt), difference_image(roi, rebuilt), 4.0)


def test_the_numbers_at_a_rank():
    markup = readout(101, speckle(1))
    assert "101 of 224 (45.1 % of the singular values)" in markup
    assert "45,349 numbers for the image&#x27;s 50,176 (90 %)" in markup
    assert re.search(r"\d\d\.\d\d dB", markup)
    assert re.search(r"<dt>SSIM</dt><dd>0\.\d{4}</dd>", markup)
    (difference,) = pictures(markup)
    assert difference.shape == (224, 224, 3)


def test_the_whole_rank_and_tiny_images():
    assert "infinite (equal images)" in readout(64, speckle(2, (64, 64)))
    assert "<dt>SSIM</dt><dd>undefined</dd>" in readout(2, speckle(2, (8, 8)))


@pytest.mark.parametrize(
    ("score", "call", "consequence"),
    [(0.45, "above", "the call stays"), (0.4, "above", "stays"), (0.2, "below", "changes")],
)
def test_the_answer_at_a_rank(score, call, consequence):
    markup = view.rank_answer(score, SCORES, 56)
    assert f"at rank 56: score {score:.3f}, {call} the threshold 0.40" in markup
    assert consequence in markup
    assert "original 0.500" in markup


def test_the_explanation_names_formula_and_source():
    for part in (r"\sigma_i\, u_i v_i^T", "Eckart and Young 1936", "101, 78 and 56 of 224", "no compression"):
        assert part in view.EXPLANATION
