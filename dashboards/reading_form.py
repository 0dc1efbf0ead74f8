"""The form that sets up a study: values of the controls in, a checked study with its images out. No Gradio in here."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from dashboards import serving
from lesion_core.errors import InputError
from lesion_core.model.card import model_folder
from lesion_core.reading.bundle import Bundle, read_bundle
from lesion_core.reading.make import Masking, Material, from_cases, from_phantoms, marks_of, with_scores
from lesion_core.reading.study import Model, Order, Question, Study, checked
from lesion_core.reading.upload import cases_of_zip, out_of_fold_scores, scores_by_case

PHANTOMS, UPLOAD = "built-in phantoms", "my cases or study file"
PURPOSES = (("observer study, blinded to the end", "study"), ("teaching, revealed after each answer", "teach"))
ASKED = (
    ("benign or malignant", "call"),
    ("suspicion 0 to 100", "suspicion"),
    ("action: routine, follow-up, biopsy", "action"),
    ("descriptors of the system", "descriptors"),
    ("the reader draws the border", "border"),
)
DESIGNS = (
    ("one arm: unaided", "single"),
    ("sequential: unaided, locked, then with the model", "sequential"),
    ("crossover: two periods with a washout", "crossover"),
)
COME_BACK = (("the last answer", "last"), ("any answer", "any"), ("no answer", "no"))


@dataclass(frozen=True)
class Form:
    """The controls' values, in their order; see `Study` for what they mean.

    Attributes:
        source: `PHANTOMS` or `UPLOAD`.
        phantoms: how many.
        file: the uploaded file; "" for none.
        organ: for folders that do not say; "" otherwise.
        scores: an uploaded scores.csv; "" for none.
        benign: lesions of label 0 to draw; 0 with `malignant` 0 takes all.
        malignant: lesions of label 1 to draw.
        mask: whether found calipers are painted over.
        top: per cent of the height painted over at the top.
        bottom: the same at the bottom.
        declare: whether readers are told of burned-in marks, found or not.
        model: name of a bundled model that scores the cases; "" for none.
        threshold: of scores from a file by a model that is not bundled; 0 for none.
    """

    source: str
    phantoms: float
    file: str
    organ: str
    scores: str
    benign: float
    malignant: float
    mask: bool
    top: float
    bottom: float
    declare: bool
    model: str
    threshold: float
    title: str
    purpose: str
    asked: Sequence[str]
    system: str
    design: str
    washout_days: float
    readers: str
    open_enrolment: bool
    seed: float
    block_size: float
    repeats: float
    time_limit_s: float
    come_back: str
    ethics: str


def form_of(values: Sequence[Any]) -> Form:
    """The values of the controls as a form; what is empty becomes "" or 0.

    Raises:
        InputError: a number that is none.
    """
    filled: dict[str, Any] = {}
    empty = {"str": "", "float": 0.0, "bool": False, "Sequence[str]": ()}
    for field, value in zip(fields(Form), values, strict=True):
        filled[field.name] = empty[str(field.type)] if value is None else value
        if field.type == "float" and not isinstance(filled[field.name], int | float):
            raise InputError(f"{field.name} must be a number")
    return Form(**filled)


def bundle_of(form: Form) -> tuple[Bundle, tuple[str, ...]]:
    """The study that the form describes, and notes on its cases.

    Raises:
        InputError: files that cannot be used.
        TableError: everything that is wrong with cases or rules.
    """
    if form.source == UPLOAD:
        if not form.file:
            raise InputError("no file is open: choose a study file or a ZIP of cases, or take the phantoms")
        if _is_study(Path(form.file)):
            return read_bundle(form.file), ("The study is taken from the file as it is; the form was not used.",)
    material, model = _scored(form)
    study = Study(
        title=form.title.strip(),
        items=material.items,
        question=Question(system=form.system, **{name: name in form.asked for _, name in ASKED}),
        purpose="teach" if form.purpose == "teach" else "study",
        readers=tuple(name.strip() for name in form.readers.splitlines() if name.strip()),
        open_enrolment=form.open_enrolment,
        design=_one_of(form.design, DESIGNS),
        washout_days=int(form.washout_days),
        order=Order(seed=int(form.seed), block_size=int(form.block_size), repeats=int(form.repeats)),
        time_limit_s=float(form.time_limit_s) if form.time_limit_s else None,
        ethics=form.ethics.strip(),
        come_back=_one_of(form.come_back, COME_BACK),
        marks=marks_of(material, _masking(form), declared=form.declare),
        model=model,
    )
    return Bundle(checked(study, what="the study"), material.images), _notes(material)


def practice() -> Bundle:
    """The study that everybody can practise on: phantoms, scored by the first bundled model."""
    names = serving.choices()
    material = from_phantoms(20, seed=7)
    if names:
        material, model = _by_model(material, names[0][1])
    study = Study(
        title="Practice on synthetic phantoms",
        items=material.items,
        purpose="teach",
        open_enrolment=True,
        model=model if names else None,
    )
    return Bundle(checked(study), material.images)


def _scored(form: Form) -> tuple[Material, Model | None]:
    """What is read, with scores from a file, by a bundled model, or without."""
    model_name, run, scores = scores_by_case(form.scores) if form.scores else ("", "", None)
    if form.source == PHANTOMS:
        material = from_phantoms(int(form.phantoms), seed=int(form.seed))
    else:
        counts = (int(form.benign), int(form.malignant)) if form.benign or form.malignant else None
        with cases_of_zip(form.file, organ=form.organ) as table:
            known = out_of_fold_scores(model_folder(form.model), table) if form.model and scores is None else scores
            material = from_cases(table, counts=counts, scores=known, masking=_masking(form), seed=int(form.seed))
    if scores is None and any(item.score is not None for item in material.items):
        material = replace(material, notes=(*material.notes, _learnt_from(material)))
    if scores is not None:
        target = material.items[0].target
        return material, Model(model_name, _threshold(form, model_name), target, run)
    return _by_model(material, form.model) if form.model else (material, None)


def _by_model(material: Material, name: str) -> tuple[Material, Model]:
    card = serving.card(name)
    scored = with_scores(material, lambda views: serving.scores_of(name, views))
    return scored, Model(card.title, card.operating_point.threshold, card.target, card.version)


def _learnt_from(material: Material) -> str:
    held_out = sum(item.score is not None for item in material.items)
    total = len(material.items)
    return f"{held_out} of {total} lesions belong to the model's training set: they have its out-of-fold scores."


def _threshold(form: Form, name: str) -> float:
    if form.threshold:
        return float(form.threshold)
    if name in [known for _, known in serving.choices()]:
        return serving.card(name).operating_point.threshold
    raise InputError(f"the scores are of {name!r}, which is not bundled: give the threshold that it is read with")


def _masking(form: Form) -> Masking:
    if form.source == PHANTOMS:
        return Masking()
    return Masking(calipers=form.mask, top=form.top / 100, bottom=form.bottom / 100)


def _one_of(value: str, choices: Sequence[tuple[str, str]]) -> Any:
    if value not in [name for _, name in choices]:
        raise InputError(f"{value!r} is none of {', '.join(name for _, name in choices)}")
    return value


def _notes(material: Material) -> tuple[str, ...]:
    found = material.calipers
    images = sum(len(item.views) for item in material.items)
    marks = f"Calipers were found in {found} of {images} images (a floor)." if found else ""
    unscored = sum(item.score is None for item in material.items)
    scores = f"{unscored} of {len(material.items)} lesions have no score." if unscored else ""
    return tuple(filter(None, (*material.notes, marks, scores)))


def _is_study(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return "study.json" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False
