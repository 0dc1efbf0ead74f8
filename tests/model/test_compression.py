from dataclasses import replace

import pytest

from lesion_core.errors import CheckpointError
from lesion_core.model.card import read_card, write_card
from lesion_core.model.compression import Compression, ScoreChange
from tests.model.stand_in import card

CHANGE = ScoreChange(
    cases="BUS-BRA, all images",
    n=10,
    n_malignant=4,
    largest=0.03,
    mean=0.01,
    calls=1,
    auc_parent=0.91,
    auc=0.905,
    difference=-0.005,
    low=-0.01,
    high=0.001,
    level=0.95,
    method="DeLong, paired, clustered",
)
FOUND = Compression("a" * 64, "factors of rank 64", 8, (CHANGE,))


def test_a_card_keeps_how_its_model_was_made_small(tmp_path):
    write_card(card(compression=FOUND), tmp_path)
    assert read_card(tmp_path).compression == FOUND


def test_a_card_without_it_is_as_before(tmp_path):
    write_card(card(), tmp_path)
    assert read_card(tmp_path).compression is None


def test_undefined_figures_are_kept_as_such(tmp_path):
    undefined = replace(CHANGE, auc=None, auc_parent=None, difference=None, low=None, high=None, calls=None)
    made = card(compression=replace(FOUND, parent_sha256="", changes=(undefined,)))
    write_card(made, tmp_path)
    assert read_card(tmp_path) == made
    assert undefined.sentence.endswith("mean 0.0100; AUC undefined (one class)")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"low": 0.0}, "AUC difference on BUS-BRA, all images lies outside its own interval"),
        ({"mean": 0.04}, "score differences on BUS-BRA, all images are not from 0 to 1"),
        ({"largest": 1.5}, "are not from 0 to 1"),
    ],
)
def test_figures_that_cannot_be_are_refused(changes, message, tmp_path):
    with pytest.raises(CheckpointError, match=message):
        write_card(card(compression=replace(FOUND, changes=(replace(CHANGE, **changes),))), tmp_path)


def test_a_parent_is_named_by_its_checksum(tmp_path):
    with pytest.raises(CheckpointError, match="parent_sha256"):
        write_card(card(compression=replace(FOUND, parent_sha256="abc")), tmp_path)


def test_the_sentence_carries_n_interval_and_method():
    assert CHANGE.sentence == (
        "BUS-BRA, all images (n = 10, 4 malignant): largest score difference 0.0300, mean 0.0100, 1 calls changed; "
        "AUC 0.9100 to 0.9050, difference -0.0050 (95 % CI -0.0100 to +0.0010, DeLong, paired, clustered)"
    )
    without = replace(CHANGE, low=None, high=None, note="the two never differ")
    assert without.sentence.endswith("difference -0.0050 (no interval: the two never differ)")
    trained_on = replace(CHANGE, note="the model was trained on these images: the areas flatter")
    assert trained_on.sentence == f"{CHANGE.sentence}; the model was trained on these images: the areas flatter"
    undefined = replace(trained_on, auc=None, auc_parent=None, difference=None)
    assert undefined.sentence.endswith(
        "AUC undefined (one class); the model was trained on these images: the areas flatter"
    )
