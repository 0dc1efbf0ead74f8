"""How far a model's score moves from one reader's border to another's, on the same lesion.

`python -m lesion_core stability tnet --masks DDTI` makes the table: every image that at least two readers outlined is
scored with each border. No label is looked at. Two readers may have outlined different nodules of an image: pairs of
borders that overlap little (Dice below `SAME_LESION`) are counted apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from lesion_core.cases.agreement import compare_borders
from lesion_core.cases.columns import Column, any_text, checked_rows, number_between, write_rows
from lesion_core.records import Border
from lesion_core.results.observers.moved import DRAWS, Moved, moved
from lesion_core.results.scores import DECIMALS

#: Begins the names of these files in a model's folder of stability.
PREFIX = "readers-"
#: From this overlap on two borders are of one lesion.
SAME_LESION = 0.5
_share = number_between(0, 1)
COLUMNS = (
    Column("model", "name of the model", "text on one line", any_text, required=True),
    Column("dataset", "where the image comes from", "text on one line", any_text, required=True),
    Column("patient_id", "joins the images of one patient", "text on one line", any_text, required=True),
    Column("image", "the image", "text on one line", any_text, required=True),
    Column("first", "a reader", "text on one line", any_text, required=True),
    Column("second", "another reader", "text on one line", any_text, required=True),
    Column("dice", "overlap of the two borders", "a number from 0 to 1", _share, required=True),
    Column("score_first", "with the first reader's border", "a number from 0 to 1", _share, required=True),
    Column("score_second", "with the second reader's border", "a number from 0 to 1", _share, required=True),
)


@dataclass(frozen=True)
class TwoBorders:
    """One image scored with the borders of two readers.

    Attributes:
        model: its name.
        dataset: where the image comes from.
        patient_id: joins images of one patient.
        image: its name.
        first: a reader.
        second: another reader.
        dice: overlap of the two borders, 0-1.
        score_first: with the first reader's border, 0-1.
        score_second: with the second reader's.
    """

    model: str
    dataset: str
    patient_id: str
    image: str
    first: str
    second: str
    dice: float
    score_first: float
    score_second: float


@dataclass(frozen=True)
class Redrawn:
    """What the border of another reader does to the score.

    Attributes:
        first: a reader.
        second: another reader.
        same_lesion: only images where the two borders are of one lesion, by their overlap.
        n: images.
        identical: among them, with the same border by both: copied, not drawn again.
        moved: the scores; clusters are patients.
    """

    first: str
    second: str
    same_lesion: bool
    n: int
    identical: int
    moved: Moved

    @property
    def sentence(self) -> str:
        """For the terminal."""
        which = "borders of one lesion" if self.same_lesion else "all images"
        return (
            f"{self.first} and {self.second}, {which}: n = {self.n}, {self.identical} with equal borders; "
            f"{self.moved.sentence}"
        )


def pairs_of(
    borders: Mapping[str, Border], scores: Mapping[str, float], *, model: str, dataset: str, patient_id: str, image: str
) -> tuple[TwoBorders, ...]:
    """Every two readers of an image.

    Args:
        borders: reader -> border.
        scores: reader -> score with that border, 0-1.
        model: its name.
        dataset: of the image.
        patient_id: of the image.
        image: its name.
    """
    return tuple(
        TwoBorders(
            model=model,
            dataset=dataset,
            patient_id=patient_id,
            image=image,
            first=first,
            second=second,
            dice=round(min(1.0, compare_borders(borders[first], borders[second]).dice), DECIMALS),
            score_first=round(scores[first], DECIMALS),
            score_second=round(scores[second], DECIMALS),
        )
        for first, second in combinations(borders, 2)
    )


def summarise_readers(rows: Sequence[TwoBorders], threshold: float, *, draws: int = DRAWS) -> tuple[Redrawn, ...]:
    """Every pair of readers, on all images and on those where the borders are of one lesion.

    Args:
        rows: of one model and set.
        threshold: calls are score >= threshold.
        draws: bootstrap samples.
    """
    found = []
    for first, second in dict.fromkeys((row.first, row.second) for row in rows):
        own = [row for row in rows if (row.first, row.second) == (first, second)]
        one = [row for row in own if row.dice >= SAME_LESION]
        found += [
            _redrawn(chosen, threshold, draws, same_lesion=same)
            for chosen, same in ((own, False), (one, True))
            if chosen
        ]
    return tuple(found)


def _redrawn(rows: Sequence[TwoBorders], threshold: float, draws: int, *, same_lesion: bool) -> Redrawn:
    before, after = (np.array([getattr(row, name) for row in rows]) for name in ("score_first", "score_second"))
    patients = np.unique([row.patient_id for row in rows], return_inverse=True)[1].astype(np.int64)
    return Redrawn(
        first=rows[0].first,
        second=rows[0].second,
        same_lesion=same_lesion,
        n=len(rows),
        identical=sum(row.dice == 1 for row in rows),
        moved=moved(before, after, patients, threshold, draws=draws),
    )


def read_reader_borders(path: str | Path) -> tuple[TwoBorders, ...]:
    """Read such a table.

    Raises:
        InputError: the file cannot be opened.
        TableError: bad rows, all of them listed.
    """
    rows = checked_rows(path, COLUMNS)
    return tuple(_two_borders(row.cells) for row in rows)


def write_reader_borders(rows: Sequence[TwoBorders], path: str | Path) -> None:
    """Write such a table whole or not at all, to six decimals.

    Raises:
        InputError: the file cannot be written.
    """
    names = [column.name for column in COLUMNS]
    cells = (
        {name: f"{value:.{DECIMALS}f}" if isinstance(value := getattr(row, name), float) else value for name in names}
        for row in rows
    )
    write_rows(path, COLUMNS, cells)


def _two_borders(cells: Mapping[str, str]) -> TwoBorders:
    return TwoBorders(
        model=cells["model"],
        dataset=cells["dataset"],
        patient_id=cells["patient_id"],
        image=cells["image"],
        first=cells["first"],
        second=cells["second"],
        dice=float(cells["dice"]),
        score_first=float(cells["score_first"]),
        score_second=float(cells["score_second"]),
    )
