"""What a reader said of each case of a panel; "cannot assess" is an answer of its own and counted two ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from lesion_core.cases.cohort import CATEGORIES
from lesion_core.errors import InputError
from lesion_core.results.review.readers import Reader
from lesion_core.results.review.scored import UnitView
from lesion_core.stats.inputs import Bools, Floats

NotAssessed = Literal["left out", "counted as wrong"]
#: A category from here on counts as a call, where a reader gave categories only.
FIRST_CALLED = "4"
#: Where a suspicion 0-100 without a call is cut.
HALF_SUSPICION = "50"
#: BI-RADS 0 asks for more images: the reader could not assess these.
INCOMPLETE = "0"


@dataclass(frozen=True, eq=False)
class ReaderColumn:
    """What a reader said of each case.

    Attributes:
        name: of the reader.
        read: (n,) bool: whether the reader read the case.
        assessable: (n,) bool: whether the reader could assess it; False where not read.
        called: (n,) bool: whether it was called positive; False where there is no answer.
        rating: (n,) float64: rank of the category, NaN where there is none.
        categories: the ranks in words, lowest first; () for a reader who only called.
        cut: how categories became calls, in words; "" where the reader called.
        synthetic: whether the reader is simulated.
    """

    name: str
    read: Bools
    assessable: Bools
    called: Bools
    rating: Floats
    categories: tuple[str, ...] = ()
    cut: str = ""
    synthetic: bool = False

    @property
    def ordinal(self) -> bool:
        """Whether there is a category for every case that could be assessed."""
        return bool(self.categories) and not np.isnan(self.rating[self.assessable]).any()

    @property
    def unassessed(self) -> int:
        """How many of the cases read could not be assessed."""
        return int((self.read & ~self.assessable).sum())

    def counted(self, labels: Bools, how: NotAssessed) -> ReaderColumn:
        """The same reader with "cannot assess" counted one of the two ways.

        Left out: those cases count as not read. Counted as wrong: a positive is not called and gets the lowest
        category, a negative is called and gets the highest.

        Args:
            labels: (n,) bool.
            how: which way.

        Raises:
            InputError: an unknown way.
        """
        if how not in get_args(NotAssessed):
            raise InputError(f"no way of counting named {how!r}: choose {' or '.join(get_args(NotAssessed))}")
        lost = self.read & ~self.assessable
        if how == "left out":
            return replace(self, read=self.read & self.assessable)
        top = float(len(self.categories) - 1)
        worst = np.where(labels, 0.0, top) if self.categories else np.full(lost.size, math.nan)
        return replace(
            self,
            assessable=self.read.copy(),
            called=np.where(lost, ~labels, self.called),
            rating=np.where(lost, worst, self.rating),
        )


def rank_categories(written: Sequence[str]) -> tuple[str, ...]:
    """The different categories among these, lowest first.

    BI-RADS and TI-RADS categories by their order (4 before 4a), other numbers by size.

    Raises:
        InputError: neither.
    """
    found = {each.strip().lower() for each in written if each.strip()}
    if found <= set(CATEGORIES):
        return tuple(each for each in CATEGORIES if each in found)
    try:
        return tuple(sorted(found, key=float))
    except ValueError:
        wrong = sorted(each for each in found if each not in CATEGORIES)
        raise InputError(
            f"the category {wrong[0]!r} has no place in an order: use {', '.join(CATEGORIES)}, or numbers"
        ) from None


def reader_column(reader: Reader, case_ids: Sequence[str], first_called: str) -> ReaderColumn:
    """A reader's answers in the order of the cases.

    Args:
        reader: who read.
        case_ids: n cases.
        first_called: the category from which on a reader who gave categories only is taken to have called.

    Raises:
        InputError: categories that cannot be put in order.
    """
    ratings = [each.strip().lower() for each in reader.ratings.tolist()]
    incomplete = np.array([each == INCOMPLETE for each in ratings], dtype=np.bool_) & np.isnan(reader.calls)
    assessed = reader.assessed & ~incomplete
    given = [each for each, there in zip(ratings, assessed.tolist(), strict=True) if there]
    categories = rank_categories(given)
    places = {category: float(rank) for rank, category in enumerate(categories)}
    cut_at = first_called if set(categories) <= set(CATEGORIES) else HALF_SUSPICION
    lowest = _lowest_called(categories, cut_at)
    n = len(case_ids)
    read, assessable = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    called, rating = np.zeros(n, dtype=np.bool_), np.full(n, math.nan)
    by_category = False
    for at, case in enumerate(case_ids):
        row = reader.position.get(case)
        if row is None:
            continue
        read[at], assessable[at] = True, assessed[row]
        if not assessable[at]:
            continue
        rating[at] = places.get(ratings[row], math.nan)
        own = reader.calls[row]
        by_category |= bool(np.isnan(own))
        called[at] = rating[at] >= lowest if np.isnan(own) else own == 1
    cut = f"called from {'category' if cut_at == first_called else 'suspicion'} {cut_at} on" if by_category else ""
    return ReaderColumn(reader.name, read, assessable, called, rating, categories, cut, reader.synthetic)


def _lowest_called(categories: Sequence[str], first_called: str) -> float:
    """Rank of the lowest category that is called; the cut may lie between those that were given."""
    if set(categories) <= set(CATEGORIES) and first_called in CATEGORIES:
        return float(sum(CATEGORIES.index(each) < CATEGORIES.index(first_called) for each in categories))
    return float(sum(float(each) < float(first_called) for each in categories))


def in_unit(reader: ReaderColumn, view: UnitView) -> ReaderColumn:
    """A reader's most suspicious answer over the cases of each unit."""
    k, code = len(view), view.unit_of

    def any_of(rows: Bools) -> Bools:
        return np.bincount(code, weights=rows, minlength=k) > 0

    top = np.full(k, -math.inf)
    np.maximum.at(top, code, np.where(np.isnan(reader.rating), -math.inf, reader.rating))
    return replace(
        reader,
        read=any_of(reader.read),
        assessable=any_of(reader.assessable),
        called=any_of(reader.called),
        rating=np.where(np.isinf(top), math.nan, top),
    )
