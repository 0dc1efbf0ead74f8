from collections import Counter

import numpy as np
import pytest

from lesion_core.reading.order import LEAST_GAP, draw_steps, steps_from_json, steps_to_json
from lesion_core.reading.study import Order
from tests.reading.studies import study

LABELS = tuple([0] * 30 + [1] * 20)


def test_each_case_once_in_an_order_of_each_readers_own():
    made = study(LABELS, order=Order(seed=1))
    ann, bob = draw_steps(made, "Ann"), draw_steps(made, "Bob")
    assert sorted(step.item for step in ann) == list(range(50))
    assert [step.item for step in ann] != [step.item for step in bob]
    assert ann == draw_steps(made, "Ann")
    assert draw_steps(study(LABELS, order=Order(seed=2)), "Ann") != ann


def test_the_place_of_a_case_says_nothing_of_its_label():
    places = {0: [], 1: []}
    made = study(LABELS)
    for reader in range(200):
        for place, step in enumerate(draw_steps(made, f"r{reader}")):
            places[LABELS[step.item]].append(place)
    # SE of the difference of two means of uniform places, 200 draws: below 0.3.
    assert abs(np.mean(places[0]) - np.mean(places[1])) < 1.2


def test_blocks_have_even_shares_of_the_classes():
    steps = draw_steps(study(LABELS, order=Order(block_size=10)), "Ann")
    assert [step.block for step in steps] == sorted(step.block for step in steps)
    counts = [Counter(LABELS[step.item] for step in steps if step.block == block) for block in range(5)]
    assert all(abs(count[1] - 4) <= 1 and count.total() == 10 for count in counts)


@pytest.mark.parametrize("block_size", [0, 10])
def test_repeats_are_the_same_for_all_and_come_late_enough(block_size):
    made = study(LABELS, order=Order(seed=3, repeats=8, block_size=block_size))
    chosen = set()
    for reader in range(40):
        steps = draw_steps(made, f"r{reader}")
        assert sorted(step.item for step in steps if not step.repeat) == list(range(50))
        again = [step.item for step in steps if step.repeat]
        chosen.add(tuple(sorted(again)))
        first = {step.item: at for at, step in enumerate(steps) if not step.repeat}
        for at, step in enumerate(steps):
            if step.repeat:
                assert at - first[step.item] > LEAST_GAP
    assert len(chosen) == 1


def test_sequential_asks_each_case_twice_in_a_row():
    steps = draw_steps(study(design="sequential", order=Order(repeats=1)), "Ann")
    firsts = [step for step in steps if not step.repeat]
    assert [step.arm for step in firsts] == ["unaided", "aided"] * 6
    assert all(a.item == b.item for a, b in zip(firsts[::2], firsts[1::2], strict=True))
    assert Counter(step.arm for step in steps if step.repeat) == {"unaided": 1}


def test_crossover_reads_each_case_in_each_arm_in_different_periods():
    made = study(LABELS, design="crossover", order=Order(repeats=4))
    ann, bob = draw_steps(made, "Ann", number=0), draw_steps(made, "Bob", number=1)
    for steps in (ann, bob):
        primary = [step for step in steps if not step.repeat]
        assert sorted((step.item, step.arm) for step in primary) == sorted(
            (item, arm) for item in range(50) for arm in ("unaided", "aided")
        )
        period = {(step.item, step.arm): step.period for step in primary}
        assert all(period[item, "unaided"] != period[item, "aided"] for item in range(50))
        assert [step.period for step in steps] == sorted(step.period for step in steps)
    first = {step.item: step.arm for step in ann if step.period == 0 and not step.repeat}
    other = {step.item: step.arm for step in bob if step.period == 0 and not step.repeat}
    assert all(first[item] != other[item] for item in first)


def test_steps_survive_the_store():
    steps = draw_steps(study(LABELS, design="crossover"), "Ann")
    assert steps_from_json(steps_to_json(steps)) == steps
