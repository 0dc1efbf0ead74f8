import numpy as np
import pytest

from lesion_core.imaging.border import border_to_mask
from lesion_core.imaging.phantom import EXAMPLES, PhantomSpec, draw_phantom, example


@pytest.mark.parametrize("title", EXAMPLES)
def test_examples_are_named_as_phantoms_and_never_change(title):
    first, second = example(title), example(title)
    assert np.array_equal(first.pixels, second.pixels)
    assert first.border == second.border
    assert first.border.notes == ()
    assert first.title.startswith("Phantom")


@pytest.mark.parametrize("title", EXAMPLES)
def test_the_lesion_is_darker_than_the_tissue_beside_it(title):
    phantom = example(title)
    grey = phantom.pixels[..., 0]
    lesion = border_to_mask(phantom.border, grey.shape)
    rows = lesion.any(axis=1)
    assert grey[lesion].mean() < 0.7 * grey[rows][~lesion[rows]].mean()
    assert np.array_equal(phantom.pixels[..., 0], phantom.pixels[..., 2])


def test_speckle_is_fully_developed_in_uniform_tissue():
    # The envelope of fully developed speckle is Rayleigh distributed: mean / SD = 1.91 (Burckhardt 1978).
    spec = PhantomSpec(size=(600, 600), contrast_db=0.0, behind_db=0.0, dynamic_range_db=90.0)
    grey = draw_phantom(spec, np.random.default_rng(3)).pixels[..., 0].astype(float)
    patch = grey[250:330, 200:400]
    envelope = 10 ** (patch / 255 * 90 / 20)
    local = envelope.mean() / envelope.std()
    assert 1.5 < local < 2.1
