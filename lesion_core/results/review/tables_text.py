"""Tables of a report as CSV and LaTeX; each carries what its numbers rest on, and the notice."""

from __future__ import annotations

import csv
import io

from lesion_core.notice import NOTICE
from lesion_core.results.review.report import HeaderFacts, Report, ReportTable

_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def as_csv(table: ReportTable, report: Report) -> str:
    """A table as CSV: comment rows above the head say what it rests on.

    Args:
        table: one of the report's.
        report: for its facts and methods.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    lines = lines_of(report.facts, threshold=table.threshold)
    for line in (NOTICE, table.title, *lines, *filter(None, (table.caption,)), *report.methods):
        writer.writerow([f"# {line}"])
    writer.writerow(table.head)
    writer.writerows([_plain(cell) for cell in row] for row in table.rows)
    return out.getvalue()


def as_latex(table: ReportTable, report: Report) -> str:
    """A table as LaTeX for the package booktabs; caption and comments say what it rests on.

    Args:
        table: one of the report's.
        report: for its facts and methods.
    """
    comments = [f"% {line}" for line in (NOTICE, *lines_of(report.facts, threshold=table.threshold), *report.methods)]
    facts = caption_of(report.facts, threshold=table.threshold)
    caption = " ".join(filter(None, (f"{table.title}.", table.caption, facts, NOTICE)))
    rows = [" & ".join(map(latex, row)) + r" \\" for row in table.rows]
    return "\n".join(
        [
            *comments,
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{latex(caption)}}}",
            rf"\begin{{tabular}}{{{'l' * len(table.head)}}}",
            r"\toprule",
            " & ".join(map(latex, table.head)) + r" \\",
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def latex(text: str) -> str:
    """Text with every character that LaTeX would take as its own written out."""
    return "".join(_LATEX.get(letter, letter) for letter in text)


def lines_of(facts: HeaderFacts, *, threshold: str = "") -> tuple[str, ...]:
    """The header strip as sentences.

    Args:
        facts: of the strip.
        threshold: in place of the strip's, where a table is at another one.
    """
    return tuple(
        f"{term}: {threshold if threshold and term == 'Threshold' else text}" for term, text in facts.entries()
    )


def caption_of(facts: HeaderFacts, *, threshold: str = "") -> str:
    """What must stand under every figure, in one line: set, n, unit, target, threshold.

    Args:
        facts: of the strip.
        threshold: in place of the strip's, where a table is at another one.
    """
    parts = [
        facts.what,
        f"n = {facts.n:,} {facts.unit}s ({facts.positives:,} with label 1)",
        f"label 1: {facts.target}",
    ]
    if facts.label_source:
        parts.append(f"labels from {facts.label_source}")
    if facts.threshold:
        parts.append(f"threshold {threshold or facts.threshold.sentence()}")
    return "; ".join(parts) + "."


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and not _is_number(cell) else cell


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
