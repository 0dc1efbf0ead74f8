"""A border that a reader drew, held against the recorded one of the same image."""

from __future__ import annotations

from collections.abc import Sequence

from lesion_core.cases.agreement import compare_borders
from lesion_core.errors import LesionError
from lesion_core.imaging.border import border_from_points
from lesion_core.reading.study import View
from lesion_core.records import Point


def dice(drawn: Sequence[Point], view: View) -> float | None:
    """Dice of a drawn border and the recorded one, 0-1; None where one of them is missing or encloses nothing.

    Args:
        drawn: image pixels of the view.
        view: the image it was drawn on.
    """
    if not drawn or not view.border:
        return None
    try:
        own, recorded = (border_from_points(points, view.size) for points in (drawn, view.border))
    except LesionError:
        return None
    return compare_borders(own, recorded).dice
