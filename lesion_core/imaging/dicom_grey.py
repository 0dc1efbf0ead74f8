"""Grey values of a DICOM frame to 8 bits: modality transformation, then the file's window or look-up table.

Sources: DICOM PS3.3 2024, C.11.1 (modality LUT), C.11.2 (VOI LUT) and C.7.6.16.2 (the same per frame in enhanced
multi-frame files). Both are applied to a table of the stored values that occur, then looked up per pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_windowing

from lesion_core.imaging.grey import spread, to_8bit

_TRANSFORMATION = (
    "ModalityLUTSequence",
    "RescaleSlope",
    "RescaleIntercept",
    "VOILUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
)
_GROUPS = ("PixelValueTransformationSequence", "FrameVOILUTSequence")
#: Up to so many different stored values a table is made (all of 16 bits).
_TABLE = 1 << 16


@dataclass(frozen=True)
class GreyFrame:
    """A grey frame as it is shown, before any inversion.

    Attributes:
        pixels: (height, width) uint8, 0-255.
        notes: what was done to it, in sentences for the user.
    """

    pixels: NDArray[np.uint8]
    notes: tuple[str, ...]


def grey_frame(stored: NDArray[np.number], dataset: Dataset, index: int, *, bits: int) -> GreyFrame:
    """Bring a grey frame to 8 bits as its file asks.

    With a window or VOI table, that is applied. Without, up to 8 bits are shown as they are (0 black, 2^bits - 1
    white), more by the rule of `grey.spread`.

    Args:
        stored: (rows, columns), integers or reals, as stored.
        dataset: where the transformations stand.
        index: of the frame, for transformations per frame.
        bits: bits stored.
    """
    if not np.issubdtype(stored.dtype, np.integer):
        shown = spread(stored, "floating-point grey")
        return GreyFrame(shown.pixels, (shown.note,))
    low, high = int(stored.min()), int(stored.max())
    tabulated = high - low < _TABLE
    values = np.arange(low, high + 1) if tabulated else stored.astype(np.int64)
    view = _transformations(dataset, index)
    result = _shown(values, view, bits=bits, signed=np.issubdtype(stored.dtype, np.signedinteger))
    if tabulated:
        return GreyFrame(result.pixels[np.subtract(stored, low, dtype=np.int64)], result.notes)
    return result


def _transformations(dataset: Dataset, index: int) -> Dataset:
    """The transformation elements in force for a frame: the frame's before the shared ones before the file's."""
    view = Dataset()
    view.file_meta = dataset.file_meta
    groups = [*(dataset.get("SharedFunctionalGroupsSequence") or [])[:1]]
    groups += (dataset.get("PerFrameFunctionalGroupsSequence") or [])[index : index + 1]
    items = [dataset]
    items += [item for group in groups for name in _GROUPS for item in (group.get(name) or [])[:1]]
    for item in items:
        for keyword in _TRANSFORMATION:
            if item.get(keyword) is not None:
                view[keyword] = item[keyword]
    return view


def _shown(values: NDArray[np.int64], view: Dataset, *, bits: int, signed: bool) -> GreyFrame:
    """8-bit grey for stored values of any shape."""
    modality = _modality(values, view)
    notes: list[str] = []
    if view.get("VOILUTSequence"):
        table, top = _table(view.VOILUTSequence[0], view)
        first = int(view.VOILUTSequence[0].LUTDescriptor[1])
        picks = np.clip(np.rint(modality).astype(np.int64) - first, 0, table.size - 1)
        return GreyFrame(to_8bit(table[picks], 0, top), ("The file's look-up table for display was applied.",))
    if view.get("WindowCenter") is not None and view.get("WindowWidth") is not None:
        centre, width = _first(view.WindowCenter), _first(view.WindowWidth)
        function = str(view.get("VOILUTFunction") or "LINEAR")
        if width >= 1 or (function != "LINEAR" and width > 0):
            pixels = _windowed(modality, centre=centre, width=width, function=function)
            return GreyFrame(pixels, (f"The file's window was applied: centre {centre:g}, width {width:g}.",))
        notes.append(f"The file's window (centre {centre:g}, width {width:g}) is not possible and was left aside.")
    if bits > 8:
        shown = spread(modality, f"{bits}-bit grey")
        return GreyFrame(shown.pixels, (*notes, shown.note))
    lowest = -(1 << (bits - 1)) if signed else 0
    possible = _modality(np.arange(lowest, lowest + (1 << bits)), view)
    return GreyFrame(to_8bit(modality, possible.min().item(), possible.max().item()), tuple(notes))


def _modality(values: NDArray[np.int64], view: Dataset) -> NDArray[np.number]:
    """Stored to modality values (PS3.3, C.11.1); the same where the file says nothing."""
    if view.get("ModalityLUTSequence"):
        table, _ = _table(view.ModalityLUTSequence[0], view)
        first = int(view.ModalityLUTSequence[0].LUTDescriptor[1])
        return table[np.clip(values - first, 0, table.size - 1)]
    rescaled: NDArray[np.number] = apply_modality_lut(values, view)
    return rescaled


def _windowed(values: NDArray[np.number], *, centre: float, width: float, function: str) -> NDArray[np.uint8]:
    """Window to 0-255 (PS3.3, C.11.2.1.2 and C.11.2.1.3): pydicom's, told that its output has 8 bits."""
    window = Dataset()
    window.PhotometricInterpretation = "MONOCHROME2"
    window.BitsStored, window.PixelRepresentation = 8, 0
    window.WindowCenter, window.WindowWidth, window.VOILUTFunction = centre, width, function
    with np.errstate(over="ignore"):  # far below a sigmoid window: exp overflows, its inverse is rightly 0
        return to_8bit(apply_windowing(values, window), 0, 255)


def _table(item: Dataset, view: Dataset) -> tuple[NDArray[np.number], int]:
    """Entries of a look-up table (PS3.3, C.11.1.1.1) and the highest value they can have.

    Not pydicom's `apply_voi`: it wraps around at 256 where a table of more entries holds 8-bit values.
    """
    entries, _, bits = (int(value) for value in item.LUTDescriptor)
    entries = entries or 1 << 16
    data = item["LUTData"].value
    if isinstance(data, bytes):
        order = "<" if view.file_meta.TransferSyntaxUID.is_little_endian else ">"
        table = np.frombuffer(data, order + "u2" if len(data) >= 2 * entries else "u1")
    else:
        table = np.atleast_1d(np.asarray(data, dtype=np.int64))
    if table.size < entries or not 1 <= bits <= 16:
        raise ValueError(f"look-up table of {table.size} entries and {bits} bits, {entries} entries are announced")
    return table[:entries].astype(np.int64), (1 << bits) - 1


def _first(value: float | Sequence[float]) -> float:
    """The first of one or several values."""
    return float(value[0] if isinstance(value, Sequence) else value)
