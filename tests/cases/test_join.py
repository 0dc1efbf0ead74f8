import pytest

from lesion_core.cases.join import read_joined
from lesion_core.errors import InputError
from tests.training.phantom_set import make_set


def test_one_table_is_itself(tmp_path):
    table = make_set(tmp_path, patients=2)
    assert read_joined([tmp_path / "cases.csv"]) == table


def test_paths_stay_right_and_order_is_kept(tmp_path):
    first, second = make_set(tmp_path / "a", patients=2), make_set(tmp_path / "b", patients=2, prefix="q")
    joined = read_joined([tmp_path / "a" / "cases.csv", tmp_path / "b" / "cases.csv"])
    assert [case.case_id for case in joined.cases] == [case.case_id for case in (*first.cases, *second.cases)]
    for case in joined.cases:
        assert joined.image_path(case).is_file()
        assert joined.border_path(case).is_file()
        assert joined.image_path(case).parent.parent.name == ("a" if case.case_id.startswith("p") else "b")


def test_a_name_may_stand_once(tmp_path):
    for name in "ab":
        make_set(tmp_path / name, patients=1, views=1)
    with pytest.raises(InputError, match="1 case_id stand in two tables: p0-0"):
        read_joined([tmp_path / "a" / "cases.csv", tmp_path / "b" / "cases.csv"])
    with pytest.raises(InputError, match=r"no cases\.csv"):
        read_joined([])
