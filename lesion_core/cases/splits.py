"""Folds that keep together what belongs together: patients, lesions and groups of near-duplicate images.

A unit is a connected component of cases that share a patient, a lesion or a group. Units are never divided: not
between folds, and not between the training and the validation part of a fold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.folds import Level, Scheme
from lesion_core.cases.table import Case
from lesion_core.errors import InputError, MissingExtraError

#: Share of each training part that is held back for validation (the paper, section 2.3: 10 %).
VALIDATION_SHARE = 0.1


@dataclass(frozen=True)
class Fold:
    """The three parts of one fold, as ascending positions in the sequence of cases.

    Attributes:
        number: the fold, from 1.
        train: (n,) int64.
        validation: (n,) int64; empty when no validation part was asked for.
        test: (n,) int64.
    """

    number: int
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]


def units(cases: Sequence[Case]) -> NDArray[np.int64]:
    """Number the units of the cases; a name joins whatever data sets it stands in, see `patients_across_sets`.

    Returns:
        (n,) int64: the unit of each case, numbered from 0 in order of first appearance.
    """
    from scipy.cluster.hierarchy import DisjointSet

    joined: DisjointSet = DisjointSet(range(len(cases)))
    first: dict[tuple[str, str], int] = {}
    for position, case in enumerate(cases):
        for key in (("patient", case.patient_id), ("lesion", case.lesion_id), ("group", case.group)):
            if key[1]:
                joined.merge(position, first.setdefault(key, position))
    number: dict[int, int] = {}
    return np.array([number.setdefault(joined[each], len(number)) for each in range(len(cases))], dtype=np.int64)


def patients_across_sets(cases: Sequence[Case]) -> tuple[str, ...]:
    """Patient ids that stand in more than one data set, sorted: `units` takes each for one patient."""
    sets: dict[str, set[str]] = {}
    for case in cases:
        if case.patient_id:
            sets.setdefault(case.patient_id, set()).add(case.dataset)
    return tuple(sorted(patient for patient, found in sets.items() if len(found) > 1))


def make_scheme(
    cases: Sequence[Case], k: int, *, rng: np.random.Generator, level: Level = "patient", force: bool = False
) -> Scheme:
    """Divide cases into k folds, stratified by label.

    Args:
        cases: all of them may be learnt from: external cases are refused.
        k: how many folds, at least 2.
        rng: makes the division.
        level: "patient" keeps units together; "image" does not.
        force: take an image-level division although cases are grouped; the scheme is then marked by its `level`.

    Raises:
        InputError: too few units in a class, external cases, or an image-level division of grouped cases.
    """
    unit = units(cases)
    grouped = len(np.unique(unit)) < len(cases)
    if level == "image" and grouped and not force:
        raise InputError(
            f"{len(cases)} cases come from {len(np.unique(unit))} patients or duplicate groups: an image-level split"
            " puts one patient on both sides and flatters every figure; split by patient (or force it: it is marked)"
        )
    if level == "image":
        unit = np.arange(len(cases))
    _check_development(cases)
    label = np.array([case.label for case in cases], dtype=np.int64)
    seed = int(rng.integers(2**31))
    fold = {cases[at].case_id: number for number, part in _stratified(label, unit, k, seed) for at in part}
    return Scheme(f"{level}-{k}", {case.case_id: fold[case.case_id] for case in cases}, level)


def folds_of(
    cases: Sequence[Case], scheme: Scheme, *, rng: np.random.Generator, validation: float = VALIDATION_SHARE
) -> tuple[Fold, ...]:
    """Turn a scheme, given or made, into training, validation and test parts.

    The validation part is made anew within each training part, by unit and stratified by label.

    Args:
        cases: what the positions in the result refer to.
        scheme: has a fold for each of the cases.
        rng: chooses the validation parts.
        validation: share of the training part to hold back, 0 (none) to 0.5.

    Raises:
        InputError: a case without a fold, a unit that stands in two folds of a patient-level scheme, external cases,
            or a training part too small for the validation part.
    """
    if not 0 <= validation <= 0.5:
        raise InputError(f"the validation share is {validation}: give a share from 0 to 0.5 of the training part")
    _check_development(cases)
    check_scheme(cases, scheme)
    fold = np.array([scheme.fold[case.case_id] for case in cases], dtype=np.int64)
    if len(np.unique(fold)) < 2:
        raise InputError(f"scheme {scheme.name!r} has one fold only for these cases: at least 2 are needed")
    unit = units(cases) if scheme.level == "patient" else np.arange(len(cases), dtype=np.int64)
    label = np.array([case.label for case in cases], dtype=np.int64)
    result = []
    for number in np.unique(fold):
        learn = np.flatnonzero(fold != number)
        held = _validation_part(label[learn], unit[learn], validation, int(rng.integers(2**31)))
        result.append(Fold(int(number), learn[~held], learn[held], np.flatnonzero(fold == number)))
    return tuple(result)


def check_scheme(cases: Sequence[Case], scheme: Scheme) -> None:
    """Require a fold for each case, and at patient level that no unit stands in two folds.

    Raises:
        InputError: says which cases or patients do not fit.
    """
    missing = [case.case_id for case in cases if case.case_id not in scheme.fold]
    if missing:
        raise InputError(
            f"scheme {scheme.name!r} has no fold for {len(missing)} of {len(cases)} cases: {', '.join(missing[:5])}"
        )
    if scheme.level == "image":
        return
    fold = [scheme.fold[case.case_id] for case in cases]
    first: dict[int, int] = {}
    unit = units(cases).tolist()
    torn = {each for at, each in enumerate(unit) if fold[first.setdefault(each, at)] != fold[at]}
    if torn:
        names = ", ".join(cases[first[each]].unit for each in sorted(torn)[:5])
        raise InputError(
            f"scheme {scheme.name!r} puts {len(torn)} patients or duplicate groups into two folds: {names}:"
            " make the folds anew with `python -m lesion_core split`"
        )


def _validation_part(label: NDArray[np.int64], unit: NDArray[np.int64], share: float, seed: int) -> NDArray[np.bool_]:
    """(n,) bool: one of `1 / share` stratified parts (so 0.1 holds back one of ten)."""
    held = np.zeros(len(label), dtype=bool)
    if share > 0:
        _, part = next(_stratified(label, unit, max(2, round(1 / share)), seed))
        held[part] = True
    return held


def _stratified(
    label: NDArray[np.int64], unit: NDArray[np.int64], k: int, seed: int
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield (fold number, positions tested in it)."""
    if k < 2:
        raise InputError(f"{k} folds: at least 2 are needed")
    for each in (0, 1):
        count = len(np.unique(unit[label == each]))
        if count < k:
            raise InputError(
                f"{k} folds or parts need at least {k} patients or duplicate groups with label {each},"
                f" there are {count}: ask for fewer"
            )
    try:
        from sklearn.model_selection import StratifiedGroupKFold
    except ImportError:
        raise MissingExtraError("scikit-learn", "making folds", "pip install -r requirements-train.txt") from None
    splitter = StratifiedGroupKFold(n_splits=k, shuffle=True, random_state=seed)
    for number, (_, test) in enumerate(splitter.split(np.zeros(len(label)), label, unit), start=1):
        if not len(test):
            raise InputError(f"{k} folds or parts leave one empty, a few groups are too large for that: ask for fewer")
        yield number, np.asarray(test, dtype=np.int64)


def _check_development(cases: Sequence[Case]) -> None:
    external = [case.case_id for case in cases if case.split == "external"]
    if external:
        raise InputError(
            f"{len(external)} of {len(cases)} cases are marked external ({', '.join(external[:3])}): they may not be"
            " learnt from, leave them out of the folds"
        )
