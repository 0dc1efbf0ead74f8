"""The simulation's vectorised formulas are those of the library, and it finds what it should."""

import re
from pathlib import Path

import numpy as np
import pytest

from lesion_core.bench import coverage
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.proportions import proportion_interval

DOCS = Path(__file__).parents[2] / "docs" / "statistics.md"


@pytest.mark.parametrize(("shift", "P", "N"), [(1.0, 12, 15), (3.5, 8, 9)])
def test_area_ends_are_those_of_the_library(shift, P, N):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(12, P)) + shift, rng.normal(size=(12, N))
    ends = coverage.area_ends(x, y, rng=rng)
    assert set(ends) == set(coverage.METHODS)
    labels = np.r_[np.ones(P, int), np.zeros(N, int)]
    for method, (low, high) in ends.items():
        found = [auc_interval(labels, np.r_[x[k], y[k]], method=method, draws=4000) for k in range(12)]
        lows, highs = [each.low for each in found], [each.high for each in found]
        if method == "bootstrap":  # other resamples: alike on average
            assert low.mean() == pytest.approx(np.mean(lows), abs=0.015)
            assert high.mean() == pytest.approx(np.mean(highs), abs=0.015)
        else:
            assert low == pytest.approx(lows, abs=1e-9)
            assert high == pytest.approx(highs, abs=1e-9)


def test_clustered_ends_are_those_of_the_library():
    rng = np.random.default_rng(4)
    x, y = coverage._two_views(10, 9, rng) + 2.0, coverage._two_views(10, 11, rng)
    naive, bound, logit = coverage.clustered_area_ends(x, y)
    plain, clustered = coverage.clustered_rate_ends(x > 1.5)
    labels, patients = np.r_[np.ones(18, int), np.zeros(22, int)], np.arange(40) // 2
    for k in range(10):
        scores = np.r_[x[k].ravel(), y[k].ravel()]
        for ends, method, groups in (
            (naive, "delong", None),
            (bound, "delong", patients),
            (logit, "logit-delong", patients),
        ):
            found = auc_interval(labels, scores, method=method, groups=groups)
            assert (ends[0][k], ends[1][k]) == pytest.approx((found.low, found.high), abs=1e-9)
        success = (x[k] > 1.5).ravel()
        for ends, groups in ((plain, None), (clustered, patients[:18])):
            found = proportion_interval(success, groups=groups)
            assert (ends[0][k], ends[1][k]) == pytest.approx((found.low, found.high), abs=1e-12)


def test_clustering_keeps_what_the_naive_interval_loses():
    found = coverage.clustered_coverage(0.86, 100, draws=600, rng=np.random.default_rng(1))
    naive, clustered, logit = found["AUC"]
    assert naive < 0.89 < 0.915 < clustered
    assert logit > 0.915
    naive, clustered = found["sensitivity"]
    assert naive < 0.91 < 0.92 < clustered


def test_area_coverage():
    found = coverage.area_coverage(0.86, 100, draws=500, rng=np.random.default_rng(2))
    for method, (cover, width) in found.items():
        assert 0.89 < cover < 0.985, method
        assert 0.12 < width < 0.17, method


def test_exact_and_simulated_coverage_of_proportions_agree():
    found = coverage.proportion_coverage(0.86, 50, draws=20_000, rng=np.random.default_rng(3))
    for simulated, exact in found.values():
        assert simulated == pytest.approx(exact, abs=0.006)
    assert found["clopper-pearson"][1] >= 0.95


def test_tables_are_printed(capsys, monkeypatch):
    monkeypatch.setattr(coverage, "DRAWS", 10)
    monkeypatch.setattr(coverage, "RESAMPLES", 20)
    monkeypatch.setattr(coverage, "SIZES", (50,))
    monkeypatch.setattr(coverage, "PATIENTS", (50,))
    coverage.run()
    out = capsys.readouterr().out
    assert "10 draws each, seed 20260314" in out
    assert out.count("| 0.86 | 50 |") == 3


def test_docs_hold_the_tables_of_this_simulation():
    """Every row that the bench prints stands in the docs; the first is computed again here."""
    text = DOCS.read_text()
    assert "python -m lesion_core bench coverage" in text
    assert f"{coverage.DRAWS:,} draws" in text
    assert f"seed {coverage.SEED}" in text
    for value in coverage.AREAS:
        for n in sorted({*coverage.SIZES, *coverage.PATIENTS}):
            assert re.search(rf"\| {value:.2f} \| {n} \|", text)
    first = coverage.proportion_coverage(0.7, 50, draws=coverage.DRAWS, rng=np.random.default_rng(coverage.SEED))
    cells = " | ".join(f"{100 * x:.1f}" for pair in first.values() for x in pair)
    assert f"| 0.70 | 50 | {cells} |" in text
