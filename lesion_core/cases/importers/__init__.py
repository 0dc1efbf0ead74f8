"""One file per public data set: each turns the folder as downloaded into cases, borders, given folds and readings.

Every module has ``load(source, options, track) -> Imported``; `importers.write` lays the result down as one new
folder.
"""

#: name on the command line -> (module, what it reads)
IMPORTERS: dict[str, tuple[str, str]] = {
    "busbra": ("lesion_core.cases.importers.busbra", "BUS-BRA: breast, masks, histopathology, BI-RADS, given folds"),
    "busi": ("lesion_core.cases.importers.busi", "BUSI: breast, masks, labels by folder, no patients"),
    "ddti": (
        "lesion_core.cases.importers.ddti",
        "DDTI: thyroid, polygons, TI-RADS of 2015 or re-read in 2023 (--label)",
    ),
    "breast-usg": ("lesion_core.cases.importers.breast_usg", "BrEaST-Lesions-USG: breast, masks, xlsx sheet, BI-RADS"),
    "bus-uclm": ("lesion_core.cases.importers.bus_uclm", "BUS-UCLM: breast, colour-coded masks"),
    "udiat": ("lesion_core.cases.importers.udiat", "UDIAT Dataset B: breast, masks, xlsx sheet"),
    "tn3k": ("lesion_core.cases.importers.tn3k", "TN3K: thyroid, JPEG masks, given split"),
    "tn5000": ("lesion_core.cases.importers.tn5000", "TN5000: thyroid, boxes only (VOC), given split"),
    "breastmnist": (
        "lesion_core.cases.importers.breastmnist",
        "BreastMNIST: small whole images from an npz, no border",
    ),
    "folder": ("lesion_core.cases.importers.folder", "any folder with benign/ and malignant/, with masks or without"),
    "labelme": ("lesion_core.cases.importers.labelme", "polygons drawn in labelme, one JSON file per image"),
    "coco": ("lesion_core.cases.importers.coco", "polygons in a COCO JSON file"),
}
