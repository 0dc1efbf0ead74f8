"""DDTI: thyroid images with polygons and TI-RADS grades (Pedraza et al., SPIE 9287, 2015), re-read by others in 2023.

As downloaded: ``N.xml`` for each case with ``N_M.jpg``; beside them ``reread_2023/tirads_2023_radiologist.csv`` and
``reread_2023/masks_radiologist/N_M.png``. The label is a choice: ``2015:4a`` (or 4b, 4c, 5) makes one row of each
closed polygon of a graded image, label 1 from that grade upwards; ``2015-others:4a`` does so for images that were not
re-read and are no copy of one that was; ``reread:4`` makes one row of each image graded in 2023, with the
radiologist's mask as its border, else the largest polygon. Each label is one reader's suspicion and no histology.

Known faults, and what is done: polygons cut off at 2,500 characters lose their truncated tail; exact repeats and
arrows are dropped; outlines that leave the frame are cut at its edge; identical images of different cases are put
into one group; images without a grade or without a closed polygon are left out.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lesion_core.cases.importers.ddti_xml import GRADES, Picture, Polygon, read_pictures
from lesion_core.cases.importers.pictures import mask_of, read_grey
from lesion_core.cases.importers.sheets import read_table
from lesion_core.cases.importers.source import Faults, Imported, Lesion, Options, Track, expect, lesion, quiet
from lesion_core.cases.readings import Reading
from lesion_core.cases.table import Case
from lesion_core.errors import InputError
from lesion_core.imaging.border import border_from_mask, border_from_points
from lesion_core.records import Border

RULES = ("2015:4a", "2015:4b", "2015:4c", "2015:5", "2015-others:4a", "reread:4")
SYSTEM_2015 = "TI-RADS of 2015 (edition not stated)"
SYSTEM_2023 = "TI-RADS re-read in 2023 (edition not stated)"
REREAD = "reread_2023/tirads_2023_radiologist.csv"


def load(source: Path, options: Options, track: Track = quiet) -> Imported:
    """Read the folder by the label rule ``options.label`` (default 2015:4a).

    Raises:
        InputError: not a DDTI folder, or an unknown rule.
        TableError: cases with faults, all of them.
    """
    rule = options.label or "2015:4a"
    if rule not in RULES:
        raise InputError(f"--label is {rule!r}, allowed for ddti are {', '.join(RULES)}")
    reading, _, cut = rule.partition(":")
    others, reading = reading == "2015-others", reading.removesuffix("-others")
    expect(source, "DDTI", "*.xml", "*_*.jpg", *([REREAD] if others or reading == "reread" else []))
    faults, dropped = Faults(), Counter[str]()
    pictures: dict[str, Picture] = {}
    for path in sorted(source.glob("*.xml"), key=lambda each: (len(each.stem), each.stem)):
        with faults.of(path.name):
            pictures |= {each.name: each for each in read_pictures(path, dropped)}
    grades_2023 = _reread(source) if (source / REREAD).is_file() else {}
    groups, kept = identical_images(source, track), defaultdict[str, list[Lesion]](list)
    wanted = [each for each in pictures.values() if (each.grade if reading == "2015" else each.name in grades_2023)]
    if others:
        copies = {groups[name] for name in grades_2023 if name in groups}
        wanted = [each for each in wanted if each.name not in grades_2023 and groups.get(each.name) not in copies]
    for picture in wanted:
        with faults.of(picture.name):
            base = _base(picture, cut, reading, grades_2023, groups, options.split or "development")
            rows = _by_polygon(source, picture, base) if reading == "2015" else [_by_image(source, picture, base)]
            kept[picture.name] = rows
    notes = faults.settle(f"DDTI in {source}", skip=options.skip)
    lesions = tuple(each for rows in kept.values() for each in rows)
    notes.append(_meaning(reading, cut))
    notes += _counts(lesions, wanted) if reading == "2015" else _counts_2023(lesions, grades_2023, set(pictures))
    notes.append("Dropped in all XML files: " + ", ".join(f"{what}: {n}" for what, n in sorted(dropped.items())) + ".")
    notes.append(
        f"{sum(bool(each.case.group) for each in lesions)} rows show an image that stands in the set twice or more."
    )
    return Imported(lesions, readings=_readings(kept, pictures, grades_2023), notes=tuple(notes))


def _reread(source: Path) -> dict[str, tuple[str, str]]:
    """Image -> (grade of 2023, note on its segmentation)."""
    rows = read_table(source / REREAD, ("image", "tirads_2023", "segmentation_note"))
    bad = [row["image"] for row in rows if row["tirads_2023"] not in ("1", "2", "3", "4", "5")]
    if bad:
        raise InputError(f"{REREAD}: tirads_2023 must be 1 to 5, is not for {', '.join(bad[:5])}")
    return {row["image"]: (row["tirads_2023"], row["segmentation_note"]) for row in rows}


def identical_images(source: Path, track: Track = quiet) -> dict[str, str]:
    """Image -> group, for images that are identical pixel by pixel to another."""
    same = defaultdict[str, list[str]](list)
    for path in track(sorted(source.glob("*_*.jpg"), key=lambda each: (len(each.stem), each.stem)), "DDTI"):
        try:
            pixels = read_grey(path)
        except InputError:
            continue  # told where the image is used
        same[hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()].append(path.stem)
    return {name: f"ddti-same-as-{names[0]}" for names in same.values() if len(names) > 1 for name in names}


def _base(
    picture: Picture, cut: str, reading: str, reread: dict[str, tuple[str, str]], groups: dict[str, str], split: str
) -> Case:
    """A case with everything but what differs between the outlines of an image."""
    grade = picture.grade if reading == "2015" else reread[picture.name][0]
    order = GRADES if reading == "2015" else ("1", "2", "3", "4", "5")
    return Case(
        case_id=f"ddti-{picture.name}",
        patient_id=f"ddti-{picture.number}",
        group=groups.get(picture.name, ""),
        dataset="ddti",
        organ="thyroid",
        image="",
        label=1 if order.index(grade) >= order.index(cut) else 0,
        label_source="tirads",
        target=f"TI-RADS {cut} or higher",
        split=split,
        age=picture.age,
        sex=picture.sex,
        rads_system=SYSTEM_2015 if reading == "2015" else SYSTEM_2023,
        rads=grade,
    )


def _by_polygon(source: Path, picture: Picture, base: Case) -> list[Lesion]:
    path = source / f"{picture.name}.jpg"
    size = read_grey(path).shape
    return [
        lesion(replace(base, case_id=f"{base.case_id}-{number}"), path, border_from_points(polygon, (size[0], size[1])))
        for number, polygon in enumerate(picture.polygons, start=1)
    ]


def _by_image(source: Path, picture: Picture, base: Case) -> Lesion:
    path = source / f"{picture.name}.jpg"
    height, width = read_grey(path).shape
    mask = source / "reread_2023" / "masks_radiologist" / f"{picture.name}.png"
    if mask.is_file():
        return lesion(base, path, border_from_mask(mask_of(mask, (height, width))))
    note = "border: the largest polygon of 2015, there is no radiologist's mask"
    return lesion(replace(base, notes=note), path, _largest(picture.polygons, (height, width)))


def _largest(polygons: Sequence[Polygon], size: tuple[int, int]) -> Border:
    import shapely

    if not polygons:
        raise InputError("graded in 2023, but it has neither a radiologist's mask nor a closed polygon")
    borders = [border_from_points(polygon, size) for polygon in polygons]
    return max(borders, key=lambda each: float(shapely.Polygon(each.points).area))


def _readings(
    kept: dict[str, list[Lesion]], pictures: dict[str, Picture], reread: dict[str, tuple[str, str]]
) -> tuple[Reading, ...]:
    """Both grades of every row, where there are any."""
    readings = []
    for name, rows in kept.items():
        for each in rows:
            if pictures[name].grade:
                readings.append(
                    Reading("DDTI 2015 (per case)", each.case.case_id, rating=pictures[name].grade, session="import")
                )
            if name in reread:
                readings.append(
                    Reading("DDTI 2023 radiologist", each.case.case_id, rating=reread[name][0], session="import")
                )
    return tuple(readings)


def _meaning(reading: str, cut: str) -> str:
    what = "in 2015, for the case" if reading == "2015" else "in 2023, for the image"
    return f"Label 1 is TI-RADS {cut} or higher as one reader graded it {what}: a suspicion, not histology."


def _counts(lesions: Sequence[Lesion], wanted: Sequence[Picture]) -> list[str]:
    images, cases = len({each.image for each in lesions}), len({each.case.patient_id for each in lesions})
    empty = [each.name for each in wanted if not each.polygons]
    return [
        f"{len(lesions)} rows from {images} images of {cases} cases: one row for each closed polygon of a graded image,"
        " truncated tails and exact repeats dropped.",
        *([f"Graded images without a closed polygon, left out: {', '.join(empty)}."] if empty else []),
    ]


def _counts_2023(lesions: Sequence[Lesion], reread: dict[str, tuple[str, str]], there: set[str]) -> list[str]:
    unclear = [name for name, (_, note) in reread.items() if note.upper() != "YES" and name in there]
    missing = [name for name in reread if name not in there]
    return [
        f"{len(lesions)} images of {len({each.case.patient_id for each in lesions})} cases, one row each.",
        *([f"Segmentation marked as not clear by the reader, kept: {', '.join(unclear)}."] if unclear else []),
        *([f"Graded in 2023 but not among the images, left out: {', '.join(missing)}."] if missing else []),
    ]
