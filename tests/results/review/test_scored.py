import numpy as np
import pytest

from lesion_core.errors import InputError
from tests.results.review.columns import run

NAN = float("nan")


def test_a_patients_score_is_the_mean_of_the_views_that_could_be_assessed():
    made = run([1, 1, 0, 0, 0], [0.8, NAN, 0.1, 0.3, NAN], patients=["p", "p", "q", "q", "s"])
    view = made.in_unit("patient")
    assert view.names.tolist() == ["p", "q", "s"]
    np.testing.assert_allclose(view.scores, [0.8, 0.2, NAN])
    assert view.assessed.tolist() == [True, True, False]
    assert view.labels.tolist() == [1, 0, 0]
    assert view.positives == 1
    assert view.groups is None
    assert view.cases_of(view.labels == 0).tolist() == [2, 3, 4]


def test_images_of_a_patient_are_dependent_and_single_images_are_not():
    assert run([1, 0, 0], [0.5] * 3, patients=["p", "p", "q"]).in_unit("image").groups.tolist() == [0, 0, 1]
    assert run([1, 0], [0.5] * 2, patients=["p", "q"]).in_unit("image").groups is None
    assert run([1, 0], [0.5] * 2).in_unit("image").groups is None


def test_lesions_of_a_patient_are_dependent():
    made = run([1, 1, 0], [0.9, 0.7, 0.1], patients=["p", "p", "p"], lesion_ids=["l1", "l1", "l2"])
    assert made.units == ("patient", "lesion", "image")
    view = made.in_unit("lesion")
    assert view.labels.tolist() == [1, 0]
    assert view.groups.tolist() == [0, 0]


def test_a_unit_needs_every_id_and_one_fold_for_each():
    assert run([1, 0], [0.5] * 2, patients=["p", ""]).units == ("image",)
    assert run([1, 0], [0.5] * 2, patients=["p", "p"], folds=[1, 2]).units == ("image",)
    made = run([1, 0], [0.5] * 2)
    with pytest.raises(InputError, match="cannot be counted by patient: choose image"):
        made.in_unit("patient")


def test_out_of_fold_needs_a_fold_for_every_case_and_two_of_them():
    assert run([1, 0], [0.5] * 2, folds=[1, 2]).out_of_fold
    assert not run([1, 0], [0.5] * 2, folds=[1, 1]).out_of_fold
    assert not run([1, 0], [0.5] * 2, folds=[1, 0]).out_of_fold


def test_a_view_is_made_once():
    made = run([1, 0], [0.5] * 2)
    assert made.in_unit("image") is made.in_unit("image")
    assert made.key == "m@r"
