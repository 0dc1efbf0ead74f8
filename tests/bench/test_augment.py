import re

import numpy as np
import pytest

from lesion_core.augment.variants import svd_images
from lesion_core.bench import BENCHES
from lesion_core.bench import augment as bench
from tests.augment.conftest import speckle


@pytest.fixture
def _small(monkeypatch):
    monkeypatch.setattr(bench, "SIDE", 64)
    monkeypatch.setattr(bench, "ROUNDS", 2)
    monkeypatch.setattr(bench, "OUR_IMAGES", 4)
    monkeypatch.setattr(bench, "NAIVE_IMAGES", 1)


def test_it_is_registered():
    assert BENCHES["augment"] == bench.__name__


@pytest.mark.usefixtures("_small")
def test_it_prints_each_way_with_its_ratio(capsys):
    bench.run()
    printed = capsys.readouterr().out
    number = r"\s+(\d+\.\d+)"
    for way in ("naive: 9 SVDs, NumPy's threads", "naive: 9 SVDs, 1 BLAS thread", "  3 SVDs, 1 BLAS thread"):
        low, high = map(float, re.search(rf"{way}{number * 4}\n", printed).groups()[1:3])
        assert 0 < low <= high
    for way in ("RGB, one at a time", "RGB, batch", "grey, one at a time", "grey, batch", "grey, padded, batch"):
        assert re.search(rf"ours, {way}{number * 7}\n", printed), printed
    assert re.search(r"largest difference between ours and naive: [01] grey", printed)
    assert "read from the cache" in printed


@pytest.mark.parametrize(("anew", "count"), [(True, 9), (False, 3)])
def test_the_naive_way_is_right_too(anew, count, monkeypatch):
    roi = speckle(0, (48, 48), channels=3)
    calls, svd = [], np.linalg.svd
    monkeypatch.setattr(np.linalg, "svd", lambda *args, **options: calls.append(1) or svd(*args, **options))
    naives = bench.naive_svd_images(roi, anew=anew)
    assert len(calls) == count
    for mine, naive in zip(svd_images([roi])[0], naives, strict=True):
        assert np.abs(mine.astype(int) - naive).max() <= 1


def test_its_colour_images_have_three_different_channels(monkeypatch):
    seen = {}
    monkeypatch.setattr(bench, "_compare_with_naive", lambda grey, colour: seen.update(grey=grey, colour=colour))
    for other in ("_check_agreement", "_measure_cache", "_measure_gpu"):
        monkeypatch.setattr(bench, other, lambda *_: None)
    monkeypatch.setattr(bench, "OUR_IMAGES", 3)
    bench.run()
    for roi in seen["grey"]:
        assert (roi == roi[..., :1]).all()
    for roi in seen["colour"]:
        assert all((roi[..., a] != roi[..., b]).mean() > 0.9 for a, b in ((0, 1), (0, 2), (1, 2)))
