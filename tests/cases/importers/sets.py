"""Small faithful imitations of the data sets, drawn by the tests: speckle with a dark ellipse, and its mask."""

import csv

import numpy as np
from PIL import Image

SIZE = (96, 128)


def ellipse(size=SIZE, *, centre=(0.5, 0.5), radii=(0.2, 0.25)):
    """(height, width) bool, a filled ellipse; centre and radii as shares of (height, width)."""
    y, x = np.mgrid[: size[0], : size[1]]
    dy = (y + 0.5 - centre[0] * size[0]) / (radii[0] * size[0])
    dx = (x + 0.5 - centre[1] * size[1]) / (radii[1] * size[1])
    return dx**2 + dy**2 <= 1


def picture(seed=0, size=SIZE, mask=None):
    """(height, width) uint8 speckle that is darker inside the mask."""
    speckle = np.random.default_rng(seed).rayleigh(40, size)
    dark = ellipse(size) if mask is None else mask
    return np.clip(speckle * np.where(dark, 0.4, 1.0) + 40, 0, 255).astype(np.uint8)


def save(array, path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path, **options)
    return path


def save_mask(mask, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(mask).convert("1").save(path)
    return path


def write_csv(path, rows, *, delimiter=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)


def write_xlsx(path, rows, *, title="Sheet1"):
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)


def busbra(root, patients=12):
    """Two views each; every third patient malignant; fold by patient in kFold, torn apart in valid_k."""
    data = [["ID", "Case", "Histology", "Pathology", "BIRADS", "Device", "Width", "Height", "Side", "BBOX"]]
    folds = {k: [["ID", "Pathology", "kFold", *(f"valid_{i}" for i in range(1, k + 1))]] for k in (5, 10)}
    for patient in range(1, patients + 1):
        pathology = "malignant" if patient % 3 == 0 else "benign"
        for side, where in (("l", "left"), ("r", "right")):
            name = f"{patient:04d}-{side}"
            save(picture(patient), root / "Images" / f"bus_{name}.png")
            save_mask(ellipse(), root / "Masks" / f"mask_{name}.png")
            # Width, Height and BBOX are wrong on purpose: the masks are to be trusted.
            box = "[1,1,2,2]"
            data.append([f"bus_{name}", patient, "cyst", pathology, 2 + patient % 4, "GE Logiq 7", 7, 9, where, box])
            for k, rows in folds.items():
                fold = patient % k + 1
                torn = ["NaN" if i == fold else int(side == "l") for i in range(1, k + 1)]
                rows.append([f"bus_{name}", pathology, fold, *torn])
    write_csv(root / "bus_data.csv", data)
    for k, rows in folds.items():
        write_csv(root / f"{k}-fold-cv.csv", rows)
    return root


def busi(root):
    """Two images a class, one of them with two masks; normal/ with an empty mask."""
    for label in ("benign", "malignant"):
        for number in (1, 2):
            stem = root / label / f"{label} ({number})"
            save(picture(number), stem.with_name(f"{stem.name}.png"))
            save_mask(ellipse(centre=(0.5, 0.3), radii=(0.2, 0.15)), stem.with_name(f"{stem.name}_mask.png"))
    save_mask(ellipse(centre=(0.5, 0.8), radii=(0.2, 0.1)), root / "benign" / "benign (2)_mask_1.png")
    save(picture(9), root / "normal" / "normal (1).png")
    save_mask(np.zeros(SIZE, bool), root / "normal" / "normal (1)_mask.png")
    return root
