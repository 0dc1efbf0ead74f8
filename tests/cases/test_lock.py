import pytest
from filelock import FileLock, Timeout

from lesion_core.cases.lock import locked
from lesion_core.errors import InputError


def test_it_is_held_inside_and_free_after(tmp_path):
    file = tmp_path / "made" / ".lock"
    with locked(file, 0.05, "kept"), pytest.raises(Timeout):
        FileLock(file, timeout=0.05).acquire()
    with FileLock(file, timeout=0.05):
        pass


def test_an_error_inside_is_passed_on_and_lets_go(tmp_path):
    file = tmp_path / ".lock"
    with pytest.raises(ZeroDivisionError), locked(file, 0.05, "kept"):
        1 / 0  # noqa: B018 - raises
    with FileLock(file, timeout=0.05):
        pass


def test_an_error_of_the_disk_inside_is_not_taken_for_one_of_the_lock(tmp_path):
    with pytest.raises(OSError, match="No space left"), locked(tmp_path / ".lock", 0.05, "kept"):
        raise OSError(28, "No space left on device")


def test_another_holder_is_named_and_what_to_do(tmp_path):
    file = tmp_path / ".lock"
    with FileLock(file), pytest.raises(InputError, match=r"^kept: try again in a moment$"), locked(file, 0.05, "kept"):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write into"), locked(tmp_path / "file" / ".lock", 0.05, "kept"):
        pass
