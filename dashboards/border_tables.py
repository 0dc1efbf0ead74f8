"""Which case tables can be opened for the border check, and where their decisions are kept.

Three settings, all of whoever runs the app, never of a visitor:

- ``LESION_CASES``: case tables of this machine, separated as in PATH. Their decisions lie beside them.
- ``LESION_CASE_FILES``: a folder; a table that is uploaded may name pictures and borders inside it, and nothing else.
- ``LESION_STATE``: where the rest is kept (the example's decisions, one folder per visitor; those on uploaded tables,
  by content). ``runs/state`` beside the app when it is not set.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from lesion_core.cases.border_desk import CHECKS_FILE, BorderDesk, checks_path_of
from lesion_core.cases.border_example import example_table
from lesion_core.cases.columns import write_text
from lesion_core.cases.inside import read_cases_inside
from lesion_core.cases.table import CaseTable, read_cases
from lesion_core.errors import InputError

EXAMPLE = "example"
#: More visitors than this are not kept: the one who was away for longest goes first.
MOST_VISITORS = 500
#: A table of cases is small; anything larger is no cases.csv.
MOST_BYTES = 30_000_000

_VISITOR = re.compile(r"[0-9a-f]{32}")
_UPLOAD = re.compile(r"upload:([0-9a-f]{32})")


def offered() -> list[tuple[str, str]]:
    """What a drop-down offers: (shown, key) of the example and of the tables of this machine."""
    here = [(f"{path.parent.name}/{path.name}", f"here:{number}") for number, path in enumerate(_here())]
    return [("Example: eight phantoms", EXAMPLE), *here]


def files_folder() -> Path | None:
    """Where the pictures of uploaded tables lie; None when uploads are not taken."""
    folder = os.environ.get("LESION_CASE_FILES", "")
    return Path(folder) if folder else None


def open_desk(key: str, visitor: str) -> BorderDesk:
    """The desk of a table.

    Args:
        key: from `offered` or `keep_upload`; it comes from a browser and is checked.
        visitor: 32 hex digits that name the browser; only the example asks for it.

    Raises:
        InputError: there is no such table, or it cannot be read.
        TableError: the table has bad rows; all of them are listed.
    """
    if key == EXAMPLE:
        if not _VISITOR.fullmatch(visitor):
            raise InputError("this browser has no name yet: reload the page")
        state = _state()
        folder = state / "example" / visitor
        _make_room(state / "example", folder)
        return BorderDesk(example_table(state / "phantoms"), folder)
    if found := _UPLOAD.fullmatch(key):
        folder = _state() / "uploaded" / found[1]
        return BorderDesk(_uploaded(folder / "cases.csv"), folder)
    tables = {f"here:{number}": path for number, path in enumerate(_here())}
    if key not in tables:
        raise InputError("there is no such table any more: choose another one")
    return BorderDesk(_read(tables[key]), checks_path_of(tables[key]).parent)


def keep_upload(path: str | Path) -> str:
    """Take an uploaded table in; the same content is the same table, with the decisions made on it before.

    Returns:
        Its key for `open_desk`.

    Raises:
        InputError: uploads are not taken, or the file is too large.
        TableError: bad rows, or pictures or borders that do not lie in the folder; all of them are listed.
    """
    if files_folder() is None:
        raise InputError(_NO_UPLOADS)
    if (size := Path(path).stat().st_size) > MOST_BYTES:
        raise InputError(f"the file has {size / 1e6:.0f} MB: a cases.csv of up to {MOST_BYTES / 1e6:.0f} MB is read")
    _uploaded(Path(path))
    content = Path(path).read_bytes()
    name = hashlib.sha256(content).hexdigest()[:32]
    kept = _state() / "uploaded" / name / "cases.csv"
    if not kept.is_file():
        write_text(kept, content.decode("utf-8-sig"))
    return f"upload:{name}"


_NO_UPLOADS = (
    "tables cannot be uploaded here: their pictures lie on the machine of the app, so whoever runs it has to set "
    "LESION_CASE_FILES to the folder that holds them"
)


def _here() -> list[Path]:
    return [Path(each) for each in os.environ.get("LESION_CASES", "").split(os.pathsep) if each]


def _state() -> Path:
    chosen = os.environ.get("LESION_STATE", "")
    return Path(chosen) if chosen else Path(__file__).resolve().parents[1] / "runs" / "state"


def _read(path: Path) -> CaseTable:
    try:
        stat = path.stat()
    except OSError as error:
        raise InputError(f"cannot open the table {path.name}: {error.strerror or error}") from error
    return _read_once(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=8)
def _read_once(path: Path, changed: int, size: int) -> CaseTable:
    return read_cases(path)


def _uploaded(path: Path) -> CaseTable:
    """An uploaded table whose files are all inside the folder for them."""
    folder = files_folder()
    if folder is None:
        raise InputError(_NO_UPLOADS)
    return read_cases_inside(path, root=folder, folder=folder, what="the uploaded table")


def _make_room(folder: Path, wanted: Path) -> None:
    """Forget the visitors who were away for longest, and only when a new one comes."""
    if wanted.is_dir() or not folder.is_dir():
        return
    kept: Sequence[Path] = sorted(folder.iterdir(), key=_last_used)
    for old in kept[: max(0, len(kept) - MOST_VISITORS + 1)]:
        shutil.rmtree(old, ignore_errors=True)


def _last_used(visitor: Path) -> float:
    for path in (visitor / CHECKS_FILE, visitor):
        if path.exists():
            return path.stat().st_mtime
    return 0.0
