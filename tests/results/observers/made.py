"""Small test sets made by hand, and a larger one by chance."""

import numpy as np

from lesion_core.cases.readings import Reading
from lesion_core.results.review.readers import readers_of
from lesion_core.results.review.scored import ScoredRun
from lesion_core.results.review.source import ReviewSource, ThresholdRule


def run_of(labels, scores, *, model="bnet", name="r", patients=None, folds=None, organ="breast", prefix="c"):
    n = len(labels)
    ids = np.array([f"{prefix}{i}" for i in range(n)])
    patients = ids if patients is None else np.array(patients)

    def same(value):
        return np.full(n, value)

    return ScoredRun(
        name=name,
        model=model,
        case_ids=ids,
        lesion_ids=patients,
        patient_ids=patients,
        datasets=same("set"),
        organs=same(organ),
        targets=same("histology malignant"),
        labels=np.array(labels, dtype=np.int64),
        folds=np.zeros(n, dtype=np.int64) if folds is None else np.array(folds, dtype=np.int64),
        scores=np.array(scores, dtype=np.float64),
        calibrated=np.full(n, np.nan),
    )


def source_of(*runs, readings=(), thresholds=(("bnet", 0.5),), key="set", synthetic=False, title="A set"):
    return ReviewSource(
        key=key,
        title=title,
        kind="bundled",
        runs=runs,
        readers=readers_of(readings, synthetic=synthetic),
        thresholds=tuple((model, ThresholdRule(value, "a rule")) for model, value in thresholds),
        label_source="histopathology",
    )


def calls_of(reader, calls, prefix="c"):
    """Readings of one reader: 0, 1, "?" for cannot assess, None for not read."""
    return [
        Reading(reader, f"{prefix}{i}", call=None if call == "?" else call, assessable=call != "?")
        for i, call in enumerate(calls)
        if call is not None
    ]


def ratings_of(reader, ratings, prefix="c"):
    return [Reading(reader, f"{prefix}{i}", rating=rating) for i, rating in enumerate(ratings) if rating is not None]


def random_study(seed=7, n=120, readers=4, *, unsure=0.05, patients=None):
    """A model and readers with ordered categories; some cases cannot be assessed."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(n) < 0.4).astype(int)
    shared = rng.standard_normal(n)
    scores = 1 / (1 + np.exp(-(1.6 * labels - 0.8 + 0.6 * shared + 0.8 * rng.standard_normal(n))))
    readings = []
    for j in range(readers):
        latent = 1.7 * labels + 0.6 * shared + 0.8 * rng.standard_normal(n)
        category = np.array(["2", "3", "4a", "4b", "5"])[np.searchsorted([0.0, 0.8, 1.4, 2.0], latent)]
        lost = rng.random(n) < unsure
        readings += [
            Reading(f"R{j + 1}", f"c{i}", rating="" if lost[i] else str(category[i]), assessable=not lost[i])
            for i in range(n)
        ]
    run = run_of(labels, scores.round(6), patients=patients)
    return source_of(run, readings=readings)
