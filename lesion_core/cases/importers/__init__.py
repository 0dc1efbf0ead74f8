"""One file per public data set: each turns the folder as downloaded into cases, borders, given folds and readings.

Every module has ``load(source, options, track) -> Imported``; `importers.write` lays the result down as one new folder.
"""

from __future__ import annotations

from dataclasses import dataclass

#: What only some importers can use; ``split`` and ``skip`` go with all of them.
_MEANING = frozenset({"label_source", "target"})
_UNLABELLED = _MEANING | {"organ"}


@dataclass(frozen=True)
class Importer:
    """An importer by name.

    Attributes:
        module: where its ``load`` is.
        reads: what it reads, for lists.
        takes: the options of `source.Options` that it has a use for, besides ``split`` and ``skip``.
    """

    module: str
    reads: str
    takes: frozenset[str] = frozenset()


_HERE = "lesion_core.cases.importers"

#: name on the command line -> importer
IMPORTERS: dict[str, Importer] = {
    "busbra": Importer(f"{_HERE}.busbra", "BUS-BRA: breast, masks, histopathology, BI-RADS, given folds"),
    "busi": Importer(f"{_HERE}.busi", "BUSI: breast, masks, labels by folder, no patients", _MEANING),
    "ddti": Importer(
        f"{_HERE}.ddti", "DDTI: thyroid, polygons, TI-RADS of 2015 or re-read in 2023", frozenset({"label"})
    ),
    "breast-usg": Importer(f"{_HERE}.breast_usg", "BrEaST-Lesions-USG: breast, masks, xlsx sheet, BI-RADS"),
    "bus-uclm": Importer(f"{_HERE}.bus_uclm", "BUS-UCLM: breast, colour-coded masks", _MEANING),
    "udiat": Importer(f"{_HERE}.udiat", "UDIAT Dataset B: breast, masks, xlsx sheet", _MEANING),
    "tn3k": Importer(f"{_HERE}.tn3k", "TN3K: thyroid, JPEG masks, given split", _MEANING),
    "tn5000": Importer(f"{_HERE}.tn5000", "TN5000: thyroid, boxes only (VOC), given split", _MEANING),
    "breastmnist": Importer(f"{_HERE}.breastmnist", "BreastMNIST: small whole images from an npz, no border", _MEANING),
    "folder": Importer(f"{_HERE}.folder", "any folder with benign/ and malignant/, with masks or without", _UNLABELLED),
    "labelme": Importer(f"{_HERE}.labelme", "polygons drawn in labelme, one JSON file per picture", _UNLABELLED),
    "coco": Importer(f"{_HERE}.coco", "polygons in a COCO JSON file", _UNLABELLED),
}
