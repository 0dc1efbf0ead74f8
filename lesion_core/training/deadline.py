"""Leaving off before a machine is taken away: asked after each epoch whether another one would still fit."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadline:
    """True as soon as an epoch as long as the longest so far would end too late.

    Args:
        minutes: from now.
        reserve: seconds that are kept for scoring and writing.
        clock: seconds.
    """

    def __init__(self, minutes: float, *, reserve: float = 20.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + 60 * minutes - reserve
        self._longest = 0.0

    def epoch_took(self, seconds: float) -> None:
        """Tell how long an epoch took."""
        self._longest = max(self._longest, seconds)

    @property
    def between(self) -> bool:
        """Whether to leave off before something new is begun: never before the first epoch, or nothing would go on."""
        return self._longest > 0 and self()

    def __call__(self) -> bool:
        """Whether to leave off now."""
        return self._clock() + self._longest > self._end
