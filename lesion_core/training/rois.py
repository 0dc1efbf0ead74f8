"""The RoIs of a case table, prepared exactly as serving prepares them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.faults import Faults
from lesion_core.cases.table import CaseTable
from lesion_core.imaging.prepare import InputSpec, prepare
from lesion_core.training.opened import OpenCase, open_case

Progress = Callable[[int, int], None]


def load_rois(
    table: CaseTable, spec: InputSpec, *, opener: OpenCase = open_case, progress: Progress | None = None
) -> NDArray[np.uint8]:
    """Open every case and cut the RoIs.

    Args:
        table: the cases; each needs a border.
        spec: the rule.
        opener: opens a case; from its files or from the pack that the table lies in.
        progress: called with (done, all) now and then, and at the end.

    Returns:
        (n, height, width, 3) uint8, RGB, in the order of the table.

    Raises:
        TableError: cases without a border, with an unusable image or border, or packed with a smaller margin; all of
            them are listed.
    """
    height, width = spec.size
    rois = np.empty((len(table), height, width, 3), dtype=np.uint8)
    faults = Faults()
    for number, case in enumerate(table.cases):
        with faults.of(case):
            opened = opener(table, case)
            opened.check_covers(spec)
            rois[number] = prepare(opened.pixels, opened.border, spec).pixels
        done = number + 1
        if progress is not None and (done % 50 == 0 or done == len(table)):
            progress(done, len(table))
    faults.check("these cases cannot be used")
    return rois
