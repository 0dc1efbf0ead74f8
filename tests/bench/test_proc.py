import numpy as np
import pytest

from lesion_core.bench import proc


def test_random_sets_repeat_with_the_seed():
    first, again = proc.random_sets(5, 1), proc.random_sets(5, 1)
    assert all((a.a == b.a).all() and (a.y == b.y).all() for a, b in zip(first, again, strict=True))
    assert any((a.y.size != b.y.size) for a, b in zip(first, proc.random_sets(5, 2), strict=True))


def test_reason_without_r(monkeypatch):
    monkeypatch.setattr(proc.shutil, "which", lambda _: None)
    assert "Rscript is not installed" in proc.why_not()


def test_one_set_through_proc():
    reason = proc.why_not()
    if reason:
        pytest.skip(reason)
    answer = proc.agree([proc.PairedSet(np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.4, 0.8]), np.arange(4.0))])[0]
    assert answer.area == 0.875
    assert answer.variance == pytest.approx(1 / 32)
    assert all(0 < second < 60 for second in proc.seconds(np.array([0, 1] * 50), np.arange(100.0), repeats=2))
