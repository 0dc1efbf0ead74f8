"""Packing case tables for a machine that has neither the data sets nor what reads them.

Each table becomes a folder of the pack with the same cases.csv and folds.csv, so the commands that took the table take
the packed one. What is kept of an image is the native-size crop that the wanted input rules look at, without loss.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesion_core.cases.columns import write_text
from lesion_core.cases.faults import Faults
from lesion_core.cases.folds import read_folds, write_folds
from lesion_core.cases.table import CaseTable, write_cases
from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec
from lesion_core.notice import NOTICE
from lesion_core.training.opened import OpenedCase, looked_at, open_case
from lesion_core.training.packed import PACK_FILE, Outlines, write_outlines

#: Pillow's effort for lossless WebP: 6 takes some fifty times as long as 4 for one per cent.
EFFORT = 4
ABOUT_FILE = "README.txt"


@dataclass(frozen=True)
class PackedTable:
    """What was packed of one table.

    Attributes:
        name: its folder in the pack.
        cases: how many.
        schemes: names of its divisions into folds.
        megabytes: of everything in its folder, in 10^6 bytes.
    """

    name: str
    cases: int
    schemes: tuple[str, ...]
    megabytes: float


def write_pack(
    tables: Sequence[CaseTable],
    out: Path,
    *,
    specs: Sequence[InputSpec],
    tell: Callable[[], None] = lambda: None,
) -> tuple[PackedTable, ...]:
    """Write a pack whole or not at all.

    Args:
        tables: as read; a folds.csv beside a table goes along. Each is named after its folder.
        out: the folder of the pack, new.
        specs: the input rules that the crops must serve.
        tell: called after each case.

    Raises:
        InputError: `out` is there already, two tables of one name, or files that cannot be written.
        TableError: cases whose image or border cannot be used; all of them are listed.
    """
    names = [table.folder.resolve().name for table in tables]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"two tables lie in folders named {', '.join(twice)}: a pack names tables by their folders")
    if out.exists():
        raise InputError(f"{out} is there already: choose another folder, or delete it first")
    unfinished = out.with_name(f"{out.name}.part")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        packed = tuple(
            _pack_table(table, name, unfinished / name, specs, tell) for table, name in zip(tables, names, strict=True)
        )
        write_text(unfinished / ABOUT_FILE, _about(packed, specs))
        unfinished.replace(out)
    except OSError as error:
        raise InputError(f"the pack cannot be written to {out} ({error.strerror or error}): choose another") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return packed


def _pack_table(
    table: CaseTable, name: str, folder: Path, specs: Sequence[InputSpec], tell: Callable[[], None]
) -> PackedTable:
    (folder / "crops").mkdir(parents=True)
    kept: list[_Kept] = []
    faults = Faults()
    for case in table.cases:
        with faults.of(case):
            opened = open_case(table, case)
            for spec in specs:
                opened.check_covers(spec)  # a pack that is packed again
            kept.append(_keep(opened, specs, folder / "crops" / f"{case.case_id}.webp"))
        tell()
    faults.check(f"these cases of {name} cannot be packed")
    write_outlines(_outlines(table, kept), folder / PACK_FILE)
    moved = (replace(case, image=f"crops/{case.case_id}.webp", border=PACK_FILE) for case in table.cases)
    write_cases(moved, folder / "cases.csv")
    beside = table.folder / "folds.csv"
    schemes = read_folds(beside) if beside.is_file() else {}
    if schemes:
        write_folds(schemes.values(), folder / "folds.csv")
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return PackedTable(name, len(table), tuple(schemes), size / 1e6)


@dataclass(frozen=True)
class _Kept:
    """What ``pack.npz`` says of one case: size of the image, place of the crop, points of the border."""

    size: tuple[int, int]
    crop: tuple[int, int, int, int]
    points: NDArray[np.float64]


def _keep(opened: OpenedCase, specs: Sequence[InputSpec], file: Path) -> _Kept:
    """Write the smallest crop that holds all that the rules look at."""
    height, width = opened.pixels.shape[:2]
    boxes = np.array([looked_at(opened.border, spec, (height, width)) for spec in specs])
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0).tolist(), boxes[:, 2:].max(axis=0).tolist()
    crop = Image.fromarray(np.ascontiguousarray(opened.pixels[top:bottom, left:right]))
    crop.save(file, "WEBP", lossless=True, quality=100, method=EFFORT)
    return _Kept((height, width), (left, top, right, bottom), np.array(opened.border.points))


def _outlines(table: CaseTable, kept: Sequence[_Kept]) -> Outlines:
    return Outlines(
        np.array([case.case_id for case in table.cases]),
        np.array([each.size for each in kept], dtype=np.int64),
        np.array([each.crop for each in kept], dtype=np.int64),
        np.array([len(each.points) for each in kept], dtype=np.int64),
        np.concatenate([each.points for each in kept]),
    )


def _about(packed: Sequence[PackedTable], specs: Sequence[InputSpec]) -> str:
    """For whoever finds the folder."""
    tables = "\n".join(
        f"- {each.name}: {each.cases} cases, folds: {', '.join(each.schemes) or 'none'}" for each in packed
    )
    rules = "\n".join(f"- {spec.rule}, margin {spec.margin:g}" for spec in specs)
    return (
        f"Lesions cut out of ultrasound images, without loss, for training. {NOTICE}\n"
        "The terms of the data sets they come from hold for the crops too.\n\n"
        f"{tables}\n\nThe crops hold what these input rules look at:\n{rules}\n\n"
        "Each table is a cases.csv whose images are crops; pack.npz beside it holds the borders and the places of the\n"
        "crops in the whole images. The commands `crossval` and `train` of lesion_core take them like any cases.csv.\n"
    )
