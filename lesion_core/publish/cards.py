"""A model's page on the hub: a text a reader can judge the model by, under the front matter of `model_index`.

Everything is made from ``card.json`` and the scores beside it; nothing is typed by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from lesion_core.model.card import Card, Metric
from lesion_core.model.wording import lesion_noun
from lesion_core.notice import NOTICE
from lesion_core.publish.measured import Measured, same_set, subgroups
from lesion_core.publish.model_index import front_matter, is_cross_organ, organ_of
from lesion_core.publish.simpler_models import BesideSimpler, beside_outline, fit_shown, simpler_models
from lesion_core.results.fold_models import bundled_shifts, summarise_shift
from lesion_core.results.ledger import LEDGER_FILE, read_ledger
from lesion_core.results.observers.reference_names import ALONE, LINEAR, OUTLINE, OUTLINE_ONLY, REFERENCES, SHAPE, SIZE
from lesion_core.results.review.attributes import title_of
from lesion_core.stats.estimate import signed

#: A subgroup with fewer images of a class than this is not shown.
LEAST = 10
UNKNOWN = " No patient ids: images count as independent, so the interval is too narrow."
NORMALISATIONS = {
    "none": "none",
    "power": "square root, then unit length (the paper has none)",
    "power-rms": "square root, then unit root mean square (the paper has none)",
}


def model_page(card: Card, folder: Path, measured: Sequence[Measured], *, repo: str = "", space: str = "") -> str:
    """The README.md of a model's repository.

    Args:
        card: of the model, checked against its scores (`checked_model`).
        folder: of the model, with ``scores/``.
        measured: what its scores give.
        repo: "owner/name" on the hub, for the example.
        space: "owner/name" of the Space that holds the code.

    Raises:
        TableError: scores with bad rows.
    """
    address = f"{repo or f'OWNER/{card.name}'}@REVISION"
    text = body(card, folder, measured, address=address, space=space)
    return f"---\n{front_matter(card, measured)}\n---\n\n{text}"


def body(card: Card, folder: Path, measured: Sequence[Measured], *, address: str, space: str = "") -> str:
    """The text of the page.

    Args:
        card: of the model.
        folder: of the model.
        measured: what its scores give.
        address: what `LesionPredictor.load` is given in the example.
        space: "owner/name" of the Space that holds the code.
    """
    own = [metric for metric in card.metrics if not is_cross_organ(card, metric, measured)]
    simpler = simpler_models(card, folder)
    sections = (
        f"# {card.title}\n\n**{NOTICE}**\n\n{_intended(card)}",
        f"## At its threshold\n\n{_threshold(card)}{_shift(card, folder)}",
        f"## Figures\n\n{_figures(card, folder, own, simpler)}",
        f"## On the other organ\n\n{_cross_organ(card, folder, measured, simpler)}",
        f"## Beside it: simpler models\n\n{_simpler_models(card, simpler)}",
        f"## Subgroups\n\n{_subgroups(card, folder)}",
        "## Limits\n\n" + "\n".join(f"- {limit}" for limit in card.limits),
        f"## Data\n\n{_data(card)}",
        f"## Use\n\n{_use(card, address, space)}",
        f"## How it was made\n\n{_making(card)}",
        "## Licence and citations\n\n" + f"{card.licence}.\n\n" + "\n".join(f"- {each}" for each in _citations(card)),
    )
    return "\n\n".join(sections) + "\n"


def _intended(card: Card) -> str:
    noun = lesion_noun(card)
    return (
        f"Scores a {noun} that a person has outlined in an ultrasound image ({' and '.join(card.organs)}). "
        f"Class 1 means: {card.target}. {_score(card)} Intended "
        "for research and teaching: to repeat published work, to test statistics, to show what such a network does. "
        "Not for any decision about a person; a score below the threshold does not exclude cancer."
    )


def _score(card: Card) -> str:
    """What the score is made of."""
    if card.outline is None:
        return "The score is a softmax output from 0 to 1, not a probability."
    return (
        "The score, from 0 to 1, is no probability of cancer: it combines the network's softmax output with two "
        "measurements of the border, irregularity and parallelism, and the answer shows both parts."
    )


def _threshold(card: Card) -> str:
    point = card.operating_point
    hits, alarms = point.sensitivity * point.prevalence, (1 - point.specificity) * (1 - point.prevalence)
    missed, cleared = point.prevalence - hits, 1 - point.prevalence - alarms
    lines = [
        f"Threshold {point.threshold:.3f}, chosen for {point.rule} on {point.dataset}. Cross-fitted there: sensitivity "
        f"{point.sensitivity:.3f}, specificity {point.specificity:.3f}. So of 100 images of class 1 about "
        f"{100 * (1 - point.sensitivity):.0f} fall below it, and of 100 others about "
        f"{100 * (1 - point.specificity):.0f} lie above it.",
        f"{100 * point.prevalence:.0f} of 100 images there are of class 1.",
    ]
    if hits + alarms > 0 and missed + cleared > 0:
        lines.append(
            f"At that share {100 * hits / (hits + alarms):.0f} of 100 images above the threshold are, and "
            f"{100 * missed / (missed + cleared):.0f} of 100 below it still are; where fewer lesions are of class 1, "
            "more of what lies above is a false alarm."
        )
    text = " ".join(lines)
    if card.youden:
        other = card.youden
        text += (
            "\n\nThe largest Youden index (sensitivity + specificity - 1) on the same scores lies at "
            f"{other.threshold:.3f}: cross-fitted sensitivity {other.sensitivity:.3f}, specificity "
            f"{other.specificity:.3f}. No call uses it."
        )
    if point.organs:
        text += (
            "\n\nOne threshold serves both organs, and these rates are mostly those of the organ with more images:\n"
        )
        text += "\n| organ | class 1 | sensitivity | specificity | images (class 1) |\n|---|---|---|---|---|\n"
        text += "\n".join(
            f"| {each.organ} | {each.label} | {each.sensitivity:.3f} | {each.specificity:.3f} | "
            f"{each.n:,} ({each.n_malignant:,}) |"
            for each in point.organs
        )
    return text


def _shift(card: Card, folder: Path) -> str:
    """How the model that is served differs from those that taught its threshold, where that was measured."""
    lines = []
    for found in bundled_shifts(folder.parent, card.name):
        shift = summarise_shift(found, card.operating_point.threshold)
        low, high = min(shift.above_folds), max(shift.above_folds)
        change = shift.change
        interval = f" ({signed(change.low)} to {signed(change.high)})" if change.defined else ""
        lines.append(
            f"The threshold was learnt on the scores of {found.folds_of_run or len(found.folds)} fold models; this is "
            f"one model trained on all of their cases. Fold models trained again in the same way"
            f"{f', of {found.partly},' if found.partly else ''} were compared with it on {shift.n:,} images that none "
            f"of them saw ({_shown(card, found.dataset)}, labels unused): its scores differ from the mean of theirs by "
            f"{signed(change.value)}{interval} on average and by "
            f"{shift.distance:.3f} in size (one fold model from the others: {shift.between:.3f}). It puts "
            f"{100 * shift.above:.1f} % of them at or above the threshold, the fold models {100 * low:.1f} to "
            f"{100 * high:.1f} %. {found.reproduction.capitalize()}.{'' if all(found.patients) else UNKNOWN}"
        )
    if not lines and card.operating_point.wanted_sensitivity is not None:
        lines.append("How its scores differ from those of the fold models that taught this threshold was not measured.")
    return "".join(f"\n\n{line}" for line in lines)


def _figures(card: Card, folder: Path, metrics: Sequence[Metric], simpler: Sequence[BesideSimpler]) -> str:
    """One table for each set, protocol and label; a row for each unit."""
    kinds = dict.fromkeys((metric.dataset, metric.protocol, metric.label) for metric in metrics)
    parts = []
    for kind in kinds:
        own = [metric for metric in metrics if (metric.dataset, metric.protocol, metric.label) == kind]
        dataset, protocol, label = kind
        lines = [f"**{dataset}, {protocol}**; class 1: {label}{_opened(card, folder, own[0])}", "", *_table(own)]
        lines += ["", f"- Intervals ({100 * own[0].level:.0f} %): {_told(own, 'method')}."]
        lines += [f"- {_told(own, 'note')}."] if any(metric.note for metric in own) else []
        lines += [f"- {sentence}" for sentence in _outline_alone(card, own[0], simpler)]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) or "None measured."


def _outline_alone(card: Card, metric: Metric, simpler: Sequence[BesideSimpler]) -> Iterator[str]:
    """What the outline alone reaches on the cases of a figure."""
    external = metric.protocol.startswith("external")
    for beside, words in beside_outline(card, simpler):
        same_label = metric.label in beside.targets if len(beside.targets) == 1 else metric.label == card.target
        if beside.external == external and same_set(beside.dataset, metric.dataset) and same_label:
            yield replace(words, fitted_on=fit_shown(beside.fitted_on)).marked()


def _table(metrics: Sequence[Metric]) -> Iterator[str]:
    names = ("AUC", "sensitivity", "specificity")
    yield "| per | AUC | sensitivity | specificity | n (class 1) |"
    yield "|---|---|---|---|---|"
    for unit in dict.fromkeys(metric.unit for metric in metrics):
        own = {metric.name: metric for metric in metrics if metric.unit == unit}
        cells = [f"{own[name].value:.3f} ({_range(own[name])})" if name in own else "undefined" for name in names]
        any_of = next(iter(own.values()))
        yield f"| {unit} | {' | '.join(cells)} | {any_of.n:,} ({any_of.n_malignant:,}) |"


def _told(metrics: Sequence[Metric], field: Literal["method", "note"]) -> str:
    """What figures say of themselves, each saying once, with its figures where it does not hold for all."""
    said: dict[str, dict[str, list[str]]] = {}
    for metric in metrics:
        for words in filter(None, str(getattr(metric, field)).rstrip(".").split("; ")):
            said.setdefault(words, {}).setdefault(metric.unit, []).append(metric.name)
    told = []
    for words, units in said.items():
        each = "; ".join(f"{', '.join(names)} per {unit}" for unit, names in units.items())
        told.append(words if sum(map(len, units.values())) == len(metrics) else f"{words} ({each})")
    return "; ".join(told)


def _range(metric: Metric) -> str:
    return f"{metric.low:.3f}-{metric.high:.3f}"


def _opened(card: Card, folder: Path, metric: Metric) -> str:
    """How often an external set was scored with these weights, from the ledger."""
    if not metric.protocol.startswith("external"):
        return ""
    days = [
        opening.date
        for opening in read_ledger(folder.parent / LEDGER_FILE)
        if opening.weights_sha256 == card.identity
        and same_set(opening.dataset, metric.dataset)
        and opening.target == metric.label
    ]
    if not days:
        return "; the ledger lists no scoring with these weights"
    return f"; scored {'once' if len(days) == 1 else f'{len(days)} times'} with these weights ({', '.join(days)})"


def _cross_organ(card: Card, folder: Path, measured: Sequence[Measured], simpler: Sequence[BesideSimpler]) -> str:
    others = [metric for metric in card.metrics if is_cross_organ(card, metric, measured)]
    if len(card.organs) > 1:
        return "It was trained on both organs; figures and subgroups show each of them."
    if not others:
        return "Not measured: nothing is known of how it does there."
    organs = ", ".join(sorted({organ_of(metric, measured) for metric in others}))
    return f"No image of this organ ({organs}) was in its training.\n\n{_figures(card, folder, others, simpler)}"


def _simpler_models(card: Card, found: Sequence[BesideSimpler]) -> str:
    if not found:
        return "Not measured on the same cases."
    there = {each.reference for each in found}
    folds = "On the same cases, per image; out of fold in the same folds."
    if any(each.external and each.reference in REFERENCES for each in found):
        folds += f" External sets: by one fit of the reference, named in the row, whatever {card.title} learnt from."
    lines = [f"{folds} {' '.join(_references(card, there))}", ""]
    lines += [
        f"| on | reference | its AUC (95 % CI) | AUC of {card.title} (95 % CI) | {card.title} minus reference |",
        "|---|---|---|---|---|",
    ]
    for each in found:
        kind = "external" if each.external else "out of fold"
        if each.external and each.reference in REFERENCES:
            kind += f" (reference fitted on {fit_shown(each.fitted_on) or 'what is not recorded'})"
        where = f"{_shown(card, each.dataset)}, {kind}, n = {each.area.n:,}"
        areas = [f"{area.value:.3f} ({area.low:.3f}-{area.high:.3f})" for area in (each.area, each.own)]
        difference = f"{signed(each.test.value)} ({signed(each.test.low)} to {signed(each.test.high)})"
        lines.append(f"| {where} | {each.reference} | {areas[0]} | {areas[1]} | {difference} |")
    methods = "; ".join(dict.fromkeys(each.test.method for each in found))
    return "\n".join([*lines, "", f"Differences: {methods}; not corrected for their number."])


def _references(card: Card, there: set[str]) -> Iterator[str]:
    """What the simpler models are."""
    if there & set(OUTLINE_ONLY):
        yield (
            f"{SIZE}, {SHAPE}: logistic regressions of the outline's size alone and shape alone (height / width, "
            "circularity), no pixel of the image. A person drew the outline, perhaps knowing more than the image: what "
            "it says is partly that person's."
        )
    if LINEAR in there:
        yield f"{LINEAR}: one linear layer on what the frozen ImageNet trunk makes of the same area of the image."
    if f"{card.name}-{ALONE}" in there:
        yield f"{card.name}-{ALONE}: the network of this model, without the outline's part in the score."
    if f"{card.name}-{OUTLINE}" in there:
        yield f"{card.name}-{OUTLINE}: the outline's part in the score of this model, without its network."


def _subgroups(card: Card, folder: Path) -> str:
    lines = ["| on | subgroup | AUC per image (95 % CI) | n (class 1) |", "|---|---|---|---|"]
    tests = []
    for dataset, found in subgroups(card, folder):
        shown = _shown(card, dataset)
        rows = [row for row in found.rows if min(row.positives, row.n - row.positives) >= LEAST]
        if len(rows) < 2:
            continue
        lines += [
            f"| {shown} | {title_of(found.attribute)}: {row.level} | {row.estimate.value:.3f} "
            f"({row.estimate.low:.3f}-{row.estimate.high:.3f}) | {row.n:,} ({row.positives:,}) |"
            for row in rows
        ]
        test = replace(found.test, name="largest difference of AUC")
        tests.append(f"- {shown}, {title_of(found.attribute)}: {test.sentence()}")
    if not tests:
        return "Nothing is known of the cases by which they could be divided."
    small = f"Subgroups with fewer than {LEAST} images of a class are left out. Nothing is corrected for their number."
    return "\n".join(lines) + "\n\n" + "\n".join(tests) + f"\n\n{small}"


def _data(card: Card) -> str:
    lines = [
        "| trained on | organ | label | cases | patients | benign / malignant | terms |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.dataset} | {each.organ} | {each.label_source} | {each.images:,} | {each.patients:,} | "
        f"{each.benign:,} / {each.malignant:,} | {each.licence} |"
        for each in card.training
    ]
    lines += [
        f"| {each.dataset}, only learnt from | {each.organ} | {each.labelled} | {each.images:,} | {each.patients:,} | "
        f"{each.benign:,} / {each.malignant:,} | {each.licence} |"
        for each in card.further
    ]
    return "\n".join(lines)


def _use(card: Card, address: str, space: str) -> str:
    code = f"[this project](https://huggingface.co/spaces/{space}/tree/main)" if space else "this project"
    pinned = " (REVISION is a commit or tag of this repository)" if address.endswith("@REVISION") else ""
    return (
        f"With the code of {code}{pinned}:\n\n"
        "```python\n"
        "from lesion_core.imaging.read import read_image\n"
        "from lesion_core.model.predictor import LesionPredictor\n\n"
        f'predictor = LesionPredictor.load("{address}")\n'
        'image = read_image("scan.png")\n'
        "print(predictor.predict(image.pixels, [(120, 80), (240, 85), (230, 190), (125, 185)]).sentence)\n"
        "```\n\n"
        f"Input: {card.input.rule} box around the border with {100 * card.input.margin:.0f} % margin, 224 × 224. "
        f"The weights' SHA-256 begins with {card.weights_sha256[:12]}, the version (weights and "
        f"outline together) is {card.version}; card and weights are checked on every load."
    )


def _making(card: Card) -> str:
    arch = card.architecture
    ranks = (
        "full fc6 and fc7"
        if arch.ranks is None
        else f"fc6 and fc7 as products of rank {arch.ranks[0]} and {arch.ranks[1]}"
    )
    commands = "\n".join(card.commands)
    return (
        f"VGG-19, {ranks}, normalisation before fc6: {NORMALISATIONS[arch.normalisation]}. First weights: "
        f"{arch.initialisation}. Trained: {arch.trained}. Stored: {arch.storage}. Seed {card.seed}, {card.created}, "
        f"code {card.code_version}.\n\n{_outline_part(card)}{_smaller(card)}"
        f"```\n{commands}\n```"
    )


def _outline_part(card: Card) -> str:
    part = card.outline
    if part is None:
        return ""
    first, second = part.coefficients
    return (
        f"The outline enters the score: log odds = {part.intercept:.3f} + {part.network:.3f} × those of the network's "
        f"score + {first:.3f} × irregularity + {second:.3f} × parallelism, learnt on {part.learnt_on} "
        f"(n = {part.n:,}).\n\n"
    )


def _smaller(card: Card) -> str:
    if card.compression is None:
        return ""
    alone = "" if card.outline is None else ", the network alone (without the outline's part in the score)"
    lines = [f"Made smaller: {card.compression.method}. Beside its parent{alone}:", ""]
    lines += [f"- {change.sentence}" for change in card.compression.changes]
    return "\n".join(lines) + "\n\n"


def _citations(card: Card) -> Iterator[str]:
    yield from dict.fromkeys([*card.citations, *(each.citation for each in card.learnt_from)])


def _shown(card: Card, dataset: str) -> str:
    """A data set as the card writes it, or would write it."""
    named = (*(metric.dataset for metric in card.metrics), *(data.dataset for data in card.training))
    return next((name for name in named if same_set(name, dataset)), fit_shown(dataset))
