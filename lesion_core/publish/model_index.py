"""The front matter of a model's page on the hub, with one `model-index` result for each figure of the card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lesion_core.model.card import Card, Metric
from lesion_core.publish.measured import Measured, measured_of

TASK = "image-classification"
#: What a metric of a card is called on the hub.
METRICS = {"AUC": "roc_auc", "sensitivity": "recall", "specificity": "specificity"}
TAGS = ("medical-imaging", "ultrasound", "breast", "thyroid", "vgg19", "research-only")
LIBRARY = "safetensors"
#: Licences that the hub knows by these names; any other is "other", with its words.
LICENCES = ("apache-2.0", "mit", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0")
#: What is looked at in each organ.
NOUNS = {"breast": "mass", "thyroid": "nodule"}


def front_matter(card: Card, measured: Sequence[Measured]) -> str:
    """The YAML of the page.

    Args:
        card: of the model.
        measured: what its scores give; they know the organ of each set.
    """
    from huggingface_hub import EvalResult, ModelCardData

    results = [
        EvalResult(
            task_type=TASK,
            task_name=f"{NOUNS.get(organ_of(metric, measured), 'lesion')} in ultrasound: {metric.label}",
            dataset_type=_slug(metric.dataset),
            dataset_name=metric.dataset,
            dataset_config=f"{metric.protocol}; {metric.label}",  # one set may be scored under several label rules
            dataset_split=_split(card, metric, measured),
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
        library_name=LIBRARY,
        pipeline_tag=TASK,
        tags=[tag for tag in TAGS if tag not in NOUNS or tag in card.organs],
        metrics=list(dict.fromkeys(METRICS[metric.name] for metric in card.metrics)),
        eval_results=results,
        **_licence(card),  # type: ignore[arg-type]  # text under two names
    )
    return str(data.to_yaml())


def organ_of(metric: Metric, measured: Sequence[Measured]) -> str:
    """The organ that a figure of a card was measured in; "" where no scores say so, several joined by commas."""
    return next((each.organ for each in measured_of(metric, measured)), "")


def is_cross_organ(card: Card, metric: Metric, measured: Sequence[Measured]) -> bool:
    """Whether a figure was measured in an organ that the model was not trained on."""
    organ = organ_of(metric, measured)
    return bool(organ) and not set(organ.split(", ")) & set(card.organs)


def _split(card: Card, metric: Metric, measured: Sequence[Measured]) -> str:
    if not metric.protocol.startswith("external"):
        return "out of fold"
    return "external, other organ" if is_cross_organ(card, metric, measured) else "external"


def _licence(card: Card) -> dict[str, str]:
    """What the card's licence, which begins with a name, is on the hub."""
    name = re.split(r"[\s;,]", card.licence.strip(), maxsplit=1)[0].lower()
    return {"license": name} if name in LICENCES else {"license": "other", "license_name": card.licence}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
