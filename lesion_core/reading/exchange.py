"""Readings in and out: readings.csv, and the input format of iMRMC (Gallas, U.S. FDA) that RJafroc reads too.

A lesion read with several views stands under the case_id of its first view. iMRMC takes whole numbers for readers and
cases, so the file's head says which is which.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lesion_core.cases.columns import write_text
from lesion_core.cases.readings import Reading
from lesion_core.errors import InputError, TableError
from lesion_core.notice import NOTICE
from lesion_core.reading.answer import MOST_SECONDS
from lesion_core.reading.stored import Stored
from lesion_core.reading.study import Study
from lesion_core.reading.systems import SYSTEMS

_COUNTS = ("NR", "N0", "N1", "NM")
_BEGIN = "BEGIN DATA:"


@dataclass(frozen=True)
class ImrmcStudy:
    """What an iMRMC file holds.

    Attributes:
        labels: 0 or 1 by case.
        readings: rating as written; the modality stands in `arm`.
    """

    labels: dict[str, int]
    readings: tuple[Reading, ...]


def score_of(study: Study, stored: Stored) -> float | None:
    """The answer as one number, higher = more suspicious: the suspicion if asked, else the category, else the call."""
    answer = stored.answer
    if not answer.assessed:
        return None
    if study.question.suspicion:
        return answer.suspicion
    if study.question.system:
        return float(SYSTEMS[study.question.system].rank(answer.rating))
    return None if answer.call is None else float(answer.call)


def readings_of(study: Study, answers: Iterable[Stored], *, repeats: bool = True) -> tuple[Reading, ...]:
    """Answers as rows of readings.csv.

    Args:
        study: the study.
        answers: the newest of each place.
        repeats: whether the second readings of repeated cases are among them (their session says "repeat").
    """
    return tuple(
        Reading(
            reader=each.reader,
            case_id=study.items[each.item].views[0].case_id,
            call=each.answer.call,
            rating=each.answer.rating,
            seconds=min(round(each.answer.seconds, 3), MOST_SECONDS) or None,  # all looks of a place add up
            read_at=each.read_at,
            session=f"{each.sitting_id}{' repeat' if each.repeat else ''}",
            assessable=each.answer.assessed,
            suspicion=each.answer.suspicion,
            action=each.answer.action,
            arm=each.arm,
        )
        for each in answers
        if repeats or not each.repeat
    )


def imrmc_text(study: Study, answers: Iterable[Stored]) -> str:
    """Answers as an iMRMC input file: primary readings only; cases a reader could not assess are left out.

    Raises:
        InputError: the study asks for an action only, which is no number.
    """
    primary = [each for each in answers if not each.repeat]
    readers = {name: number for number, name in enumerate(dict.fromkeys(each.reader for each in primary), start=1)}
    arms: list[str] = [arm for arm in study.arms if any(each.arm == arm for each in primary)] or list(study.arms)
    scored = [(each, score_of(study, each)) for each in primary]
    if study.question.action and not (study.question.call or study.question.suspicion or study.question.system):
        raise InputError("the study asks for an action only: iMRMC needs a number for each case")
    labels = [item.label for item in study.items]
    lines = [
        f"{_one_line(study.title)} ({NOTICE})",
        *(f"reader {number} is {_one_line(name)}" for name, number in readers.items()),
        *(f"modality {number} is {arm}" for number, arm in enumerate(arms, start=1)),
        *(f"case {at} is {_one_line(item.views[0].case_id)}" for at, item in enumerate(study.items, start=1)),
        f"not assessed and left out {sum(score is None for _, score in scored)}",
        "",
        f"NR: {len(readers)}",
        f"N0: {labels.count(0)}",
        f"N1: {labels.count(1)}",
        f"NM: {len(arms)}",
        "",
        _BEGIN,
        *(f"-1,{at},0,{label}" for at, label in enumerate(labels, start=1)),
        *(
            f"{readers[each.reader]},{each.item + 1},{arms.index(each.arm) + 1},{score:g}"
            for each, score in scored
            if score is not None
        ),
    ]
    return "\n".join(lines) + "\n"


def write_imrmc(study: Study, answers: Iterable[Stored], path: str | Path) -> None:
    """Write an iMRMC file whole or not at all.

    Raises:
        InputError: as `imrmc_text`, or the file cannot be written.
    """
    write_text(path, imrmc_text(study, answers))


def read_imrmc(path: str | Path) -> ImrmcStudy:
    """Read an iMRMC input file; names that its head gives to readers, cases and modalities are put back.

    Raises:
        InputError: it cannot be opened or holds no data.
        TableError: bad rows, all of them listed.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path} as text: {error}") from error
    begins = [at for at, line in enumerate(lines) if line.strip().upper() == _BEGIN]
    if not begins:
        raise InputError(f"{path} has no line {_BEGIN!r}: choose an iMRMC input file")
    names = _names(lines[: begins[0]])
    labels, found, problems = _rows(lines, begins[0] + 1, names)
    problems += _count_problems(lines[: begins[0]], labels, found)
    if problems:
        raise TableError(str(path), problems)
    return ImrmcStudy(labels, tuple(found))


def _names(head: Sequence[str]) -> dict[tuple[str, str], str]:
    """(kind, number) -> name, from the lines of the head that say so."""
    found = (re.fullmatch(r"(reader|modality|case) (\d+) is (.+)", line.strip()) for line in head)
    return {(each[1], each[2]): each[3] for each in found if each}


def _rows(
    lines: Sequence[str], start: int, names: dict[tuple[str, str], str]
) -> tuple[dict[str, int], list[Reading], list[str]]:
    labels: dict[str, int] = {}
    readings: list[Reading] = []
    problems: list[str] = []
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(lines[start:], start=start + 1):
        cells = [cell.strip() for cell in line.split(",")]
        if not line.strip():
            continue
        if len(cells) != 4 or not _is_number(cells[3]):
            problems.append(f"line {number}: expected reader, case, modality and a score, got {line[:40]!r}")
            continue
        reader, case, modality, score = cells
        case_id = names.get(("case", case), case)
        if (reader, case, modality) in seen:
            problems.append(f"line {number}: the same reader, case and modality stand twice")
        seen.add((reader, case, modality))
        if reader in ("-1", "truth"):
            if float(score) not in (0, 1):
                problems.append(f"line {number}: the truth of case {case} is {score}, allowed are 0 and 1")
            labels[case_id] = int(float(score))
        else:
            name = names.get(("reader", reader), reader)
            readings.append(Reading(name, case_id, rating=score, arm=names.get(("modality", modality), modality)))
    missing = sorted({each.case_id for each in readings} - set(labels))
    problems += [f"case {case}: no line says its truth (reader -1)" for case in missing]
    return labels, readings, problems


def _count_problems(head: Sequence[str], labels: dict[str, int], readings: Sequence[Reading]) -> list[str]:
    found = {
        "NR": len({each.reader for each in readings}),
        "N0": sum(label == 0 for label in labels.values()),
        "N1": sum(label == 1 for label in labels.values()),
        "NM": len({each.arm for each in readings}),
    }
    problems = []
    for line in head:
        name, _, number = (part.strip() for part in line.partition(":"))
        if name in _COUNTS and number.isdigit() and int(number) != found[name]:
            problems.append(f"the head says {name} {number}, the data have {found[name]}")
    return problems


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _one_line(text: str) -> str:
    return " ".join(text.split())
