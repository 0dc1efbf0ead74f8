"""A PostgreSQL of one's own for a while: a cluster in a temporary folder, reached over a socket there.

Debian's package is enough (``apt-get install postgresql``); nothing of a server that runs already is touched. initdb
refuses root: then everything runs as the user ``postgres`` that the package makes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lesion_core.errors import MissingExtraError

_PLACES = ("/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt/postgresql", "/usr/local/opt/postgresql")


def binaries() -> Path | None:
    """The folder that holds initdb and pg_ctl; None where there is none."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    places = sorted(path.parent for place in _PLACES for path in Path(place).glob("**/bin/initdb"))
    return places[-1] if places else None


@contextmanager
def temporary_cluster() -> Iterator[str]:
    """Start a cluster, give its SQLAlchemy URL, and take it away again.

    Raises:
        MissingExtraError: PostgreSQL is not installed.
        RuntimeError: it does not start; the message holds what it said.
    """
    folder = binaries()
    if folder is None:
        raise MissingExtraError("postgresql", "a PostgreSQL of one's own", "apt-get install postgresql")
    as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    home = Path(tempfile.mkdtemp(prefix="lesion-pg-", dir="/tmp"))  # a socket's path must be short
    try:
        if as_user:
            shutil.chown(home, "postgres", "postgres")
        data, log = home / "data", home / "log"
        _run([*as_user, str(folder / "initdb"), "-D", str(data), "-U", "lesion", "-A", "trust", "-E", "UTF8", "-N"])
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c max_connections=60"
        start = [*as_user, str(folder / "pg_ctl"), "-D", str(data), "-l", str(log), "-w", "-o", options, "start"]
        _run(start)
        try:
            yield f"postgresql://lesion@/postgres?host={home}"
        finally:
            _run([*as_user, str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(command: Sequence[str]) -> None:
    # Not captured by a pipe: the server that pg_ctl leaves running would hold it open.
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(command, stdout=said, stderr=subprocess.STDOUT, check=False, cwd="/")
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{Path(command[-1]).name}: {said.read().decode(errors='replace')[-2000:]}")
