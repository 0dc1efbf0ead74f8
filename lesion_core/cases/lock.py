"""A lock that keeps other processes out between reading a file and writing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lesion_core.errors import InputError


@contextmanager
def locked(file: Path, seconds: float, busy: str) -> Iterator[None]:
    """Hold a lock; the folder is made.

    Args:
        file: of the lock, beside what it keeps.
        seconds: how long another holder is waited for.
        busy: what is said after that.

    Raises:
        InputError: somebody else holds it, or the folder cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file, timeout=seconds)
        lock.acquire()
    except Timeout:
        raise InputError(f"{busy}: try again in a moment") from None
    except OSError as error:
        raise InputError(f"cannot write into {file.parent}: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()
