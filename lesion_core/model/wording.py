"""A score in words, as the target of the model allows them. No torch in here."""

from __future__ import annotations

from typing import Literal

from lesion_core.model.card import Card, OrganRates


def call_of(score: float, card: Card) -> Literal["above", "below"]:
    """Whether a score reaches the card's threshold."""
    return "above" if score >= card.operating_point.threshold else "below"


def sentence_of(score: float, card: Card) -> str:
    """The answer in one sentence: the score, its threshold, what the threshold means, and what it does not say."""
    point = card.operating_point
    misses = ", ".join(f"{each.organ}: {_one_in(1 - each.sensitivity)}" for each in point.organs)
    misses = misses or _one_in(1 - point.sensitivity)
    shown, limit = told_apart(score, point.threshold)
    where = f"the threshold {limit} ({point.rule} on {point.dataset}; {misses})"
    if call_of(score, card) == "above":
        return f"Score {shown}, above {where}: {_finding(card)}."
    return f"Score {shown}, below {where}: this does not exclude cancer."


def lesion_noun(card: Card) -> str:
    """Masses are in the breast, nodules in the thyroid; a model of both sees lesions."""
    if card.organs == ("breast",):
        return "mass"
    return "nodule" if card.organs == ("thyroid",) else "lesion"


def told_apart(score: float, threshold: float) -> tuple[str, str]:
    """Both to two decimals, to up to six where they differ and would look alike."""
    for decimals in range(2, 7):
        shown, limit = f"{score:.{decimals}f}", f"{threshold:.{decimals}f}"
        if shown != limit:
            return shown, limit
    return f"{score:.2f}", f"{threshold:.2f}"


def _finding(card: Card) -> str:
    """What "above" is worth: how often it is said of those it is meant for, and of the others."""
    point, noun = card.operating_point, "masses" if lesion_noun(card) == "mass" else f"{lesion_noun(card)}s"
    if point.organs:  # one rate over both would be that of the organ with more lesions
        return f"so are {'; '.join(map(_in_organ, point.organs))}"
    hits, alarms = f"{100 * point.sensitivity:.0f} of 100", f"{100 * (1 - point.specificity):.0f} of 100"
    if card.target == "histology malignant":
        return f"so are about {hits} malignant {noun} there, and {alarms} others"
    if card.target == "TI-RADS 4 or higher":
        return f"suspicious by TI-RADS, as are about {hits} {noun} of grade 4 or higher there, and {alarms} others"
    return f"so are about {hits} malignant or suspicious {noun} there, and {alarms} others"


def _in_organ(rates: OrganRates) -> str:
    nouns = {"breast": "masses", "thyroid": "nodules"}[rates.organ]
    kinds = {"histology malignant": f"malignant {nouns}", "TI-RADS 4 or higher": f"{nouns} of TI-RADS 4 or higher"}
    kind = kinds.get(rates.label, f"{nouns} of class 1 ({rates.label})")
    return (
        f"in the {rates.organ} about {100 * rates.sensitivity:.0f} of 100 {kind} there, and "
        f"{100 * (1 - rates.specificity):.0f} of 100 others"
    )


def _one_in(share: float) -> str:
    if share <= 0:
        return "missed none there"
    if share > 1 / 3:
        return f"misses about {100 * share:.0f} % there"
    return f"misses about 1 in {round(1 / share)} there"
