"""How large a pixel of a DICOM image is, where its header says so."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydicom.dataset import Dataset

#: DICOM PS3.3, US Region Calibration Module (C.8.5.5): spatial format 2D, physical units centimetres.
_PLANE, _CENTIMETRES = 1, 3
#: Anything else is no calibration of an ultrasound image, millimetres.
_LEAST, _MOST = 0.005, 2.0
#: Differences below it are rounding, a share.
_SAME = 0.01


def mm_per_px(dataset: Dataset) -> float | None:
    """Millimetres per pixel, the same in both directions; None where the header does not say, or not one number.

    Args:
        dataset: its ultrasound regions count; where it has none, its pixel spacing.
    """
    try:
        regions = dataset.get("SequenceOfUltrasoundRegions") or ()
        stated = [each for region in regions for each in _of_region(region)]
        if not regions:
            stated = [float(each) for each in dataset.get("PixelSpacing") or ()]
    except (AttributeError, OverflowError, TypeError, ValueError):  # a damaged header: the image itself may be fine
        return None
    return _one(stated)


def _of_region(region: Dataset) -> tuple[float, ...]:
    """Millimetres per pixel along x and y; empty for a region that is no calibrated plane (a trace over time)."""
    units = (region.get("PhysicalUnitsXDirection"), region.get("PhysicalUnitsYDirection"))
    if region.get("RegionSpatialFormat") != _PLANE or units != (_CENTIMETRES, _CENTIMETRES):
        return ()
    return tuple(10 * abs(float(region.get(name, math.nan))) for name in ("PhysicalDeltaX", "PhysicalDeltaY"))


def _one(stated: Sequence[float]) -> float | None:
    if len(stated) < 2 or not all(_LEAST <= each <= _MOST for each in stated):
        return None
    return float(stated[-1]) if max(stated) <= (1 + _SAME) * min(stated) else None
