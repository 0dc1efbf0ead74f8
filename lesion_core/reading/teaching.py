"""What is revealed after an answer in teaching, and how the learner does so far.

What is revealed is called what it is: histopathology is proof, one reader's grade is a grade and never the truth, a
phantom is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lesion_core.cases.geometry import geometry_of
from lesion_core.reading.drawn import dice
from lesion_core.reading.shown import model_sentence
from lesion_core.reading.store import Store
from lesion_core.reading.stored import Calls, Sitting, Stored
from lesion_core.reading.study import Item, Study, groups_of
from lesion_core.records import Border, Point
from lesion_core.stats.estimate import Estimate, percent
from lesion_core.stats.proportions import proportion_interval

WORDS = ("benign", "malignant")
#: Label sources that are themselves a category: the recorded category is no second opinion there.
GRADED = ("tirads", "birads")


@dataclass(frozen=True)
class Reveal:
    """What is shown after an answer.

    Attributes:
        label: the label in words, with what it rests on.
        agrees: whether the call agrees with it; None where the case was not assessed.
        verdict: that in words.
        borders: of each view, image pixels; empty where there is none.
        drawn: how far the reader's own border overlaps the recorded one, in words; empty where one is missing.
        shape: height to width and circularity of the recorded border, in words; empty where there is none.
        model: what the model said, in words; empty where there is none.
        recorded: the category that came with the case, in words; empty where none did.
        readers: what others said of it so far, in words; empty where nobody read it.
        score: the running score, one sentence per line.
    """

    label: str
    agrees: bool | None
    verdict: str
    borders: tuple[tuple[Point, ...], ...]
    drawn: str
    shape: str
    model: str
    recorded: str
    readers: str
    score: tuple[str, ...]


@dataclass(frozen=True)
class Learner:
    """One line of a class result.

    Attributes:
        reader: name.
        right: calls that agree with the labels, with Wilson's interval, clustered by unit.
        not_assessed: cases that the reader could not assess.
        total: cases to read.
        median_s: median seconds per case; NaN before the first.
    """

    reader: str
    right: Estimate
    not_assessed: int
    total: int
    median_s: float


def reveal(store: Store, sitting: Sitting, position: int) -> Reveal:
    """What a learner sees once the answer at a place is stored.

    Args:
        store: studies and answers.
        sitting: of the learner.
        position: of the answer.
    """
    study = store.study(sitting.study_id)
    own = store.answers(sitting.study_id, reader_id=sitting.reader_id)
    others = store.calls_of_others(sitting.study_id, sitting.reader_id)
    given = next(each for each in own if each.answer.position == position)
    item = study.items[given.item]
    agrees = None if given.answer.call is None else given.answer.call == item.label
    return Reveal(
        label=label_words(item),
        agrees=agrees,
        verdict=_verdict(item, agrees),
        borders=tuple(view.border for view in item.views),
        drawn=_drawn_in_words(given, item),
        shape=_shape_in_words(item),
        model="" if item.score is None else model_sentence(study, item.score),
        recorded=f"{item.rads_system}: {item.rads}, one reader's category." if item.rads else "",
        readers=_others_in_words(others.get(given.item)),
        score=_running(study, own, others),
    )


def label_words(item: Item) -> str:
    """A label with what it rests on, e.g. "malignant (histopathology)"."""
    word = WORDS[item.label]
    if item.label_source == "phantom":
        return f"a phantom drawn as {word} (synthetic, no patient)"
    if item.label_source in ("histopathology", "cytology", "follow-up"):
        return f"{word} ({item.label_source})"
    if item.label_source in ("tirads", "birads"):
        system = "TI-RADS" if item.label_source == "tirads" else "BI-RADS"
        met = "met" if item.label else "not met"
        return f"{item.target}: {met} ({system} grade of one reader, no histology)"
    source = "its folder's name" if item.label_source == "folder" else "the data set"
    return f"{item.target}: {'yes' if item.label else 'no'} (by {source}, proof not stated)"


def class_result(store: Store, study_id: str) -> tuple[Learner, ...]:
    """How each learner did, in the order of the names: no ranking."""
    study, answers = store.study(study_id), store.answers(study_id)
    lines = []
    for progress in sorted(store.progress(study_id), key=lambda each: each.reader.casefold()):
        own = [each for each in answers if each.reader == progress.reader and not each.repeat]
        seconds = sorted(each.answer.seconds for each in own if each.answer.seconds)
        middle = (seconds[(len(seconds) - 1) // 2] + seconds[len(seconds) // 2]) / 2 if seconds else float("nan")
        unassessed = sum(not each.answer.assessed for each in own)
        lines.append(Learner(progress.reader, _right(study, own), unassessed, progress.total, middle))
    return tuple(lines)


def _verdict(item: Item, agrees: bool | None) -> str:
    if agrees is None:
        return "You did not assess this case."
    graded = item.label_source not in ("histopathology", "cytology", "follow-up", "phantom")
    against = "the label" if graded else "it"
    return f"Your call {'agrees' if agrees else 'does not agree'} with {against}."


def _drawn_in_words(given: Stored, item: Item) -> str:
    overlap = dice(given.answer.border, item.views[0])
    return "" if overlap is None else f"Your border and the recorded one: Dice {overlap:.2f} (1 would be the same)."


def _shape_in_words(item: Item) -> str:
    """Of the first view that has a border, in image axes: the beam is vertical."""
    outline = next((view.border for view in item.views if len(view.border) > 2), ())
    if not outline:
        return ""
    shape = geometry_of(Border(outline))
    ratio, roundness = shape.height_to_width, shape.circularity
    wide = "taller than wide" if ratio > 1 else "not taller than wide"
    return f"Recorded border: height to width {ratio:.2f} ({wide}), circularity {roundness:.2f} (a circle has 1)."


def _others_in_words(calls: Calls | None) -> str:
    return "" if calls is None else f"{calls.malignant} of {_people(calls.count)} so far called it malignant."


def _people(count: int) -> str:
    return f"{count} other reader{'' if count == 1 else 's'}"


def _running(study: Study, own: Sequence[Stored], others: Mapping[int, Calls]) -> tuple[str, ...]:
    """The learner, the model, the recorded category and the other readers on the cases that the learner assessed."""
    called = [each for each in own if each.answer.call is not None and not each.repeat]
    lines = [_line("You", _right(study, called))]
    seen = {each.item for each in called}
    scored = [study.items[item] for item in seen if study.items[item].score is not None]
    if study.model is not None and scored:
        threshold = study.model.threshold
        hits = [((item.score or 0.0) >= threshold) == (item.label == 1) for item in scored]
        lines.append(_line(f"{study.model.name} at its threshold", _share(scored, hits, "agreement")))
    graded = [
        item
        for item in (study.items[each] for each in seen)
        if item.rads[:1] not in ("", "0", "6") and item.label_source not in GRADED
    ]
    if graded:
        hits = [(item.rads[:1] >= "4") == (item.label == 1) for item in graded]
        right = _share(graded, hits, "agreement")
        lines.append(_line("The recorded category, called malignant from 4 on", right))
    counted = {item: others[item] for item in seen if item in others}
    if counted:
        calls = sum(each.count for each in counted.values())
        agreeing = sum(
            each.malignant if study.items[item].label == 1 else each.count - each.malignant
            for item, each in counted.items()
        )
        lines.append(
            f"Other readers on the same cases: {100 * agreeing / calls:.0f} % of {calls} calls"
            " (no interval: the calls of a reader are not independent)."
        )
    return tuple(lines)


def _line(who: str, right: Estimate) -> str:
    if not right.defined:
        return f"{who}: nothing called yet."
    hits = round(right.value * right.n)
    ends = f"{100 * right.low:.0f} to {100 * right.high:.0f} %"
    return (
        f"{who}: {hits} of {right.n} calls agree with the labels, {100 * right.value:.0f} % "
        f"({percent(right.level)} CI {ends}, {right.method})."
    )


def _right(study: Study, answers: Sequence[Stored]) -> Estimate:
    called = [(study.items[each.item], each.answer.call) for each in answers if each.answer.call is not None]
    items = [item for item, _ in called]
    return _share(items, [call == item.label for item, call in called], "calls that agree with the labels")


def _share(items: Sequence[Item], hits: Sequence[bool], name: str) -> Estimate:
    """Share of hits among items, of which several may be of one patient."""
    return proportion_interval(hits, groups=groups_of([item.counted_as for item in items]), name=name)
