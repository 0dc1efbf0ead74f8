"""Fixtures shared by all tests, and one thread per process of them.

`make check` runs the tests in several processes side by side (pytest-xdist): each takes one core, and so does what it
starts. The number of threads is set here, before anything loads a numerical library.
"""

import os
from pathlib import Path

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def drawn_example(tmp_path_factory):
    """The border check's phantoms, drawn once: a folder to be copied."""
    from lesion_core.cases.border_example import example_table

    return example_table(tmp_path_factory.mktemp("example") / "phantoms").folder


@pytest.fixture(scope="session")
def data_dir():
    """The folder with BUSBRA, BUSI and DDTI: LESION_DATA, or ../shared/data beside the checkout."""
    chosen = os.environ.get("LESION_DATA")
    folder = Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (folder / "BUSBRA").is_dir():
        pytest.skip(f"the public data sets are not in {folder}: set LESION_DATA to the folder that holds BUSBRA")
    return folder
