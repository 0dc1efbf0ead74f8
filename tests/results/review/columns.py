"""Small runs made by hand for the tests of the review."""

import numpy as np

from lesion_core.results.review.scored import ScoredRun


def run(labels, scores, *, patients=None, folds=None, model="m", name="r", **columns):
    """A run of n cases a0, a1 ...; further columns by keyword."""
    n = len(labels)
    text = {
        "case_ids": [f"a{i}" for i in range(n)],
        "lesion_ids": [""] * n,
        "patient_ids": patients or [""] * n,
        "datasets": ["set"] * n,
        "organs": ["breast"] * n,
        "targets": ["histology malignant"] * n,
    } | columns
    return ScoredRun(
        name=name,
        model=model,
        labels=np.array(labels, dtype=np.int64),
        folds=np.array(folds or [0] * n, dtype=np.int64),
        scores=np.array(scores, dtype=np.float64),
        calibrated=np.full(n, np.nan),
        **{key: np.array(value, dtype=np.str_) for key, value in text.items()},
    )
