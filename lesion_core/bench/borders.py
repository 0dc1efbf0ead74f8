"""``bench borders``: how stable the min-area RoI is when a border is drawn again a little differently.

Every mask of BUS-BRA (LESION_DATA names the folder that holds BUSBRA) is outlined; each outline is nudged five times by
a smooth displacement along its normals of 1 to 2 px at its largest, and the rectangle is fitted anew, with the near-tie
rule and without it. Counted is how often the RoI turns by more than 5 degrees. Also reported: mask to border to mask.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from lesion_core.errors import BorderError, InputError
from lesion_core.imaging.border import border_from_mask, border_from_points, border_to_mask
from lesion_core.imaging.nudge import nudge
from lesion_core.imaging.rectangle import NEAR_TIE, minimum_area_rectangle
from lesion_core.records import Border

NUDGES = 5
TURN_DEG = 5.0
LARGEST_PX = (1.0, 2.0)
SEED = 2026


def run() -> None:
    """Measure and print."""
    folder = Path(os.environ.get("LESION_DATA", ".")) / "BUSBRA" / "Masks"
    files = sorted(folder.glob("*.png"))
    if not files:
        raise InputError(f"no masks in {folder}: set LESION_DATA to the folder that holds BUSBRA")
    rng = np.random.default_rng(SEED)
    rules = {f"near ties within {100 * NEAR_TIE:.0f} % to the smallest angle": NEAR_TIE, "smallest area alone": 0.0}
    turned = dict.fromkeys(rules, 0)
    total = 0
    overlaps = []
    for file in files:
        mask = np.asarray(Image.open(file).convert("L")) > 127
        border = border_from_mask(mask)
        overlaps.append(_overlap(border, mask))
        before = {rule: minimum_area_rectangle(border, near_tie=tie).angle_deg for rule, tie in rules.items()}
        for _ in range(NUDGES):
            try:
                nudged = border_from_points(nudge(border, rng, largest_px=LARGEST_PX), mask.shape)
            except BorderError:
                continue
            total += 1
            for rule, tie in rules.items():
                after = minimum_area_rectangle(nudged, near_tie=tie).angle_deg
                turned[rule] += abs(after - before[rule]) > TURN_DEG
    print(f"borders of BUS-BRA: {len(files)} masks, seed {SEED}")
    print(f"mask -> border -> mask, largest part: smallest intersection over union {min(overlaps):.4f}")
    print(f"nudged by 1-2 px, {total} times; RoI turned by more than {TURN_DEG:.0f} degrees:")
    for rule, count in turned.items():
        print(f"  {rule}: {count} ({100 * count / total:.1f} %)")


def _overlap(border: Border, mask: NDArray[np.bool_]) -> float:
    parts, _ = ndimage.label(mask)
    largest = parts == 1 + np.argmax(np.bincount(parts.ravel())[1:])
    again = border_to_mask(border, mask.shape)
    return float((again & largest).sum() / (again | largest).sum())
