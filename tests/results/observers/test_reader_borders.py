from dataclasses import replace

import numpy as np
import pytest

from lesion_core.errors import TableError
from lesion_core.model.card import read_card
from lesion_core.records import Border
from lesion_core.results.observers.reader_borders import (
    TwoBorders,
    pairs_of,
    read_reader_borders,
    summarise_readers,
    write_reader_borders,
)
from lesion_core.results.observers.stability import bundled_nudges
from tests.test_readme import ROOT

ROWS = (
    TwoBorders("tnet", "ddti", "p1", "1_1", "A", "B", 0.9, 0.40, 0.45),
    TwoBorders("tnet", "ddti", "p1", "1_2", "A", "B", 1.0, 0.60, 0.60),
    TwoBorders("tnet", "ddti", "p2", "2_1", "A", "B", 0.5, 0.55, 0.40),
    TwoBorders("tnet", "ddti", "p3", "3_1", "A", "B", 0.1, 0.10, 0.90),
    TwoBorders("tnet", "ddti", "p3", "3_1", "A", "C", 0.1, 0.10, 0.20),
)


def square(x, side=10.0):
    return Border(((x, 0.0), (x, side), (x + side, side), (x + side, 0.0)))


def test_round_trip_and_faults(tmp_path):
    write_reader_borders(ROWS, tmp_path / "r.csv")
    assert read_reader_borders(tmp_path / "r.csv") == ROWS
    text = (tmp_path / "r.csv").read_text().replace("0.900000,0.400000", "1.9,x")
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(TableError) as caught:
        read_reader_borders(tmp_path / "r.csv")
    assert len(caught.value.problems) == 2


def test_by_hand():
    every, one, other = summarise_readers(ROWS, 0.5, draws=50)
    assert [(each.first, each.second, each.same_lesion) for each in (every, one, other)] == [
        ("A", "B", False),
        ("A", "B", True),
        ("A", "C", False),
    ]
    assert (every.n, one.n, other.n) == (4, 3, 1)
    assert (every.identical, one.identical, other.identical) == (1, 1, 0)
    assert one.moved.change.value == pytest.approx((0.05 + 0.0 + 0.15) / 3)
    assert every.moved.change.value == pytest.approx((0.05 + 0.0 + 0.15 + 0.8) / 4)
    assert every.moved.change.clusters == 3
    assert one.moved.largest == pytest.approx(np.quantile([0.05, 0.0, 0.15], 0.95))
    assert (one.moved.flipped.value, every.moved.flipped.value) == (pytest.approx(1 / 3), 0.5)
    assert "borders of one lesion: n = 3, 1 with equal borders" in one.sentence


def test_a_call_changes_at_the_threshold_only():
    low = [replace(row, score_first=0.49, score_second=0.5) for row in ROWS[:3]]
    assert summarise_readers(low, 0.5, draws=20)[0].moved.flipped.value == 1
    assert summarise_readers(low, 0.51, draws=20)[0].moved.flipped.value == 0


def test_every_two_readers_of_an_image():
    borders = {"A": square(0.0), "B": square(0.0), "C": square(5.0), "D": square(50.0)}
    scores = {"A": 0.1, "B": 0.1, "C": 0.3, "D": 0.9}
    found = pairs_of(borders, scores, model="m", dataset="d", patient_id="p", image="i")
    assert [(row.first, row.second, row.dice) for row in found] == [
        ("A", "B", 1.0),
        ("A", "C", 0.5),
        ("A", "D", 0.0),
        ("B", "C", 0.5),
        ("B", "D", 0.0),
        ("C", "D", 0.0),
    ]
    assert (found[1].score_first, found[1].score_second) == (0.1, 0.3)


def test_the_table_is_no_table_of_nudges(tmp_path):
    folder = tmp_path / "tnet" / "stability"
    folder.mkdir(parents=True)
    write_reader_borders(ROWS, folder / "readers-ddti.csv")
    assert bundled_nudges(tmp_path, "tnet") == ()


def test_the_page_says_what_the_bundled_table_gives():
    rows = read_reader_borders(ROOT / "checkpoints" / "tnet" / "stability" / "readers-ddti.csv")
    assert {row.model for row in rows} == {"tnet"}
    assert all(row.score_first == row.score_second for row in rows if row.dice == 1)
    threshold = read_card(ROOT / "checkpoints" / "tnet").operating_point.threshold
    found = [each for each in summarise_readers(rows, threshold) if each.first == "radiologist"]
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert [(each.second, each.n) for each in found] == [
        ("resident 1", 169),
        ("resident 1", 137),
        ("resident 2", 151),
        ("resident 2", 121),
    ]
    for each in found:
        which = "borders of one lesion" if each.same_lesion else "all"
        change, flipped = (f"{e.value:.3f} ({e.low:.3f}-{e.high:.3f})" for e in (each.moved.change, each.moved.flipped))
        assert f"| {each.second} | {which} | {each.n} | {change} | {each.moved.largest:.3f} | {flipped} |" in page
