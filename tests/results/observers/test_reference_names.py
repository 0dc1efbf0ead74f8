import pytest

from lesion_core.results.observers.reference_names import beside, is_reference


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
