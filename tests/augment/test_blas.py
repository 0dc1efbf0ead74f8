import threading

import numpy as np  # noqa: F401  (its BLAS is what is limited)
import pytest
from threadpoolctl import threadpool_info

from lesion_core.augment.blas import one_blas_thread, usable_cores


def blas_threads():
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_one_thread_inside_and_as_before_outside():
    before = blas_threads()
    assert before
    with one_blas_thread():
        assert set(blas_threads()) == {1}
        with one_blas_thread():
            assert set(blas_threads()) == {1}
        assert set(blas_threads()) == {1}
    assert blas_threads() == before


def test_an_error_inside_lifts_the_limit_too():
    before = blas_threads()
    with pytest.raises(ValueError, match="inside"), one_blas_thread():
        raise ValueError("inside")
    assert blas_threads() == before


def test_threads_take_turns_and_leave_the_old_limit_behind():
    before = blas_threads()
    inside, seen = [], []

    def work():
        for _ in range(20):
            with one_blas_thread():
                inside.append(threading.get_ident())
                seen.append((len(inside), *set(blas_threads())))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seen == [(1, 1)] * 80
    assert blas_threads() == before


def test_there_is_a_core():
    assert usable_cores() >= 1
