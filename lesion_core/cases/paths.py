"""Paths in case tables: from the folder of the table, with forward slashes."""

from __future__ import annotations

import os
from pathlib import Path


def path_from(folder: Path, file: Path) -> str:
    """How a file is named in a table that lies in a folder.

    Links among the folders are followed on both sides: going up from a linked folder leads to where it really is.
    """
    return Path(os.path.relpath(file.parent.resolve() / file.name, folder.resolve())).as_posix()
