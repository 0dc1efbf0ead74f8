"""The XML files of DDTI: one case each, with its grade and, for each image, a JSON list of outlined regions.

Eight of those lists are cut off at 2,500 characters: their whole regions are kept, the truncated tail is dropped, and
so are exact repeats and arrows.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lesion_core.errors import InputError
from lesion_core.records import Point

#: The grades of 2015 in ascending order.
GRADES = ("2", "3", "4a", "4b", "4c", "5")

Polygon = tuple[Point, ...]


@dataclass(frozen=True)
class Picture:
    """One image of a case as its XML describes it.

    Attributes:
        name: "N_M", the stem of its file.
        number: N, the case.
        grade: TI-RADS of 2015, empty where there is none.
        age: in years, None where unknown.
        sex: "F", "M" or empty.
        polygons: closed outlines in image pixels, exact repeats dropped.
    """

    name: str
    number: str
    grade: str
    age: float | None
    sex: str
    polygons: tuple[Polygon, ...]


def read_pictures(path: Path, dropped: Counter[str]) -> list[Picture]:
    """The images of one case.

    Args:
        path: its XML file.
        dropped: counts what was left out, by reason.

    Raises:
        InputError: the XML cannot be read, or has an unknown grade.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as error:
        raise InputError(f"is no readable XML ({error}): is it half-written?") from error
    number = _tag(root, "number")
    grade = _tag(root, "tirads").lower()
    if grade and grade not in GRADES:
        raise InputError(f"tirads is {grade!r}, expected one of {', '.join(GRADES)} or nothing")
    age, sex = _tag(root, "age"), _tag(root, "sex").upper()
    years = float(age) if re.fullmatch(r"\d{1,3}", age) and int(age) <= 120 else None
    return [
        Picture(
            name=f"{number}_{_tag(mark, 'image')}",
            number=number,
            grade=grade,
            age=years,
            sex=sex if sex in ("F", "M") else "",
            polygons=_polygons(_tag(mark, "svg"), dropped),
        )
        for mark in root.findall("mark")
    ]


def _tag(element: ElementTree.Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _polygons(text: str, dropped: Counter[str]) -> tuple[Polygon, ...]:
    """Closed outlines, repeats dropped. Points name pixels, so half a pixel leads to their centres."""
    polygons: list[Polygon] = []
    for region in _regions(text, dropped):
        if region.get("regionType") != "freehand":
            dropped["arrow"] += 1
            continue
        polygon = tuple((point["x"] + 0.5, point["y"] + 0.5) for point in region["points"])
        if polygon in polygons:
            dropped["repeat"] += 1
        else:
            polygons.append(polygon)
    return tuple(polygons)


def _regions(text: str, dropped: Counter[str]) -> list[dict[str, Any]]:
    """The whole regions of a JSON list that may be cut off at its end."""
    if not text:
        dropped["no outline"] += 1
        return []
    try:
        return list(json.loads(text))
    except json.JSONDecodeError:
        dropped["truncated tail"] += 1
    regions: list[dict[str, Any]] = []
    decoder, position = json.JSONDecoder(), text.find("[") + 1
    while True:
        position += len(text[position:]) - len(text[position:].lstrip(" ,\n\r\t"))
        try:
            region, position = decoder.raw_decode(text, position)
        except json.JSONDecodeError:
            return regions
        regions.append(region)
