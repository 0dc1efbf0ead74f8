"""Where the end of an interval lies: the point at which a test statistic passes its critical value."""

from __future__ import annotations

from collections.abc import Callable


def interval_end(excess: Callable[[float], float], inside: float, outside: float) -> float:
    """The border between points an interval holds and points it does not, to the last digit.

    Args:
        excess: positive where a point lies outside the interval, else not; changes sign once between the two.
        inside: a point the interval holds, e.g. the estimate.
        outside: an end of the scale; where the interval holds it too, it is the answer.

    Returns:
        The outermost point that the interval holds.
    """
    if excess(outside) <= 0:
        return outside
    while (middle := (inside + outside) / 2) not in (inside, outside):
        if excess(middle) > 0:
            outside = middle
        else:
            inside = middle
    return inside
