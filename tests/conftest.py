"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data_dir():
    """The folder with BUSBRA, BUSI and DDTI: LESION_DATA, or ../shared/data beside the checkout."""
    chosen = os.environ.get("LESION_DATA")
    folder = Path(chosen) if chosen else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (folder / "BUSBRA").is_dir():
        pytest.skip(f"the public data sets are not in {folder}: set LESION_DATA to the folder that holds BUSBRA")
    return folder
