"""A study as a set of the review: the model's scores, and each reader in each arm, on the lesions that were read.

A row is a lesion, under the case_id of its first view; repeated readings stay out, as in the study's own result.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lesion_core.errors import InputError
from lesion_core.reading.exchange import readings_of
from lesion_core.reading.stored import Stored
from lesion_core.reading.study import Study
from lesion_core.results.review.readers import readers_of
from lesion_core.results.review.scored import ScoredRun
from lesion_core.results.review.source import ReviewSource, ThresholdRule


def review_source(study: Study, answers: Sequence[Stored], *, key: str) -> ReviewSource:
    """The study for the held-out test.

    Args:
        study: with a model's scores.
        answers: the newest of each place.
        key: names the set in a link.

    Raises:
        InputError: the study holds no scores: there is no model to compare readers with.
    """
    if study.model is None or all(item.score is None for item in study.items):
        raise InputError(
            "this study holds no model's scores, and the held-out test compares readers with a model: its result stands"
            " here, and its readings.csv can be opened there beside a set that has these cases"
        )
    items = study.items
    run = ScoredRun(
        name=study.model.run or "study",
        model=study.model.name,
        case_ids=np.array([item.views[0].case_id for item in items], dtype=np.str_),
        lesion_ids=np.array([item.item_id for item in items], dtype=np.str_),
        patient_ids=np.array([item.unit for item in items], dtype=np.str_),
        datasets=np.array([study.title] * len(items), dtype=np.str_),
        organs=np.array([item.organ for item in items], dtype=np.str_),
        targets=np.array([item.target for item in items], dtype=np.str_),
        labels=np.array([item.label for item in items], dtype=np.int64),
        folds=np.zeros(len(items), dtype=np.int64),
        scores=np.array([np.nan if item.score is None else item.score for item in items], dtype=np.float64),
        calibrated=np.full(len(items), np.nan),
    )
    sources = sorted({item.label_source for item in items} - {""})
    notes = [f"Read in the reading room; {len(items)} lesions, of several views the model's score is the mean."]
    if "phantom" in sources:
        notes.append("Some cases are synthetic phantoms: nothing here says anything about patients.")
    return ReviewSource(
        key=key,
        title=f"study: {study.title}",
        kind="uploaded",
        runs=(run,),
        readers=readers_of(readings_of(study, answers, repeats=False)),
        label_source=", ".join(sources),
        thresholds=((study.model.name, ThresholdRule(study.model.threshold, "stated when the study was set up")),),
        openings="an observer study: its labels were opened for this result",
        notes=tuple(notes),
    )
