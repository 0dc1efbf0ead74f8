"""What a reader's browser may know, and nothing else.

Every record here is written out field by field, so that a label, a score, a border or a file name cannot slip through
with a new field of `study`. Which lesion a step shows is the step's place in the reader's own order.
"""

from __future__ import annotations

from dataclasses import dataclass

from lesion_core.notice import NOTICE
from lesion_core.reading.answer import Answer
from lesion_core.reading.order import Step
from lesion_core.reading.place import Place, nearest_correctable
from lesion_core.reading.study import ACTIONS, Study
from lesion_core.reading.systems import SYSTEMS
from lesion_core.records import Point


@dataclass(frozen=True)
class ShownDescriptor:
    """A descriptor to choose from, as in `systems.Descriptor`."""

    name: str
    options: tuple[str, ...]
    points: tuple[int, ...]
    several: bool


@dataclass(frozen=True)
class ShownStudy:
    """The rules as a reader sees them; fields as in `Study` and `Question`.

    Attributes:
        marks: what is said of burned-in marks; empty when none were found.
        categories: (as recorded, meaning) of the asked system.
        levels: least sum of points of each category, where the system adds them.
    """

    title: str
    purpose: str
    design: str
    ethics: str
    notice: str
    marks: str
    time_limit_s: float | None
    come_back: str
    call: bool
    suspicion: bool
    system: str
    categories: tuple[tuple[str, str], ...]
    descriptors: tuple[ShownDescriptor, ...]
    levels: tuple[int, ...]
    actions: tuple[str, ...]
    border: bool


@dataclass(frozen=True)
class ShownView:
    """One image: its size in pixels, its plane and its scale, where they are known."""

    height: int
    width: int
    plane: str
    mm_per_px: float | None


@dataclass(frozen=True)
class Aid:
    """What the aided arm shows of the model."""

    model: str
    score: float
    threshold: float
    call: str
    sentence: str


@dataclass(frozen=True)
class Before:
    """The reader's own earlier answer: the one being corrected, or the unaided one that an aided one starts from.

    Attributes:
        seconds: spent on this very step already; counts against a time limit.
        border: image pixels of the first view.
    """

    assessed: bool
    call: int | None
    suspicion: float | None
    rating: str
    action: str
    descriptors: dict[str, tuple[str, ...]]
    border: tuple[Point, ...]
    seconds: float


@dataclass(frozen=True)
class ShownStep:
    """One step of a reader.

    Attributes:
        position: in the reader's order, from 0.
        revision: 0, or the number of the correction being made.
        arm: "unaided" or "aided".
        opens_block: whether a break is offered before it.
        views: the images, side by side.
        undo: position of the answer that may be taken back from here; -1 for none.
        aid: the model's answer in the aided arm, else None.
        before: the reader's own answer that is being corrected or, in the aided arm of a sequential study, was just
            given unaided; else None.
    """

    position: int
    revision: int
    arm: str
    opens_block: bool
    views: tuple[ShownView, ...]
    undo: int
    aid: Aid | None = None
    before: Before | None = None


@dataclass(frozen=True)
class ShownPlace:
    """Where the reader stands.

    Attributes:
        state: "read", "wait" or "done".
        answered: steps answered.
        total: all steps.
        until: end of a washout, ISO 8601; empty otherwise.
        undo: position of the answer that may be taken back; -1 for none.
        step: the next step, None unless the state is "read".
    """

    state: str
    answered: int
    total: int
    until: str
    undo: int
    step: ShownStep | None


def shown_study(study: Study) -> ShownStudy:
    """The rules of a study for its readers."""
    asked, system = study.question, SYSTEMS.get(study.question.system)
    return ShownStudy(
        title=study.title,
        purpose=study.purpose,
        design=study.design,
        ethics=study.ethics,
        notice=NOTICE,
        marks=_marks(study),
        time_limit_s=study.time_limit_s,
        come_back=study.come_back if study.purpose == "study" else "no",
        call=asked.call,
        suspicion=asked.suspicion,
        system=system.title if system else "",
        categories=tuple(zip(system.categories, system.meanings, strict=True)) if system else (),
        descriptors=tuple(ShownDescriptor(d.name, d.options, d.points, d.several) for d in system.descriptors)
        if system and asked.descriptors
        else (),
        levels=system.levels if system else (),
        actions=ACTIONS if asked.action else (),
        border=asked.border,
    )


def shown_place(study: Study, steps: tuple[Step, ...], place: Place, *, unaided: Answer | None = None) -> ShownPlace:
    """Where a reader stands, with the next step; `unaided` as in `shown_step`."""
    return ShownPlace(
        state=place.state,
        answered=place.answered,
        total=place.total,
        until=place.until.isoformat(timespec="minutes") if place.until else "",
        undo=nearest_correctable(study, steps, place.answered, before=place.answered),
        step=shown_step(study, steps, place.answered, answered=place.answered, unaided=unaided)
        if place.state == "read"
        else None,
    )


def shown_step(
    study: Study,
    steps: tuple[Step, ...],
    position: int,
    *,
    answered: int,
    earlier: Answer | None = None,
    unaided: Answer | None = None,
) -> ShownStep:
    """A step, with the reader's own answer that it starts from.

    Args:
        study: the study.
        steps: of the reader.
        position: of the step.
        answered: how many steps are answered.
        earlier: the answer at this place that is to be corrected.
        unaided: the locked answer before an aided one.
    """
    step = steps[position]
    before = _before(earlier, earlier.seconds) if earlier else _before(unaided, 0.0) if unaided else None
    return ShownStep(
        position=position,
        revision=earlier.revision + 1 if earlier else 0,
        arm=step.arm,
        opens_block=position > 0 and steps[position - 1].block != step.block,
        views=tuple(
            ShownView(view.size[0], view.size[1], view.plane, view.mm_per_px) for view in study.items[step.item].views
        ),
        undo=nearest_correctable(study, steps, answered, before=position),
        aid=_aid(study, step) if step.arm == "aided" else None,
        before=before,
    )


def model_sentence(study: Study, score: float) -> str:
    """What the study's model says of a score, in the words its target allows."""
    model = study.model
    if model is None:
        return ""
    if score >= model.threshold:
        return f"Score {score:.2f}, above the threshold {model.threshold:.2f} ({model.target})."
    return f"Score {score:.2f}, below the threshold {model.threshold:.2f}: this does not exclude cancer."


def _before(answer: Answer, seconds: float) -> Before:
    return Before(
        assessed=answer.assessed,
        call=answer.call,
        suspicion=answer.suspicion,
        rating=answer.rating,
        action=answer.action,
        descriptors=dict(answer.descriptors),
        border=answer.border,
        seconds=seconds,
    )


def _aid(study: Study, step: Step) -> Aid | None:
    score, model = study.items[step.item].score, study.model
    if score is None or model is None:
        return None
    call = "above" if score >= model.threshold else "below"
    return Aid(model.name, score, model.threshold, call, model_sentence(study, score))


def _marks(study: Study) -> str:
    return {
        "none found": "",
        "declared": "Some images carry marks that were burned in by whoever made them, such as calipers.",
        "masked": "Marks that were burned into the images are painted over in black.",
        "masked in part": "Marks that were burned into the images are painted over in black as far as they were found; "
        "some may be left.",
    }[study.marks]
