"""Linear algebra with one BLAS thread.

A matrix of 224 x 224 is too small to be shared out between threads: two BLAS threads are slower than one on an idle
machine, and many times slower on a busy one, where each waits for the other. So each decomposition runs on one thread,
and several decompositions run side by side.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import ThreadpoolController

_turn = threading.RLock()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread while inside; may be nested.

    The limit is the process's, so callers in different threads take turns: what runs inside may use threads of its
    own, but these must not enter here.
    """
    with _turn, _controller().limit(limits=1, user_api="blas"):
        yield


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.cache
def _controller() -> ThreadpoolController:
    """Looking for the loaded BLAS libraries takes over half a millisecond, so it is done once."""
    return ThreadpoolController()
