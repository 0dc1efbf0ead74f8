"""The two reference models: what the lesion's size alone, and its shape alone, already say.

Logistic regression on measurements of the border in image axes, no pixel of the image: size is the log area in pixels;
shape is height / width (log) and circularity. Out of fold each fold's coefficients come from the other folds. They are
no classifiers to use: every model stands beside them, so that everyone sees what the network adds.

Borders from masks run along pixel edges, which makes every outline rough alike; circularity is measured on 64 points at
equal distances along the border.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lesion_core.cases.faults import Faults
from lesion_core.cases.folds import Scheme
from lesion_core.cases.geometry import geometry_of
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError, StatisticsError
from lesion_core.imaging.outline import resampled
from lesion_core.records import Border
from lesion_core.results.observers.reference_names import SHAPE, SIZE
from lesion_core.results.scores import ScoreTable, score_rows
from lesion_core.stats.logistic import expit, fit_logistic

COLUMNS = {SIZE: ("log area, px",), SHAPE: ("log height / width", "circularity")}
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReferenceModel:
    """A fitted reference model.

    Attributes:
        name: "size-only" or "shape-only".
        columns: what it looks at.
        coefficients: intercept first, one for each column.
        dataset: what it was fitted on.
        target: what label 1 means there.
        images: how many.
    """

    name: str
    columns: tuple[str, ...]
    coefficients: tuple[float, ...]
    dataset: str
    target: str
    images: int

    def scores(self, measured: Floats) -> Floats:
        """Probability of label 1 on the data it was fitted on.

        Args:
            measured: (n, 3) float64 from `measure`.

        Returns:
            (n,) float64, 0-1.
        """
        return expit(_design(measured, self.name) @ np.array(self.coefficients))

    def to_json(self) -> str:
        """Text of its file."""
        return (
            json.dumps(
                {
                    "name": self.name,
                    "kind": "logistic regression on measurements of the border",
                    "columns": list(self.columns),
                    "coefficients": list(self.coefficients),
                    "dataset": self.dataset,
                    "target": self.target,
                    "images": self.images,
                },
                indent=2,
            )
            + "\n"
        )

    @property
    def sha256(self) -> str:
        """Of its file: what the ledger names it by."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def measure(table: CaseTable) -> Floats:
    """Size and shape of every border.

    Args:
        table: n cases with borders.

    Returns:
        (n, 3) float64: log area in pixels, log height / width, circularity.

    Raises:
        TableError: cases without a usable border, all of them listed.
    """
    from lesion_core.imaging.border import read_border  # shapely: the rest of the package trains without it

    rows: list[tuple[float, float, float]] = []
    faults = Faults()
    for case in table.cases:
        path = table.border_path(case)
        with faults.of(case):
            if path is None:
                raise InputError("no border: outline it first")
            border = read_border(path, _size(table.image_path(case)))
            own, smooth = geometry_of(border), geometry_of(_evened(border))
            rows.append((np.log(own.area_px), np.log(own.height_to_width), smooth.circularity))
    faults.check("these cases cannot be measured")
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def fit(name: str, table: CaseTable, measured: Floats) -> ReferenceModel:
    """Fit a reference model on all cases.

    Args:
        name: "size-only" or "shape-only".
        table: n cases.
        measured: (n, 3) float64 from `measure`.

    Raises:
        StatisticsError: one class only, or classes that the measurement separates perfectly.
    """
    coefficients = _fitted(name, table.labels == 1, measured, f"{len(table)} cases")
    return ReferenceModel(
        name=name,
        columns=COLUMNS[name],
        coefficients=tuple(float(each) for each in coefficients),
        dataset=", ".join(sorted({case.dataset for case in table.cases})),
        target=", ".join(sorted({case.target for case in table.cases})),
        images=len(table),
    )


def cross_fit(name: str, table: CaseTable, measured: Floats, scheme: Scheme, *, run: str) -> ScoreTable:
    """Out-of-fold scores: each fold by the coefficients of the others.

    Args:
        name: "size-only" or "shape-only".
        table: n cases, every one of them in the scheme.
        measured: (n, 3) float64 from `measure`.
        scheme: folds that keep patients together.
        run: name of the run.

    Raises:
        InputError: a case without a fold.
        StatisticsError: a fold whose other folds have one class only.
    """
    missing = [case.case_id for case in table.cases if case.case_id not in scheme.fold]
    if missing:
        raise InputError(f"{len(missing)} cases have no fold in {scheme.name}, e.g. {missing[0]!r}: split them first")
    folds = np.array([scheme.fold[case.case_id] for case in table.cases])
    scores = np.full(len(table), np.nan)
    for fold in scheme.folds:
        test = folds == fold
        coefficients = _fitted(name, table.labels[~test] == 1, measured[~test], f"the folds other than {fold}")
        scores[test] = expit(_design(measured[test], name) @ coefficients)
    return score_rows(table.cases, scores, run=run, model=name, folds=folds.tolist())


def final_scores(model: ReferenceModel, table: CaseTable, measured: Floats, *, run: str) -> ScoreTable:
    """Scores of cases that the model was not fitted on.

    Args:
        model: fitted on other cases.
        table: n cases.
        measured: (n, 3) float64 from `measure`.
        run: name of the run.
    """
    return score_rows(table.cases, model.scores(measured), run=run, model=model.name, folds=[None] * len(table))


def _fitted(name: str, positive: NDArray[np.bool_], measured: Floats, where: str) -> Floats:
    found = fit_logistic(positive, _design(measured, name))
    if found.reason:
        raise StatisticsError(f"{name} cannot be fitted on {where}: {found.reason}")
    return found.coefficients


def _design(measured: Floats, name: str) -> Floats:
    """(n, 1 + columns) float64: ones, then what the model looks at."""
    chosen = measured[:, :1] if name == SIZE else measured[:, 1:]
    return np.column_stack([np.ones(len(measured)), chosen])


def _evened(border: Border) -> Border:
    return Border(tuple((float(x), float(y)) for x, y in resampled(border)))


def _size(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except OSError as error:
        raise InputError(f"{path} is no readable image: {error}") from error


def names() -> Sequence[str]:
    """Both of them."""
    return (SIZE, SHAPE)
