"""R's package pROC as a peer: the same data through both, where ``Rscript`` and pROC are installed (`r-cran-proc`)."""

from __future__ import annotations

import csv
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SCRIPT = Path(__file__).with_name("proc.R")


@dataclass(frozen=True)
class PairedSet:
    """One random data set: two scores of the same cases.

    Attributes:
        y: (n,) int64, 0/1.
        a: (n,) float64.
        b: (n,) float64.
    """

    y: NDArray[np.int64]
    a: NDArray[np.float64]
    b: NDArray[np.float64]


@dataclass(frozen=True)
class ProcAnswer:
    """What pROC says of one data set; ``nan`` where it says NA.

    Attributes:
        area: of score a.
        variance: DeLong's.
        low: lower end of its 95 % interval.
        high: upper end.
        p_value: DeLong's paired test of a against b.
        partial: area over specificity 0.8 to 1.
        corrected: the same, McClish-corrected.
        sensitive: area over sensitivity 0.8 to 1.
    """

    area: float
    variance: float
    low: float
    high: float
    p_value: float
    partial: float
    corrected: float
    sensitive: float


def why_not() -> str:
    """Why pROC cannot be run here, or "" when it can."""
    if shutil.which("Rscript") is None:
        return "Rscript is not installed (Debian: apt-get install r-cran-proc)"
    asked = subprocess.run(
        ["Rscript", "-e", "suppressPackageStartupMessages(library(pROC))"], capture_output=True, check=False
    )
    return "" if asked.returncode == 0 else "R has no package pROC (Debian: apt-get install r-cran-proc)"


def random_sets(count: int, seed: int) -> list[PairedSet]:
    """Random data sets with ties: 5 to 500 cases, at least 2 of each class, two correlated scores of mixed quality."""
    rng = np.random.default_rng(seed)
    sets = []
    for _ in range(count):
        n = int(np.exp(rng.uniform(np.log(5), np.log(501))))
        y = (rng.random(n) < rng.uniform(0.1, 0.9)).astype(np.int64)
        y[rng.permutation(n)[:4]] = [1, 1, 0, 0]
        shared = rng.normal(size=n)
        digits = int(rng.integers(0, 3))
        a, b = (
            np.asarray(
                np.round(shared * rng.uniform(0, 1) + rng.normal(size=n) + rng.uniform(-0.3, 2.5) * y, digits),
                dtype=np.float64,
            )
            for _ in range(2)
        )
        sets.append(PairedSet(y, a, b))
    return sets


def agree(sets: Sequence[PairedSet]) -> list[ProcAnswer]:
    """pROC's answers for many data sets, in one R process."""  # noqa: D403 - the package's own spelling
    with tempfile.TemporaryDirectory() as folder:
        source, answer = Path(folder, "sets.csv"), Path(folder, "answers.csv")
        with source.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["set", "y", "a", "b"])
            for i, each in enumerate(sets):
                writer.writerows(zip([i] * each.y.size, each.y, each.a, each.b, strict=True))
        _run("agree", source, answer)
        with answer.open(newline="") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: int(row["set"]))
    columns = ("area", "variance", "low", "high", "p", "partial", "corrected", "sensitive")
    return [ProcAnswer(*(_number(row[column]) for column in columns)) for row in rows]


def seconds(y: NDArray[np.generic], s: NDArray[np.float64], *, repeats: int) -> list[float]:
    """How long pROC takes for the curve with a DeLong interval, without R's start and without reading the data."""
    return _timed("time", y, s, repeats)


def bootstrap_seconds(y: NDArray[np.generic], s: NDArray[np.float64], *, draws: int) -> float:
    """How long pROC takes for a stratified bootstrap interval."""
    return _timed("boot", y, s, draws)[0]


def _timed(mode: str, y: NDArray[np.generic], s: NDArray[np.float64], number: int) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "data.bin")
        np.concatenate([y.astype(np.float64), s]).tofile(source)
        return [float(line) for line in _run(mode, source, number).split()]


def _run(mode: str, *arguments: object) -> str:
    done = subprocess.run(
        ["Rscript", "--vanilla", str(SCRIPT), mode, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"pROC failed: {done.stderr.strip()}")
    return done.stdout


def _number(text: str) -> float:
    return float("nan") if text in ("NA", "NaN") else float(text)
