from dataclasses import replace

import pytest

from lesion_core.errors import InputError
from lesion_core.training.majority import agreed_config
from lesion_core.training.run_record import FurtherUse
from tests.training.test_release import PRESET, A, B, C, cases, record


def test_the_settings_that_most_folds_took_are_the_final_ones(tmp_path):
    table = cases(tmp_path)
    assert agreed_config(record(table), PRESET) == (B, 1, False)  # the median of its epochs, 2 and 1, rounded down
    assert agreed_config(record(table, (C, C, A), (3, 3, 1)), PRESET) == (C, 3, False)
    assert agreed_config(record(table, (C, B, A)), PRESET) == (A, 1, False)  # of equals the first listed
    for chosen in ((), (A, replace(A, epochs=9))):
        with pytest.raises(InputError, match="other candidates than preset tiny"):
            agreed_config(record(table, chosen), PRESET)


@pytest.mark.parametrize(
    ("chosen", "learnt", "epochs", "agreed"),
    [
        ((B, B, A), (True, True, False), (2, 4, 1), (B, 3, True)),
        ((B, B, B), (True, False, True), (2, 9, 4), (B, 3, True)),  # epochs of the folds that learnt from them
        ((B, B, B), (True, False, False), (9, 2, 4), (B, 3, False)),
        ((B, B, A), (True, False, False), (2, 4, 1), (A, 1, False)),  # of equals the first listed, without
        ((A, A, B), (True, False, False), (5, 7, 1), (A, 7, False)),  # likewise
    ],
)
def test_with_and_without_further_cases_are_two_choices(chosen, learnt, epochs, agreed, tmp_path):
    run = record(cases(tmp_path), chosen, epochs)
    uses = [FurtherUse(each, (), 0, 0) for each in learnt]
    folds = {number: replace(fold, further=use) for (number, fold), use in zip(run.folds.items(), uses, strict=True)}
    assert agreed_config(replace(run, folds=folds), PRESET) == agreed
