"""Can the figures a study prints be right? A checker for any published 2 x 2 study, by trying every integer.

Rates are printed rounded, counts are whole: few counts, often one, give the printed digits, and where none does a
figure is wrong. Sizes that are not printed, or doubted, are searched for too.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from lesion_core.errors import StatisticsError
from lesion_core.stats.distributions import critical
from lesion_core.stats.point import POINT_METHODS, Point, PointMethod, point_interval, point_variances

SLACK = 1e-9


@dataclass(frozen=True)
class Printed:
    """A figure as printed.

    Attributes:
        value: the number.
        decimals: digits after the point.
    """

    value: float
    decimals: int

    @classmethod
    def of(cls, text: str) -> Printed:
        """Read a figure with its number of decimals, e.g. "84.4".

        Raises:
            StatisticsError: no number.
        """
        try:
            value = float(text)
        except ValueError:
            raise StatisticsError(f"no printed figure: {text!r}") from None
        return cls(value, len(text.partition(".")[2]))

    def allows(self, exact: float, *, cut: bool = False) -> bool:
        """Whether ``exact`` prints so when rounded (half either way), or, with ``cut``, when digits are cut off."""
        unit = 10.0**-self.decimals
        if abs(exact - self.value) <= unit / 2 + SLACK:
            return True
        return cut and self.value - SLACK <= exact < self.value + unit - SLACK

    def __str__(self) -> str:
        return f"{self.value:.{self.decimals}f}"


@dataclass(frozen=True)
class PrintedRates:
    """Rates of one reading as printed, in percent; None where not printed.

    Attributes:
        sensitivity: TPR.
        specificity: TNR.
        accuracy: ACC.
    """

    sensitivity: Printed | None
    specificity: Printed | None
    accuracy: Printed | None

    @classmethod
    def of(cls, sensitivity: str | None, specificity: str | None, accuracy: str | None) -> PrintedRates:
        """Read three figures."""
        figures = (None if text is None else Printed.of(text) for text in (sensitivity, specificity, accuracy))
        return cls(*figures)

    def without(self, names: Iterable[str]) -> PrintedRates:
        """The same rates with some taken as not printed."""
        dropped = set(names)
        return PrintedRates(*(None if name in dropped else figure for name, figure in self.named()))

    def named(self) -> tuple[tuple[str, Printed | None], ...]:
        """Names and figures."""
        return (
            ("sensitivity", self.sensitivity),
            ("specificity", self.specificity),
            ("accuracy", self.accuracy),
        )


@dataclass(frozen=True)
class PrintedArea:
    """An area with its interval as printed.

    Attributes:
        area: 0-1.
        low: lower end.
        high: upper end.
    """

    area: Printed
    low: Printed
    high: Printed

    @classmethod
    def of(cls, area: str, low: str, high: str) -> PrintedArea:
        """Read three figures."""
        return cls(Printed.of(area), Printed.of(low), Printed.of(high))

    def __str__(self) -> str:
        return f"{self.area} ({self.low}-{self.high})"


@dataclass(frozen=True)
class StudyCheck:
    """What the printed rates of a study leave possible.

    Attributes:
        rates: as printed.
        fits: the counts that give every printed figure.
        impossible: figures that no count gives, whatever the others say.
        suspects: the smallest sets of figures without which the rest fits; () when all fit.
        repaired: for each set of suspects the counts that give the rest.
    """

    rates: PrintedRates
    fits: tuple[Point, ...]
    impossible: tuple[str, ...]
    suspects: tuple[tuple[str, ...], ...]
    repaired: tuple[tuple[Point, ...], ...]

    @property
    def consistent(self) -> bool:
        """Whether some counts give every printed figure."""
        return bool(self.fits)

    def sentence(self) -> str:
        """The verdict in words."""
        if self.fits:
            return f"{_points(self.fits)} give every printed figure"
        verdict = "no counts give all the printed figures"
        if self.impossible:
            wrong = ", ".join(f"{name} {dict(self.rates.named())[name]}" for name in self.impossible)
            verdict += f"; no integer gives {wrong}"
        for names, points in zip(self.suspects, self.repaired, strict=True):
            verdict += f"; without {' and '.join(names)} {_points(points)} would fit"
        return verdict


def check_study(positives: int, negatives: int, rates: PrintedRates, *, cut: bool = False) -> StudyCheck:
    """Which counts fit the printed rates of a study of known size, and which printed figures cannot be right.

    Args:
        positives: number of positives.
        negatives: number of negatives.
        rates: as printed.
        cut: whether figures may have been cut off as well as rounded.

    Raises:
        StatisticsError: a size below 1.
    """
    if positives < 1 or negatives < 1:
        raise StatisticsError(f"a 2 x 2 study needs both classes, got {positives} and {negatives}")
    fits = fitting_counts(positives, negatives, rates, cut=cut)
    printed = [name for name, figure in rates.named() if figure is not None]
    impossible = tuple(
        name
        for name in printed
        if not fitting_counts(positives, negatives, rates.without(other for other in printed if other != name), cut=cut)
    )
    suspects: list[tuple[str, ...]] = []
    repaired: list[tuple[Point, ...]] = []
    for size in range(1, len(printed)):
        if fits or suspects:
            break
        for names in itertools.combinations(printed, size):
            rest = fitting_counts(positives, negatives, rates.without(names), cut=cut)
            if rest:
                suspects.append(names)
                repaired.append(rest)
    return StudyCheck(rates, fits, impossible, tuple(suspects), tuple(repaired))


def fitting_counts(positives: int, negatives: int, rates: PrintedRates, *, cut: bool = False) -> tuple[Point, ...]:
    """All counts that give the printed rates.

    Args:
        positives: number of positives.
        negatives: number of negatives.
        rates: as printed; a rate not printed allows every count.
        cut: whether figures may have been cut off as well as rounded.
    """
    tps = _counts(positives, rates.sensitivity, cut)
    tns = _counts(negatives, rates.specificity, cut)
    n = positives + negatives
    return tuple(
        Point(tp, positives, tn, negatives)
        for tp in tps
        for tn in tns
        if rates.accuracy is None or rates.accuracy.allows(100 * (tp + tn) / n, cut=cut)
    )


def search_sizes(total: int, rates: PrintedRates, *, cut: bool = False) -> tuple[Point, ...]:
    """All splits of a total into positives and negatives, with counts, that give the printed rates.

    Args:
        total: all cases.
        rates: as printed.
        cut: whether figures may have been cut off as well as rounded.
    """
    return tuple(
        point for positives in range(1, total) for point in fitting_counts(positives, total - positives, rates, cut=cut)
    )


def explain_area(point: Point, printed: PrintedArea) -> tuple[PointMethod, ...]:
    """The methods by which these counts give the printed area and interval to the digit; () for none.

    Args:
        point: the counts.
        printed: area and interval of one operating point.
    """
    found = []
    for method in POINT_METHODS:
        estimate = point_interval(point, method=method)
        ends = (printed.low.allows(estimate.low), printed.high.allows(estimate.high))
        if printed.area.allows(estimate.value) and all(ends):
            found.append(method)
    return tuple(found)


def search_area_sizes(
    counts: Sequence[tuple[int, int]],
    printed: Sequence[PrintedArea],
    *,
    largest: int,
    method: PointMethod = "spss",
) -> tuple[tuple[int, int], ...]:
    """Sizes (P, N) over which known TP and TN of several readings give all their printed areas and intervals.

    Args:
        counts: (TP, TN) of each reading of the same cases.
        printed: what was printed for each.
        largest: sizes are tried up to here.
        method: how the intervals were made.

    Raises:
        StatisticsError: numbers of readings that differ, or none.
    """
    if not counts or len(counts) != len(printed):
        raise StatisticsError(f"{len(counts)} readings and {len(printed)} printed areas: one of each per reading")
    smallest_p, smallest_n = max(tp for tp, _ in counts), max(tn for _, tn in counts)
    P, N = (
        grid.ravel().astype(np.float64)
        for grid in np.meshgrid(np.arange(smallest_p, largest + 1), np.arange(smallest_n, largest + 1), indexing="ij")
    )
    possible = np.ones(P.size, dtype=np.bool_)
    for (tp, tn), row in zip(counts, printed, strict=True):
        area = (tp / P + tn / N) / 2
        tps, tns = np.full(P.size, float(tp)), np.full(P.size, float(tn))
        reach = critical(0.95) * np.sqrt(point_variances(tps, P, tns, N, method=method))
        for figure, exact in ((row.area, area), (row.low, area - reach), (row.high, area + reach)):
            half = 0.5 * 10.0**-figure.decimals + SLACK
            possible &= np.abs(np.clip(exact, 0, 1) - figure.value) <= half
    return tuple((int(p), int(n)) for p, n in zip(P[possible], N[possible], strict=True))


def _counts(n: int, figure: Printed | None, cut: bool) -> list[int]:
    return [k for k in range(n + 1) if figure is None or figure.allows(100 * k / n, cut=cut)]


def _points(points: Sequence[Point]) -> str:
    shown = [f"{p.tp}/{p.positives} and {p.tn}/{p.negatives}" for p in points[:3]]
    more = len(points) - len(shown)
    return " or ".join(shown) + (f" or {more} more" if more > 0 else "")
