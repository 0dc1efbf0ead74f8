from lesion_core.training import terms
from tests.training.phantom_set import make_set


def test_the_commands_name_the_data_as_downloaded(tmp_path):
    make_set(tmp_path / "a", patients=1, dataset="busbra", label_source="histopathology", target="histology malignant")
    thyroid = {"organ": "thyroid", "label_source": "tirads", "target": "TI-RADS 4 or higher"}
    make_set(tmp_path / "b", patients=1, dataset="ddti", **thyroid)
    found = terms.import_commands([tmp_path / name / "cases.csv" for name in "ab"])
    assert found == (
        f"python -m lesion_core import busbra BUSBRA {tmp_path / 'a'}",
        f"python -m lesion_core import ddti DDTI {tmp_path / 'b'} --label reread:4",
    )
