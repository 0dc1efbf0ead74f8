"""The records every statistic answers with: a value with its interval, a test with its p value; both can be printed.

An undefined result keeps its shape: numbers are NaN and ``reason`` says why. It is never 0 and never an exception;
``StatisticsError`` is for input that is itself wrong: lengths that differ, NaN, labels other than 0 and 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

NAN = math.nan


@dataclass(frozen=True)
class Estimate:
    """A value with its interval.

    Attributes:
        name: what was estimated, e.g. "AUC".
        value: the point estimate; NaN when undefined.
        low: lower end of the interval; NaN when there is none.
        high: upper end of the interval; NaN when there is none.
        level: confidence level, 0-1, e.g. 0.95.
        method: how the interval was made, e.g. "DeLong".
        n: number of cases.
        se: standard error; NaN when the method has none.
        clusters: number of patients (or other groups) the cases came in; None when cases were taken as independent.
        reason: why ``value`` or the interval is undefined; "" when both are defined.
        notes: what a reader of the number should know, e.g. that another method had to be used; whole sentences.
    """

    name: str
    value: float
    low: float
    high: float
    level: float
    method: str
    n: int
    se: float = NAN
    clusters: int | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()

    @property
    def defined(self) -> bool:
        """Whether there is a value."""
        return not math.isnan(self.value)

    def with_note(self, note: str) -> Self:
        """The same estimate with one more note."""
        return replace(self, notes=(*self.notes, note))

    def sentence(self) -> str:
        """The estimate in words, e.g. "AUC 0.861 (95 % CI 0.792 to 0.929, DeLong, n = 102)"."""
        if not self.defined:
            return f"{self.name}: undefined ({self.reason})"
        size = _size(self.n, self.clusters)
        if math.isnan(self.low) or math.isnan(self.high):
            interval = f"no interval: {self.reason}; {size}"
        else:
            interval = f"{percent(self.level)} CI {number(self.low)} to {number(self.high)}, {self.method}, {size}"
        return " ".join([f"{self.name} {number(self.value)} ({interval})", *self.notes])


@dataclass(frozen=True)
class Comparison:
    """A test: the difference it looked at, its interval, its statistic and its p value.

    Attributes:
        name: what was compared, e.g. "AUC, A minus B".
        value: the difference (or other quantity) under test; NaN when undefined.
        low: lower end of the interval of ``value``; NaN when there is none.
        high: upper end of the interval of ``value``; NaN when there is none.
        level: confidence level of the interval, 0-1.
        method: name of the test, e.g. "DeLong, paired".
        n: number of cases.
        statistic: the test statistic; NaN for tests without one.
        p_value: two-sided unless ``method`` says otherwise; NaN when undefined.
        df: degrees of freedom: () for none, (df,) for t and chi squared, (df1, df2) for F.
        chi_squared: whether the statistic is one of chi squared, and its df no Student's.
        se: standard error of ``value``; NaN when the method has none.
        clusters: number of patients the cases came in; None when cases were taken as independent.
        reason: why the test or its interval is undefined; "" when both are defined.
        notes: what a reader of the number should know; whole sentences.
    """

    name: str
    value: float
    low: float
    high: float
    level: float
    method: str
    n: int
    statistic: float
    p_value: float
    df: tuple[float, ...] = ()
    se: float = NAN
    clusters: int | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()
    chi_squared: bool = False

    @property
    def defined(self) -> bool:
        """Whether there is a p value."""
        return not math.isnan(self.p_value)

    def with_note(self, note: str) -> Self:
        """The same comparison with one more note."""
        return replace(self, notes=(*self.notes, note))

    def sentence(self) -> str:
        """The test in words, e.g. "AUC, A minus B 0.011 (95 % CI -0.176 to 0.198), p = 0.910 (DeLong, n = 43)"."""
        size = _size(self.n, self.clusters)
        if not self.defined:
            value = "" if math.isnan(self.value) else f" {number(self.value)}"
            return f"{self.name}{value}: test undefined ({self.reason}; {self.method}, {size})"
        interval = (
            ""
            if math.isnan(self.low) or math.isnan(self.high)
            else f" ({percent(self.level)} CI {number(self.low)} to {number(self.high)})"
        )
        value = "" if math.isnan(self.value) else f" {number(self.value)}"
        head = f"{self.name}{value}{interval}, {p_words(self.p_value)} ({self.method}, {size})"
        return " ".join([head, *self.notes])


def undefined(name: str, reason: str, *, method: str, n: int, level: float, clusters: int | None = None) -> Estimate:
    """An estimate that does not exist, with the reason."""
    return Estimate(name, NAN, NAN, NAN, level, method, n, clusters=clusters, reason=reason)


def undefined_test(
    name: str, reason: str, *, method: str, n: int, level: float, value: float = NAN, clusters: int | None = None
) -> Comparison:
    """A test that does not exist, with the reason (its point difference may)."""
    return Comparison(name, value, NAN, NAN, level, method, n, NAN, NAN, clusters=clusters, reason=reason)


def number(value: float) -> str:
    """A number for a sentence: three decimals, no sign at 0, infinity in words."""
    if math.isinf(value):
        return "infinity" if value > 0 else "-infinity"
    return f"{value:z.3f}"


def signed(value: float, decimals: int = 3) -> str:
    """A difference with its sign, none where it rounds to 0: "+0.013", "-0.004", "0.000"."""
    shown = f"{value:+.{decimals}f}"
    return shown[1:] if float(shown) == 0 else shown


def percent(level: float) -> str:
    """A confidence level for a sentence, e.g. "95 %"."""
    return f"{100 * level:.6g} %"


def p_words(p_value: float) -> str:
    """A p value for a sentence: "p = 0.910", "p < 0.001"."""
    return "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"


def _size(n: int, clusters: int | None) -> str:
    return f"n = {n}" if clusters is None else f"n = {n} in {clusters} clusters"
