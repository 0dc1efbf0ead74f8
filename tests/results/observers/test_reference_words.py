import pytest

from lesion_core.model.card import models_folder
from lesion_core.results.observers.reference_words import UNBROKEN, in_words, legend, place


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("bnet", ""),
        ("mine-paper", ""),
        ("bnet-image-only", "the network without the outline"),
        ("bnet-compact-seed-12-image-only", "frozen trunk, another seed, the network without the outline"),
        ("tnet-2015-4c", "label: DDTI's grade of 2015, 4c or higher"),
        ("bnet-mine", ""),
        ("size-only", "the lesion's size alone"),
    ],
)
def test_a_name_in_words(model, words):
    assert in_words(model) == words


def test_every_bundled_name_has_words():
    """A new kind of run beside a model needs its words."""
    folders = [path.parent.name for path in models_folder().glob("*/scores")]
    assert len(folders) > 30
    assert [name for name in folders if not in_words(name)] == sorted(
        {"bnet", "tnet", "tbnet"} & set(folders), key=folders.index
    )


def test_a_legend_says_each_part_once():
    said = legend(["bnet", "bnet-compact-seed-1", "bnet-seed-2", "bnet-seed-2-image-only", "shape-only"])
    assert said.replace(UNBROKEN, "-") == (
        "-compact: frozen trunk; -seed-N: another seed; -image-only: the network without the outline; "
        "shape-only: the lesion's shape alone"
    )
    assert legend(["tnet-2015-4a", "tnet-2015-5"]).endswith("G: label: DDTI's grade of 2015, G or higher")
    assert legend(["mine", "bnet"]) == ""


def test_the_systems_models_come_first_then_what_they_are_made_of():
    names = ["trunk-linear", "bnet-seed-1", "bnet-compact", "mine", "bnet-paper", "bnet", "bnet-image-only"]
    assert sorted(names, key=place) == [
        "mine", "bnet", "bnet-image-only", "bnet-paper", "bnet-seed-1", "bnet-compact", "trunk-linear",
    ]  # fmt: skip
