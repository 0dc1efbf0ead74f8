"""An audit as a CSV file and as one HTML page with thumbnails that needs nothing else.

Every text in the page is escaped by the template engine; names of files and cases come from whoever made the data set.
"""

from __future__ import annotations

import base64
import io
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from lesion_core.cases.audit import Audit
from lesion_core.cases.columns import Column, any_text, write_rows, write_text
from lesion_core.cases.inspection import Finding
from lesion_core.cases.table import CaseTable
from lesion_core.errors import InputError
from lesion_core.notice import NOTICE

COLUMNS = tuple(
    Column(name, meaning, "text on one line", any_text)
    for name, meaning in (
        ("weight", "spoils, warning or note"),
        ("kind", "what it is"),
        ("case_ids", "cases of the table, joined by |"),
        ("other_case_ids", "cases of the other table, joined by |"),
        ("value", "the figure behind it"),
        ("message", "a sentence"),
    )
)
#: Findings shown with pictures in one section of the page.
SHOWN = 60
THUMBNAIL_PX = 220


@dataclass(frozen=True)
class _Thumbnail:
    name: str
    label: str
    base64: str


@dataclass(frozen=True)
class _Shown:
    message: str
    value: str
    pictures: tuple[_Thumbnail, ...]


@dataclass(frozen=True)
class _Section:
    weight: str
    kind: str
    count: int
    findings: tuple[_Shown, ...]

    @property
    def more(self) -> int:
        return self.count - len(self.findings)


def write_csv(audit: Audit, path: Path) -> None:
    """Write all findings, the worst first.

    Raises:
        InputError: the file cannot be written.
    """
    rows = (
        {
            "weight": each.weight,
            "kind": each.kind,
            "case_ids": "|".join(audit.table.cases[position].case_id for position in each.cases),
            "other_case_ids": "|".join(_other(audit).cases[position].case_id for position in each.others),
            "value": each.value,
            "message": " ".join(each.message.split()),
        }
        for each in audit.findings
    )
    write_rows(path, COLUMNS, [{"weight": "note", "kind": "notice", "message": NOTICE}, *rows])


def write_html(audit: Audit, path: Path, *, title: str, other: str = "") -> None:
    """Write the page.

    Args:
        audit: what was found.
        path: of the page.
        title: name of the table.
        other: name of the table that it was compared with.

    Raises:
        InputError: the file cannot be written.
    """
    from jinja2 import Environment, StrictUndefined

    sections: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for each in audit.findings:
        sections[each.weight, each.kind].append(each)
    shown = [
        _Section(weight, kind, len(found), tuple(_show(audit, each) for each in found[:SHOWN]))
        for (weight, kind), found in sections.items()
    ]
    template = Path(__file__).with_name("audit_report.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = environment.from_string(template).render(
        title=title,
        other=other,
        notice=NOTICE,
        rows=len(audit.table),
        images=audit.images,
        spoiled=audit.spoiled,
        sections=shown,
    )
    write_text(path, page)


def _other(audit: Audit) -> CaseTable:
    return audit.other or audit.table


def _show(audit: Audit, finding: Finding) -> _Shown:
    pictures = [_thumbnail(audit.table, position) for position in finding.cases[:4]]
    pictures += [_thumbnail(_other(audit), position) for position in finding.others[:4]]
    return _Shown(finding.message, finding.value, tuple(each for each in pictures if each is not None))


def _thumbnail(table: CaseTable, position: int) -> _Thumbnail | None:
    """The picture, small, with its border drawn; None where it cannot be read."""
    from PIL import Image, ImageDraw

    from lesion_core.imaging.border import read_border
    from lesion_core.imaging.read import read_image

    case = table.cases[position]
    try:
        image = Image.fromarray(read_image(table.image_path(case)).pixels)
    except InputError:
        return None
    scale = THUMBNAIL_PX / max(image.size)
    small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    path = table.border_path(case)
    if path is not None:
        try:
            points = read_border(path, (image.height, image.width)).points
        except InputError:
            points = ()
        if points:
            outline = [(x * scale, y * scale) for x, y in (*points, points[0])]
            ImageDraw.Draw(small).line(outline, fill=(255, 196, 0), width=1)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=75)
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return _Thumbnail(case.case_id, f"label {case.label}", encoded)
