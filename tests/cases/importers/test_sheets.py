import pytest

from lesion_core.cases.importers.sheets import read_sheet, read_table
from lesion_core.errors import InputError, TableError

from . import sets


def test_csv(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('\ufeffID; Name\n1; x \n\n2;"a;b"\n', encoding="utf-8")
    assert read_table(path, ("ID", "Name"), delimiter=";") == [{"ID": "1", "Name": "x"}, {"ID": "2", "Name": "a;b"}]
    path.write_text("ID,Name\n1,x\n2")
    with pytest.raises(TableError, match="row 3: has 1 cells, expected 2"):
        read_table(path, ("ID",))
    path.write_bytes(b"ID\n\xff\n")
    with pytest.raises(InputError, match="no UTF-8 text"):
        read_table(path, ("ID",))
    path.write_text("")
    with pytest.raises(InputError, match="missing ID; found nothing"):
        read_table(path, ("ID",))


def test_xlsx_numbers_as_text_and_the_right_sheet(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(["About"])
    sheet = book.create_sheet("data")
    for row in (["ID", "Age"], [1.0, 41.5], [None, None], ["b ", None]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    assert read_sheet(tmp_path / "a.xlsx", ("ID", "Age")) == [{"ID": "1", "Age": "41.5"}, {"ID": "b", "Age": ""}]


def test_xlsx_that_is_none(tmp_path):
    with pytest.raises(InputError, match=r"no a\.xlsx"):
        read_sheet(tmp_path / "a.xlsx", ("ID",))
    sets.write_csv(tmp_path / "a.xlsx", [["ID"]])
    with pytest.raises(InputError, match="is no readable xlsx file"):
        read_sheet(tmp_path / "a.xlsx", ("ID",))
