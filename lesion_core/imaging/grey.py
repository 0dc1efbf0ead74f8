"""Grey values of more than 8 bits brought to 8 bits, for files that do not say how they want to be shown.

The rule: the full range of the data, lowest value to black, highest to white, linear in between. Nothing is clipped and
the order of the values is kept; an 8-bit image that was stored as 16 bits (times 257) comes back exactly. Percentiles
were not chosen: they clip the brightest echoes and the burned-in text by an amount that depends on the content.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Spread:
    """Values spread over 0-255.

    Attributes:
        pixels: same shape as the values, uint8, 0-255.
        note: what was done, in a sentence for the user.
    """

    pixels: NDArray[np.uint8]
    note: str


def spread(values: NDArray[np.number], kind: str) -> Spread:
    """Spread the full range of the data linearly over 0-255.

    Args:
        values: (height, width) of any integer or real dtype; NaN and infinities become black.
        kind: what the values are, for the note, e.g. "16-bit grey".
    """
    finite = np.isfinite(values)
    dark = int(values.size - np.count_nonzero(finite))
    known = values if dark == 0 else values[finite]
    if known.size == 0:
        return Spread(np.zeros(values.shape, np.uint8), f"{kind} without a single finite value: all black.")
    low, high = known.min().item(), known.max().item()
    pixels = to_8bit(np.where(finite, values, low) if dark else values, low, high)
    note = f"{kind}: the values from {low:g} (black) to {high:g} (white) were spread over 8 bits."
    if low == high:
        note = f"{kind} of one value only ({low:g}): all black."
    if dark:
        note += f" {dark} pixels without a finite value are black."
    return Spread(pixels, note)


def to_8bit(values: NDArray[np.number], low: float, high: float) -> NDArray[np.uint8]:
    """Map `low` to 0 and `high` to 255, linearly, clipped, rounded to the nearest (half to even); all 0 where equal.

    Args:
        values: any shape, integers or reals, finite.
        low: shown black.
        high: shown white; may lie below `low`, which inverts.
    """
    if low == high:
        return np.zeros(values.shape, np.uint8)
    shown = values.astype(np.float64)
    shown -= low
    shown *= 255.0 / (high - low)
    np.rint(shown, out=shown)
    np.clip(shown, 0, 255, out=shown)
    return shown.astype(np.uint8)
