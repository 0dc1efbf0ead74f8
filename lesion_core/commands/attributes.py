"""``attributes``: what is known of the cases of a table, as a small table for the subgroups of a review."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def attributes(
    cases: Annotated[Path, typer.Argument(help="the case table")],
    out: Annotated[Path, typer.Argument(help="the file to write, e.g. checkpoints/attributes/busbra.csv")],
    geometry_only: Annotated[
        bool,
        typer.Option("--geometry-only", help="only what was measured here, nothing of the set's own"),
    ] = False,
) -> None:
    """Write machine, category, histology ... size and shape of every border, calipers near it."""
    from dataclasses import replace

    import numpy as np

    from lesion_core.cases.geometry import geometry_of
    from lesion_core.cases.marks import find_marks
    from lesion_core.cases.table import read_cases
    from lesion_core.imaging.border import read_border
    from lesion_core.imaging.read import read_image
    from lesion_core.results.review.attributes import attributes_of_cases, write_attributes

    table = read_cases(cases)
    known = attributes_of_cases(table.cases, source="")
    names = ("area_px", "height_px", "width_px", "height_to_width", "circularity", "calipers")
    measured: dict[str, list[str]] = {name: [] for name in names}
    for case in table.cases:
        border = table.border_path(case)
        if border is None:
            cells = dict.fromkeys(measured, "")
        else:
            image = read_image(table.image_path(case))
            drawn = read_border(border, image.size)
            found = geometry_of(drawn)
            cells = {
                "area_px": f"{found.area_px:.0f}",
                "height_px": f"{found.height_px:.1f}",
                "width_px": f"{found.width_px:.1f}",
                "height_to_width": f"{found.height_to_width:.3f}",
                "circularity": f"{found.circularity:.3f}",
                "calipers": "found" if find_marks(image.pixels, drawn).calipers else "none found",
            }
        for name, cell in cells.items():
            measured[name].append(cell)
    own = (
        {}
        if geometry_only
        else {n: c for n, c in known.columns.items() if n not in ("organ", "dataset", "sex", "label_source")}
    )
    columns = own | {name: np.array(cells, dtype=np.str_) for name, cells in measured.items()}
    write_attributes(replace(known, columns=columns), out)
    print(f"{out}: {len(table)} cases; {', '.join(columns)}")
