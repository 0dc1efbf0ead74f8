import pytest

from lesion_core.training.deadline import Deadline


@pytest.mark.parametrize(
    ("now", "longest", "leave"),
    [(0, 0, False), (100, 40, False), (100, 41, True), (130, 10, False), (131, 10, True), (500, 0, True)],
)
def test_it_leaves_off_when_the_next_epoch_and_the_reserve_would_not_fit(now, longest, leave):
    """Three minutes, of which 40 s are kept: an epoch must end by second 140."""
    times = iter([0.0, float(now)])
    deadline = Deadline(3, reserve=40, clock=lambda: next(times))
    deadline.epoch_took(longest)
    assert deadline() is leave


def test_the_longest_epoch_counts():
    times = iter([0.0, 50.0])
    deadline = Deadline(1.5, reserve=0, clock=lambda: next(times))
    for seconds in (10, 45, 5):
        deadline.epoch_took(seconds)
    assert deadline()
