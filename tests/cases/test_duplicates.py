import numpy as np
import pytest
from PIL import Image

from lesion_core.cases import duplicates
from lesion_core.cases.duplicates import find_pairs
from lesion_core.cases.importers.pictures import read_grey
from lesion_core.cases.looks import look_at

from .planted import CHANGES, plant
from .scans import scan

ORIGINALS = 20


@pytest.fixture(scope="module")
def looks():
    return [look_at(scan(seed).pixels[:, :, 0]) for seed in range(ORIGINALS)]


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies")
    rng = np.random.default_rng(1)
    found = []
    for number in range(2 * len(CHANGES)):
        Image.fromarray(scan(number).pixels).save(folder / f"{number}.png")
        path = plant(folder / f"{number}.png", CHANGES[number % len(CHANGES)], folder / f"copy{number}", rng)
        found.append(look_at(read_grey(path)))
    return found


def test_every_change_is_found_and_nothing_else(looks, copies):
    pairs = find_pairs([*looks, *copies])
    found = {tuple(sorted((pair.first, pair.second))): pair for pair in pairs}
    assert set(found) == {(number, ORIGINALS + number) for number in range(len(copies))}
    for (original, _), pair in found.items():
        change = CHANGES[original % len(CHANGES)]
        assert pair.kind == "near", change
        assert pair.likeness > 0.9, change
        assert pair.mirrored == ("mirrored" in change), change


def test_across_two_sets_only_pairs_between_them_count(looks, copies):
    twin = [*copies, copies[0]]
    pairs = find_pairs(looks, twin)
    expected = {(number, number) for number in range(len(copies))} | {(0, len(copies))}
    assert {(pair.first, pair.second) for pair in pairs} == expected


def test_identical_pictures(looks):
    pairs = find_pairs([looks[0], looks[1], looks[0]])
    assert [(pair.first, pair.second, pair.kind, pair.likeness, pair.hash_bits) for pair in pairs] == [
        (0, 2, "identical", 1.0, 0)
    ]


def test_none_and_one_picture(looks):
    assert find_pairs([]) == []
    assert find_pairs(looks[:1]) == []
    assert find_pairs(looks[:1], []) == []


def test_black_pictures_are_identical_but_like_no_other(looks):
    black = look_at(np.zeros((100, 100), np.uint8))
    assert [pair.kind for pair in find_pairs([black, black, looks[0]])] == ["identical"]


def test_descriptors_of_a_window_against_plain_means():
    sums = np.zeros((1, 97, 97), np.float32)
    picture = np.random.default_rng(0).normal(size=(96, 96))
    sums[0, 1:, 1:] = picture.cumsum(0).cumsum(1)
    got = duplicates._descriptors(sums, (1 / 3, 1 / 6, 0.0, 0.5))
    part = picture[:48, 32:80].reshape(16, 3, 16, 3).mean(axis=(1, 3)).reshape(-1)
    part = part - part.mean()
    np.testing.assert_allclose(got[0], part / np.linalg.norm(part), atol=1e-4)


def test_a_picture_is_in_at_most_so_many_candidates():
    chosen = np.triu(np.ones((60, 60), bool), 1)
    score = np.random.default_rng(0).uniform(size=(60, 60)).astype(np.float32)
    kept = duplicates._capped(chosen, score)
    assert len(kept) < chosen.sum()
    best = np.argwhere(chosen)[np.argmax(score[chosen])]
    assert kept[0] == tuple(best)
