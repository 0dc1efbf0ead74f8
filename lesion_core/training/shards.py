"""A file in pieces, for a way that takes only small ones: ``weights.safetensors.01-of-03``.

The pieces carry no checksum of their own: whoever joins them checks the whole file's.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

from lesion_core.errors import InputError

#: Largest piece in bytes.
SHARD_BYTES = 16_000_000
_NAME = re.compile(r"(?P<name>.+)\.(?P<number>\d+)-of-(?P<count>\d+)")


def split_file(file: Path, *, limit: int = SHARD_BYTES) -> tuple[Path, ...]:
    """Cut a file into pieces of about the same size beside it; the file itself is deleted at the end.

    Args:
        file: not empty.
        limit: largest piece, in bytes.
    """
    size = file.stat().st_size
    count = max(1, math.ceil(size / limit))
    length = math.ceil(size / count)
    pieces = []
    with file.open("rb") as stream:
        for number in range(1, count + 1):
            piece = file.with_name(f"{file.name}.{number:02d}-of-{count:02d}")
            piece.write_bytes(stream.read(length))
            pieces.append(piece)
    file.unlink()
    return tuple(pieces)


def join_file(folder: Path, name: str, out: Path) -> Path:
    """Put the pieces of a file together.

    Args:
        folder: where the pieces are; they stay.
        name: of the file they were cut from.
        out: the file to write.

    Raises:
        InputError: pieces are missing, or come from two different cuts.
    """
    found = _pieces(folder, name)
    counts = {count for _, count in found}
    if len(counts) != 1:
        cuts = ", ".join(f"of {count}" for count in sorted(counts)) or "none"
        raise InputError(f"{folder} holds no single set of pieces of {name} (found: {cuts}): bring one set back, alone")
    (count,) = counts
    missing = [str(number) for number in range(1, count + 1) if (number, count) not in found]
    if missing:
        raise InputError(f"{folder} lacks piece {', '.join(missing)} of {count} of {name}: bring all of them back")
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = out.with_name(f"{out.name}.part")
    with unfinished.open("wb") as stream:
        for number in range(1, count + 1):
            stream.write(found[number, count].read_bytes())
    unfinished.replace(out)
    return out


def _pieces(folder: Path, name: str) -> dict[tuple[int, int], Path]:
    """The pieces by (number, how many there are)."""
    found = {}
    for path in folder.glob(f"{name}.*-of-*"):
        match = _NAME.fullmatch(path.name)
        if match and match["name"] == name:
            found[int(match["number"]), int(match["count"])] = path
    return found
