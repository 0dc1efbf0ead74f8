"""What a view shows, as records that can leave it: facts of the header strip, tables, figures, methods.

A dashboard fills a `Report`; `export` turns it into CSV, LaTeX and a page of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ThresholdOrigin = Literal["pre-stated", "cross-fitted", "post hoc"]


@dataclass(frozen=True)
class ThresholdFact:
    """The threshold in use.

    Attributes:
        value: calls are score >= value; None where each fold has its own.
        origin: "post hoc" as soon as it was chosen on the scores in hand, by a slider too.
        words: where it comes from.
    """

    value: float | None
    origin: ThresholdOrigin
    words: str

    def sentence(self) -> str:
        """E.g. "0.127, pre-stated: 95 % sensitivity on BUS-BRA, out of fold, per image"."""
        value = "one for each fold" if self.value is None else f"{self.value:.4g}"
        return f"{value}, {self.origin}: {self.words}"


@dataclass(frozen=True)
class HeaderFacts:
    """What stands above every figure of a view and on every export.

    Attributes:
        what: the view, e.g. "BNet on BUS-BRA, out of fold".
        target: what label 1 means.
        label_source: what the labels rest on; empty when not stated.
        unit: what is counted, e.g. "patient".
        n: units.
        positives: units with label 1.
        unassessed: units that could not be assessed; they are among `n`.
        threshold: None where nothing is called.
        openings: how often this set was opened, one sentence.
        notes: whole sentences.
    """

    what: str
    target: str
    label_source: str
    unit: str
    n: int
    positives: int
    unassessed: int = 0
    threshold: ThresholdFact | None = None
    openings: str = ""
    notes: tuple[str, ...] = ()

    @property
    def post_hoc(self) -> bool:
        """Whether the threshold was chosen on the scores in hand: every export says it."""
        return self.threshold is not None and self.threshold.origin == "post hoc"

    def entries(self) -> tuple[tuple[str, str], ...]:
        """(term, text) in the order in which they are shown."""
        share = f"{self.positives:,} of {self.n:,} ({self.positives / self.n:.1%})" if self.n else "undefined (n = 0)"
        rows = [
            ("Set", self.what),
            ("Target (label 1)", self.target),
            ("Label source", self.label_source or "not stated"),
            ("Unit", self.unit),
            ("n", f"{self.n:,} {self.unit}s"),
            ("Prevalence", share),
        ]
        if self.unassessed:
            rows.append(("Could not be assessed", f"{self.unassessed:,}"))
        if self.threshold:
            rows.append(("Threshold", self.threshold.sentence()))
        rows.append(("Opened", self.openings or "not recorded"))
        return (*rows, *(("Note", note) for note in self.notes))


@dataclass(frozen=True)
class ReportTable:
    """A table as text.

    Attributes:
        title: what it is.
        head: names of the columns.
        rows: one tuple of cells each, as long as `head`.
        caption: methods, n, unit and target of this table.
        threshold: what its rows are at, where that is not the report's threshold; "" otherwise.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    threshold: str = ""


@dataclass(frozen=True)
class ReportFigure:
    """A figure.

    Attributes:
        title: what it is.
        plotly_json: the Plotly figure as JSON.
        caption: methods, n, unit and target of this figure.
        words: what it shows, for who cannot see it.
    """

    title: str
    plotly_json: str
    caption: str = ""
    words: str = ""


@dataclass(frozen=True)
class Report:
    """Everything a view shows.

    Attributes:
        title: of the page.
        facts: the header strip.
        figures: in order.
        tables: in order.
        methods: whole sentences.
        link: query that restores the view, without "?"; empty for none.
    """

    title: str
    facts: HeaderFacts
    figures: tuple[ReportFigure, ...] = ()
    tables: tuple[ReportTable, ...] = ()
    methods: tuple[str, ...] = ()
    link: str = ""
