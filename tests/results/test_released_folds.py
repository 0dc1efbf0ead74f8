"""No fold of the released scores has a patient, a lesion or a group of duplicate scans on both sides."""

import hashlib
from collections import defaultdict
from dataclasses import replace

import pytest

from lesion_core.cases.folds import Scheme
from lesion_core.cases.importers import busbra, ddti
from lesion_core.cases.importers.pictures import read_grey
from lesion_core.cases.splits import check_scheme
from lesion_core.cases.table import Case
from lesion_core.errors import InputError
from lesion_core.results.scores import ScoreTable, read_scores
from tests.test_readme import ROOT

FILES = sorted((ROOT / "checkpoints").glob("*/scores/*out-of-fold*.csv"))
NAMES = [f"{path.parent.parent.name}/{path.stem}" for path in FILES]
#: What the data say too, see below: patients that an audit and a look found to be one, and images that are equal.
KNOWN = {f"busbra-{other}": f"busbra-{one}" for other, one in busbra.SAME_AS.items()}


def known_group(row):
    patient = KNOWN.get(row.patient_id, row.patient_id)
    return patient if patient in KNOWN.values() else ""


def check(scores, group_of):
    """The package's own check of a scheme, on the folds that the scores were made in."""
    assert all(row.fold for row in scores.rows)
    cases = [
        Case(
            case_id=row.case_id,
            organ=row.organ,
            image="",
            label=row.label,
            target=row.target,
            lesion_id=row.lesion_id,
            patient_id=row.patient_id,
            group=group_of(row),
        )
        for row in scores.rows
    ]
    check_scheme(cases, Scheme("scores", {row.case_id: row.fold for row in scores.rows}))


def straddling(scores, key_of):
    """The slow way: keys seen in two folds."""
    folds = defaultdict(set)
    for row in scores.rows:
        if key_of(row):
            folds[key_of(row)].add(row.fold)
    return {key for key, seen in folds.items() if len(seen) > 1}


def moved(scores, chosen):
    """A doctored copy: the first case that is chosen is said to be of another fold."""
    at = next(place for place, row in enumerate(scores.rows) if chosen(row))
    row = scores.rows[at]
    other = next(each.fold for each in scores.rows if each.fold != row.fold)
    return ScoreTable((*scores.rows[:at], replace(row, fold=other), *scores.rows[at + 1 :]))


def test_every_released_model_has_out_of_fold_scores():
    folders = {path.parent.parent.name for path in FILES}
    assert {card.parent.name for card in (ROOT / "checkpoints").glob("*/card.json")} <= folders


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_patients_lesions_and_known_duplicates_lie_in_one_fold(path):
    scores = read_scores(path)
    assert scores.has_patients
    check(scores, known_group)
    for key_of in (lambda row: row.patient_id, lambda row: row.lesion_id, known_group):
        assert straddling(scores, key_of) == set()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_patient_put_on_both_sides_is_found(path):
    scores = read_scores(path)
    patients = [row.patient_id for row in scores.rows]
    doctored = moved(scores, lambda row: patients.count(row.patient_id) > 1)
    (torn,) = straddling(doctored, lambda row: row.patient_id)
    with pytest.raises(InputError, match=rf"1 patients or duplicate groups into two folds: {torn}:"):
        check(doctored, known_group)


def test_a_duplicate_put_on_both_sides_is_found():
    scores = read_scores(ROOT / "checkpoints/bnet/scores/busbra-10-out-of-fold.csv")
    other = next(row.fold for row in scores.rows if row.fold != fold_of(scores, "busbra-56"))
    doctored = ScoreTable(
        tuple(replace(row, fold=other) if row.patient_id == "busbra-91" else row for row in scores.rows)
    )
    assert straddling(doctored, lambda row: row.patient_id) == set()
    assert straddling(doctored, known_group) == {"busbra-56"}
    with pytest.raises(InputError, match="1 patients or duplicate groups"):
        check(doctored, known_group)


def test_models_of_one_scheme_share_their_folds():
    """A reference model, and a network without its outline, stand beside a model on the same folds."""
    folds = {}
    for path in FILES:
        for row in read_scores(path).rows:
            if row.dataset == "busbra":
                assert folds.setdefault(row.case_id, row.fold) == row.fold, path
    assert len(folds) == 1875


@pytest.fixture(scope="module")
def groups(data_dir):
    """Case -> group of every scan that stands twice in a set, pixel by pixel, or shows a patient who does."""
    found = {f"ddti-{image}": group for image, group in ddti.identical_images(data_dir / "DDTI").items()}
    same = defaultdict(list)
    for path in sorted((data_dir / "BUSBRA" / "Images").glob("*.png")):
        pixels = read_grey(path)
        same[hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()].append(path.stem)
    return found | {name: f"same-as-{names[0]}" for names in same.values() if len(names) > 1 for name in names}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_scans_that_are_equal_in_the_data_lie_in_one_fold(path, groups):
    scores = read_scores(path)
    check(scores, lambda row: known_group(row) or groups.get(row.case_id, ""))
    assert straddling(scores, lambda row: groups.get(row.case_id)) == set()


def test_the_data_have_such_scans_among_the_scores(groups):
    """Else the test above would hold nothing."""
    scores = read_scores(ROOT / "checkpoints/tnet/scores/patient-10-out-of-fold.csv")
    of = defaultdict(list)
    for row in scores.rows:
        of[groups.get(row.case_id, "")].append(row)
    twice = [rows for group, rows in of.items() if group and len(rows) > 1]
    assert twice
    doctored = moved(scores, lambda row: row == twice[0][0])
    assert straddling(doctored, lambda row: groups.get(row.case_id))
    with pytest.raises(InputError, match="duplicate groups"):
        check(doctored, lambda row: groups.get(row.case_id, ""))


def fold_of(scores, patient):
    (fold,) = {row.fold for row in scores.rows if row.patient_id == patient}
    return fold
