"""Data that several tests of the statistics share."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="session")
def sas() -> dict[str, np.ndarray]:
    """The 43 patients of the ROC example printed in the SAS PROC LOGISTIC documentation."""
    with (REFERENCE / "sas_delong.csv").open(newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return {
        "event": np.array([int(row["event"]) for row in rows]),
        "albumin": np.array([float(row["albumin"]) for row in rows]),
        "kg": np.array([10 - float(row["total_score"]) for row in rows]),
        "protein": np.array([float(row["total_protein"]) for row in rows]),
    }


@pytest.fixture(scope="session")
def vandyke() -> tuple[np.ndarray, np.ndarray]:
    """The Van Dyke study: truth (114,), ratings (2 modalities, 5 readers, 114 cases); skips where it is not at hand."""
    data = Path(os.environ.get("LESION_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
    path = data.parent / "reference" / "vandyke.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not there: the Van Dyke rows are read from where the data sets lie")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    cases = sorted({int(row["case"]) for row in rows})
    truth = np.zeros(len(cases), dtype=int)
    ratings = np.full((2, 5, len(cases)), np.nan)
    for row in rows:
        case = cases.index(int(row["case"]))
        truth[case] = int(row["truth"])
        ratings[int(row["modality"]) - 1, int(row["reader"]) - 1, case] = float(row["rating"])
    assert not np.isnan(ratings).any()
    return truth, ratings
