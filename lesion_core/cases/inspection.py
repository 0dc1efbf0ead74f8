"""Read every picture of a table once and look at what is around each border."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.looks import Look, look_at
from lesion_core.cases.marks import COLOUR_SHARE, Marks, find_marks
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import InputError
from lesion_core.imaging.border import read_border
from lesion_core.imaging.read import read_image
from lesion_core.imaging.rectangle import minimum_area_rectangle
from lesion_core.records import Border

Weight = Literal["spoils", "warning", "note"]
Track = Callable[[Sequence[Any], str], Iterable[Any]]

#: A lesion whose rectangle is narrower than this is blown up sevenfold to 224 pixels.
TINY_PX = 32.0
CUT_NOTE = "The border left the image"


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes:
        weight: "spoils", "warning" or "note".
        kind: what it is, e.g. "duplicate", "label conflict".
        cases: positions in the table.
        others: positions in the other table, with which it was compared.
        value: the figure behind it, as text; empty where there is none.
        message: a sentence.
    """

    weight: Weight
    kind: str
    cases: tuple[int, ...]
    others: tuple[int, ...]
    value: str
    message: str


class Pictures:
    """The pictures of a table, each once.

    Attributes:
        looks: those that could be read.
        cases: for each look the positions of the cases that show it.
        findings: unreadable pictures and, when asked for, what is wrong with borders and what is burned in near them.
    """

    def __init__(self, table: CaseTable, track: Track, *, marks: bool) -> None:
        by_path: dict[Path, list[int]] = defaultdict(list)
        for position, case in enumerate(table.cases):
            by_path[table.image_path(case)].append(position)
        self.looks: list[Look] = []
        self.cases: list[list[int]] = []
        self.findings: list[Finding] = []
        self._table, self._marks = table, marks
        entries = list(by_path.items())
        with ThreadPoolExecutor(2) as pool:
            seen = pool.map(self._see, entries)
            for (_, positions), (look, findings) in zip(track(entries, "reading pictures"), seen, strict=True):
                self.findings += findings
                if look is not None:
                    self.looks.append(look)
                    self.cases.append(positions)

    def _see(self, entry: tuple[Path, list[int]]) -> tuple[Look | None, list[Finding]]:
        path, positions = entry
        try:
            pixels = read_image(path).pixels
        except InputError as error:
            return None, [Finding("spoils", "unreadable", tuple(positions), (), "", f"{path.name}: {error}")]
        import numpy as np
        from PIL import Image

        look = look_at(np.asarray(Image.fromarray(pixels).convert("L")))
        findings: list[Finding] = []
        if self._marks:
            for position in positions:
                findings += self._border_findings(position, pixels)
        return look, findings

    def _border_findings(self, position: int, pixels: NDArray[np.uint8]) -> list[Finding]:
        case, border, found = self._table.cases[position], None, []
        path = self._table.border_path(case)
        height, width = pixels.shape[:2]
        if path is not None:
            try:
                border = read_border(path, (height, width))
            except InputError as error:
                return [Finding("spoils", "bad border", (position,), (), "", f"{case.case_id}: {error}")]
            found += _shape_findings(position, case, border)
        return found + _mark_findings(position, case, find_marks(pixels, border))


def _shape_findings(position: int, case: Case, border: Border) -> list[Finding]:
    found = []
    if any(note.startswith(CUT_NOTE) for note in border.notes) or CUT_NOTE in case.notes:
        message = f"{case.case_id}: the border leaves the frame and is cut at its edge"
        found.append(Finding("warning", "border outside", (position,), (), "", message))
    rectangle = minimum_area_rectangle(border)
    side = min(rectangle.width_px, rectangle.height_px)
    if side < TINY_PX:
        message = f"{case.case_id}: the lesion is {rectangle.width_px:.0f} x {rectangle.height_px:.0f} px"
        found.append(Finding("warning", "tiny lesion", (position,), (), f"{side:.0f} px", message))
    return found


def _mark_findings(position: int, case: Case, marks: Marks) -> list[Finding]:
    found = []
    if marks.calipers:
        message = f"{case.case_id}: at least {marks.calipers} caliper marks near the border"
        found.append(Finding("warning", "calipers", (position,), (), str(marks.calipers), message))
    if marks.letters:
        message = f"{case.case_id}: a caption of at least {marks.letters} letters near the border"
        found.append(Finding("warning", "text", (position,), (), str(marks.letters), message))
    if marks.colour_share > COLOUR_SHARE:
        message = f"{case.case_id}: {marks.colour_share:.1%} of the pixels near the border are coloured"
        found.append(Finding("warning", "colour", (position,), (), f"{marks.colour_share:.1%}", message))
    return found
