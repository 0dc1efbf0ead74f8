"""What comes out of a study: each reader, all readers, the arms against each other, the model beside them, agreement.

The primary analysis leaves repeated readings out; they give the agreement of each reader with themself. A multi-reader
analysis needs every reading: it takes the readers who read every case in every arm and the cases that all of them could
assess, and says how many it left out. "Cannot assess" is counted, never turned into a call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.reading.agreement import with_each_other, with_themselves
from lesion_core.reading.aid import AidChange, aid_changes
from lesion_core.reading.exchange import score_of
from lesion_core.reading.order_effects import OrderEffect, order_effects
from lesion_core.reading.stored import Progress, Stored
from lesion_core.reading.study import Study, groups_of
from lesion_core.stats.accuracy import sensitivity, specificity
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.figures import Figure
from lesion_core.stats.intervals import auc_interval
from lesion_core.stats.one_model import ModelAgainstReaders, model_against_readers
from lesion_core.stats.reader_mean import mean_over_readers
from lesion_core.stats.readers import ReaderStudy, obuchowski_rockette
from lesion_core.stats.roc import RocCurve, roc_curve


@dataclass(frozen=True)
class ReaderResult:
    """One reader in one arm, primary readings only.

    Attributes:
        reader: name.
        arm: "unaided" or "aided".
        area: AUC of the rating; balanced accuracy for a reader who only called, as its notes say.
        sensitivity: of the calls; None where no call was asked.
        specificity: of the calls; None where no call was asked.
        read: cases read.
        not_assessed: of them, cases that could not be assessed.
        overtime: answers given after the time limit, as the page said.
        late: answers that came after the limit and the grace by the server's own clock.
        left_window: answers during which the window lost focus.
        seconds: (lower quartile, median, upper quartile) per case; NaN where no time is known, as of imported readings.
        curve: of the rating; a reader who only called has one point between the corners.
    """

    reader: str
    arm: str
    area: Estimate
    sensitivity: Estimate | None
    specificity: Estimate | None
    read: int
    not_assessed: int
    overtime: int
    late: int
    left_window: int
    seconds: tuple[float, float, float]
    curve: RocCurve


@dataclass(frozen=True)
class StudyResult:
    """The result of a study.

    Attributes:
        readers: each reader in each arm.
        means: mean area over the readers, for each arm.
        arms: aided against unaided over readers and cases; None with one arm or without complete readings.
        rates: the same for sensitivity and specificity of the calls; empty where no call was asked.
        changes: what the aid changed in each reader's calls.
        order: each reader in each arm by quarter of the reading order, in a crossover by period too.
        drift: mean change over the readers from the first to the last quarter, or from period to period.
        curve: of the model's scores on all cases; None without scores.
        model: the model against the readers' unaided readings; None without scores.
        within: each reader's agreement with themself on the repeated cases, for each thing asked.
        between: agreement of the readers who read everything, for each thing asked in each arm.
        cases: cases in the multi-reader analysis.
        complete: readers in it.
        notes: what was left out and why, in sentences.
    """

    readers: tuple[ReaderResult, ...]
    means: tuple[Estimate, ...]
    arms: ReaderStudy | None
    rates: tuple[ReaderStudy, ...]
    changes: tuple[AidChange, ...]
    order: tuple[OrderEffect, ...]
    drift: tuple[Estimate, ...]
    curve: RocCurve | None
    model: ModelAgainstReaders | None
    within: tuple[Estimate, ...]
    between: tuple[Estimate, ...]
    cases: int
    complete: tuple[str, ...]
    notes: tuple[str, ...]


def study_result(study: Study, answers: Sequence[Stored], progress: Sequence[Progress]) -> StudyResult:
    """Analyse a study.

    Args:
        study: the study.
        answers: the newest of each place, from the store.
        progress: of each reader.
    """
    primary = [each for each in answers if not each.repeat]
    table = _Readings(study, primary, _who_read_all(study, primary, progress))
    notes = (*table.notes(progress), *_limit_notes(study, primary))
    arms = model = None
    rates: tuple[ReaderStudy, ...] = ()
    means: tuple[Estimate, ...] = ()
    if table.complete and table.kept.size:
        labels, groups = table.labels[table.kept], table.groups
        figure: Figure = "auc"
        means = tuple(
            mean_over_readers(labels, table.scores(arm), figure=figure, groups=groups, name=f"mean area, {arm}")
            for arm in study.arms
        )
        if len(study.arms) == 2:
            stacked = np.stack([table.scores(arm) for arm in study.arms])
            arms = obuchowski_rockette(labels, stacked, groups=groups, modalities=study.arms)
            rates = _rates(study, table)
        model = _against_model(study, table)
    order, drift = order_effects(study, answers, progress)
    return StudyResult(
        readers=tuple(_one(study, primary, name, arm) for name in _names(progress) for arm in study.arms),
        means=means,
        arms=arms,
        rates=rates,
        changes=aid_changes(study, answers),
        order=order,
        drift=drift,
        curve=_model_curve(study),
        model=model,
        within=with_themselves(study, answers),
        between=with_each_other(study, primary, table.complete),
        cases=int(table.kept.size),
        complete=tuple(table.complete),
        notes=notes,
    )


def _who_read_all(study: Study, primary: Sequence[Stored], progress: Sequence[Progress]) -> list[str]:
    """Readers with a reading of every case in every arm; an imported one may have brought fewer."""
    read: dict[str, set[tuple[int, str]]] = {}
    for each in primary:
        read.setdefault(each.reader, set()).add((each.item, each.arm))
    return [each.reader for each in progress if len(read.get(each.reader, ())) == len(study.items) * len(study.arms)]


class _Readings:
    """Primary readings of the readers who read everything, on the cases that all of them assessed in every arm."""

    def __init__(self, study: Study, primary: Sequence[Stored], done: Sequence[str]) -> None:
        self.study = study
        self.complete = list(done)
        self.labels = np.array([item.label for item in study.items])
        shape = (len(study.arms), len(self.complete), len(study.items))
        self._scores = np.full(shape, np.nan)
        self._calls = np.full(shape, np.nan)
        place = {name: at for at, name in enumerate(self.complete)}
        for each in primary:
            if each.reader in place:
                where = (study.arms.index("aided" if each.arm == "aided" else "unaided"), place[each.reader], each.item)
                score = score_of(study, each)
                self._scores[where] = np.nan if score is None else score
                self._calls[where] = np.nan if each.answer.call is None else each.answer.call
        self.kept: NDArray[np.int64] = np.flatnonzero(~np.isnan(self._scores).any(axis=(0, 1)))
        if not self.complete:
            self.kept = self.kept[:0]

    @property
    def groups(self) -> NDArray[np.str_] | None:
        """Patients of the kept cases; None where each case is its own."""
        units = np.array([self.study.items[at].counted_as for at in self.kept], dtype=np.str_)
        return None if np.unique(units).size == units.size else units

    def scores(self, arm: str) -> NDArray[np.float64]:
        """(readers, kept cases) of an arm."""
        at = [str(each) for each in self.study.arms].index(arm)
        return np.asarray(self._scores[at][:, self.kept], dtype=np.float64)

    def calls(self, arm: str) -> NDArray[np.float64]:
        """(readers, kept cases) of an arm."""
        at = [str(each) for each in self.study.arms].index(arm)
        return np.asarray(self._calls[at][:, self.kept], dtype=np.float64)

    def notes(self, progress: Sequence[Progress]) -> tuple[str, ...]:
        """What the multi-reader analysis left out."""
        notes = []
        waiting = [each.reader for each in progress if each.reader not in self.complete]
        if waiting:
            everything = "every case in every arm" if len(self.study.arms) > 1 else "every case"
            notes.append(
                f"{len(waiting)} of {len(progress)} readers have not read {everything} and are left out of the means."
            )
        silent = sum(np.isnan(self._calls[:, at][:, self.kept]).any() for at in range(len(self.complete)))
        if self.study.question.call and len(self.study.arms) > 1 and silent:
            notes.append(
                f"{silent} of {len(self.complete)} readers were imported without calls: the arms are not compared in"
                " sensitivity and specificity."
            )
        lost = len(self.study.items) - self.kept.size
        if self.complete and lost:
            notes.append(f"{lost} cases that a reader could not assess are left out of the multi-reader analysis.")
        if self.study.question.call and not (self.study.question.suspicion or self.study.question.system):
            notes.append('Readers only called: each has one point, and the "area" is balanced accuracy.')
        if any(item.label_source == "phantom" for item in self.study.items):
            notes.append("Some cases are synthetic phantoms: nothing here says anything about patients.")
        return tuple(notes)


def _limit_notes(study: Study, primary: Sequence[Stored]) -> list[str]:
    """What an analyst should look at: the server's clock and the page do not agree, either way."""
    notes, limit = [], study.time_limit_s
    if limit is None:
        return []
    if apart := sum(each.late and not each.answer.overtime for each in primary):
        notes.append(
            f"{_answers(apart)} came after the time limit by the server's clock, while the page said in time (images or"
            " a pause that were long on their way, a line that was lost, a browser that died, or a page that was"
            " changed): marked in Every answer (CSV)."
        )
    # Between the limit and the grace the two need not agree: the server counts the way there and back.
    seen = [each for each in primary if each.answer.overtime and each.server_seconds is not None]
    if apart := sum(each.server_seconds < limit for each in seen if each.server_seconds is not None):
        notes.append(
            f"{_answers(apart)} came after the time limit by the page, while the server's clock had not reached it (the"
            " end of a pause that was long on its way, or a page that was changed): see Every answer (CSV)."
        )
    return notes


def _answers(count: int) -> str:
    return f"{count} answer{'' if count == 1 else 's'}"


def _one(study: Study, primary: Sequence[Stored], name: str, arm: str) -> ReaderResult:
    own = [each for each in primary if each.reader == name and each.arm == arm]
    scored = [(study.items[each.item], score) for each in own if (score := score_of(study, each)) is not None]
    called = [(study.items[each.item], each.answer.call) for each in own if each.answer.call is not None]
    labels, scores = [item.label for item, _ in scored], [score for _, score in scored]
    truths, calls = [item.label for item, _ in called], [call for _, call in called]
    area = auc_interval(labels, scores, groups=groups_of([item.counted_as for item, _ in scored]))
    if study.question.call and not (study.question.suspicion or study.question.system):
        area = area.with_note("One operating point: this area is balanced accuracy.")
    units = groups_of([item.counted_as for item, _ in called])
    seconds = np.array([each.answer.seconds for each in own if each.answer.seconds])
    quartiles = np.percentile(seconds, [25, 50, 75]) if seconds.size else np.full(3, np.nan)
    return ReaderResult(
        reader=name,
        arm=arm,
        area=area,
        sensitivity=sensitivity(truths, calls, groups=units) if study.question.call else None,
        specificity=specificity(truths, calls, groups=units) if study.question.call else None,
        read=len(own),
        not_assessed=sum(not each.answer.assessed for each in own),
        overtime=sum(each.answer.overtime for each in own),
        late=sum(each.late for each in own),
        left_window=sum(any(event.what in ("blur", "hidden") for event in each.answer.events) for each in own),
        seconds=(float(quartiles[0]), float(quartiles[1]), float(quartiles[2])),
        curve=roc_curve(labels, scores),
    )


def _against_model(study: Study, table: _Readings) -> ModelAgainstReaders | None:
    scores = [study.items[at].score for at in table.kept]
    known = [score for score in scores if score is not None]
    if len(known) != len(scores):
        return None
    return model_against_readers(table.labels[table.kept], known, table.scores("unaided"), groups=table.groups)


def _rates(study: Study, table: _Readings) -> tuple[ReaderStudy, ...]:
    """Sensitivity and specificity of the arms, where calls were asked and both classes are there."""
    labels = table.labels[table.kept]
    if not study.question.call or len(set(labels.tolist())) < 2:
        return ()
    stacked = np.stack([table.calls(arm) for arm in study.arms])
    if np.isnan(stacked).any():  # readers imported with one number for each case
        return ()
    figures: tuple[Figure, Figure] = ("sensitivity", "specificity")
    return tuple(
        obuchowski_rockette(labels, stacked, figure=each, groups=table.groups, modalities=study.arms)
        for each in figures
    )


def _model_curve(study: Study) -> RocCurve | None:
    scores = [item.score for item in study.items]
    if study.model is None or any(score is None for score in scores):
        return None
    return roc_curve([item.label for item in study.items], [score or 0.0 for score in scores])


def _names(progress: Sequence[Progress]) -> list[str]:
    return [each.reader for each in progress]
