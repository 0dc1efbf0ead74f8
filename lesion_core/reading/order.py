"""Who reads what when: the steps of a reader, drawn once at enrolment and then stored.

They are stored, not drawn anew, so that a newer version of numpy or of this file never moves a reader to another case.
A reader's draw follows from the study's seed and the reader's name; which cases are read twice follows from the seed
alone, so that all readers repeat the same ones.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.reading.study import Arm, Study

#: A repeated case comes again after at least so many others, or half of the study when that is less.
LEAST_GAP = 20


@dataclass(frozen=True)
class Step:
    """One answer to be given.

    Attributes:
        item: index of the lesion in the study, from 0.
        arm: "unaided" or "aided".
        repeat: 1 for the second reading of a repeated case, else 0.
        block: from 0; a break is offered before a new one.
        period: 0, or 1 after the washout of a crossover.
    """

    item: int
    arm: Arm
    repeat: int
    block: int
    period: int


def draw_steps(study: Study, reader: str, *, number: int = 0) -> tuple[Step, ...]:
    """The steps of one reader.

    Args:
        study: a checked study.
        reader: name of the reader.
        number: the how-manieth reader; in a crossover neighbours begin with opposite arms.
    """
    rng = _rng(study.order.seed, "reader", reader)
    labels = np.array([item.label for item in study.items])
    repeated = set(_repeated(study).tolist())
    if study.design != "crossover":
        return tuple(_expand(study, _run(study, np.arange(labels.size), labels, repeated, rng), "unaided", 0))
    halves = _halves(labels, _rng(study.order.seed, "halves", ""))
    steps: list[Step] = []
    for period in (0, 1):
        for part in (0, 1):
            half = halves[(part + number) % 2]
            arm: Arm = "unaided" if (period + part) % 2 == 0 else "aided"
            again = repeated & set(half.tolist()) if period == 0 else set()
            first_block = 1 + steps[-1].block if steps else 0
            run = _run(study, half, labels, again, rng)
            steps += [Step(item, arm, repeat, first_block + block, period) for item, repeat, block in run]
    return tuple(steps)


def steps_to_json(steps: tuple[Step, ...]) -> str:
    """Steps as compact text for the store."""
    return json.dumps([[each.item, each.arm, each.repeat, each.block, each.period] for each in steps])


def steps_from_json(text: str) -> tuple[Step, ...]:
    """What `steps_to_json` wrote."""
    return tuple(Step(*each) for each in json.loads(text))


def _run(
    study: Study, items: NDArray[np.int64], labels: NDArray[np.int64], repeated: set[int], rng: np.random.Generator
) -> list[tuple[int, int, int]]:
    """Items in random order as (item, repeat, block): blocks with even shares of the classes, repeats put in late."""
    size = study.order.block_size or max(items.size, 1)
    blocks: list[list[int]] = [[] for _ in range(-(-items.size // size))]
    turn = 0
    for label in rng.permutation(2):
        for item in rng.permutation(items[labels[items] == label]):
            blocks[turn % len(blocks)].append(int(item))
            turn += 1
    order = [(item, block) for block, members in enumerate(blocks) for item in rng.permutation(members).tolist()]
    gap = min(LEAST_GAP, max(1, len(order) // 2))
    _bring_forward(order, repeated, gap, labels, rng)
    run = [(item, 0, block) for item, block in order]
    for item in rng.permutation(sorted(repeated)).tolist():
        first = next(at for at, (each, repeat, _) in enumerate(run) if each == item and not repeat)
        place = int(rng.integers(min(first + 1 + gap, len(run)), len(run) + 1))
        run.insert(place, (item, 1, run[place - 1][2]))
    return run


def _bring_forward(
    order: list[tuple[int, int]], repeated: set[int], gap: int, labels: NDArray[np.int64], rng: np.random.Generator
) -> None:
    """Swap repeated cases that come too late with others of their class, so that the gap can be kept."""
    last = len(order) - gap
    for at in range(last, len(order)):
        item = order[at][0]
        if item not in repeated:
            continue
        free = [
            early
            for early in range(max(last, 0))
            if order[early][0] not in repeated and labels[order[early][0]] == labels[item]
        ]
        if free:
            early = int(rng.choice(free))
            order[at], order[early] = (order[early][0], order[at][1]), (item, order[early][1])


def _expand(study: Study, run: list[tuple[int, int, int]], arm: Arm, period: int) -> list[Step]:
    steps = []
    for item, repeat, block in run:
        steps.append(Step(item, arm, repeat, block, period))
        if study.design == "sequential" and not repeat:
            steps.append(Step(item, "aided", 0, block, period))
    return steps


def _repeated(study: Study) -> NDArray[np.int64]:
    rng = _rng(study.order.seed, "repeats", "")
    return np.sort(rng.choice(len(study.items), size=study.order.repeats, replace=False))


def _halves(labels: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two halves of the items with even shares of the classes."""
    halves: tuple[list[int], list[int]] = ([], [])
    turn = 0
    for label in (0, 1):
        for item in rng.permutation(np.flatnonzero(labels == label)):
            halves[turn % 2].append(int(item))
            turn += 1
    return np.array(halves[0], dtype=np.int64), np.array(halves[1], dtype=np.int64)


def _rng(seed: int, purpose: str, name: str) -> np.random.Generator:
    digest = hashlib.sha256(f"{seed}\n{purpose}\n{name}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
