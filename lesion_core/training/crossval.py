"""Cross validation of the compact classifier on cached trunk features, its settings chosen on inner folds.

For each outer fold the candidates are compared by cross validation over the other folds alone; the one with the best
inner AUC is trained on all of them and scores the held-back fold. So no out-of-fold score was used to choose anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import nn

from lesion_core.cases.folds import Scheme
from lesion_core.cases.splits import folds_of
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.results.scores import ScoreTable, score_rows
from lesion_core.stats.roc import auc
from lesion_core.training.classifier import classifier_scores, fit_classifier, span_of
from lesion_core.training.config import ClassifierConfig, Preset

Report = Callable[[str], None]


@dataclass(frozen=True)
class Choice:
    """Which candidate was taken, and what it was chosen from.

    Attributes:
        config: the candidate.
        aucs: the inner AUC (pooled, per image) of each candidate in order; empty when there was one only.
    """

    config: ClassifierConfig
    aucs: tuple[float, ...]


@dataclass(frozen=True)
class CrossValidation:
    """Out-of-fold scores and how they came about.

    Attributes:
        scores: one row for each case.
        choices: the candidate taken in each outer fold, by fold number.
    """

    scores: ScoreTable
    choices: dict[int, Choice]


def cross_validate(
    table: CaseTable,
    inputs: NDArray[np.float32],
    scheme: Scheme,
    preset: Preset,
    *,
    run: str,
    model: str,
    report: Report,
) -> CrossValidation:
    """Score each case by a classifier that never saw its patient, chosen without it too.

    Args:
        table: n development cases.
        inputs: (n, variants, 25088) float32, normalised features; variant 0 is the RoI itself.
        scheme: the folds.
        preset: the protocol.
        run: name of the run.
        model: name of the model.
        report: told what was done.
    """
    scores = np.full(len(table), np.nan)
    fold_of = np.zeros(len(table), dtype=np.int64)
    choices: dict[int, Choice] = {}
    folds = folds_of(table.cases, scheme, rng=np.random.default_rng(0), validation=0.0)
    for fold in folds:
        fold_of[fold.test] = fold.number
    for fold in folds:
        choice = choose(inputs[fold.train], table.labels[fold.train], fold_of[fold.train], preset)
        classifier = fit(inputs[fold.train], table.labels[fold.train], choice.config, offset=fold.number)
        scores[fold.test] = classifier_scores(classifier, inputs[fold.test, 0])
        choices[fold.number] = choice
        found = auc(table.labels[fold.test], scores[fold.test])
        report(f"fold {fold.number}: {choice.config.summary}; AUC {found:.3f} on {len(fold.test)} images")
    assert np.isfinite(scores).all(), "every case stands in exactly one test part"
    return CrossValidation(score_rows(table.cases, scores, run=run, model=model, folds=fold_of.tolist()), choices)


def choose(
    inputs: NDArray[np.float32], labels: NDArray[np.int64], fold_of: NDArray[np.int64], preset: Preset
) -> Choice:
    """Compare the preset's candidates by cross validation over the folds that are given here.

    Args:
        inputs: (n, variants, 25088) float32.
        labels: (n,) 0 or 1.
        fold_of: (n,) fold numbers.
        preset: names the candidates.

    Raises:
        InputError: one fold only, with several candidates to compare.
    """
    if len(preset.candidates) == 1:
        return Choice(preset.candidates[0], ())
    folds = len(np.unique(fold_of))
    if folds < 2:
        raise InputError(
            f"choosing among {len(preset.candidates)} candidates needs at least 2 inner folds, got {folds}: "
            "make 3 folds or more with `python -m lesion_core split`"
        )
    scores = np.zeros((len(preset.candidates), len(labels)))
    for number in np.unique(fold_of):
        train, test = np.flatnonzero(fold_of != number), np.flatnonzero(fold_of == number)
        span = span_of(_stacked(inputs[train]))
        for position, config in enumerate(preset.candidates):
            classifier = fit_classifier(span, labels[train], replace(config, seed=config.seed + 100 + int(number)))
            scores[position, test] = classifier_scores(classifier, inputs[test, 0])
    aucs = tuple(auc(labels, each) for each in scores)
    return Choice(preset.candidates[int(np.argmax(aucs))], aucs)


def fit(
    inputs: NDArray[np.float32], labels: NDArray[np.int64], config: ClassifierConfig, *, offset: int = 0
) -> nn.Sequential:
    """Train one classifier; `offset` is added to the seed.

    Args:
        inputs: (n, variants, 25088) float32.
        labels: (n,) 0 or 1.
        config: the settings.
        offset: e.g. the fold's number.
    """
    return fit_classifier(span_of(_stacked(inputs)), labels, replace(config, seed=config.seed + offset))


def _stacked(inputs: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, variants, features) to (variants * n, features): all of variant 0 first."""
    return np.ascontiguousarray(inputs.swapaxes(0, 1)).reshape(-1, inputs.shape[-1])
