import re
import shlex
import shutil

import pytest

from lesion_core.errors import InputError
from lesion_core.model.card import model_folder
from lesion_core.results.performance import cross_fitted_performance
from lesion_core.results.scores import read_scores
from lesion_core.training.run_record import read_run
from tests.commands.conftest import command
from tests.commands.results_page import rows_below


@pytest.mark.parametrize("model", ["bnet", "tnet"])
def test_every_row_of_the_page_is_printed_and_follows_from_the_kept_scores(model):
    done = command("seeds", model)
    assert done.exit_code == 0, done.output
    rows = rows_below(f"python -m lesion_core seeds {model}")
    assert len(rows) == 6
    assert [row for row in rows if row not in done.output.splitlines()] == []
    names = (model, f"{model}-seed-1", f"{model}-seed-2")
    assert " | ".join(names) in rows[0]
    for at, name in enumerate(names, start=3):
        (path,) = (model_folder(model).parent / name / "scores").glob("*-out-of-fold.csv")
        found = cross_fitted_performance(read_scores(path), wanted_sensitivity=0.95, unit="patient").auc
        assert rows[2].split(" | ")[at] == f"{found.value:.3f} ({found.low:.3f}-{found.high:.3f})"


@pytest.mark.parametrize(("model", "folds"), [("bnet", 1), ("tnet", 3)])
def test_the_kept_seeds_differ_in_nothing_else(model, folds):
    """BNet's folds came with the data; TNet's are made by the seed."""
    models = model_folder(model).parent
    records = [read_run(models / name / "scores") for name in (model, f"{model}-seed-1", f"{model}-seed-2")]
    assert [each.settings["candidates"][0]["seed"] for each in records] == [0, 1, 2]
    assert len({each.cases_sha256 for each in records}) == 1
    assert len({each.folds_sha256 for each in records}) == folds
    said = command("seeds", model).output
    assert ("the folds are the same" in said) == (folds == 1)


def test_a_model_without_other_seeds_says_how_to_get_them(workshop, tmp_path):
    """As it stands, the advice makes a seed that is taken for one."""
    with pytest.raises(
        InputError, match=r"run `python -m lesion_core crossval .* --seed 1 .*--as bnet-seed-1`"
    ) as told:
        command("seeds", "bnet")
    crossval, keep = (shlex.split(each) for each in re.findall("`python -m lesion_core (.*?)`", str(told.value)))
    run = crossval[crossval.index("--out") + 1]
    crossval, keep = ([word.replace(run, str(tmp_path / "run")) for word in words] for words in (crossval, keep))
    assert command(*crossval, "--cache", workshop.cache).exit_code == 0
    assert command(*keep).exit_code == 0
    assert "| bnet | bnet-seed-1 |" in command("seeds", "bnet").output


def test_the_advice_takes_the_outline_along_where_it_enters():
    with pytest.raises(InputError, match=r"--model tbnet --preset best --seed 1 .*--as tbnet-seed-1 --outline "):
        command("seeds", "tbnet")


def test_a_model_without_the_outline_has_one_score(workshop):
    """A run of the same seed stands in for another one: what counts is what lies beside the model."""
    shutil.copytree(workshop.models / "bnet" / "scores", workshop.models / "bnet-seed-1" / "scores")
    done = command("seeds", "bnet")
    assert done.exit_code == 0, done.output
    assert "the model's | patient" in done.output
    assert "network alone" not in done.output
    assert done.output.count("| 0.0000 |") == 2
