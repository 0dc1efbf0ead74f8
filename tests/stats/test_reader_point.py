import math

import numpy as np
import pytest

from lesion_core.errors import StatisticsError
from lesion_core.stats.mcnemar import compare_calls
from lesion_core.stats.reader_point import compare_at_reader, discordance

Y = np.array([1, 1, 1, 1, 0, 0, 0, 0])
SCORE = np.array([0.9, 0.8, 0.6, 0.2, 0.7, 0.4, 0.3, 0.1])
READER = np.array([1, 0, 1, 0, 1, 0, 0, 0])


def test_by_hand():
    found = compare_at_reader(Y, SCORE, READER, draws=50)
    assert (found.reader.sensitivity, found.reader.specificity) == (0.5, 0.75)
    # At specificity 3/4 the threshold may fall to 0.6 (0.7 is the one false alarm): 3 of 4 found.
    spec = found.at_specificity
    assert (spec.point.threshold, spec.point.sensitivity, spec.point.specificity) == (0.6, 0.75, 0.75)
    assert (spec.positives.both, spec.positives.model_only, spec.positives.reader_only, spec.positives.neither) == (
        2,
        1,
        0,
        1,
    )
    assert spec.positives.n == spec.negatives.n == 4
    assert spec.difference.value == 0.25
    assert spec.refitted.value == 0.25
    # At sensitivity 2/4 the threshold may rise to 0.8: no false alarm.
    sens = found.at_sensitivity
    assert (sens.point.threshold, sens.point.specificity) == (0.8, 1.0)
    assert sens.difference.value == 0.25
    assert sens.negatives.model_only == 1
    assert "chosen on these very cases" in sens.difference.sentence()


def test_differences_are_mcnemar():
    rng = np.random.default_rng(5)
    y = rng.integers(0, 2, 90)
    score, reader = rng.normal(size=90) + y, rng.random(90) < 0.3 + 0.4 * y
    groups = np.arange(90) // 2
    found = compare_at_reader(y, score, reader, draws=60)
    calls = score >= found.at_specificity.point.threshold
    expected = compare_calls(y, calls, reader, rate="sensitivity")
    assert found.at_specificity.difference.p_value == expected.p_value
    assert found.at_specificity.refitted.low <= found.at_specificity.refitted.high
    grouped = compare_at_reader(y, score, reader, draws=60, groups=groups)
    clustered = compare_calls(y, calls, reader, rate="sensitivity", groups=groups)
    assert grouped.at_specificity.difference.p_value == clustered.p_value
    assert "by patient" in grouped.at_specificity.refitted.method
    for at in (found.at_specificity, found.at_sensitivity):
        assert at.positives.n + at.negatives.n == 90
        assert (at.positives.both + at.positives.model_only) / at.positives.n == pytest.approx(at.point.sensitivity)


def test_discordance_table():
    positives, negatives = discordance([1, 1, 0, 0, 0], [1, 0, 0, 1, 1], [1, 1, 1, 0, 1])
    assert (positives.both, positives.model_only, positives.reader_only, positives.neither) == (1, 0, 1, 0)
    assert (negatives.both, negatives.model_only, negatives.reader_only, negatives.neither) == (0, 1, 1, 1)
    assert positives.positive
    assert not negatives.positive


def test_edges():
    found = compare_at_reader([1, 1], [0.2, 0.4], [1, 0])
    assert "both classes" in found.reason
    assert found.at_specificity is None
    always = compare_at_reader(Y, SCORE, np.ones(8, int), draws=20)
    assert always.at_specificity.point.sensitivity == 1
    never = compare_at_reader(Y, SCORE, np.zeros(8, int), draws=20)
    assert math.isinf(never.at_sensitivity.point.threshold)
    with pytest.raises(StatisticsError, match="reader_call must be 0 or 1"):
        compare_at_reader(Y, SCORE, SCORE)
    with pytest.raises(StatisticsError, match="model_call has 1"):
        discordance([1, 0], [1], [1, 0])
