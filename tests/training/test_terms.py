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


def test_what_the_importer_noted_says_it_better_than_a_target_that_two_rules_share(tmp_path):
    make_set(
        tmp_path, patients=1, dataset="ddti", organ="thyroid", target="TI-RADS 4a or higher", label_source="tirads"
    )
    for note, rule in (('{"options": {"label": "2015-others:4a"}}', "2015-others:4a"), ("[]", "2015:4a")):
        (tmp_path / "import.json").write_text(note)
        assert terms.import_commands([tmp_path / "cases.csv"])[0].endswith(f"--label {rule}")
