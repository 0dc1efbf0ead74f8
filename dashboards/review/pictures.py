"""Pictures of cases, where their data sets are on this machine.

`LESION_CASES` names the case tables that `python -m lesion_core import` wrote, separated as paths are on this system.
It is a setting of who serves the page, never of who visits it: nothing a browser sends is used as a path.
"""

from __future__ import annotations

import base64
import io
import logging
import os
from functools import cache, lru_cache
from pathlib import Path

from PIL import Image

from lesion_core.cases.table import Case, CaseTable, read_cases
from lesion_core.errors import LesionError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.prepare import InputSpec, roi_area
from lesion_core.imaging.read import read_image
from lesion_core.imaging.thumbnail import thumbnail
from lesion_core.results.review.attributes import NONE, Attributes, attributes_of_cases, merged

VARIABLE = "LESION_CASES"
HOW_TO_CONNECT = (
    "The images of {dataset} are not on this machine. Get the data set, run `python -m lesion_core import`, and start "
    f"the app with {VARIABLE} set to the cases.csv that it wrote."
)
KEPT = 400
log = logging.getLogger(__name__)


@cache
def connected_tables() -> tuple[CaseTable, ...]:
    """The case tables that `LESION_CASES` names; one that cannot be read is left out and logged."""
    tables = []
    for name in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        try:
            tables.append(read_cases(Path(name), check_files=False))
        except LesionError as error:
            log.error("%s: %s cannot be used: %s", VARIABLE, name, error)
    return tuple(tables)


@cache
def connected_attributes() -> dict[str, Attributes]:
    """Data set -> what those tables know of its cases; case ids are its own, another set may use the same."""
    found: dict[str, Attributes] = {}
    for table in connected_tables():
        for name in dict.fromkeys(case.dataset for case in table.cases):
            cases = [case for case in table.cases if case.dataset == name]
            known = attributes_of_cases(cases, source=f"The connected table {table.folder.name}.")
            found[name] = merged(found.get(name, NONE), known)
    return found


def is_connected(dataset: str) -> bool:
    """Whether pictures of a data set are looked for."""
    return any(key[0] == dataset for key in _places())


@lru_cache(maxsize=KEPT)
def picture_of(dataset: str, case_id: str, spec: InputSpec | None = None) -> str:
    """A case's picture with border and RoI as a data URL; empty where there is none.

    Args:
        dataset: of the case.
        case_id: its name.
        spec: how the RoI is cut; as the card's default when left out.
    """
    place = _places().get((dataset, case_id))
    if place is None:
        return ""
    table, case = place
    path = table.border_path(case)
    if path is None:
        return ""
    try:
        pixels = read_image(table.image_path(case)).pixels
        border = read_border(path, (pixels.shape[0], pixels.shape[1]))
    except LesionError as error:
        log.warning("no picture of %s %s: %s", dataset, case_id, error)
        return ""
    corners, _ = roi_area(border, spec or InputSpec())
    out = io.BytesIO()
    Image.fromarray(thumbnail(pixels, border, corners)).save(out, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


@cache
def _places() -> dict[tuple[str, str], tuple[CaseTable, Case]]:
    return {(case.dataset, case.case_id): (table, case) for table in connected_tables() for case in table.cases}
