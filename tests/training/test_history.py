from lesion_core.results.review.history import histories
from lesion_core.training.history import HISTORY_FILE, join_histories, write_history
from lesion_core.training.snapshot import EpochRecord


def test_a_row_for_each_epoch_and_nothing_half_written(tmp_path):
    history = [EpochRecord(1, 0.5, 0.25, 0.75, 1e-4, 2.5, 40, 9), EpochRecord(2, 1 / 3, None, None, 5e-5, 2.0, 40, 9)]
    write_history(history, tmp_path / "new")
    assert (tmp_path / "new" / HISTORY_FILE).read_text() == (
        "epoch,loss,validation_loss,validation_auc,rate,seconds,images,epochs\n"
        "1,0.5,0.25,0.75,0.0001,2.5,40,9\n"
        "2,0.333333,,,5e-05,2,40,9\n"
    )
    assert [file.name for file in (tmp_path / "new").iterdir()] == [HISTORY_FILE]


def test_histories_of_folds_become_the_table_that_the_review_reads(tmp_path):
    history = [EpochRecord(1, 0.5, 0.25, 0.75, 1e-4, 2.5, 40, 2), EpochRecord(2, 0.25, None, None, 5e-5, 2.0, 40, 2)]
    folders = [tmp_path / f"fold-{number:02d}" for number in (1, 2, 10)]
    write_history(history, folders[0])
    write_history(history[:1], folders[2])
    folders[1].mkdir()  # merged elsewhere: no history
    assert join_histories(folders, tmp_path / "history-run.csv") == 2
    rows = histories(tmp_path, "run")
    assert [(row.fold, row.epoch, row.loss) for row in rows] == [(1, 1, 0.5), (1, 2, 0.25), (10, 1, 0.5)]
    assert join_histories([folders[1]], tmp_path / "none.csv") == 0
    assert not (tmp_path / "none.csv").exists()
