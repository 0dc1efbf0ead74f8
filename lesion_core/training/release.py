"""The final model of a cross validation: trained on all development cases, with a card made from what was measured."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import lesion_core
from lesion_core.cases.table import CaseTable, read_cases
from lesion_core.errors import InputError, StatisticsError
from lesion_core.model.calibration import CalibrationPart
from lesion_core.model.card import TARGETS, Architecture, Card, Metric, OperatingPoint, OrganRates, TrainingData
from lesion_core.model.weights import DESCRIPTIONS
from lesion_core.results.calibrated import cross_fitted_map
from lesion_core.results.performance import Performance, cross_fitted_performance, units_known
from lesion_core.results.scores import ScoreTable
from lesion_core.stats.calibration import brier_score, calibration_line
from lesion_core.stats.estimate import Estimate
from lesion_core.stats.recalibration import fit_platt
from lesion_core.stats.roc import point_at_sensitivity
from lesion_core.training.config import Preset, TrainConfig
from lesion_core.training.run_record import RunRecord, config_as_json

#: What the licence and citation of a data set are, by its name in the case table.
SOURCES = {
    "busbra": (
        "BUS-BRA",
        "free use with citation (licence text in the data set)",
        "Gomez-Flores W, Gregorio-Calas MJ, Pereira WCA. BUS-BRA: a breast ultrasound dataset for assessing "
        "computer-aided diagnosis systems. Medical Physics 2024;51:3110-3123",
    ),
    "ddti": (
        "DDTI",
        "open access without a formal licence: research use with citation",
        "Pedraza L, Vargas C, Narvaez F, Duran O, Munoz E, Romero E. An open access thyroid ultrasound image database. "
        "Proc. SPIE 9287, 10th International Symposium on Medical Information Processing and Analysis, 2015",
    ),
}
CITATIONS = (
    "Simonyan K, Zisserman A. Very deep convolutional networks for large-scale image recognition. ICLR 2015 "
    "(the trunk's ImageNet weights)",
    "Zhu YC, AlZoubi A, Jassim S, Jiang Q, Zhang Y, Wang YB, Ye XD, Du H. A generic deep learning framework to "
    "classify thyroid and breast lesions in ultrasound images (the method)",
)
SOFTMAX = "The score is a softmax output, not a probability."
#: The importer's label rule behind a target of DDTI.
LABEL_RULES = {"TI-RADS 4 or higher": "reread:4"} | {
    f"TI-RADS {grade} or higher": f"2015:{grade}" for grade in ("4a", "4b", "4c", "5")
}
TITLES = {"tnet": "TNet", "bnet": "BNet", "tbnet": "TBNet"}


def agreed_config(record: RunRecord, preset: Preset) -> tuple[TrainConfig, int]:
    """The candidate that most outer folds took (of equals the first listed), and the median of its epochs there.

    The final model is trained so: then the out-of-fold scores, and the threshold learnt from them, are of the same kind
    as the final model's scores.

    Raises:
        InputError: the run names candidates that the preset does not have.
    """
    taken = [fold.config for fold in record.folds.values()]
    counts = [taken.count(config_as_json(candidate)) for candidate in preset.candidates]
    if sum(counts) != len(taken) or not taken:
        raise InputError(f"run {record.run} was made with other candidates than preset {preset.name}: run it again")
    chosen = preset.candidates[int(np.argmax(counts))]
    epochs = [fold.epoch for fold in record.folds.values() if fold.config == config_as_json(chosen)]
    return chosen, int(np.median(epochs))


def check_releasable(table: CaseTable) -> None:
    """Find out before anything is trained whether a card can be made for these cases.

    Raises:
        InputError: data without a known licence and citation, or not exactly one target that a card knows.
    """
    unknown = sorted({case.dataset for case in table.cases} - set(SOURCES))
    targets = sorted({case.target for case in table.cases})
    if unknown or target_of(table) not in TARGETS:
        raise InputError(
            f"a card needs one target of {', '.join(TARGETS)}, or both organs for the last (got {', '.join(targets)}), "
            f"and data sets with known terms (unknown: {', '.join(map(repr, unknown)) or 'none'}): add them to SOURCES "
            "in training/release.py"
        )


def target_of(table: CaseTable) -> str:
    """What label 1 means over all cases: their own target, or "mixed" over both organs."""
    targets = {case.target for case in table.cases}
    organs = {case.organ for case in table.cases}
    return "mixed" if len(targets) > 1 and len(organs) > 1 else ", ".join(sorted(targets))


def check_scores(scores: ScoreTable, table: CaseTable, record: RunRecord) -> None:
    """Require out-of-fold scores of exactly these cases, made by this run.

    Raises:
        InputError: another run or model, cases or labels that differ, or a score without a fold.
    """
    made_by = {(row.run, row.model) for row in scores.rows}
    if made_by != {(record.run, record.model)}:
        names = ", ".join(f"{run} ({model})" for run, model in sorted(made_by))
        raise InputError(f"the scores were made by {names}, the record by {record.run} ({record.model})")
    scored = {row.case_id: row.label for row in scores.rows}
    cases = {case.case_id: case.label for case in table.cases}
    differ = sorted(name for name in scored.keys() | cases.keys() if scored.get(name) != cases.get(name))
    if differ:
        raise InputError(f"scores and cases differ in {len(differ)} cases or labels: {', '.join(differ[:5])}")
    if any(row.fold is None for row in scores.rows):
        raise InputError("some scores have no fold: they are not out of fold")


def operating_point(scores: ScoreTable, wanted_sensitivity: float, dataset: str) -> OperatingPoint:
    """The threshold learnt from all out-of-fold scores, with the cross-fitted rates it can be expected to have."""
    point = point_at_sensitivity(scores.labels, scores.scores, wanted_sensitivity)

    def rates(part: ScoreTable) -> OrganRates:
        found = cross_fitted_performance(part, wanted_sensitivity=wanted_sensitivity, unit="image", taught_by=scores)
        return OrganRates(
            organ=part.rows[0].organ,  # type: ignore[arg-type]  # checked on load
            label=_label(part),
            sensitivity=round(found.sensitivity.value, 4),
            specificity=round(found.specificity.value, 4),
            n=found.n,
            n_malignant=found.positives,
        )

    fitted = cross_fitted_performance(scores, wanted_sensitivity=wanted_sensitivity, unit="image")
    return OperatingPoint(
        threshold=round(point.threshold, 6),
        rule=f"{100 * wanted_sensitivity:.0f} % sensitivity",
        dataset=f"{dataset}, out of fold, per image",
        sensitivity=round(fitted.sensitivity.value, 4),
        specificity=round(fitted.specificity.value, 4),
        prevalence=round(float(scores.labels.mean()), 4),
        organs=tuple(map(rates, scores.by_organ())),
    )


def calibration_of(scores: ScoreTable, dataset: str) -> CalibrationPart | None:
    """The sigmoid learnt from all out-of-fold scores, with what it does cross-fitted; None where they teach none.

    Args:
        scores: out of fold.
        dataset: what they are of, in words.
    """
    try:
        learnt = fit_platt(scores.labels, scores.scores)
        fitted = cross_fitted_map(scores)
    except StatisticsError:  # one class in some folds, or classes that the scores separate
        return None
    line = calibration_line(scores.labels, fitted)
    figures = (learnt.intercept, learnt.slope, line.slope.value, line.in_the_large.value)
    if not (np.isfinite(figures).all() and learnt.slope > 0):
        return None
    return CalibrationPart(
        intercept=round(learnt.intercept, 6),
        slope=round(learnt.slope, 6),
        learnt_on=f"{dataset}, out of fold, per image",
        n=len(scores),
        prevalence=round(float(scores.labels.mean()), 4),
        fitted_slope=round(line.slope.value, 4),
        fitted_in_the_large=round(line.in_the_large.value, 4),
        fitted_brier=round(brier_score(scores.labels, fitted).score.value, 4),
    )


def out_of_fold_metrics(
    scores: ScoreTable,
    wanted_sensitivity: float,
    *,
    dataset: str,
    protocol: str,
    label: str,
    looks: Looks | None = None,
) -> list[Metric]:
    """AUC, sensitivity and specificity per patient, where patients are known, and per image; cross-fitted threshold.

    Scores of several organs give figures of all together first, then of each, at the threshold that all taught.

    Args:
        scores: out of fold.
        wanted_sensitivity: what the threshold aims at, 0-1.
        dataset: all data sets as people write them.
        protocol: of the figures.
        label: what label 1 means over all of them.
        looks: what was compared on scores of a data set before these were made; None for nothing.
    """
    organs = scores.by_organ()
    metrics = []
    for part in (scores, *organs):
        whole = part is scores
        sets = sorted({row.dataset for row in part.rows})
        for unit in units_known(scores):
            found = cross_fitted_performance(part, wanted_sensitivity=wanted_sensitivity, unit=unit, taught_by=scores)
            pooled = f"pooled over folds; mean of the folds' AUCs {found.fold_mean:.3f}"
            mixed = _ACROSS if organs and whole else ""
            metrics += metrics_of(
                found,
                dataset=dataset if whole else ", ".join(SOURCES[each][0] for each in sets),
                protocol=protocol,
                label=label if whole else _label(part),
                auc_note="; ".join(filter(None, (pooled, mixed))),
                rate_note="" if whole else _SHARED,
                note=looks.sentence(sets) if looks else "",
            )
    return metrics


_ACROSS = "it also ranks the lesions of one organ against those of the other: see the figures of each"
_SHARED = "at thresholds learnt on both organs together"


@dataclass(frozen=True)
class Looks:
    """What was compared on out-of-fold scores before a model was made as it is: its own figures there flatter.

    Attributes:
        dataset: whose scores were looked at, as the case table names it.
        compared: what was compared, with counts.
    """

    dataset: str
    compared: str

    def sentence(self, datasets: Sequence[str]) -> str:
        """For figures on some data sets: whether they were also used to choose."""
        title = SOURCES[self.dataset][0]
        if self.dataset in datasets:
            return f"optimistic: {self.compared} were compared on out-of-fold scores of {title}"
        return f"{self.compared} were compared on {title}, not on these cases"


#: Settings looked at before preset `compact` was fixed: 13 and 6 for the first release, 4 for this one (DECISIONS.md).
SETTINGS_COMPARED = "23 settings"
#: Sets of outline measurements looked at before two were taken into the score (DECISIONS.md, 2026-11-27).
OUTLINES_COMPARED = "25 sets of outline measurements"


def looks_of(preset: str, *, outline: bool) -> Looks | None:
    """What was looked at before a model of a preset was made; None where nothing was compared.

    Args:
        preset: its name.
        outline: whether the score takes the outline in.
    """
    compared = [SETTINGS_COMPARED] if preset == "compact" else []
    compared += [OUTLINES_COMPARED] if outline else []
    return Looks("busbra", " and ".join(compared)) if compared else None


def metrics_of(
    found: Performance,
    *,
    dataset: str,
    protocol: str,
    label: str,
    auc_note: str = "",
    rate_note: str = "",
    note: str = "",
) -> list[Metric]:
    """The figures of a performance as the card keeps them, to four decimals, with what to know of each and of all."""

    def metric(estimate: Estimate, name: str, own: str) -> Metric:
        return Metric(
            name=name,  # type: ignore[arg-type]  # one of three, below
            dataset=dataset,
            protocol=protocol,
            unit=found.unit,
            value=round(estimate.value, 4),
            low=round(estimate.low, 4),
            high=round(estimate.high, 4),
            level=estimate.level,
            method=estimate.method,
            n=found.n,
            n_malignant=found.positives,
            label=label,
            note=" ".join(filter(None, ("; ".join(filter(None, (own, note))), *estimate.notes))),
        )

    kept = (
        (found.auc, "AUC", auc_note),
        (found.sensitivity, "sensitivity", rate_note),
        (found.specificity, "specificity", rate_note),
    )
    return [metric(estimate, name, own) for estimate, name, own in kept if estimate.defined]


def import_commands(paths: Sequence[Path]) -> tuple[str, ...]:
    """How the case tables were made of the data sets as downloaded, one command for each table."""
    commands = []
    for path in paths:
        cases = read_cases(path).cases
        dataset = cases[0].dataset
        label = LABEL_RULES.get(cases[0].target, "")
        option = f" --label {label}" if dataset == "ddti" and label else ""
        source = SOURCES[dataset][0].replace("-", "")
        commands.append(f"python -m lesion_core import {dataset} {source} {path.parent}{option}")
    return tuple(commands)


def make_card(
    name: str,
    table: CaseTable,
    scores: ScoreTable,
    preset: Preset,
    config: TrainConfig,
    record: RunRecord,
    *,
    commands: tuple[str, ...],
) -> Card:
    """The card of a final model, without its weights' checksum.

    Raises:
        InputError: any reason of `check_releasable`.
    """
    check_releasable(table)
    datasets = sorted({case.dataset for case in table.cases})
    target = target_of(table)
    shown = ", ".join(SOURCES[each][0] for each in datasets)
    protocol = _protocol(scores, record.scheme, chosen=len(preset.candidates) > 1)
    return Card(
        name=name,
        title=TITLES.get(name, name),
        organs=tuple(sorted({case.organ for case in table.cases})),  # type: ignore[misc]  # checked on load
        target=target,  # type: ignore[arg-type]  # checked on load
        classes=("benign", "malignant"),
        input=preset.input,
        architecture=Architecture(
            kind="vgg19",
            ranks=config.ranks,
            normalisation=config.normalisation,
            initialisation=f"{record.initialisation}; {_new_layers(config, record)} random",
            trained=f"{config.layers}{_RANKS if config.ranks else ''} (preset {record.preset})",
            storage="all weights in single precision",
        ),
        operating_point=operating_point(scores, preset.wanted_sensitivity, shown),
        training=tuple(_training_data(table, each) for each in datasets),
        metrics=tuple(
            out_of_fold_metrics(
                scores,
                preset.wanted_sensitivity,
                dataset=shown,
                protocol=protocol,
                label=target,
                looks=looks_of(record.preset, outline=False),
            )
        ),
        limits=_limits(table, target, config),
        commands=commands,
        seed=config.seed,
        created=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        code_version=lesion_core.__version__,
        licence="Apache-2.0 for what was trained here; the trunk: see its citation; the data: see their terms",
        citations=CITATIONS,
        weights_sha256="0" * 64,
        calibration=calibration_of(scores, shown),
    )


_RANKS = ", with low-rank factors in place of the full fc6 and fc7"


def _label(scores: ScoreTable) -> str:
    return ", ".join(sorted({row.target for row in scores.rows}))


def _new_layers(config: TrainConfig, record: RunRecord) -> str:
    """Which layers began with random weights."""
    full = config.ranks is None and record.initialisation == DESCRIPTIONS["torchvision"]
    return "fc8" if full else "fc6 to fc8"


def _protocol(scores: ScoreTable, scheme: str, *, chosen: bool) -> str:
    """How out-of-fold figures came about; folds that leak are marked on every one of them."""
    by = "patient"
    if "patient" not in units_known(scores):
        leak = "patients stand on both sides, which flatters" if scores.has_patients else "patients unknown"
        by = f"image ({leak})"
    settings = "; settings chosen on inner folds" if chosen else ""
    return f"out of fold ({len(set(scores.folds.tolist()))} folds by {by}, {scheme}{settings})"


def _training_data(table: CaseTable, dataset: str) -> TrainingData:
    cases = [case for case in table.cases if case.dataset == dataset]
    title, licence, citation = SOURCES[dataset]
    malignant = sum(case.label for case in cases)
    return TrainingData(
        dataset=title,
        organ=cases[0].organ,  # type: ignore[arg-type]  # checked on load
        label_source=", ".join(sorted({case.label_source for case in cases})),
        images=len(cases),
        patients=len({case.unit for case in cases}),
        benign=len(cases) - malignant,
        malignant=malignant,
        licence=licence,
        citation=citation,
    )


def _limits(table: CaseTable, target: str, config: TrainConfig) -> tuple[str, ...]:
    limits: tuple[str, ...] = (
        "For research and teaching only, not a medical device; a score below the threshold does not exclude cancer.",
        SOFTMAX,
        "The border must be drawn by a person; the answer depends on it.",
    )
    if config.trainable in ("classifier", "fc8"):
        limits += (
            "The classifier was trained on frozen ImageNet features; no layer of the trunk has seen ultrasound.",
        )
    elif config.trainable != "all":
        limits += (f"The blocks below {config.trainable} are ImageNet's: they have never seen ultrasound.",)
    sources = {case.label_source for case in table.cases}
    if sources <= {"histopathology"}:
        limits += ("Every training lesion was biopsied: this is no screening population.",)
    if "tirads" in sources:
        limits += ("Thyroid labels are one reader's TI-RADS grade, a suspicion and not a proven cancer.",)
    if target == "mixed":
        limits += ("Class 1 means histology malignant in the breast and a TI-RADS grade in the thyroid.",)
    return limits


def scores_folder(folder: Path) -> Path:
    """Where a model keeps the scores behind its figures."""
    return folder / "scores"
