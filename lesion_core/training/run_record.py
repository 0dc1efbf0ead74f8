"""run.json: everything that is needed to repeat a run, beside what it made."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import lesion_core
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.training.config import ClassifierConfig, Preset

RUN_FILE = "run.json"
PACKAGES = ("torch", "torchvision", "numpy", "scipy", "pillow", "shapely", "scikit-learn")


@dataclass(frozen=True)
class RunRecord:
    """A cross validation.

    Attributes:
        run: its name.
        model: name of the model.
        preset: name of the preset.
        settings: the whole preset, as JSON.
        scheme: name of the folds.
        cases_sha256: over the sorted case ids and labels.
        images: number of cases.
        initialisation: where the trunk's weights came from.
        chosen: for each fold the candidate taken and the inner AUCs of all, as JSON.
        seconds: wall time without the trunk's features.
        software: versions.
    """

    run: str
    model: str
    preset: str
    settings: dict[str, object]
    scheme: str
    cases_sha256: str
    images: int
    initialisation: str
    chosen: dict[str, dict[str, object]]
    seconds: float
    software: dict[str, str]


def settings_of(preset: Preset) -> dict[str, object]:
    """A preset as plain JSON."""
    content: dict[str, object] = json.loads(json.dumps(asdict(preset)))
    return content


def config_as_json(config: ClassifierConfig) -> dict[str, object]:
    """A candidate as plain JSON."""
    content: dict[str, object] = json.loads(json.dumps(asdict(config)))
    return content


def fingerprint_of(table: CaseTable) -> str:
    """SHA-256 over the sorted case ids and labels: the same cases give the same."""
    lines = sorted(f"{case.case_id}\t{case.label}\t{case.target}" for case in table.cases)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def software_versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    found = {"lesion_core": lesion_core.__version__, "python": platform.python_version()}
    return found | {name: version(name) for name in PACKAGES}


def write_run(record: RunRecord, folder: Path) -> None:
    """Write run.json whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{RUN_FILE}.part"
    unfinished.write_text(json.dumps(asdict(record), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(folder / RUN_FILE)


def read_run(folder: Path) -> RunRecord:
    """Read run.json.

    Raises:
        InputError: missing, damaged, or of another layout.
    """
    from pydantic import TypeAdapter

    file = folder / RUN_FILE
    try:
        record: RunRecord = TypeAdapter(RunRecord).validate_json(file.read_bytes(), strict=True, extra="forbid")
    except (OSError, ValueError) as error:  # missing; no JSON or other fields
        raise InputError(
            f"{file} is no record of a cross validation ({error}): make one with `python -m lesion_core crossval`"
        ) from error
    return record
