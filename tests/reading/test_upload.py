import io
import stat
import zipfile

import pytest
from PIL import Image

from lesion_core.errors import LesionError, TableError
from lesion_core.reading.make import from_cases
from lesion_core.reading.upload import cases_of_zip


def png():
    buffer = io.BytesIO()
    Image.new("L", (60, 40), 90).save(buffer, "PNG")
    return buffer.getvalue()


def made(tmp_path, **cells):
    row = {"case_id": "a", "organ": "breast", "image": "a.png", "border": "", "label": "0"} | cells
    row["target"] = "labelled malignant"
    path = tmp_path / "cases.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("set/cases.csv", f"{','.join(row)}\n{','.join(row.values())}\n")
        archive.writestr("set/a.png", png())
        link = zipfile.ZipInfo("set/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(tmp_path / "secret.png"))
    (tmp_path / "secret.png").write_bytes(png())
    return path


def test_a_table_with_its_images(tmp_path):
    with cases_of_zip(made(tmp_path)) as table:
        assert [item.item_id for item in from_cases(table).items] == ["a"]


@pytest.mark.parametrize("column", ["image", "border"])
@pytest.mark.parametrize("way", ["{}/secret.png", "../../../../../../../../../../..{}/secret.png"])
def test_a_table_reads_nothing_of_the_server(tmp_path, column, way):
    path = made(tmp_path, **{column: way.format(tmp_path)})
    with pytest.raises(TableError, match=f"{column} is .*leaves the folder"), cases_of_zip(path):
        pytest.fail("the table was taken")


def test_a_link_in_a_zip_is_followed_nowhere(tmp_path):
    with pytest.raises(LesionError), cases_of_zip(made(tmp_path, image="link.png")) as table:
        from_cases(table)
