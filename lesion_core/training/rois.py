"""The RoIs of a case table, prepared exactly as serving prepares them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError, TableError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.prepare import InputSpec, prepare
from lesion_core.imaging.read import read_image

Progress = Callable[[int, int], None]


def load_rois(table: CaseTable, spec: InputSpec, *, progress: Progress | None = None) -> NDArray[np.uint8]:
    """Read every image and border and cut the RoIs.

    Args:
        table: the cases; each needs a border.
        spec: the rule.
        progress: called with (done, all) now and then, and at the end.

    Returns:
        (n, height, width, 3) uint8, RGB, in the order of the table.

    Raises:
        TableError: cases without a border or with an unusable image or border; all of them are listed.
    """
    height, width = spec.size
    rois = np.empty((len(table), height, width, 3), dtype=np.uint8)
    problems: list[str] = []
    for number, case in enumerate(table.cases):
        border_path = table.border_path(case)
        try:
            if border_path is None:
                raise InputError("no border: outline it first")
            image = read_image(table.image_path(case))
            rois[number] = prepare(image.pixels, read_border(border_path, image.size), spec).pixels
        except InputError as error:
            problems.append(f"case {case.case_id}: {error}")
        done = number + 1
        if progress is not None and (done % 50 == 0 or done == len(table)):
            progress(done, len(table))
    if problems:
        raise TableError("these cases cannot be used", problems)
    return rois
