"""A review source: one set of cases, the runs that scored it, its readers, and what is known of the cases.

`bundled.bundled_sources` makes them from `checkpoints/*/scores/*.csv`, `upload.uploaded_source` from a visitor's files.
Runs of one source are on the same cases as far as they overlap: `paired` joins two of them by case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from lesion_core.errors import InputError
from lesion_core.results.review.attributes import NONE, Attributes
from lesion_core.results.review.history import EpochRow
from lesion_core.results.review.readers import Reader
from lesion_core.results.review.scored import ScoredRun

Kind = Literal["bundled", "uploaded", "synthetic"]


@dataclass(frozen=True)
class ThresholdRule:
    """A threshold that was fixed before the scores in hand were looked at.

    Attributes:
        value: calls are score >= value.
        words: where it comes from, e.g. "95 % sensitivity on BUS-BRA, out of fold, per image".
    """

    value: float
    words: str


@dataclass(frozen=True, eq=False)
class ReviewSource:
    """One set and everything that was said of it.

    Attributes:
        key: names it in a link, e.g. "busbra.folds", "busi.test".
        title: on screen, e.g. "BUS-BRA, out of fold".
        kind: bundled with the models, uploaded by the visitor, or simulated.
        runs: at least one.
        readers: may be empty.
        attributes: of the cases.
        label_source: what the labels rest on, e.g. "histopathology"; empty when not stated.
        thresholds: model -> the pre-stated threshold of its card.
        openings: how often the set was opened, one sentence.
        notes: what a reader of any figure of this set should know, whole sentences.
        histories: run's key -> how its training went, where that is kept.
    """

    key: str
    title: str
    kind: Kind
    runs: tuple[ScoredRun, ...]
    readers: tuple[Reader, ...] = ()
    attributes: Attributes = NONE
    label_source: str = ""
    thresholds: tuple[tuple[str, ThresholdRule], ...] = ()
    openings: str = ""
    notes: tuple[str, ...] = ()
    histories: tuple[tuple[str, tuple[EpochRow, ...]], ...] = ()

    @property
    def out_of_fold(self) -> bool:
        """Whether it is a cross validation: every run is out of fold."""
        return all(run.out_of_fold for run in self.runs)

    def run(self, key: str) -> ScoredRun:
        """A run by its key.

        Raises:
            InputError: there is none.
        """
        for run in self.runs:
            if run.key == key:
                return run
        raise InputError(f"{self.title} has no run {key!r}; there are: {', '.join(each.key for each in self.runs)}")

    def threshold_of(self, run: ScoredRun) -> ThresholdRule | None:
        """The pre-stated threshold of the run's model, None where there is none."""
        return dict(self.thresholds).get(run.model)

    def history_of(self, run: ScoredRun) -> tuple[EpochRow, ...]:
        """How the run's training went; empty where that is not kept."""
        return dict(self.histories).get(run.key, ())

    def with_attributes(self, attributes: Attributes) -> Self:
        """The same source, knowing other things of its cases."""
        return replace(self, attributes=attributes)


def paired(first: ScoredRun, second: ScoredRun) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of two runs that are the same cases.

    Returns:
        (k,) rows of the first and (k,) rows of the second.

    Raises:
        InputError: no case in common, or a case whose label differs.
    """
    rows = [(row, second.position[each]) for each, row in first.position.items() if each in second.position]
    if not rows:
        raise InputError(f"{first.key} and {second.key} have no case in common: a paired comparison is not possible")
    one, two = (np.array(side, dtype=np.int64) for side in zip(*rows, strict=True))
    differ = first.case_ids[one][first.labels[one] != second.labels[two]]
    if differ.size:
        shown = ", ".join(differ[:5].tolist())
        raise InputError(f"the labels of {differ.size} cases differ between {first.key} and {second.key}: {shown}")
    return one, two
