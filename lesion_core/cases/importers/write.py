"""Lay an import down as one new folder, whole or not at all.

``OUT/cases.csv``, ``OUT/borders/*.json``, ``OUT/folds.csv``, ``OUT/readings.csv`` and ``OUT/import.json`` (what was
read, with which options, what was left out). Pictures stay where they are and are named relative to cases.csv, unless
they are copied to ``OUT/images/``.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from lesion_core.cases.columns import write_text
from lesion_core.cases.folds import write_folds
from lesion_core.cases.importers.source import Imported, Lesion, Options
from lesion_core.cases.paths import path_from
from lesion_core.cases.readings import write_readings
from lesion_core.cases.table import Case, write_cases
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_to_json


@dataclass(frozen=True)
class Summary:
    """What an import wrote.

    Attributes:
        cases: rows.
        images: different pictures.
        units: patients, or what stands in for them where the set has none (`Case.unit`).
        positive: rows with label 1.
        negative: rows with label 0.
        targets: what label 1 means.
        notes: what was left out or repaired.
    """

    cases: int
    images: int
    units: int
    positive: int
    negative: int
    targets: tuple[str, ...]
    notes: tuple[str, ...]


def write_import(
    imported: Imported,
    out: Path,
    *,
    name: str,
    source: Path,
    options: Options,
    copy: bool = False,
    replace_old: bool = False,
) -> Summary:
    """Write the folder.

    Args:
        imported: what an importer found.
        out: the new folder; it must not exist or be empty, unless `replace_old`.
        name: of the importer.
        source: what was read.
        options: with which it was read.
        copy: copy the pictures.
        replace_old: put the new folder in place of an old import.

    Raises:
        InputError: the folder is taken or cannot be written; nothing is left behind.
    """
    check_free(out, replace_old=replace_old)
    if not imported.lesions:
        raise InputError(f"{source}: no case was found")
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
    try:
        cases = _lay_down(imported, part, out.absolute(), copy=copy)
        write_cases(cases, part / "cases.csv")
        if imported.schemes:
            write_folds(imported.schemes, part / "folds.csv")
        if imported.readings:
            write_readings(imported.readings, part / "readings.csv")
        summary = _summary(cases, imported)
        record = {
            "importer": name,
            "source": source.name,
            "options": asdict(options),
            "copied": copy,
            **asdict(summary),
        }
        write_text(part / "import.json", json.dumps(record, indent=2, ensure_ascii=False) + "\n")
        part.chmod(0o755)
        _take_place(part, out)
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return summary


def check_free(out: Path, *, replace_old: bool) -> None:
    """Refuse a folder that is taken, before any work is done.

    Raises:
        InputError: it is a file, or holds something that may not be replaced.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file: name a folder for the import")
    if out.is_dir() and any(out.iterdir()):
        if not replace_old:
            raise InputError(f"{out} is not empty: name a new folder, or add --replace to import anew")
        if not (out / "import.json").is_file():
            raise InputError(f"{out} is no earlier import (it has no import.json): it is not replaced")
        if any(out.glob("*border_checks")):
            raise InputError(
                f"{out} holds a second reader's border checks, which --replace would delete: move them away"
            )


def _lay_down(imported: Imported, part: Path, final: Path, *, copy: bool) -> list[Case]:
    """Write borders and pictures into `part`; paths count from `final`."""
    (part / "borders").mkdir()
    border_names, image_names = _Names(), _Names()
    copied: dict[Path, str] = {}
    cases = []
    for lesion in imported.lesions:
        border = image = ""
        if lesion.border is not None:
            border = f"borders/{border_names.free(lesion.case.case_id)}.json"
            (part / border).write_text(border_to_json(lesion.border) + "\n", encoding="utf-8")
        if not isinstance(lesion.image, Path):
            image = _save(lesion, part, image_names)
        elif copy:
            image = copied.get(lesion.image) or _copy(lesion.image, part, image_names)
            copied[lesion.image] = image
        else:
            image = path_from(final, lesion.image)
        cases.append(replace(lesion.case, image=image, border=border))
    return cases


def _save(lesion: Lesion, part: Path, names: _Names) -> str:
    from PIL import Image

    (part / "images").mkdir(exist_ok=True)
    name = f"images/{names.free(lesion.case.case_id)}.png"
    Image.fromarray(np.asarray(lesion.image)).save(part / name)
    return name


def _copy(path: Path, part: Path, names: _Names) -> str:
    (part / "images").mkdir(exist_ok=True)
    name = f"images/{names.free(path.stem)}{path.suffix}"
    shutil.copyfile(path, part / name)
    return name


class _Names:
    """File names that every system takes, each handed out once (without regard to upper and lower case)."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def free(self, text: str) -> str:
        name = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("_.") or "case"
        unique, number = name, 1
        while unique.lower() in self._taken:
            number += 1
            unique = f"{name}-{number}"
        self._taken.add(unique.lower())
        return unique


def _take_place(part: Path, out: Path) -> None:
    """Give the finished folder its name; an old import is moved aside first and put back if that fails."""
    old = None
    if out.is_dir():
        old = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".old"))
        out.rename(old / "old")
    try:
        part.rename(out)
    except OSError:
        if old is not None:
            (old / "old").rename(out)
        raise
    finally:
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)


def _summary(cases: list[Case], imported: Imported) -> Summary:
    label = Counter(case.label for case in cases)
    return Summary(
        cases=len(cases),
        images=len({id(each.image) if not isinstance(each.image, Path) else each.image for each in imported.lesions}),
        units=len({case.unit for case in cases}),
        positive=label[1],
        negative=label[0],
        targets=tuple(sorted({case.target for case in cases})),
        notes=imported.notes,
    )
