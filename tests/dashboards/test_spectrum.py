import numpy as np
import pytest

from dashboards.spectrum import kept_band, spectrum_figure
from lesion_core.augment.svd import decompose
from tests.augment.conftest import speckle


def drawn(roi):
    decomposition = decompose(roi)
    return spectrum_figure(decomposition.values, decomposition.energy_share()), decomposition


def test_a_grey_roi_has_one_curve_and_two_of_energy():
    figure, decomposition = drawn(speckle(0, (40, 40)))
    assert [trace.name for trace in figure.data] == ["all channels", "all energy", "without the first value"]
    curve, energy, rest = figure.data
    np.testing.assert_array_equal(curve.x, np.arange(1, 41))
    np.testing.assert_allclose(curve.y, decomposition.values[0])
    np.testing.assert_allclose(energy.y, 100 * decomposition.energy_share())
    squares = np.square(decomposition.values[0])
    np.testing.assert_allclose(rest.y, 100 * np.cumsum([0, *squares[1:]]) / squares[1:].sum(), atol=1e-9)
    assert figure.layout.yaxis.type == "log"


def test_a_coloured_roi_has_three_curves():
    figure, decomposition = drawn(speckle(1, (40, 40), channels=3))
    assert [trace.name for trace in figure.data[:3]] == ["red", "green", "blue"]
    for trace, values in zip(figure.data, decomposition.values, strict=False):
        np.testing.assert_allclose(trace.y, values)
    assert len({trace.line.dash for trace in figure.data[:3]}) == 3  # told apart without colour


def test_the_kept_values_are_inside_the_band():
    assert kept_band(20) == (0.5, 20.5)


def test_the_papers_ranks_are_marked():
    figure, _ = drawn(speckle(3))
    assert [(note.x, note.text) for note in figure.layout.annotations] == [(101, "45%"), (78, "35"), (56, "25")]


@pytest.mark.parametrize("value", [0, 200])
def test_rounding_noise_is_not_drawn(value):
    figure, _ = drawn(np.full((20, 20, 3), value, np.uint8))
    curve, energy, rest = figure.data
    assert np.isnan(curve.y[1:]).all()
    assert np.isnan(curve.y[0]) == (value == 0)
    np.testing.assert_allclose(energy.y, 100)
    assert np.isfinite(rest.y).all()
