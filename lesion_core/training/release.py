"""The card of a final model, made from what its cross validation measured: figures, data, limits and terms."""

from __future__ import annotations

import datetime

import lesion_core
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.model.card import TARGETS, Architecture, Card
from lesion_core.model.training_data import FurtherData, TrainingData
from lesion_core.model.weights import DESCRIPTIONS
from lesion_core.results.performance import units_known
from lesion_core.results.scores import ScoreTable
from lesion_core.training.card_figures import calibration_of, operating_point, out_of_fold_metrics, youden_of
from lesion_core.training.config import Preset, TrainConfig
from lesion_core.training.further import labelled_by
from lesion_core.training.looks import looks_of
from lesion_core.training.run_record import RunRecord
from lesion_core.training.terms import SOURCES, in_words

CITATIONS = (
    "Simonyan K, Zisserman A. Very deep convolutional networks for large-scale image recognition. ICLR 2015 "
    "(the trunk's ImageNet weights)",
    "Zhu YC, AlZoubi A, Jassim S, Jiang Q, Zhang Y, Wang YB, Ye XD, Du H. A generic deep learning framework to "
    "classify thyroid and breast lesions in ultrasound images (the method)",
)
SOFTMAX = "The score is a softmax output, not a probability."
TITLES = {"tnet": "TNet", "bnet": "BNet", "tbnet": "TBNet"}


def check_releasable(table: CaseTable, further: CaseTable | None = None) -> None:
    """Find out before anything is trained whether a card can be made for these cases.

    Args:
        table: the cases that are scored.
        further: those that are only learnt from; their target may be any.

    Raises:
        InputError: data without a known licence and citation, or not exactly one target that a card knows.
    """
    everything = (*table.cases, *(further.cases if further else ()))
    unknown = sorted({case.dataset for case in everything} - set(SOURCES))
    targets = sorted({case.target for case in table.cases})
    if unknown or target_of(table) not in TARGETS:
        raise InputError(
            f"a card needs one target of {', '.join(TARGETS)}, or both organs for the last (got {', '.join(targets)}), "
            f"and data sets with known terms (unknown: {', '.join(map(repr, unknown)) or 'none'}): add them to SOURCES "
            "in training/terms.py"
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


def make_card(
    name: str,
    table: CaseTable,
    scores: ScoreTable,
    preset: Preset,
    config: TrainConfig,
    record: RunRecord,
    *,
    commands: tuple[str, ...],
    further: CaseTable | None = None,
) -> Card:
    """The card of a final model, without its weights' checksum.

    Args:
        name: of the model.
        table: the cases of the run.
        scores: out of fold.
        preset: of the run.
        config: what the final model is trained with.
        record: of the run.
        commands: how it is made.
        further: what the final model learns from beside the table; None for nothing.

    Raises:
        InputError: any reason of `check_releasable`.
    """
    check_releasable(table, further)
    datasets = sorted({case.dataset for case in table.cases})
    target = target_of(table)
    shown = in_words(datasets)
    chosen = ["settings"] * (len(preset.candidates) > 1) + ["further training cases"] * (record.further is not None)
    protocol = _protocol(scores, record.scheme, " and ".join(chosen))
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
            trained=f"{config.layers}{_RANKS if config.ranks else ''} "
            f"(preset {record.preset}; folds on {record.machines})",
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
        limits=_limits(table, target, config) + _further_limit(record, further),
        commands=commands,
        seed=config.seed,
        created=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        code_version=lesion_core.__version__,
        licence="Apache-2.0 for what was trained here; the trunk: see its citation; the data: see their terms",
        citations=CITATIONS,
        weights_sha256="0" * 64,
        calibration=calibration_of(scores, shown),
        youden=youden_of(scores, shown),
        further=_further_data(further),
    )


_RANKS = ", with low-rank factors in place of the full fc6 and fc7"


def _new_layers(config: TrainConfig, record: RunRecord) -> str:
    """Which layers began with random weights."""
    full = config.ranks is None and record.initialisation == DESCRIPTIONS["torchvision"]
    return "fc8" if full else "fc6 to fc8"


def _protocol(scores: ScoreTable, scheme: str, chosen: str) -> str:
    """How out-of-fold figures came about; folds that leak are marked on every one of them."""
    by = "patient"
    if "patient" not in units_known(scores):
        leak = "patients stand on both sides, which flatters" if scores.has_patients else "patients unknown"
        by = f"image ({leak})"
    settings = f"; {chosen} chosen on inner folds" if chosen else ""
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


def _further_data(table: CaseTable | None) -> tuple[FurtherData, ...]:
    """For each data set that was only learnt from."""
    found = []
    for name in sorted({case.dataset for case in table.cases}) if table else ():
        cases = [case for case in table.cases if case.dataset == name] if table else []
        title, licence, citation = SOURCES[name]
        found.append(
            FurtherData(
                dataset=title,
                organ=cases[0].organ,  # type: ignore[arg-type]  # checked on load
                labelled=labelled_by(cases),
                images=len(cases),
                patients=len({case.patient_id for case in cases}),
                benign=sum(case.label == 0 for case in cases),
                malignant=sum(case.label == 1 for case in cases),
                licence=licence,
                citation=citation,
            )
        )
    return tuple(found)


def _further_limit(record: RunRecord, further: CaseTable | None) -> tuple[str, ...]:
    if record.further is None:
        return ()
    return (f"{record.further_sentence} The final model {'learnt from them too' if further else 'did not'}.",)


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
