import numpy as np
import pytest

from lesion_core.cases.table import read_cases
from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec
from lesion_core.training.rois import load_rois
from tests.commands.conftest import command
from tests.training.phantom_set import by_patient, make_set, write_scheme


def test_pack_writes_what_training_needs_and_says_how_large_it_is(tmp_path):
    table = make_set(tmp_path / "phantoms", patients=4)
    write_scheme(table, by_patient(table, 2))
    make_set(tmp_path / "others", patients=2, views=1, prefix="q", first_seed=50)
    done = command("pack", tmp_path / "phantoms" / "cases.csv", tmp_path / "others" / "cases.csv", tmp_path / "pack")
    assert done.exit_code == 0
    assert "phantoms: 8 cases, 0.0 MB, folds: thirds-2" in done.output
    assert "others: 2 cases, 0.0 MB, no folds.csv" in done.output
    assert "0.0 MB in all" in done.output
    assert "their terms hold for the pack too" in done.output
    packed = read_cases(tmp_path / "pack" / "phantoms" / "cases.csv")
    assert np.array_equal(load_rois(packed, InputSpec()), load_rois(table, InputSpec()))


def test_margins_are_those_asked_for(tmp_path):
    table = make_set(tmp_path / "phantoms", patients=2, views=1)
    options = ["--margin", "0.4", "--min-area-margin", "0.2"]
    assert command("pack", tmp_path / "phantoms" / "cases.csv", tmp_path / "pack", *options).exit_code == 0
    packed = read_cases(tmp_path / "pack" / "phantoms" / "cases.csv")
    for spec in (InputSpec("upright", 0.4), InputSpec("min-area", 0.2)):
        assert np.array_equal(load_rois(packed, spec), load_rois(table, spec))


def test_a_taken_folder_is_refused(tmp_path):
    make_set(tmp_path / "phantoms", patients=2, views=1)
    with pytest.raises(InputError, match="is there already"):
        command("pack", tmp_path / "phantoms" / "cases.csv", tmp_path / "phantoms")
