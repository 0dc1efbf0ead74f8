from collections import Counter

import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.results.observers.agreement_groups import MAJORITY, RIGHT, agreement_groups, kappas
from lesion_core.results.observers.panel import panel_of
from tests.results.observers.made import calls_of, random_study, run_of, source_of


def counts(groups):
    return {(each.right, each.positive): each.n for each in groups}


def test_groups_by_hand_with_a_reader_and_with_the_majority():
    labels = [1, 1, 1, 0, 0, 0]
    readings = (
        calls_of("R1", [1, 0, 0, 0, 1, "?"]) + calls_of("R2", [1, 1, 0, 0, 1, 0]) + calls_of("R3", [1, 1, 0, 1, 0, 0])
    )
    source = source_of(run_of(labels, [0.9, 0.8, 0.2, 0.1, 0.2, 0.9]), readings=readings)
    panel = panel_of(source, ["bnet@r"], unit="image")
    one = counts(agreement_groups(panel, "bnet", "R1", "left out"))
    assert one[("both", True)] == 1
    assert one[("model only", True)] == 1
    assert one[("none", True)] == 1
    assert one[("both", False)] == 1
    assert one[("model only", False)] == 1
    assert one[("not assessed", False)] == 1
    many = {(g.right, g.positive): g.cases for g in agreement_groups(panel, "bnet", MAJORITY, "left out")}
    assert many[("both", True)] == ("c0", "c1")
    assert many[("none", True)] == ("c2",)
    assert many[("readers only", False)] == ("c5",)
    assert many[("model only", False)] == ("c4",)
    moved = counts(agreement_groups(panel, "bnet", MAJORITY, "left out", threshold=0.95))
    assert moved[("model only", True)] == 0
    with pytest.raises(InputError, match="no reader named"):
        agreement_groups(panel, "bnet", "R9", "left out")


def test_kappa_of_a_model_is_at_its_moved_threshold():
    source = source_of(run_of([1, 1, 0, 0], [0.9, 0.6, 0.4, 0.1]), readings=calls_of("R1", [1, 0, 0, 0]))
    panel = panel_of(source, ["bnet@r"], unit="image")
    (stated,) = kappas(panel, "left out")
    (moved,) = kappas(panel, "left out", model="bnet", threshold=0.8)
    (other,) = kappas(panel, "left out", model="tnet", threshold=0.8)
    assert stated.estimate.value == other.estimate.value == pytest.approx(0.5)
    assert moved.estimate.value == pytest.approx(1)


def test_a_tie_counts_as_wrong():
    source = source_of(run_of([1, 0], [0.9, 0.1]), readings=calls_of("R1", [1, 1]) + calls_of("R2", [0, 0]))
    panel = panel_of(source, ["bnet@r"], unit="image")
    found = counts(agreement_groups(panel, "bnet", MAJORITY, "left out"))
    assert (found[("model only", True)], found[("model only", False)]) == (1, 1)


@pytest.mark.parametrize("how", ["left out", "counted as wrong"])
@pytest.mark.parametrize("who", ["R2", MAJORITY])
def test_every_case_is_in_one_group(how, who):
    panel = panel_of(random_study(unsure=0.1), ["bnet@r"], unit="image")
    groups = agreement_groups(panel, "bnet", who, how)
    assert [(g.right, g.positive) for g in groups] == [(r, p) for p in (True, False) for r in RIGHT]
    counted = Counter(case for each in groups for case in each.cases)
    assert set(counted.values()) == {1}
    assert len(counted) == panel.n
    if how == "counted as wrong":
        assert sum(g.n for g in groups if g.right == "not assessed") == 0


def test_kappas_by_hand():
    source = source_of(
        run_of([1, 0, 1, 0], [0.9, 0.1, 0.2, 0.3]),
        readings=calls_of("R1", [1, 1, 0, 0]) + calls_of("R2", [1, 0, 0, 0]),
    )
    found = {
        (k.between, k.estimate.name): k.estimate for k in kappas(panel_of(source, ["bnet@r"], unit="image"), "left out")
    }
    # R1 and R2 agree on 3 of 4; by chance 1/2 x 1/4 + 1/2 x 3/4 = 1/2.
    assert found[("R1 and R2", "Cohen's kappa")].value == pytest.approx(0.5)
    assert found[("bnet and R2", "Cohen's kappa")].value == pytest.approx(1.0)
    assert ("all 2 readers", "Gwet's AC1") in found


def test_categories_are_weighted_where_readers_share_them():
    found = kappas(panel_of(random_study(readers=3), ["bnet@r"], unit="image"), "left out")
    assert sum(k.on == "categories" for k in found) == 3
    assert all(np.isfinite(k.estimate.value) for k in found)
