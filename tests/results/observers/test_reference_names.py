import pytest

from lesion_core.results.observers.reference_names import belongs_beside, beside, is_reference


@pytest.mark.parametrize(
    ("model", "first"),
    [("bnet-image-only", "bnet"), ("tnet-2015-4a", "tnet"), ("tbnet-paper", "tbnet"), ("bnet", None), ("mine-2", None)],
)
def test_what_was_made_beside_a_released_model_is_told_by_its_name(model, first):
    assert beside(model) == first
    assert is_reference(model) is (first is not None)


def test_size_and_shape_are_references():
    assert is_reference("size-only")
    assert is_reference("shape-only")


def test_only_what_a_chosen_model_is_made_of_stands_beside_it_unasked():
    assert belongs_beside("shape-only", [])
    assert belongs_beside("bnet-image-only", ["bnet"])
    assert belongs_beside("bnet-paper", ["tnet", "bnet"])
    assert not belongs_beside("bnet-image-only", ["tnet"])
    assert not belongs_beside("bnet-compact-seed-1-image-only", ["bnet"])
    assert not belongs_beside("bnet-best-cpu", ["bnet"])
