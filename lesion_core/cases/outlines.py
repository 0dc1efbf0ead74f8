"""Cases that are outlines: several of them can lie in one image, and n then counts neither images nor patients.

A table of scores names no image. Where an importer makes one row of each outline, its case_id says which image it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: data set -> the case_id that its importer gives to one outline of several; the first group is the image's own.
_OUTLINE = {
    "breast-usg": re.compile(r"(breast-usg-case\d+)_\w+"),
    "bus-uclm": re.compile(r"(bus-uclm-.+)-(?:benign|malignant)"),
    "busi": re.compile(r"(.+)_mask(?:_\d+)?"),
    "ddti": re.compile(r"(ddti-\d+_\d+)-\d+"),
    "tn5000": re.compile(r"(tn5000-.+)-\d+"),
}


@dataclass(frozen=True)
class Outlines:
    """How many images and patients some cases show.

    Attributes:
        n: cases.
        images: different ones among them, as far as the names tell.
        one_label: whether all cases of each patient have the same label.
    """

    n: int
    images: int
    one_label: bool

    def note(self, unit: Literal["image", "patient"]) -> str:
        """What n means where images have several outlines; empty where each has one.

        Args:
            unit: what a figure is counted by.
        """
        if self.images == self.n:
            return ""
        label = ", all of one patient with one label" if self.one_label else ""
        if unit == "image":
            return f"n counts outlines: {self.n:,} of {self.images:,} images{label}"
        return (
            f"a patient's score is the mean over all outlines ({self.n:,} of {self.images:,} images), which may be of "
            f"different lesions{label}"
        )


def outlines_of(
    datasets: Sequence[str], case_ids: Sequence[str], patients: Sequence[str], labels: Sequence[int]
) -> Outlines:
    """Count the images of some cases.

    Args:
        datasets: (n,) names of the case table.
        case_ids: (n,).
        patients: (n,) patient ids, empty where unknown.
        labels: (n,) 0 or 1.
    """
    images = {(name, image_of(name, case_id)) for name, case_id in zip(datasets, case_ids, strict=True)}
    known = set(zip(patients, labels, strict=True))
    return Outlines(
        n=len(case_ids), images=len(images), one_label=all(patients) and len(known) == len({each for each, _ in known})
    )


def image_of(dataset: str, case_id: str) -> str:
    """The name that all outlines of an image share; the case_id itself where it names no outline of several."""
    found = _OUTLINE[dataset].fullmatch(case_id) if dataset in _OUTLINE else None
    return found.group(1) if found else case_id
