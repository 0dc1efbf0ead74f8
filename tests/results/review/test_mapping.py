import pytest

from lesion_core.errors import InputError
from lesion_core.results.review.mapping import ColumnMapping, check_mapping, guess


def test_names_of_scores_csv_come_first():
    found = guess(["image", "case_id", "probability", "score", "label"])
    assert (found.case_id, found.score, found.label) == ("case_id", "score", "label")


def test_other_names_are_guessed_once_each():
    found = guess(["Filename", "P_malignant", "ground truth", "Subject-ID", "CV fold", "Site"])
    assert found == ColumnMapping(
        case_id="Filename",
        score="P_malignant",
        label="ground truth",
        patient_id="Subject-ID",
        fold="CV fold",
        dataset="Site",
    )


def test_what_cannot_be_guessed_stays_open():
    assert guess(["foo", "bar"]) == ColumnMapping()


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        (ColumnMapping("a", "b"), "which column holds label"),
        (ColumnMapping("a", "b", "z"), "no such column: label = 'z'"),
        (ColumnMapping("a", "b", "a"), "named for two things"),
    ],
)
def test_a_mapping_that_does_not_fit(mapping, words):
    with pytest.raises(InputError, match=words):
        check_mapping(mapping, ["a", "b", "c"])
