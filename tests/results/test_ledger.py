import multiprocessing
from dataclasses import replace

import pytest

from lesion_core.errors import InputError, TableError
from lesion_core.results import ledger
from lesion_core.results.ledger import Opening, enter, read_ledger

OPENING = Opening(
    date="2026-01-31",
    model="bnet",
    weights_sha256="ab" * 32,
    dataset="BUSI",
    target="histology malignant",
    n=647,
    auc=0.8125,
    cases_sha256="cd" * 32,
)


def test_no_ledger_is_an_empty_one(tmp_path):
    assert read_ledger(tmp_path / "ledger.csv") == ()


def test_it_only_grows_and_counts_what_was_opened(tmp_path):
    file = tmp_path / "ledger.csv"
    retrained = replace(OPENING, weights_sha256="01" * 32, date="2026-02-01")
    entered = [
        (OPENING, 1),
        (OPENING, 2),
        (retrained, 3),
        (replace(OPENING, dataset="UDIAT"), 1),
        (replace(OPENING, model="tbnet", auc=None), 1),
        (OPENING, 4),
    ]
    content = ""
    for number, (opening, times) in enumerate(entered, start=1):
        assert enter(file, opening) == times
        assert file.read_text().startswith(content)
        content = file.read_text()
        assert read_ledger(file) == tuple(each for each, _ in entered[:number])
    assert content.splitlines()[0] == "date,model,weights_sha256,dataset,target,n,auc,cases_sha256"


def _enter_often(file, model, together):
    ledger.LOCK_SECONDS = 120.0
    together.wait(120)  # imports take longer than all entries: without this one ends before the next begins
    for _ in range(20):
        enter(file, replace(OPENING, model=model))


def test_several_processes_lose_no_opening(tmp_path):
    context = multiprocessing.get_context("spawn")
    models, file = ("tnet", "bnet", "tbnet"), tmp_path / "ledger.csv"
    together = context.Barrier(len(models))
    processes = [context.Process(target=_enter_often, args=(file, model, together)) for model in models]
    for each in processes:
        each.start()
    for each in processes:
        each.join(240)
        assert each.exitcode == 0
    found = [each.model for each in read_ledger(file)]
    assert {model: found.count(model) for model in models} == dict.fromkeys(models, 20)


def test_a_ledger_that_another_process_keeps_is_waited_for_and_told(tmp_path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(ledger, "LOCK_SECONDS", 0.05)
    with FileLock(tmp_path / ".ledger.csv.lock"), pytest.raises(InputError, match="another scoring is being entered"):
        enter(tmp_path / "ledger.csv", OPENING)
    assert enter(tmp_path / "ledger.csv", OPENING) == 1


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write into"):
        enter(tmp_path / "file" / "ledger.csv", OPENING)


def test_an_undefined_area_stays_empty(tmp_path):
    enter(tmp_path / "ledger.csv", replace(OPENING, auc=None))
    assert (tmp_path / "ledger.csv").read_text().splitlines()[1].endswith(f",647,,{'cd' * 32}")
    assert read_ledger(tmp_path / "ledger.csv")[0].auc is None


WRONG = [
    ({"dataset": ""}, "dataset is empty"),
    ({"auc": float("nan")}, "auc is 'nan'"),
    ({"auc": 1.5}, "auc is '1.5"),
    ({"n": -1}, "n is '-1'"),
    ({"weights_sha256": "x" * 64}, "weights_sha256 is"),
    ({"cases_sha256": "ab"}, "cases_sha256 is 'ab'"),
    ({"model": "two\nlines"}, "model is"),
]


@pytest.mark.parametrize(("change", "problem"), WRONG, ids=[problem for _, problem in WRONG])
def test_an_entry_that_could_not_be_read_back_spoils_nothing(change, problem, tmp_path):
    file = tmp_path / "ledger.csv"
    enter(file, OPENING)
    before = file.read_bytes()
    with pytest.raises(TableError) as caught:
        enter(file, replace(OPENING, **change))
    assert problem in str(caught.value)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (",647,", ",²,", "row 2: n is '²'"),
        (",647,", ",many,", "row 2: n is 'many'"),
        ("ab" * 32, "xy" * 32, "row 2: weights_sha256"),
        ("0.812500", "2", "row 2: auc is '2'"),
        ("BUSI", "", "row 2: dataset is empty"),
    ],
)
def test_a_damaged_ledger_is_neither_believed_nor_written_over(old, new, problem, tmp_path):
    file = tmp_path / "ledger.csv"
    enter(file, OPENING)
    file.write_text(file.read_text().replace(old, new), encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(TableError, match=problem):
        read_ledger(file)
    with pytest.raises(TableError, match=problem):
        enter(file, OPENING)
    assert file.read_bytes() == before
