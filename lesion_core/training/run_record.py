"""run.json: everything that is needed to repeat a run, beside what it made."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, fields, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import lesion_core
from lesion_core.cases.folds import Scheme
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.training.config import Preset, config_as_json, preset

RUN_FILE = "run.json"
PACKAGES = ("torch", "torchvision", "numpy", "scipy", "pillow", "shapely", "scikit-learn", "accelerate")


@dataclass(frozen=True)
class FurtherRecord:
    """Cases beside those of a run, only ever learnt from.

    Attributes:
        cases_sha256: over their sorted case ids, labels and targets, each with the run's cases of its patient.
        images: number of further cases; an image with several outlines counts as often.
        patients: of them.
        positive: of label 1.
        labelled: what label 1 means in them, and by whose word.
    """

    cases_sha256: str
    images: int
    patients: int
    positive: int
    labelled: str


@dataclass(frozen=True)
class FurtherUse:
    """Whether a fold learnt from the further cases.

    Attributes:
        learnt: what the inner folds decided.
        inner_aucs: of the candidates when the inner folds learnt from them too, in order.
        images: further cases that were learnt from; 0 where none were.
        left_out: those of patients or groups in the fold's test or validation part.
    """

    learnt: bool
    inner_aucs: tuple[float, ...]
    images: int
    left_out: int


@dataclass(frozen=True)
class FoldRecord:
    """How one fold was trained.

    Attributes:
        config: the candidate taken, as JSON.
        inner_aucs: of the candidates on inner folds, in order; empty when there was nothing to choose.
        epoch: the epoch whose weights scored the fold.
        images: trained on, further cases not counted.
        validation: watched.
        seconds: wall time of the training.
        device: e.g. "cpu" or the name of the GPU.
        further: whether further cases were learnt from; None where the run has none.
    """

    config: dict[str, Any]
    inner_aucs: tuple[float, ...]
    epoch: int
    images: int
    validation: int
    seconds: float
    device: str
    further: FurtherUse | None = None

    @property
    def learnt_further(self) -> bool:
        """Whether further cases were learnt from."""
        return self.further is not None and self.further.learnt


@dataclass(frozen=True)
class RunRecord:
    """A cross validation, or the part of one that was run so far.

    Attributes:
        run: its name.
        model: name of the model.
        preset: name of the preset, as it is shown.
        settings: the whole preset, as JSON.
        scheme: name of the folds.
        cases_sha256: over the sorted case ids and labels.
        folds_sha256: over the sorted case ids and folds.
        images: number of cases.
        initialisation: where the first weights came from.
        folds: what was done in each fold, by its number.
        software: versions.
        further: cases that were only learnt from; None for a run without.
    """

    run: str
    model: str
    preset: str
    settings: dict[str, Any]
    scheme: str
    cases_sha256: str
    folds_sha256: str
    images: int
    initialisation: str
    folds: dict[str, FoldRecord]
    software: dict[str, str]
    further: FurtherRecord | None = None

    @property
    def machines(self) -> str:
        """What the folds were trained on, in words."""
        return " and ".join(sorted({fold.device for fold in self.folds.values()}))

    @property
    def same(self) -> tuple[object, ...]:
        """What must be equal in all parts of one run."""
        return (
            self.model,
            self.preset,
            json.dumps(self.settings, sort_keys=True),
            self.scheme,
            self.cases_sha256,
            self.folds_sha256,
            self.initialisation,
            self.further.cases_sha256 if self.further else "",
        )

    @property
    def further_sentence(self) -> str:
        """What the folds did with further cases; empty for a run without."""
        if self.further is None:
            return ""
        learnt = sum(fold.learnt_further for fold in self.folds.values())
        told = self.further
        return (
            f"Further training cases labelled {told.labelled} ({told.images} cases of {told.patients} patients, "
            f"never scored) were learnt from in {learnt} of {len(self.folds)} folds, as each one's inner folds decided."
        )


def settings_of(preset: Preset) -> dict[str, Any]:
    """A preset as plain JSON."""
    content: dict[str, Any] = json.loads(json.dumps(asdict(preset)))
    return content


def protocol_of(record: RunRecord) -> tuple[str, int]:
    """The name of a run's preset, as on the command line, and the seed that was asked for.

    Raises:
        InputError: there is no preset of that name any more.
    """
    name = str(record.settings.get("name"))
    seed = int(record.settings["candidates"][0]["seed"])
    return name, seed - preset(name).candidates[0].seed


def fingerprint_of(table: CaseTable) -> str:
    """SHA-256 over the sorted case ids and labels: the same cases give the same."""
    return _sha256(f"{case.case_id}\t{case.label}\t{case.target}" for case in table.cases)


def fingerprint_of_folds(scheme: Scheme, table: CaseTable) -> str:
    """SHA-256 over the sorted case ids and folds."""
    return _sha256(f"{case.case_id}\t{scheme.fold[case.case_id]}" for case in table.cases)


def software_versions() -> dict[str, str]:
    """Versions of what the numbers depend on; what is not installed is left out."""
    found = {"lesion_core": lesion_core.__version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def merged(records: Sequence[RunRecord]) -> RunRecord:
    """The record of several parts of one run.

    Raises:
        InputError: parts of different runs, or a fold that stands in two of them.
    """
    first = records[0]
    for record in records[1:]:
        if record.same != first.same:
            raise InputError(
                f"{record.run} and {first.run} differ in model, settings, cases or folds: no parts of one run"
            )
    folds: dict[str, FoldRecord] = {}
    for record in records:
        both = sorted(folds.keys() & record.folds.keys(), key=int)
        if both:
            raise InputError(f"fold {', '.join(both)} stands in two of the parts: keep one of them")
        folds |= record.folds
    return replace(first, folds=dict(sorted(folds.items(), key=lambda item: int(item[0]))))


def write_run(record: RunRecord, folder: Path) -> None:
    """Write run.json whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{RUN_FILE}.part"
    unfinished.write_text(json.dumps(_content(record), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(folder / RUN_FILE)


def read_run(folder: Path) -> RunRecord:
    """Read run.json.

    Raises:
        InputError: missing, damaged, or of another layout.
    """
    file = folder / RUN_FILE
    try:
        content = json.loads(file.read_bytes())
        parts = {number: _part(part, FoldRecord, FurtherUse) for number, part in content["folds"].items()}
        record: RunRecord = replace(_part(content, RunRecord, FurtherRecord), folds=parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:  # missing; no JSON; other fields
        raise InputError(
            f"{file} is no record of a cross validation ({error}): make one with `python -m lesion_core crossval`"
        ) from error
    return record


#: What JSON must hold for each annotation.
_KINDS: dict[str, type | tuple[type, ...]] = {
    "str": str,
    "int": int,
    "float": (int, float),
    "bool": bool,
    "tuple[float, ...]": list,
}


def _content(record: RunRecord) -> dict[str, Any]:
    """As JSON; a run without further cases is written as it was before there were any."""
    content = asdict(record)
    for part in (content, *content["folds"].values()):
        if part["further"] is None:
            del part["further"]
    return content


def _part(content: Any, kind: type, kind_of_further: type) -> Any:
    """A record, with what it says of further cases where it says anything."""
    fitting = _fitting(content, kind)
    if "further" in fitting:
        fitting["further"] = kind_of_further(**_fitting(fitting["further"], kind_of_further))
    return kind(**fitting)


def _fitting(content: Any, kind: type) -> dict[str, Any]:
    """The content, its fields and their types checked against a record; fields with a default may be missing."""
    expected = {each.name: str(each.type) for each in fields(kind)}
    needed = {each.name for each in fields(kind) if each.default is MISSING}
    if not isinstance(content, dict) or not needed <= content.keys() <= expected.keys():
        raise ValueError(f"its fields are not those of a {kind.__name__}")
    for name, value in content.items():
        wanted = _KINDS.get(expected[name], dict)
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise ValueError(f"{name} is {value!r}")
    return {name: tuple(value) if isinstance(value, list) else value for name, value in content.items()}


def _sha256(lines: Any) -> str:
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


__all__ = [
    "FoldRecord",
    "FurtherRecord",
    "FurtherUse",
    "RunRecord",
    "config_as_json",
    "fingerprint_of",
    "fingerprint_of_folds",
    "merged",
    "read_run",
    "settings_of",
    "software_versions",
    "write_run",
]
