import pytest

from lesion_core.cases import columns
from lesion_core.cases.columns import (
    Column,
    any_text,
    checked_rows,
    number_between,
    one_of,
    problems_of,
    read_rows,
    write_rows,
)
from lesion_core.errors import InputError, TableError

COLUMNS = (
    Column("name", "who", "text on one line", any_text, required=True),
    Column("colour", "which", "red or green", one_of("red", "green")),
    Column("size", "how large", "a number from 0 to 10", number_between(0, 10)),
)


def written(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode())
    return path


def test_round_trip_of_awkward_text(tmp_path):
    rows = [{"name": 'a, "b"; c', "colour": "red", "size": "1.5"}, {"name": "ü µ", "size": "10"}]
    path = tmp_path / "new" / "table.csv"
    write_rows(path, COLUMNS, rows)
    read, problems = read_rows(path, COLUMNS)
    assert problems == []
    assert [dict(row.cells) for row in read] == [rows[0], rows[1] | {"colour": ""}]
    assert [row.number for row in read] == [2, 3]


def test_every_bad_cell_is_told_with_row_column_value_and_what_is_allowed(tmp_path):
    path = written(tmp_path, "name,colour,size\n,red,1\nb,blue,2\nc,,eleven\nd,green,nan\n")
    rows, problems = read_rows(path, COLUMNS)
    assert problems == [
        "row 2: name is empty, allowed is text on one line",
        "row 3: colour is 'blue', allowed is red or green",
        "row 4: size is 'eleven', allowed is a number from 0 to 10",
        "row 5: size is 'nan', allowed is a number from 0 to 10",
    ]
    assert len(rows) == 4
    with pytest.raises(TableError) as caught:
        checked_rows(path, COLUMNS)
    assert list(caught.value.problems) == problems
    assert problems_of(rows, COLUMNS) == problems
    good = written(tmp_path, "name,colour,size\na,red,1\n")
    assert checked_rows(good, COLUMNS) == read_rows(good, COLUMNS)[0]


def test_byte_order_mark_windows_lines_blank_lines_and_left_out_columns(tmp_path):
    path = written(tmp_path, "\ufeffname,size\r\na,1\r\n\r\nb,2\r\n")
    rows, problems = read_rows(path, COLUMNS)
    assert problems == []
    assert [(row.number, row.cells["name"], row.cells["colour"]) for row in rows] == [(2, "a", ""), (4, "b", "")]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,colour,size\na,red,1\nb,gr", "row 3: has 2 cells, expected 3 (is the file half-written?)"),
        ("name,colour,size\na,red,1\nb,red,1", "row 3: the file ends in the middle of a line"),
        ('name,colour,size\na,red,1\n"b,re', "row 3: cannot be read (unexpected end of data)"),
    ],
)
def test_half_written_files_are_noticed(tmp_path, text, problem):
    _, problems = read_rows(written(tmp_path, text), COLUMNS)
    assert any(each.startswith(problem) for each in problems), problems


def test_a_file_cut_anywhere_but_between_lines_is_noticed(tmp_path):
    whole = 'name,colour,size\n"long, name",red,1\nb,green,10\n'
    for cut in range(len("name,colour,size\n") + 1, len(whole)):
        if whole[cut - 1] == "\n":
            continue
        _, problems = read_rows(written(tmp_path, whole[:cut]), COLUMNS)
        assert problems, whole[:cut]


def test_headers_that_do_not_fit(tmp_path):
    with pytest.raises(TableError) as caught:
        read_rows(written(tmp_path, "size,size,weight\n1,2,3\n"), COLUMNS)
    assert caught.value.problems == (
        "row 1: column 'name' is missing",
        "row 1: unknown column 'weight', allowed are name, colour, size",
        "row 1: column 'size' stands twice",
    )


def test_empty_file_missing_file_and_wrong_encoding(tmp_path):
    with pytest.raises(TableError, match="the file is empty"):
        read_rows(written(tmp_path, ""), COLUMNS)
    (tmp_path / "latin.csv").write_bytes("name\nü\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"no UTF-8 text \(byte 5\)"):
        read_rows(tmp_path / "latin.csv", COLUMNS)
    with pytest.raises(InputError, match=r"the folder has latin\.csv, table\.csv"):
        read_rows(tmp_path / "missing.csv", COLUMNS)
    with pytest.raises(InputError, match="the folder has no CSV file"):
        read_rows(tmp_path / "nowhere" / "missing.csv", COLUMNS)


def test_long_values_are_shortened_and_controls_refused(tmp_path):
    _, problems = read_rows(written(tmp_path, f'name,colour\n"a\tb",{"x" * 100}\n'), COLUMNS)
    assert problems[0] == "row 2: name is 'a\\tb', allowed is text on one line"
    assert "'" + "x" * 37 + "...'" in problems[1]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    write_rows(path, COLUMNS, [{"name": "old"}])
    before = path.read_bytes()

    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(columns.Path, "replace", full)
    with pytest.raises(InputError, match="No space left"):
        write_rows(path, COLUMNS, [{"name": "new"}])
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["table.csv"]


def test_writing_where_a_file_stands_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write"):
        write_rows(tmp_path / "file" / "table.csv", COLUMNS, [])
