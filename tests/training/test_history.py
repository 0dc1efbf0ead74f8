from lesion_core.training.history import HISTORY_FILE, write_history
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
