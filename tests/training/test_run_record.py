import json
from dataclasses import asdict, replace

import pytest

import lesion_core
from lesion_core.cases.folds import Scheme
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError
from lesion_core.training.config import PRESETS, TrainConfig
from lesion_core.training.run_record import (
    RUN_FILE,
    FoldRecord,
    FurtherRecord,
    FurtherUse,
    RunRecord,
    config_as_json,
    fingerprint_of,
    fingerprint_of_folds,
    merged,
    read_run,
    settings_of,
    software_versions,
    write_run,
)

FOLD = FoldRecord(config_as_json(TrainConfig()), (0.5, 0.75), 3, 20, 2, 1.5, "cpu")
RECORD = RunRecord(
    run="r",
    model="bnet",
    preset="compact",
    settings=settings_of(PRESETS["compact"]),
    scheme="thirds",
    cases_sha256="ab" * 32,
    folds_sha256="cd" * 32,
    images=24,
    initialisation="a stand-in trünk",
    folds={"1": FOLD},
    software=software_versions(),
)


def test_a_record_comes_back(tmp_path):
    write_run(RECORD, tmp_path / "new" / "run")
    assert read_run(tmp_path / "new" / "run") == RECORD
    assert [file.name for file in (tmp_path / "new" / "run").iterdir()] == [RUN_FILE]


FURTHER = FurtherRecord("ef" * 32, 30, 20, 25, "TI-RADS 4a or higher by an old reading")


def with_further(learnt):
    """Three folds, of which some learnt from further cases."""
    used = [FurtherUse(each, (0.5, 0.8), 28 if each else 0, 2) for each in learnt]
    folds = {str(number): replace(FOLD, further=use) for number, use in enumerate(used, start=1)}
    return replace(RECORD, folds=folds, further=FURTHER)


def test_a_record_with_further_cases_comes_back_and_says_what_was_done(tmp_path):
    record = with_further([True, False, True])
    write_run(record, tmp_path)
    assert read_run(tmp_path) == record
    assert record.further_sentence == (
        "Further training cases labelled TI-RADS 4a or higher by an old reading (30 cases of 20 patients, never "
        "scored) were learnt from in 2 of 3 folds, as each one's inner folds decided."
    )
    assert RECORD.further_sentence == ""


def test_a_run_without_further_cases_is_written_and_read_as_before_there_were_any(tmp_path):
    write_run(RECORD, tmp_path)
    content = json.loads((tmp_path / RUN_FILE).read_text(encoding="utf-8"))
    assert "further" not in content
    assert "further" not in content["folds"]["1"]
    assert read_run(tmp_path) == RECORD


def test_further_cases_make_it_another_run():
    with_them = replace(RECORD, further=FURTHER)
    other = replace(RECORD, further=replace(FURTHER, cases_sha256="00" * 32))
    assert len({RECORD.same, with_them.same, other.same}) == 3
    two = replace(with_them, folds={"2": FOLD})
    assert merged([with_them, two]).further == FURTHER
    with pytest.raises(InputError, match="no parts of one run"):
        merged([RECORD, two])


@pytest.mark.parametrize("change", [{"learnt": "yes"}, {"learnt": 1}, {"more": 1}, {"images": True}])
def test_what_a_fold_did_with_further_cases_is_checked(change, tmp_path):
    write_run(with_further([True]), tmp_path)
    content = json.loads((tmp_path / RUN_FILE).read_text(encoding="utf-8"))
    content["folds"]["1"]["further"] |= change
    (tmp_path / RUN_FILE).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="is no record of a cross validation"):
        read_run(tmp_path)


def test_the_whole_preset_is_in_the_settings():
    settings = settings_of(PRESETS["compact"])
    assert settings["input"] == json.loads(json.dumps(asdict(PRESETS["compact"].input)))
    assert settings["candidates"] == [config_as_json(each) for each in PRESETS["compact"].candidates]
    assert settings["wanted_sensitivity"] == PRESETS["compact"].wanted_sensitivity
    changed = replace(PRESETS["compact"], inner_folds=5)
    assert settings_of(changed) != settings
    assert config_as_json(TrainConfig(ranks=(2, 3)))["ranks"] == [2, 3]


def test_versions_are_those_at_work():
    found = software_versions()
    assert found["lesion_core"] == lesion_core.__version__
    assert {"python", "torch", "numpy"} < set(found)


@pytest.mark.parametrize("change", [{"images": "24"}, {"folds": {"1": 8}}, {"surprise": 1}, {"run": None}])
def test_fields_of_another_type_or_name_are_refused(change, tmp_path):
    write_run(RECORD, tmp_path)
    content = json.loads((tmp_path / RUN_FILE).read_text(encoding="utf-8"))
    (tmp_path / RUN_FILE).write_text(json.dumps(content | change), encoding="utf-8")
    with pytest.raises(InputError, match=r"images is '24'|a FoldRecord|a RunRecord|run is None"):
        read_run(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"\xff\xfe{}", b"{}"])
def test_what_is_no_record_is_refused_with_the_command_that_makes_one(content, tmp_path):
    (tmp_path / RUN_FILE).write_bytes(content)
    with pytest.raises(InputError, match=r"(?s)is no record of a cross validation .*lesion_core crossval"):
        read_run(tmp_path)


def test_a_missing_record_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"run\.json is no record of a cross validation"):
        read_run(tmp_path / "nowhere")


def test_the_fingerprint_follows_cases_labels_and_targets_in_any_order(tmp_path):
    cases = tuple(Case(f"c{at}", "breast", f"{at}.png", at % 2, "mixed") for at in range(3))
    found = fingerprint_of(CaseTable(cases, tmp_path))
    assert len(found) == 64
    assert fingerprint_of(CaseTable(cases[::-1], tmp_path / "moved")) == found
    for changed in (
        cases[:2],
        (*cases[:2], replace(cases[2], label=1)),
        (*cases[:2], replace(cases[2], case_id="c9")),
        (*cases[:2], replace(cases[2], target="histology malignant")),
    ):
        assert fingerprint_of(CaseTable(changed, tmp_path)) != found


def test_the_fingerprint_of_folds_follows_them(tmp_path):
    cases = tuple(Case(f"c{at}", "breast", f"{at}.png", at % 2, "mixed") for at in range(3))
    table = CaseTable(cases, tmp_path)
    scheme = Scheme("thirds", {"c0": 1, "c1": 2, "c2": 3})
    assert fingerprint_of_folds(scheme, table) == fingerprint_of_folds(replace(scheme, name="other"), table)
    moved = replace(scheme, fold={"c0": 1, "c1": 3, "c2": 2})
    assert fingerprint_of_folds(moved, table) != fingerprint_of_folds(scheme, table)


def test_parts_of_a_run_are_put_together_in_order():
    ten, two = (replace(RECORD, folds={number: replace(FOLD, epoch=int(number))}) for number in ("10", "2"))
    assert list(merged([ten, two]).folds) == ["2", "10"]
    assert merged([RECORD]) == RECORD
    with pytest.raises(InputError, match="fold 2 stands in two of the parts"):
        merged([two, two])
    for change in ({"model": "tnet"}, {"scheme": "other"}, {"folds_sha256": "ef" * 32}, {"initialisation": "x"}):
        with pytest.raises(InputError, match="no parts of one run"):
            merged([two, replace(ten, **change)])
