import pytest

from lesion_core.errors import InputError
from lesion_core.training.kept_scores import out_of_fold_file, scores_folder


def test_the_one_file_of_out_of_fold_scores_is_found(tmp_path):
    with pytest.raises(InputError, match="holds 0 files of out-of-fold scores, one is needed"):
        out_of_fold_file(tmp_path)
    scores_folder(tmp_path).mkdir()
    for name in ("thirds-3-out-of-fold.csv", "busi-external.csv"):
        (scores_folder(tmp_path) / name).touch()
    assert out_of_fold_file(tmp_path) == tmp_path / "scores" / "thirds-3-out-of-fold.csv"
    (scores_folder(tmp_path) / "halves-2-out-of-fold.csv").touch()
    with pytest.raises(InputError, match="holds 2 files"):
        out_of_fold_file(tmp_path)
