"""Which column of a CSV file means what: guessed from the names, corrected by the user.

Roles are the columns of scores.csv. A file that has those names needs no guess; any other CSV with a case, a label and
a score can be reviewed through a mapping, and what it does not use becomes an attribute for subgroups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from lesion_core.errors import InputError


@dataclass(frozen=True)
class ColumnMapping:
    """Role -> name of the column; empty where the file has none.

    Attributes:
        case_id: the case; required.
        score: 0-1, higher = more suspicious; required.
        label: required.
        patient_id: joins the lesions of a patient.
        lesion_id: joins the views of a lesion.
        fold: in which the case was tested.
        run: name of the run.
        model: name of the model.
        dataset: where the case comes from.
        organ: breast or thyroid.
        target: what label 1 means.
        calibrated: recalibrated score.
    """

    case_id: str = ""
    score: str = ""
    label: str = ""
    patient_id: str = ""
    lesion_id: str = ""
    fold: str = ""
    run: str = ""
    model: str = ""
    dataset: str = ""
    organ: str = ""
    target: str = ""
    calibrated: str = ""


REQUIRED = ("case_id", "score", "label")
ROLES = tuple(each.name for each in fields(ColumnMapping))
#: Role -> names that mean it, best first, compared in lower case without blanks, dots, dashes and underscores.
NAMES = {
    "case_id": ("caseid", "case", "imageid", "image", "id", "filename", "file", "img", "name", "sample", "studyid"),
    "score": ("score", "probability", "prob", "pmalignant", "prediction", "pred", "yscore", "yprob", "output", "p1"),
    "label": ("label", "ytrue", "truth", "groundtruth", "target01", "gt", "class", "pathology", "diagnosis", "y"),
    "patient_id": ("patientid", "patient", "subject", "subjectid", "pid", "mrn", "participant"),
    "lesion_id": ("lesionid", "lesion", "noduleid", "nodule", "massid", "mass"),
    "fold": ("fold", "kfold", "cvfold", "split", "partition"),
    "run": ("run", "runid", "experiment"),
    "model": ("model", "modelname", "classifier", "network"),
    "dataset": ("dataset", "cohort", "source", "site", "center", "centre"),
    "organ": ("organ", "bodypart", "anatomy"),
    "target": ("target", "endpoint", "outcome"),
    "calibrated": ("calibrated", "calibratedscore", "calibratedprobability"),
}


def guess(header: Sequence[str]) -> ColumnMapping:
    """The likeliest mapping of a header: each column serves once, exact names of scores.csv first.

    Args:
        header: names of the columns.
    """
    plain = {_plain(name): name for name in reversed(header) if name}
    taken = {role: role for role in ROLES if role in header}
    for role in ROLES:
        if role not in taken:
            free = (plain[each] for each in NAMES[role] if each in plain)
            found = next((name for name in free if name not in taken.values()), "")
            if found:
                taken[role] = found
    return ColumnMapping(**taken)


def check_mapping(mapping: ColumnMapping, header: Sequence[str]) -> None:
    """Require a usable mapping.

    Raises:
        InputError: a required role without a column, a column that is not there, or one that serves twice.
    """
    chosen = {role: getattr(mapping, role) for role in ROLES if getattr(mapping, role)}
    missing = [role for role in REQUIRED if role not in chosen]
    if missing:
        raise InputError(f"say which column holds {' and '.join(missing)}; the file has {_names(header)}")
    absent = [f"{role} = {name!r}" for role, name in chosen.items() if name not in header]
    if absent:
        raise InputError(f"the file has no such column: {', '.join(absent)}; it has {_names(header)}")
    double = [name for name in dict.fromkeys(chosen.values()) if list(chosen.values()).count(name) > 1]
    if double:
        raise InputError(f"column {double[0]!r} is named for two things: choose one column for each")


def _names(header: Sequence[str]) -> str:
    """The first names of a header, each cut where it is no name any more."""
    return ", ".join(name if len(name) <= 40 else f"{name[:37]}..." for name in header[:20]) + (
        f" and {len(header) - 20} more" if len(header) > 20 else ""
    )


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
