"""Small faithful imitations of the data sets, drawn by the tests: speckle with a dark ellipse, and its mask."""

import csv
import json

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


def outline(mask_centre, radius=20, points=24):
    """Points of a circle as DDTI writes them."""
    turn = np.linspace(0, 2 * np.pi, points, endpoint=False)
    x, y = mask_centre
    return [{"x": round(x + radius * np.cos(t)), "y": round(y + radius * np.sin(t))} for t in turn]


def region(points, kind="freehand"):
    return {"points": points, "annotation": {}, "regionType": kind}


def ddti_case(root, number, grade, marks, *, age="50", sex="F", seed=None):
    """One case; `marks` maps the image's number to its list of regions or to raw text."""
    parts = []
    for image, regions in marks.items():
        text = regions if isinstance(regions, str) else json.dumps(regions)
        parts.append(f"<mark><image>{image}</image><svg>{text}</svg></mark>")
        pixels = picture(number * 10 + image if seed is None else seed)
        save(np.stack([pixels] * 3, axis=-1), root / f"{number}_{image}.jpg", quality=95)
    (root / f"{number}.xml").write_text(
        f"<case><number>{number}</number><age>{age}</age><sex>{sex}</sex><tirads>{grade}</tirads>{''.join(parts)}</case>"
    )


def ddti(root):
    """Each fault of the set once."""
    root.mkdir(parents=True, exist_ok=True)
    left, right = outline((40, 48)), outline((90, 48))
    ddti_case(root, 1, "4a", {1: [region(left), region(right), region(left)]})  # an exact repeat
    ddti_case(root, 2, "3", {1: [region(left)], 2: [region(right), region(left[:2], "arrow")]})  # an arrow
    ddti_case(root, 3, "", {1: [region(left)]})  # no grade
    whole = json.dumps([region(left), region(right)])
    ddti_case(root, 4, "5", {1: whole[: len(whole) * 3 // 4]})  # a truncated tail
    ddti_case(root, 5, "4b", {1: "", 2: [region(outline((120, 48)))]})  # no outline; one that leaves the frame
    ddti_case(root, 6, "2", {1: [region(left)]}, age="", sex="u", seed=77)
    ddti_case(root, 7, "4c", {1: [region(left)]}, seed=77)  # identical to 6_1
    reread = root / "reread_2023"
    rows = [["image", "tirads_2023", "segmentation_note"]]
    rows += [["1_1", 3, "YES"], ["2_1", 4, "YES"], ["3_1", 5, "YES"], ["6_1", 2, "NOT CLEAR"], ["9_9", 4, "YES"]]
    write_csv(reread / "tirads_2023_radiologist.csv", rows)
    two = ellipse(centre=(0.5, 0.25), radii=(0.2, 0.1)) | ellipse(centre=(0.5, 0.7), radii=(0.3, 0.2))
    for name in ("1_1", "3_1", "6_1"):
        save(two.astype(np.uint8) * 255, reread / "masks_radiologist" / f"{name}.png")
    save(two.astype(np.uint8) * 255, reread / "masks_resident1" / "1_1.png")
    save(ellipse(centre=(0.5, 0.7), radii=(0.3, 0.18)).astype(np.uint8) * 255, reread / "masks_resident2" / "1_1.png")
    return root


def breast_usg(root):
    """Five cases: one of two tumours, one normal, one with another structure's mask."""
    images = root / "BrEaST-Lesions_USG-images_and_masks"
    header = ["CaseID", "Image_filename", "Mask_tumor_filename", "Mask_other_filename", "Pixel_size", "Age"]
    header += ["Tissue_composition", "BIRADS", "Verification", "Diagnosis", "Classification"]
    biopsy, care = "confirmed by biopsy", "confirmed by follow-up care"
    rows = [
        [1, "case001.png", "case001_tumor.png", None, 0.007, 57, "fatty", "2", care, "Cyst", "benign"],
        [
            2,
            "case002.png",
            "case002_tumor1.png&case002_tumor2.png",
            None,
            0.007,
            "not available",
            "",
            "4c",
            biopsy,
            "IDC",
            "malignant",
        ],
        [3, "case003.png", "case003_tumor.png", "case003_other1.png", 0.007, 41.0, "", "4a", biopsy, "FA", "benign"],
        [4, "case004.png", None, None, 0.007, 30, "", "1", "not applicable", "not applicable", "normal"],
    ]
    for row in rows:
        save(picture(row[0]), images / row[1])
        for name in [*(row[2] or "").split("&"), row[3] or ""]:
            if name:
                save(ellipse().astype(np.uint8) * 255, images / name)
    write_xlsx(
        root / "BrEaST-Lesions-USG-clinical-data-Dec-15-2023.xlsx",
        [header, *rows],
        title="BrEaST-Lesions-USG clinical dat",
    )
    return root


def bus_uclm(root):
    """A benign, a malignant, a normal image, and one with both colours."""
    info = [["Image", "Resolution", "Label", "Doppler", "Marks", "Combined"]]
    left, right = (ellipse(centre=(0.5, x), radii=(0.2, 0.15)) for x in (0.3, 0.7))
    none = np.zeros(SIZE, bool)
    for name, label, green, red, doppler in (
        ("ANFO_000.png", "Benign", left, none, "No"),
        ("ANFO_001.png", "Normal", none, none, "No"),
        ("BEFE_000.png", "Malignant", none, right, "Yes"),
        ("BEFE_001.png", "Malignant", left, right, "No"),
    ):
        info.append([name, "128x96", label, doppler, "No", "No"])
        save(np.stack([picture(len(info))] * 3, axis=-1), root / "images" / name)
        save(np.stack([red, green, none], axis=-1).astype(np.uint8) * 255, root / "masks" / name)
    write_csv(root / "INFO.csv", info, delimiter=";")
    return root


def udiat(root):
    rows = [
        ["Image", "Type", "Diagnosis"],
        [1, "Benign", "CYST "],
        ["000002", "Malignant", "IDC"],
        [3.0, "Benign", None],
    ]
    for number in (1, 2, 3):
        save(picture(number), root / "original" / f"{number:06d}.png")
        save(ellipse().astype(np.uint8) * 255, root / "GT" / f"{number:06d}.png")
    write_xlsx(root / "DatasetB.xlsx", rows)
    return root


def tn3k(root):
    """The same names in both parts; masks are JPEGs, so they have grey edges and noise."""
    for part, labels in (("trainval", (1, 0, 0)), ("test", (0, 1))):
        for number, _ in enumerate(labels):
            save(picture(number), root / f"{part}-image" / f"{number:04d}.jpg")
            save(ellipse().astype(np.uint8) * 255, root / f"{part}-mask" / f"{number:04d}.jpg", quality=60)
        rows = [[f"{number:04d}.jpg", label] for number, label in enumerate(labels)]
        write_csv(root / f"label4{part}.csv", rows)
    return root


def tn5000(root):
    boxes = {
        "000001": [("0", 20, 10, 80, 70)],
        "000002": [("1", 30, 30, 90, 80)],
        "000003": [("1", 5, 5, 50, 50), ("1", 60, 40, 120, 90)],
    }
    for name, found in boxes.items():
        save(picture(int(name)), root / "JPEGImages" / f"{name}.jpg")
        objects = "".join(
            f"<object><name>{label}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox></object>"
            for label, a, b, c, d in found
        )
        path = root / "Annotations" / f"{name}.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"<annotation><filename>{name}.jpg</filename>{objects}</annotation>")
    sets = root / "ImageSets" / "Main"
    sets.mkdir(parents=True)
    (sets / "train.txt").write_text("000001\n000003\n")
    (sets / "val.txt").write_text("")
    (sets / "test.txt").write_text("000002\n")
    return root


def breastmnist(root, size=28):
    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    arrays = {}
    for part, labels in (("train", [1, 0, 1]), ("val", [0]), ("test", [1, 0])):
        arrays[f"{part}_images"] = rng.integers(0, 256, (len(labels), size, size), dtype=np.uint8)
        arrays[f"{part}_labels"] = np.array(labels, dtype=np.uint8)[:, None]
    np.savez_compressed(root / f"breastmnist_{size}.npz", **arrays)
    return root
