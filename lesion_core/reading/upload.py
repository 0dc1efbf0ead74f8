"""What somebody uploads to set up a study: a study file, or a ZIP of cases.

A ZIP of cases holds a cases.csv with the files it names, none of them outside the ZIP, or the folders ``benign/`` and
``malignant/`` (masks beside the pictures, as the importer "folder" reads them). It is unpacked into a folder that is
gone afterwards.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lesion_core.cases.importers.folder import load
from lesion_core.cases.importers.source import Options
from lesion_core.cases.importers.write import write_import
from lesion_core.cases.inside import read_cases_inside
from lesion_core.cases.table import CaseTable, read_cases
from lesion_core.errors import InputError
from lesion_core.reading.bundle import MOST_BYTES
from lesion_core.results.scores import read_scores

MOST_FILES = 10_000


@contextmanager
def cases_of_zip(path: str | Path, *, organ: str = "") -> Iterator[CaseTable]:
    """The case table of an uploaded ZIP; its files are there until the block ends.

    Args:
        path: the ZIP.
        organ: "breast" or "thyroid", needed where folders do not say.

    Raises:
        InputError: it is no ZIP of cases, or too large.
        TableError: bad rows or pictures, all of them.
    """
    with tempfile.TemporaryDirectory(prefix="study-") as folder:
        _unpack(Path(path), Path(folder) / "files")
        yield _table(Path(folder), organ)


def scores_by_case(path: str | Path) -> tuple[str, str, dict[str, float]]:
    """A scores.csv of one run as (model, run, score by case).

    Raises:
        InputError: several runs or models: which one the aided arm shows must be clear.
        TableError: bad rows, all of them.
    """
    table = read_scores(path)
    runs = {(row.run, row.model) for row in table.rows}
    if len(runs) != 1:
        raise InputError(f"the scores come from {len(runs)} runs or models: keep the rows of one")
    ((run, model),) = runs
    return model, run, {row.case_id: row.score for row in table.rows}


def out_of_fold_scores(folder: Path, table: CaseTable) -> dict[str, float]:
    """Scores by case_id that a model gave cases of its own training set while it had not seen them.

    Args:
        folder: of the model, with ``scores/*-out-of-fold.csv``.
        table: the cases; known ones are those of the same data set and case_id.
    """
    known = {
        (row.dataset, row.case_id): row.score
        for path in sorted((folder / "scores").glob("*-out-of-fold.csv"))
        for row in read_scores(path).rows
    }
    return {case.case_id: known[key] for case in table.cases if (key := (case.dataset, case.case_id)) in known}


def _unpack(path: Path, out: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            size = sum(each.file_size for each in members)
            if size > MOST_BYTES or len(members) > MOST_FILES:
                raise InputError(
                    f"the ZIP unpacks to {size / 1e6:.0f} MB in {len(members)} files, allowed are"
                    f" {MOST_BYTES / 1e6:.0f} MB in {MOST_FILES} files: make the study file on the command line"
                )
            for each in members:
                target = (out / each.filename).resolve()
                if not target.is_relative_to(out.resolve()):
                    raise InputError(f"the ZIP holds {each.filename[:60]!r}, which lies outside of it")
            archive.extractall(out, members)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise InputError(f"this is no ZIP that can be read ({error}): make it again") from error


def _table(folder: Path, organ: str) -> CaseTable:
    files = folder / "files"
    tables = sorted(files.rglob("cases.csv"), key=lambda path: len(path.parts))
    if tables:
        return read_cases_inside(tables[0], root=files, what="cases.csv in the ZIP")
    roots = sorted({path.parent for path in files.rglob("*") if path.is_dir() and path.name in ("benign", "malignant")})
    if len(roots) != 1:
        raise InputError("the ZIP holds neither a cases.csv nor the folders benign/ and malignant/")
    if not organ:
        raise InputError("the folders do not say which organ is shown: choose breast or thyroid")
    options = Options(organ=organ)
    write_import(load(roots[0], options), folder / "imported", name="folder", source=roots[0], options=options)
    return read_cases(folder / "imported" / "cases.csv")
