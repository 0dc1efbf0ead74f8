"""The STARD flow of a run: from the cases of the set to those called above and below the threshold."""

from __future__ import annotations

import numpy as np

from lesion_core.cases.flow import Box, Flow
from lesion_core.results.review.operating import Counts
from lesion_core.results.review.scored import Strings, UnitView
from lesion_core.results.review.source import ReviewSource


def run_flow(source: ReviewSource, view: UnitView, counts: Counts) -> Flow:
    """Images, lesions and patients; exclusions with reasons; calls by label.

    Args:
        source: the set; what is known of cases beyond the run is counted as not scored.
        view: a counted run.
        counts: at the threshold in use.
    """
    run = view.run
    unscored = [each for each in source.attributes.case_ids.tolist() if each not in run.position]
    nameless = np.full(len(unscored), "", dtype=np.str_)
    positive, negative = counts.tp + counts.fn, counts.fp + counts.tn
    unit = f"{view.unit}s"
    boxes = [
        Box(
            "Cases of the set",
            sizes_in_words(np.append(run.lesion_ids, nameless), np.append(run.patient_ids, nameless)),
            0,
            0.5,
            span=2,
        ),
        Box("Left out", _left_out(len(unscored), counts, unit), 0, 2.5, aside=True, span=2),
        Box("Could be assessed", (f"{positive + negative:,} {unit}",), 1, 0.5, span=2),
        Box("Label 1", (f"{positive:,} {unit}",), 2, 0.0),
        Box("Label 0", (f"{negative:,} {unit}",), 2, 1.0),
        Box("Calls", (f"above {counts.tp:,}", f"below {counts.fn:,}"), 3, 0.0),
        Box("Calls", (f"above {counts.fp:,}", f"below {counts.tn:,}"), 3, 1.0),
    ]
    arrows = ((0, 2), (0, 1), (2, 3), (2, 4), (3, 5), (4, 6))
    return Flow(tuple(boxes), arrows, source.title)


def sizes_in_words(lesion_ids: Strings, patient_ids: Strings) -> tuple[str, ...]:
    """Images, lesions and patients, each in words.

    Args:
        lesion_ids: (n,) of every image; "" where unknown.
        patient_ids: (n,) likewise.
    """

    def known(ids: Strings, name: str) -> str:
        missing = int((ids == "").sum())
        count = np.unique(ids[ids != ""]).size
        return (
            f"{name} not stated"
            if missing == ids.size
            else f"{count:,} {name}" + (f" ({missing:,} images without)" if missing else "")
        )

    return f"{lesion_ids.size:,} images", known(lesion_ids, "lesions"), known(patient_ids, "patients")


def _left_out(unscored: int, counts: Counts, unit: str) -> tuple[str, ...]:
    lines = []
    if unscored:
        lines.append(f"no score in this run: {unscored:,} images")
    if counts.unassessed:
        lines.append(f"could not be assessed: {counts.unassessed_positive:,} {unit} with label 1")
        lines.append(f"could not be assessed: {counts.unassessed_negative:,} {unit} with label 0")
    return tuple(lines) or ("none of the scored images (what the import left out stands in its notes)",)
