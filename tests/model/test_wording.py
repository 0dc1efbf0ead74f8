from dataclasses import replace

import pytest

from lesion_core.model.card import OrganRates
from lesion_core.model.wording import call_of, lesion_noun, sentence_of
from tests.model.stand_in import card

TARGETS = ("histology malignant", "TI-RADS 4 or higher", "mixed")
ORGANS = (("breast",), ("thyroid",), ("breast", "thyroid"))


def with_point(**changes):
    return card(operating_point=replace(card().operating_point, **changes))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("organs", ORGANS)
@pytest.mark.parametrize("score", [0.0, 0.2, 0.404, 0.41, 0.73, 1.0])
def test_no_sentence_says_more_than_the_model_can(target, organs, score):
    sentence = sentence_of(score, card(target=target, organs=organs))
    for never in ("benign", "probab", "diagnos", "healthy", "normal", "likely"):
        assert never not in sentence.lower()
    assert ("does not exclude cancer" in sentence) == (score < 0.41)
    assert "0.41 (95 % sensitivity on BUS-BRA, out of fold, per image; misses about 1 in 20 there)" in sentence
    assert sentence.endswith(".")
    if target != "histology malignant":
        assert "is malignant" not in sentence


def test_the_whole_sentence():
    assert sentence_of(0.734, card()) == (
        "Score 0.73, above the threshold 0.41 (95 % sensitivity on BUS-BRA, out of fold, per image; misses about 1 in "
        "20 there): so are about 95 of 100 malignant masses there, and 40 of 100 others."
    )
    assert sentence_of(0.1, card()).endswith("there): this does not exclude cancer.")


def test_tirads_models_say_suspicious_and_never_malignant():
    tnet = card(name="tnet", organs=("thyroid",), target="TI-RADS 4 or higher")
    assert "suspicious by TI-RADS, as are about 95 of 100 nodules of grade 4" in sentence_of(0.9, tnet)
    assert not any("malignant" in sentence_of(score, tnet) for score in (0.1, 0.9))
    assert "malignant or suspicious" in sentence_of(0.9, card(target="mixed", organs=("breast", "thyroid")))


def test_a_model_of_both_organs_says_what_its_threshold_gives_in_each():
    organs = (
        OrganRates("breast", "histology malignant", 0.96, 0.61, 1875, 607),
        OrganRates("thyroid", "TI-RADS 4 or higher", 0.87, 0.19, 171, 94),
    )
    point = replace(card().operating_point, organs=organs)
    both = card(target="mixed", organs=("breast", "thyroid"), operating_point=point)
    assert "breast: misses about 1 in 25 there, thyroid: misses about 1 in 8 there" in sentence_of(0.1, both)
    assert sentence_of(0.9, both).endswith(
        "so are in the breast about 96 of 100 malignant masses there, and 39 of 100 others; in the thyroid about 87 of "
        "100 nodules of TI-RADS 4 or higher there, and 81 of 100 others."
    )


def test_masses_nodules_lesions():
    assert [lesion_noun(card(organs=organs)) for organs in ORGANS] == ["mass", "nodule", "lesion"]


def test_a_score_on_the_threshold_is_above():
    assert call_of(0.41, card()) == "above"
    assert call_of(0.41 - 1e-9, card()) == "below"
    assert "above" in sentence_of(0.41, card())


def test_score_and_threshold_never_look_alike_where_they_differ():
    assert "Score 0.4096, below the threshold 0.4100 (" in sentence_of(0.40961, card())
    assert "Score 0.41, above the threshold 0.40 (" in sentence_of(0.4051, with_point(threshold=0.4049))
    assert "Score 0.41, above the threshold 0.41 (" in sentence_of(0.41, card())
    assert "Score 0.409999, below the threshold 0.410000 (" in sentence_of(0.4099991, card())


@pytest.mark.parametrize(
    ("sensitivity", "words"),
    [
        (1.0, "missed none there"),
        (0.9975, "misses about 1 in 400 there"),
        (0.95, "misses about 1 in 20 there"),
        (0.75, "misses about 1 in 4 there"),
        (0.6, "misses about 40 % there"),
        (0.1, "misses about 90 % there"),
    ],
)
def test_what_the_threshold_misses(sensitivity, words):
    assert words in sentence_of(0.5, with_point(sensitivity=sensitivity))
