"""The study: what is read, by whom, what is asked, and under which rules. One file that can be shared.

A study is frozen when it is set up; answers never change it. Labels and scores are part of it and stay on the server:
what a reader may see of it is `shown.py`. Label 1 means what the item's `target` says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from lesion_core.errors import TableError
from lesion_core.reading.systems import SYSTEMS
from lesion_core.records import Point

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = 1
Arm = Literal["unaided", "aided"]
Marks = Literal["none found", "declared", "masked", "masked in part"]
#: What may be recommended, from least to most.
ACTIONS = ("routine", "follow-up", "biopsy")
MOST_ITEMS, MOST_VIEWS, MOST_READERS = 2000, 4, 500
#: Shorter than this, a reader remembers the cases of the first period.
LEAST_WASHOUT_DAYS = 28


class _NothingElse:
    """A record that refuses fields it does not know when it is read from a file."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True)
class Question(_NothingElse):
    """What is asked about every lesion; "cannot assess" is always possible.

    Attributes:
        call: benign or malignant.
        suspicion: 0-100.
        system: a name of `systems.SYSTEMS`; empty for none.
        descriptors: whether the descriptors of that system are asked too.
        action: one of `ACTIONS`.
        border: whether the reader draws the border.
    """

    call: bool = True
    suspicion: bool = False
    system: str = ""
    descriptors: bool = False
    action: bool = False
    border: bool = False


@dataclass(frozen=True)
class View(_NothingElse):
    """One image of a lesion.

    Attributes:
        case_id: its row of cases.csv.
        size: (height, width) in pixels, of the PNG; borders and boxes are in its pixels too.
        sha256: of the PNG in the study file, 64 hex digits.
        plane: as in cases.csv; empty where unknown.
        mm_per_px: for the depth scale; None where unknown.
        border: of the lesion; empty where unknown. Never shown before the answer.
        masked: (left, top, width, height) of what was painted over.
        calipers: how many burned-in calipers were found before masking, at least.
    """

    case_id: str
    size: tuple[int, int]
    sha256: str
    plane: str = ""
    mm_per_px: float | None = None
    border: tuple[Point, ...] = ()
    masked: tuple[tuple[int, int, int, int], ...] = ()
    calipers: int = 0


@dataclass(frozen=True)
class Item(_NothingElse):
    """What is read at once: a lesion with its views, side by side.

    Attributes:
        item_id: its lesion_id, or its case_id where there is none.
        views: one to four.
        label: 1 when the target is met.
        target: what label 1 means.
        label_source: where the label comes from, as in cases.csv.
        organ: "breast" or "thyroid".
        unit: what it is counted by, its patient where known.
        score: the model's, mean of the views, 0-1; None where there is none.
        rads_system: reading system and edition of `rads`, as in cases.csv.
        rads: the category that came with the case, the most suspicious of its views; never shown before the answer.
    """

    item_id: str
    views: tuple[View, ...]
    label: Literal[0, 1]
    target: str
    label_source: str = ""
    organ: str = ""
    unit: str = ""
    score: float | None = None
    rads_system: str = ""
    rads: str = ""

    @property
    def counted_as(self) -> str:
        """Its unit; the item itself where none is known."""
        return self.unit or self.item_id


@dataclass(frozen=True)
class Model(_NothingElse):
    """Whose scores the study holds.

    Attributes:
        name: e.g. "bnet".
        run: of the score table.
        threshold: scores at or above it are called "above", 0-1.
        target: what its class 1 means.
    """

    name: str
    threshold: float
    target: str
    run: str = ""


@dataclass(frozen=True)
class Order(_NothingElse):
    """How the cases are put in order for each reader.

    Attributes:
        seed: of the study; each reader's order follows from it and the reader's name.
        block_size: cases between two breaks, the classes spread evenly over the blocks; 0 for no blocks.
        repeats: how many cases are read twice, for intra-reader agreement; left out of the primary analysis.
    """

    seed: int = 0
    block_size: int = 0
    repeats: int = 0


@dataclass(frozen=True)
class Study(_NothingElse):
    """An observer study.

    Attributes:
        title: for readers; it must not tell anything about the cases.
        items: what is read.
        question: what is asked.
        purpose: "study" (blinded to the end) or "teach" (the answer is revealed after each case).
        readers: their names; on a Space, of their Hugging Face accounts.
        open_enrolment: whether whoever has the link may join under a name of their own.
        design: "single", "sequential" (unaided, locked, then aided) or "crossover" (two periods with a washout).
        washout_days: between the periods of a crossover; the server enforces it.
        order: see `Order`.
        time_limit_s: the image goes away after it; None for no limit. Counted from the first full paint.
        ethics: ethics and consent note that the reader agrees to; required for a study.
        come_back: "no", "last" (the answer just given may be corrected) or "any".
        marks: burned-in calipers and grades: "none found", "declared" (left in, said to readers), "masked", or
            "masked in part" (some painted over, some left in).
        model: whose scores the items hold; None for none.
        notes: what the analyst should know; never shown to readers.
    """

    title: str
    items: tuple[Item, ...]
    question: Question = field(default_factory=Question)
    purpose: Literal["study", "teach"] = "study"
    readers: tuple[str, ...] = ()
    open_enrolment: bool = False
    design: Literal["single", "sequential", "crossover"] = "single"
    washout_days: int = LEAST_WASHOUT_DAYS
    order: Order = field(default_factory=Order)
    time_limit_s: float | None = None
    ethics: str = ""
    come_back: Literal["no", "last", "any"] = "last"
    marks: Marks = "none found"
    model: Model | None = None
    notes: str = ""

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms of the design."""
        return ("unaided",) if self.design == "single" else ("unaided", "aided")


def study_to_json(study: Study) -> str:
    """The study as the text of study.json."""
    return json.dumps({"format": FORMAT, **asdict(study)}, indent=1, ensure_ascii=False)


def study_from_json(text: str, *, what: str = "study.json") -> Study:
    """Read and check a study.

    Raises:
        TableError: everything that is wrong with it.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TableError(what, [f"it is no JSON ({error}): save the study again"]) from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else None
        raise TableError(what, [f"format is {found!r}, this version reads {FORMAT}"])
    from pydantic import ValidationError

    try:
        study = _adapter().validate_python({key: value for key, value in raw.items() if key != "format"})
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise TableError(what, problems) from None
    return checked(study, what=what)


def checked(study: Study, *, what: str = "study") -> Study:
    """The study itself, when it can be read and analysed.

    Raises:
        TableError: everything that is wrong with it.
    """
    problems = [*_item_problems(study), *_rule_problems(study), *_people_problems(study)]
    if problems:
        raise TableError(what, problems)
    return study


def _item_problems(study: Study) -> list[str]:
    problems = []
    if not 1 <= len(study.items) <= MOST_ITEMS:
        problems.append(f"there are {len(study.items)} lesions to read, allowed are 1 to {MOST_ITEMS}")
    seen: set[str] = set()
    for number, item in enumerate(study.items, start=1):
        where = f"lesion {number} ({item.item_id})"
        if item.item_id in seen:
            problems.append(f"{where}: its name stands twice")
        seen.add(item.item_id)
        if not 1 <= len(item.views) <= MOST_VIEWS:
            problems.append(f"{where}: has {len(item.views)} images, allowed are 1 to {MOST_VIEWS}")
        if item.score is not None and not 0 <= item.score <= 1:
            problems.append(f"{where}: score is {item.score}, allowed is 0 to 1")
        if "aided" in study.arms and item.score is None:
            problems.append(f"{where}: has no score, but the aided arm shows one: add a scores.csv of these cases")
    return problems


def _rule_problems(study: Study) -> list[str]:
    asked, problems = study.question, []
    if not (asked.call or asked.suspicion or asked.system or asked.action):
        problems.append("nothing is asked: choose a call, a suspicion, a category or an action")
    if asked.system and asked.system not in SYSTEMS:
        problems.append(f"no reading system named {asked.system!r}: choose one of {', '.join(SYSTEMS)}")
    if asked.descriptors and not (asked.system in SYSTEMS and SYSTEMS[asked.system].descriptors):
        problems.append("descriptors are asked, but the chosen system has none: choose BI-RADS or a TI-RADS")
    if "aided" in study.arms and study.model is None:
        problems.append(f"the design is {study.design}, but no model is named whose scores the aided arm shows")
    if study.design == "crossover" and study.washout_days < LEAST_WASHOUT_DAYS:
        problems.append(f"the washout is {study.washout_days} days, allowed are {LEAST_WASHOUT_DAYS} or more")
    if study.design == "crossover" and len(study.items) < 2:
        problems.append("a crossover reads its lesions in two halves: it needs at least 2")
    if study.purpose == "teach" and study.design != "single":
        problems.append("teaching reveals each answer: it has one arm, unaided")
    if study.purpose == "teach" and not asked.call:
        problems.append("teaching compares calls: ask for benign or malignant")
    if study.time_limit_s is not None and not 1 <= study.time_limit_s <= 3600:
        problems.append(f"the time limit is {study.time_limit_s} s, allowed are 1 to 3600")
    if not 0 <= study.order.repeats <= len(study.items) // 2:
        problems.append(
            f"{study.order.repeats} repeated cases of {len(study.items)}: allowed are 0 to half of the cases"
        )
    if not 0 <= study.order.block_size <= MOST_ITEMS:
        problems.append(f"the block size is {study.order.block_size}, allowed are 0 to {MOST_ITEMS}")
    if study.model is not None and not 0 <= study.model.threshold <= 1:
        problems.append(f"the model's threshold is {study.model.threshold}, allowed is 0 to 1")
    return problems


def _people_problems(study: Study) -> list[str]:
    problems = []
    if not study.title.strip() or len(study.title) > 200:
        problems.append("the title must have 1 to 200 characters")
    if study.purpose == "study" and not study.ethics.strip():
        problems.append("the ethics and consent note is empty: say what readers agree to, and the approval if any")
    if not study.readers and not study.open_enrolment:
        problems.append("there are no readers: name them, or let whoever has the link join")
    if len(study.readers) > MOST_READERS:
        problems.append(f"there are {len(study.readers)} readers, allowed are up to {MOST_READERS}")
    problems += [problem for name in study.readers if (problem := name_problem(name))]
    twice = sorted({name for name in study.readers if study.readers.count(name) > 1})
    problems += [f"reader {name!r} stands twice" for name in twice]
    return problems


def name_problem(name: str) -> str:
    """What is wrong with a reader's name; empty when nothing is."""
    if (
        name != name.strip()
        or not 1 <= len(name) <= 80
        or any(ord(letter) < 32 for letter in name)
        or not_unicode(name)
    ):
        return f"a reader's name must have 1 to 80 characters on one line, got {name[:90]!r}"
    return ""


def not_unicode(text: str) -> bool:
    """Whether a text holds half of a character (a lone surrogate, as JSON may), which no file or database takes."""
    return any("\ud800" <= letter <= "\udfff" for letter in text)


@cache
def _adapter() -> TypeAdapter[Study]:
    from pydantic import TypeAdapter

    return TypeAdapter(Study)


def groups_of(units: Sequence[str]) -> Sequence[str] | None:
    """Groups for an interval: the units of n items, or None where none stands twice and items are independent."""
    return None if len(set(units)) == len(units) else units
