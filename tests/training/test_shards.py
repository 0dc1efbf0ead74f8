import numpy as np
import pytest

from lesion_core.errors import InputError
from lesion_core.training.shards import join_file, split_file


@pytest.mark.parametrize(("size", "count"), [(1, 1), (100, 1), (101, 2), (250, 3), (300, 3), (301, 4)])
def test_pieces_are_small_enough_and_come_together_again(size, count, tmp_path):
    content = np.random.default_rng(size).bytes(size)
    (tmp_path / "w").write_bytes(content)
    pieces = split_file(tmp_path / "w", limit=100)
    assert [piece.name for piece in pieces] == [f"w.{number:02d}-of-{count:02d}" for number in range(1, count + 1)]
    assert max(piece.stat().st_size for piece in pieces) <= 100
    assert sorted(tmp_path.iterdir()) == list(pieces)
    joined = join_file(tmp_path, "w", tmp_path / "back" / "w")
    assert joined.read_bytes() == content
    assert sorted(each.name for each in (tmp_path / "back").iterdir()) == ["w"]


def test_a_missing_piece_is_named(tmp_path):
    (tmp_path / "w").write_bytes(bytes(250))
    pieces = split_file(tmp_path / "w", limit=100)
    pieces[1].unlink()
    with pytest.raises(InputError, match="lacks piece 2 of 3 of w: bring all of them back"):
        join_file(tmp_path, "w", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_pieces_of_two_cuts_are_not_mixed(tmp_path):
    for limit in (100, 60):
        (tmp_path / "w").write_bytes(bytes(150))
        split_file(tmp_path / "w", limit=limit)
    with pytest.raises(InputError, match=r"no single set of pieces of w .found: of 2, of 3"):
        join_file(tmp_path, "w", tmp_path / "out")
    with pytest.raises(InputError, match="found: none"):
        join_file(tmp_path, "other", tmp_path / "out")
