"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest


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
