"""A model's page on the hub: front matter with `model-index`, and a text a reader can judge the model by.

Everything is made from ``card.json`` and the scores beside it; nothing is typed by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lesion_core.model.card import Card, Metric
from lesion_core.model.wording import lesion_noun
from lesion_core.notice import NOTICE
from lesion_core.publish.measured import Measured, check_metrics, measure, same_set, subgroups
from lesion_core.results.review.attributes import title_of

#: A subgroup with fewer images of a class than this is not shown.
LEAST = 10
TASK = "image-classification"
#: What a metric of a card is called on the hub.
METRICS = {"AUC": "roc_auc", "sensitivity": "recall", "specificity": "specificity"}
TAGS = ("medical-imaging", "ultrasound", "breast", "thyroid", "vgg19", "research-only")
LIBRARY = "safetensors"


def model_page(card: Card, folder: Path, *, repo: str = "") -> str:
    """The README.md of a model's repository.

    Args:
        card: of the model.
        folder: of the model, with ``scores/``.
        repo: "owner/name" on the hub, for the example.

    Raises:
        PublishError: figures of the card that its scores do not give.
        TableError: scores with bad rows.
    """
    measured = measure(card, folder)
    check_metrics(card, measured)
    return f"---\n{front_matter(card)}\n---\n\n{body(card, folder, measured, repo=repo)}"


def front_matter(card: Card) -> str:
    """The YAML of the page, with one `model-index` result for each figure of the card."""
    from huggingface_hub import EvalResult, ModelCardData

    results = [
        EvalResult(
            task_type=TASK,
            task_name=f"{lesion_noun(card)} in ultrasound: {metric.label}",
            dataset_type=_slug(metric.dataset),
            dataset_name=metric.dataset,
            dataset_config=metric.protocol,
            dataset_split="external" if metric.protocol.startswith("external") else "out of fold",
            metric_type=METRICS[metric.name],
            metric_name=f"{metric.name} per {metric.unit}",
            metric_value=metric.value,
            metric_args={
                "interval": [metric.low, metric.high],
                "level": metric.level,
                "method": metric.method,
                "n": metric.n,
                "n_positive": metric.n_malignant,
                "label": metric.label,
            },
        )
        for metric in card.metrics
    ]
    data = ModelCardData(
        model_name=card.title,
        license="apache-2.0",
        library_name=LIBRARY,
        pipeline_tag=TASK,
        tags=[tag for tag in TAGS if tag not in ("breast", "thyroid") or tag in card.organs],
        metrics=list(dict.fromkeys(METRICS[metric.name] for metric in card.metrics)),
        eval_results=results,
    )
    return str(data.to_yaml())


def body(card: Card, folder: Path, measured: Sequence[Measured], *, repo: str = "") -> str:
    """The text of the page."""
    sections = (
        f"# {card.title}\n\n**{NOTICE}**\n\n{_intended(card)}",
        f"## Use\n\n{_use(card, repo)}",
        f"## Data\n\n{_data(card)}",
        f"## Figures\n\n{_figures(card.metrics)}",
        f"## On the other organ\n\n{_cross_organ(card, measured)}",
        f"## Subgroups\n\n{_subgroups(card, folder)}",
        "## Limits\n\n" + "\n".join(f"- {limit}" for limit in card.limits),
        f"## How it was made\n\n{_making(card)}",
        "## Licence and citations\n\n" + f"{card.licence}.\n\n" + "\n".join(f"- {each}" for each in _citations(card)),
    )
    return "\n\n".join(sections) + "\n"


def _intended(card: Card) -> str:
    noun = lesion_noun(card)
    return (
        f"Scores a {noun} that a person has outlined in an ultrasound image ({' and '.join(card.organs)}). "
        f"Class 1 means: {card.target}. The score is a softmax output from 0 to 1, not a probability. Intended "
        "for research and teaching: to repeat published work, to test statistics, to show what such a network does. "
        "Not for any decision about a person; a score below the threshold does not exclude cancer."
    )


def _use(card: Card, repo: str) -> str:
    name = f"{repo or f'OWNER/{card.name}'}@REVISION"
    point = card.operating_point
    return (
        "With the code of this project (REVISION is a commit of this repository):\n\n"
        "```python\n"
        "from lesion_core.imaging.read import read_image\n"
        "from lesion_core.model.predictor import LesionPredictor\n\n"
        f'predictor = LesionPredictor.load("{name}")\n'
        'image = read_image("scan.png")\n'
        "print(predictor.predict(image.pixels, [(120, 80), (240, 85), (230, 190), (125, 185)]).sentence)\n"
        "```\n\n"
        f"Input: {card.input.rule} box around the border with {100 * card.input.margin:.0f} % margin, 224 × 224. "
        f"Threshold {point.threshold:.3f}: {point.rule} on {point.dataset}; cross-fitted sensitivity "
        f"{point.sensitivity:.3f}, specificity {point.specificity:.3f}. The weights' SHA-256 begins with "
        f"{card.version}; card and weights are checked on every load."
    )


def _data(card: Card) -> str:
    lines = [
        "| trained on | organ | label | images | patients | benign / malignant | terms |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.dataset} | {each.organ} | {each.label_source} | {each.images:,} | {each.patients:,} | "
        f"{each.benign:,} / {each.malignant:,} | {each.licence} |"
        for each in card.training
    ]
    return "\n".join(lines)


def _figures(metrics: Sequence[Metric]) -> str:
    lines = [
        "| figure | on | label | unit | value (95 % CI) | n (positive) | interval |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {m.name} | {m.dataset}, {m.protocol} | {m.label} | {m.unit} | {m.value:.3f} ({m.low:.3f}-{m.high:.3f}) | "
        f"{m.n:,} ({m.n_malignant:,}) | {m.method} |"
        for m in metrics
    ]
    notes = dict.fromkeys(f"- {m.dataset}: {m.note}" for m in metrics if m.note)
    return "\n".join(lines) + ("\n\n" + "\n".join(notes) if notes else "")


def _cross_organ(card: Card, measured: Sequence[Measured]) -> str:
    lines = [
        f"- {each.dataset} ({each.organ}), per {figure.unit}: {figure.auc.sentence()}"
        for each in measured
        if each.organ and each.organ not in card.organs
        for figure in each.figures
    ]
    return "\n".join(lines) if lines else "Not measured: nothing is known of how it does there."


def _subgroups(card: Card, folder: Path) -> str:
    lines = ["| on | subgroup | AUC per image (95 % CI) | n (positive) |", "|---|---|---|---|"]
    tests = []
    for dataset, found in subgroups(card, folder):
        shown = next((each.dataset for each in card.metrics if same_set(each.dataset, dataset)), dataset)
        rows = [row for row in found.rows if min(row.positives, row.n - row.positives) >= LEAST]
        if len(rows) < 2:
            continue
        lines += [
            f"| {shown} | {title_of(found.attribute)}: {row.level} | {row.estimate.value:.3f} "
            f"({row.estimate.low:.3f}-{row.estimate.high:.3f}) | {row.n:,} ({row.positives:,}) |"
            for row in rows
        ]
        tests.append(f"- {shown}, {title_of(found.attribute)}: {found.test.sentence()}")
    if not tests:
        return "Nothing is known of the cases by which they could be divided."
    small = f"Subgroups with fewer than {LEAST} images of a class are left out. Nothing is corrected for their number."
    return "\n".join(lines) + "\n\n" + "\n".join(tests) + f"\n\n{small}"


def _making(card: Card) -> str:
    arch = card.architecture
    ranks = (
        "full fc6 and fc7"
        if arch.ranks is None
        else f"fc6 and fc7 as products of rank {arch.ranks[0]} and {arch.ranks[1]}"
    )
    commands = "\n".join(card.commands)
    return (
        f"VGG-19, {ranks}, normalisation before fc6: {arch.normalisation}. First weights: {arch.initialisation}. "
        f"Trained: {arch.trained}. Stored: {arch.storage}. Seed {card.seed}, {card.created}, "
        f"code {card.code_version}.\n\n"
        f"```\n{commands}\n```"
    )


def _citations(card: Card) -> Iterator[str]:
    yield from dict.fromkeys([*card.citations, *(each.citation for each in card.training)])


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
