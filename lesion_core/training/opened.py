"""A case as training opens it: pixels and border, from the files of its table or from a pack.

Reading a pack needs neither shapely nor pydicom, which the machine that trains may not have; files do.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError
from lesion_core.imaging.prepare import InputSpec, roi_area
from lesion_core.records import Border
from lesion_core.training.packed import PACK_FILE, read_packed

#: How many pixels around a point bicubic interpolation looks at.
REACH_PX = 2


@dataclass(frozen=True)
class OpenedCase:
    """An image with its border, of which a part is known.

    Attributes:
        pixels: (height, width, 3) uint8, RGB, 0-255, of the size of the image; black where it is not known.
        border: validated, in this image.
        known: the pixels that are known, as whole columns and rows (left, top, right, bottom); all of a file's.
    """

    pixels: NDArray[np.uint8]
    border: Border
    known: tuple[int, int, int, int]

    def check_covers(self, spec: InputSpec) -> None:
        """Require that all pixels are known that a rule looks at.

        Raises:
            InputError: the crop in a pack is too small for the rule.
        """
        height, width = self.pixels.shape[:2]
        needed = looked_at(self.border, spec, (height, width))
        left, top, right, bottom = self.known
        if needed[0] < left or needed[1] < top or needed[2] > right or needed[3] > bottom:
            raise InputError(
                f"its crop in the pack holds less than the rule {spec.rule} with margin {spec.margin:g} needs: make "
                "the pack again with a larger margin (`python -m lesion_core pack --help`)"
            )


#: Opens a case of a table.
OpenCase = Callable[[CaseTable, Case], OpenedCase]


def open_case(table: CaseTable, case: Case) -> OpenedCase:
    """Open a case from its crop when its border lies in a pack, else from its files.

    Raises:
        InputError: no border, or an unusable image, border or pack.
    """
    border = table.border_path(case)
    if border is None:
        raise InputError("no border: outline it first")
    if border.name == PACK_FILE:
        packed = read_packed(border, table.image_path(case), case.case_id)
        return OpenedCase(packed.pixels, packed.border, packed.crop)
    from lesion_core.imaging.border import read_border
    from lesion_core.imaging.read import read_image

    image = read_image(table.image_path(case))
    height, width = image.size
    return OpenedCase(image.pixels, read_border(border, image.size), (0, 0, width, height))


def looked_at(border: Border, spec: InputSpec, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The pixels of an image that a rule looks at.

    Args:
        border: in the image.
        spec: the rule.
        size: (height, width) of the image.

    Returns:
        Whole columns and rows: left, top, right, bottom.
    """
    corners, _ = roi_area(border, spec)
    height, width = size
    x, y = [x for x, _ in corners], [y for _, y in corners]
    return (
        max(0, math.floor(min(x)) - REACH_PX),
        max(0, math.floor(min(y)) - REACH_PX),
        min(width, math.ceil(max(x)) + REACH_PX),
        min(height, math.ceil(max(y)) + REACH_PX),
    )
