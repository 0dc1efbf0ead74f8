import pytest

from lesion_core.errors import TableError
from lesion_core.results.review.history import histories, read_history


def test_a_history_of_its_own_run_comes_first(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,loss\n1,0.5\n")
    assert histories(tmp_path, "r")[0].loss == 0.5
    (tmp_path / "history-r.csv").write_text("epoch,loss,seconds\n1,0.4,3\n")
    assert histories(tmp_path, "r")[0].loss == 0.4
    assert histories(tmp_path, "other")[0].loss == 0.5
    assert histories(tmp_path / "none", "r") == ()


@pytest.mark.parametrize("text", ["loss\n0.5\n", "epoch,loss\none,0.5\n"])
def test_a_bad_history_says_where(tmp_path, text):
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(TableError, match="row"):
        read_history(tmp_path / "history.csv")
