from dataclasses import replace

import numpy as np
import pytest

from lesion_core.results.observers.views import view_agreement
from tests.results.observers.made import run_of


def test_pairs_of_views_by_hand():
    run = run_of([1, 1, 0, 0, 1], [0.9, 0.4, 0.2, 0.3, 0.8], patients=["p", "p", "q", "q", "s"])
    found = view_agreement(run, np.full(5, 0.5), draws=50)
    assert found.lesions == 2
    assert found.first.tolist() == [0.9, 0.2]
    assert found.second.tolist() == [0.4, 0.3]
    assert found.difference.value == pytest.approx(0.3)
    assert found.same_call.value == pytest.approx(0.5)
    spread = np.std([-0.5, 0.1], ddof=1)
    assert found.limits == pytest.approx((-0.2 - 1.96 * spread, -0.2 + 1.96 * spread))


def test_three_views_make_three_pairs_and_a_view_that_cannot_be_assessed_none():
    run = run_of([1, 1, 1, 0], [0.9, 0.4, 0.2, np.nan], patients=["p", "p", "p", "p"])
    assert view_agreement(run, np.full(4, 0.5), draws=20).first.size == 3


def test_lesions_without_a_patient_are_no_single_patient():
    named = run_of([1, 1, 0, 0, 1, 1], [0.9, 0.4, 0.2, 0.3, 0.8, 0.7], patients=list("aabbcc"))
    nameless = replace(named, patient_ids=np.full(6, ""))
    found = [view_agreement(run, np.full(6, 0.5), draws=50) for run in (named, nameless)]
    assert found[1].same_call.clusters == found[0].same_call.clusters == 3
    assert (found[1].difference.low, found[1].difference.high) == (found[0].difference.low, found[0].difference.high)


def test_without_views_or_threshold_it_says_so():
    alone = view_agreement(run_of([1, 0], [0.2, 0.3]), np.full(2, 0.5))
    assert alone.difference.reason == "no lesion of this set has two scored views"
    run = run_of([1, 1], [0.9, 0.4], patients=["p", "p"])
    found = view_agreement(run, np.full(2, np.nan), draws=20)
    assert found.same_call.reason == "no threshold is known"
    assert found.difference.value == pytest.approx(0.5)
    assert np.isnan(found.limits).all()
