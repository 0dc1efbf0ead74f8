"""The STARD flow of a held-out test: from the cases of the set to those that every model and every reader answered."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from lesion_core.cases.flow import Box, Flow
from lesion_core.results.observers.against_group import complete_rows
from lesion_core.results.observers.panel import Panel
from lesion_core.results.observers.reader_column import NotAssessed
from lesion_core.results.review.flow import sizes_in_words
from lesion_core.results.review.source import ReviewSource
from lesion_core.stats.inputs import Bools


def panel_flow(
    source: ReviewSource, panel: Panel, how: NotAssessed, *, model: str, threshold: float | None = None
) -> Flow:
    """Images, lesions and patients; exclusions with reasons, each unit under the first that holds; calls by label.

    Args:
        source: the set; a case that it knows and that not every model of the panel scored is counted as left out.
        panel: models and readers of that set, as joined.
        how: which way "cannot assess" is counted.
        model: whose calls are shown; none are where it has no threshold.
        threshold: calls are score >= threshold; None takes the stated one.

    Raises:
        InputError: no such model, or an unknown way.
    """
    counted = panel.counted(how)
    kept = complete_rows(counted)
    known = _ids_of(source)
    scored = [case for members in panel.members for case in members]
    shared = [case for members, there in zip(panel.members, kept.tolist(), strict=True) if there for case in members]
    positive, negative = kept & panel.labels, kept & ~panel.labels
    who = "Answered by every model and reader" if panel.readers else "Could be assessed by every model"
    boxes = [
        Box("Cases of the set", _sizes(known, known), 0, 0.5, span=2),
        Box("Left out", _unscored(len(known) - len(scored)), 0, 2.5, aside=True, span=2),
        Box("Scored by every model", _sizes(known, scored), 1, 0.5, span=2),
        # Counted as wrong, only a missing reading leaves a unit out: what could not be assessed is no reason there.
        Box("Left out", _left_out(counted if how == "counted as wrong" else panel, kept), 1, 2.5, aside=True, span=2),
        Box(who, (*_sizes(known, shared), *_counted_as_wrong(panel, kept)), 2, 0.5, span=2),
        Box("Label 1", (_units(panel, positive),), 3, 0.0),
        Box("Label 0", (_units(panel, negative),), 3, 1.0),
    ]
    arrows = [(0, 1), (0, 2), (2, 3), (2, 4), (4, 5), (4, 6)]
    own = counted.model(model)
    if threshold is not None or own.stated:
        called = own.called if threshold is None else np.nan_to_num(own.score, nan=-1.0) >= threshold
        for rows, column in ((positive, 0.0), (negative, 1.0)):
            above = int((rows & called).sum())
            boxes.append(Box("Calls", (f"above {above:,}", f"below {int(rows.sum()) - above:,}"), 4, column))
        arrows += [(5, 7), (6, 8)]
    return Flow(tuple(boxes), tuple(arrows), source.title)


def _ids_of(source: ReviewSource) -> dict[str, tuple[str, str]]:
    """Case -> (lesion, patient) of every case that the set knows; "" where unknown."""
    known = dict.fromkeys(source.attributes.case_ids.tolist(), ("", ""))
    for run in source.runs:
        ids = zip(run.lesion_ids.tolist(), run.patient_ids.tolist(), strict=True)
        known.update(zip(run.case_ids.tolist(), ids, strict=True))
    return known


def _sizes(known: dict[str, tuple[str, str]], cases: Iterable[str]) -> tuple[str, ...]:
    ids = np.array([known[case] for case in cases], dtype=np.str_).reshape(-1, 2)
    return sizes_in_words(ids[:, 0], ids[:, 1])


def _unscored(images: int) -> tuple[str, ...]:
    if images:
        return (f"not scored by every chosen model: {images:,} images",)
    return ("none (what the import left out stands in its notes)",)


def _left_out(panel: Panel, kept: Bools) -> tuple[str, ...]:
    """Why units are left out; each is counted once, under the first reason that holds."""
    reasons = {
        "a model could not assess": _any(panel, (~each.assessed for each in panel.models)),
        "no reading of a reader": _any(panel, (~each.read for each in panel.readers)),
        "a reader could not assess": _any(panel, (~each.assessable for each in panel.readers)),
    }
    rest, lines = ~kept, []
    for reason, rows in reasons.items():
        for label in (1, 0):
            count = int((rest & rows & (panel.labels == label)).sum())
            if count:
                lines.append(f"{reason}: {count:,} {panel.unit}s with label {label}")
        rest = rest & ~rows
    return tuple(lines) or ("none",)


def _counted_as_wrong(panel: Panel, kept: Bools) -> tuple[str, ...]:
    lost = [~each.assessed for each in panel.models] + [each.read & ~each.assessable for each in panel.readers]
    count = int((kept & _any(panel, lost)).sum())
    return (f"not assessed, counted as wrong: {count:,} {panel.unit}s",) if count else ()


def _any(panel: Panel, each: Iterable[Bools]) -> Bools:
    rows = np.zeros(panel.n, dtype=np.bool_)
    for one in each:
        rows = rows | one
    return rows


def _units(panel: Panel, rows: Bools) -> str:
    return f"{int(rows.sum()):,} {panel.unit}s"
