import math

import numpy as np
import pytest

from lesion_core.results.observers.against_each import pair_tests
from lesion_core.results.observers.panel import panel_of
from lesion_core.stats.mcnemar import mcnemar
from tests.results.observers.made import calls_of, random_study, run_of, source_of


def test_own_threshold_is_mcnemar_on_each_class_with_holm():
    panel = panel_of(random_study(readers=2, unsure=0.0), ["bnet@r"], unit="image")
    found = pair_tests(panel, "left out", draws=50)
    assert len(found) == 2 * 4
    raw = []
    for each in found:
        reader, model = panel.reader(each.reader), panel.models[0]
        threshold = 0.5 if each.setting == "own threshold" else each.threshold
        counted = panel.labels if each.rate == "sensitivity" else ~panel.labels
        right_model = (model.score >= threshold) == panel.labels
        right_reader = reader.called == panel.labels
        only_model = int((counted & right_model & ~right_reader).sum())
        only_reader = int((counted & ~right_model & right_reader).sum())
        assert (each.right.model_only, each.right.reader_only) == (only_model, only_reader)
        assert each.right.n == counted.sum()
        assert each.test.value == pytest.approx((only_model - only_reader) / counted.sum())
        assert each.model_rate == pytest.approx(right_model[counted].mean())
        raw.append(mcnemar(only_model, only_reader, int(counted.sum())).p_value)
    order = np.argsort(raw)
    floor = 0.0
    for rank, at in enumerate(order):
        floor = max(floor, min(1.0, (len(raw) - rank) * raw[at]))
        assert found[at].test.p_value == pytest.approx(floor)


def test_the_matched_rate_of_the_model_is_at_least_the_readers():
    panel = panel_of(random_study(readers=3), ["bnet@r"], unit="image")
    for each in pair_tests(panel, "counted as wrong", draws=50):
        if each.setting == "own threshold":
            assert each.kept == ""
            assert each.refitted is None
            continue
        model, reader = (float(part.split()[0]) for part in each.kept.split(" ", 1)[1].split(", "))
        assert model >= reader
        assert "chosen on these very cases" in " ".join(each.test.notes)
        assert each.refitted.low <= each.refitted.value <= each.refitted.high


def test_without_a_threshold_only_matched_points_are_tested():
    source = source_of(run_of([1, 0, 1, 0], [0.9, 0.2, 0.3, 0.4]), readings=calls_of("R", [1, 0, 1, 1]), thresholds=())
    found = pair_tests(panel_of(source, ["bnet@r"], unit="image"), "left out", draws=20)
    own = [each for each in found if each.setting == "own threshold"]
    assert all(not each.test.defined and "no threshold" in each.test.reason for each in own)
    assert all(each.test.defined for each in found if each not in own)


def test_a_reader_of_one_class_has_no_comparison():
    source = source_of(run_of([1, 0, 1, 0], [0.9, 0.2, 0.3, 0.4]), readings=calls_of("R", [1, None, 1, None]))
    found = pair_tests(panel_of(source, ["bnet@r"], unit="image"), "left out", draws=20)
    matched = [each for each in found if each.setting != "own threshold"]
    assert all(each.test.reason and math.isnan(each.model_rate) for each in matched)
