"""Several tests at once: Holm's step-down correction."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from lesion_core.errors import StatisticsError
from lesion_core.stats.estimate import Comparison


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Correct p values so that any false alarm among them has at most the stated chance (Holm 1979).

    The smallest of m is multiplied by m, the next by m - 1, and so on, never falling below the one before. A test
    that is undefined (NaN) stays so and is not counted.

    Args:
        p_values: 0-1 or NaN, in any order.

    Returns:
        The corrected values, in the order given.

    Raises:
        StatisticsError: a value outside 0-1.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        (0.03, 0.06, 0.06)
    """
    wrong = [p for p in p_values if not math.isnan(p) and not 0 <= p <= 1]
    if wrong:
        raise StatisticsError(f"p values must lie from 0 to 1, got {wrong[0]}")
    defined = sorted((p, i) for i, p in enumerate(p_values) if not math.isnan(p))
    corrected = [math.nan] * len(p_values)
    floor = 0.0
    for rank, (p, i) in enumerate(defined):
        floor = max(floor, min(1.0, (len(defined) - rank) * p))
        corrected[i] = floor
    return tuple(corrected)


def holm_tests(tests: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """The same tests with Holm-corrected p values, and a note that says among how many."""
    corrected = holm([test.p_value for test in tests])
    count = sum(test.defined for test in tests)
    return tuple(
        replace(
            test,
            p_value=p,
            method=f"{test.method}, Holm",
            notes=(*test.notes, f"p corrected for {count} comparisons (Holm)."),
        )
        if test.defined
        else test
        for test, p in zip(tests, corrected, strict=True)
    )
