"""A staged folder: exactly the files that go up, listed, with their sizes, and checked for what must never go up."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lesion_core.errors import PublishError

#: Stands in a staged folder so that it can be staged again; it is not part of what goes up.
MARK = ".staged"
#: Pictures belong to the documentation; anywhere else they could be a patient's.
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".webp", ".dcm", ".npz", ".npy"})
#: Folders and files that hold what people read, drew or asked; never to be published.
PRIVATE = frozenset({"readings", "runs", "border_checks", "state", "private", ".git", ".venv", ".gradio", ".cache"})
PRIVATE_FILES = re.compile(
    r"(readings.*\.csv|border_checks\.csv|cases\.csv|.*\.(db|sqlite3?|study\.zip|pem|key)|\.env.*|token)", re.IGNORECASE
)
#: Tokens of Hugging Face, GitHub and cloud accounts, and private keys.
SECRET = re.compile(
    rb"hf_[A-Za-z0-9]{30,}|gh[pousr]_[A-Za-z0-9]{30,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
LARGEST_TEXT = 10_000_000


@dataclass(frozen=True)
class StagedFile:
    """One file that goes up.

    Attributes:
        name: its path in the repository, POSIX.
        size: bytes.
    """

    name: str
    size: int


@dataclass(frozen=True)
class Stage:
    """A folder that is ready to go up.

    Attributes:
        folder: where it lies.
        files: all that goes up, by name.
    """

    folder: Path
    files: tuple[StagedFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def tree(self) -> str:
        """The files as a tree with sizes; a folder's size is that of all in it."""
        return "\n".join(_tree(self.files))


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """A folder to fill that takes its place when it is complete, and is gone when something fails.

    Args:
        out: must not exist, be empty, or hold an earlier stage.

    Raises:
        PublishError: the folder is taken or cannot be written.
    """
    if out.exists() and not out.is_dir():
        raise PublishError(f"{out} is a file: name a folder to stage in")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise PublishError(f"{out} holds other things: name a new folder to stage in")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}.", suffix=".part"))
        try:
            (part / MARK).touch()
            yield part
            part.chmod(0o755)
            if out.is_dir():
                shutil.rmtree(out)
            part.rename(out)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise PublishError(f"cannot stage in {out}: {error.strerror or error}") from error


def staged(folder: Path) -> Stage:
    """The files of a staged folder, checked.

    Raises:
        PublishError: something in it must not go up; all of it is listed.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    names = [path.relative_to(folder).as_posix() for path in paths]
    faults = [
        f"{name}: {fault}"
        for path, name in zip(paths, names, strict=True)
        if name != MARK and (fault := _fault(path, name))
    ]
    if faults:
        raise PublishError("this must not go up:\n" + "\n".join(f"  - {fault}" for fault in faults))
    found = (StagedFile(name, path.stat().st_size) for path, name in zip(paths, names, strict=True) if name != MARK)
    return Stage(folder, tuple(found))


def copy_file(source: Path, target: Path) -> None:
    """Copy one file, its folders made.

    Raises:
        PublishError: it is a link, or no file.
    """
    if source.is_symlink() or not source.is_file():
        raise PublishError(f"{source} is no plain file: only files of the project are staged")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def size_text(size: int) -> str:
    """Bytes as people read them."""
    if size < 1000:
        return f"{size} B"
    for unit, factor in (("kB", 1e3), ("MB", 1e6)):
        if size < 1000 * factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1e9:.1f} GB"


def _fault(path: Path, name: str) -> str:
    parts = PurePosixPath(name).parts
    if path.is_symlink():
        return "a link, it could point to anything"
    if PRIVATE & set(parts[:-1]) or PRIVATE_FILES.fullmatch(parts[-1]):
        return "readings, cases, checks and settings stay on this machine"
    if path.suffix.lower() in PICTURES and parts[0] != "docs":
        return "a picture outside docs/: it could be a patient's"
    if path.suffix != ".safetensors":
        if path.stat().st_size > LARGEST_TEXT:
            return f"larger than {size_text(LARGEST_TEXT)}, and no weights"
        if SECRET.search(path.read_bytes()):
            return "holds what looks like a token or a private key"
    return ""


def _tree(files: tuple[StagedFile, ...], depth: int = 0) -> Iterator[str]:
    here: dict[str, list[StagedFile]] = {}
    for file in files:
        head, _, tail = file.name.partition("/")
        here.setdefault(head + ("/" if tail else ""), []).append(StagedFile(tail, file.size))
    for name, inside in sorted(here.items(), key=lambda item: (not item[0].endswith("/"), item[0])):
        line = f"{'  ' * depth}{name}"
        yield f"{line:<56}{size_text(sum(each.size for each in inside)):>10}"
        if name.endswith("/"):
            yield from _tree(tuple(inside), depth + 1)
