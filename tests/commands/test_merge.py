"""What may lie where folds are put together, and what a copy that is cut short leaves there."""

import shutil
from dataclasses import replace

import pytest

from lesion_core.errors import InputError
from lesion_core.results.scores import read_scores
from lesion_core.training.history import join_histories
from lesion_core.training.run_record import read_run, write_run
from tests.commands.conftest import command

FOLDS = ["fold-01", "fold-02", "fold-03"]


@pytest.fixture
def out(workshop, tmp_path):
    """A folder with the same three folds."""
    shutil.copytree(workshop.run, tmp_path / "out")
    return tmp_path / "out"


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_finished_fold_of_another_run_is_not_written_over(workshop, out):
    record = read_run(out / "fold-02")
    write_run(replace(record, cases_sha256="ab" * 32), out / "fold-02")
    before = files(out)
    with pytest.raises(InputError, match=r"out holds fold-02 of another run or division: give another --out"):
        command("merge", workshop.run, "--out", out)
    assert files(out) == before


def test_folds_that_are_not_among_the_given_ones_are_not_mixed_in(workshop, out):
    shutil.copytree(out / "fold-03", out / "fold-04")
    before = files(out)
    with pytest.raises(InputError, match=r"out holds fold-04 of another run or division"):
        command("merge", workshop.run, "--out", out)
    assert files(out) == before


def test_an_unfinished_fold_is_not_written_over(workshop, out):
    (out / "fold-02" / "scores.csv").unlink()
    (out / "fold-02" / "snapshot.safetensors").write_bytes(b"half way")
    before = files(out)
    with pytest.raises(InputError, match=r"out holds fold-02 unfinished, .*: finish it with `crossval` or delete it"):
        command("merge", workshop.run, "--out", out)
    assert files(out) == before
    shutil.rmtree(out / "fold-02")
    assert command("merge", workshop.run, "--out", out).exit_code == 0


def test_folds_of_the_same_run_are_brought_again(workshop, out):
    shutil.rmtree(out / "fold-01")
    (out / "scores.csv").unlink()
    assert command("merge", workshop.run, "--out", out).exit_code == 0
    assert read_scores(out / "scores.csv") == read_scores(workshop.run / "scores.csv")
    assert join_histories([out / name for name in FOLDS], out / "history.csv") == 3


def test_a_copy_that_is_cut_short_leaves_no_fold_and_spoils_none(workshop, out, monkeypatch):
    shutil.rmtree(out / "fold-02")
    before = files(out)
    whole_copy, copied = shutil.copytree, []

    def full(source, target):
        if ".fold-02.part" in target:
            copied.append(target)
            if len(copied) > 1:
                raise OSError(28, "No space left on device", target)
        return shutil.copy2(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copytree", lambda *args, **options: whole_copy(*args, **options, copy_function=full))
        with pytest.raises(shutil.Error, match="No space left"):
            command("merge", workshop.run, "--out", out)
    whole = {name: content for name, content in files(out).items() if not name.startswith(".fold-02.part/")}
    assert whole == before
    assert not (out / "fold-02").exists()
    assert command("merge", workshop.run, "--out", out).exit_code == 0
    assert sorted(each.name for each in out.iterdir()) == [*FOLDS, "folds.csv", "run.json", "scores.csv"]
    assert files(out / "fold-02") == files(workshop.run / "fold-02")
