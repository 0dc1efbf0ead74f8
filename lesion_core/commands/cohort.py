"""``cohort``: the study population of a case table, as the paper's Tables 1 and 2 and the counts of its Figure 1."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def cohort(
    cases: Annotated[Path, typer.Argument(help="the cases.csv to describe")],
    out: Annotated[Path | None, typer.Option(help="also write the tables into this CSV file")] = None,
) -> None:
    """Describe the study population: ages, planes, machines, categories by class and split, and the study flow."""
    import csv
    import io

    from lesion_core.cases.cohort import grid, population_tables
    from lesion_core.cases.columns import write_text
    from lesion_core.cases.flow import study_flow
    from lesion_core.cases.table import read_cases
    from lesion_core.notice import NOTICE

    table = read_cases(cases, check_files=False)
    lines: list[tuple[str, ...]] = [(NOTICE,)]
    for each in population_tables(table.cases):
        lines += [(f"{each.organ}: label 1 is {each.target}",), *grid(each)]
    for line in lines:
        print("  ".join(f"{cell:>24}" if at else f"{cell:<48}" for at, cell in enumerate(line)).rstrip())
    for box in study_flow(table.cases).boxes:
        print(f"{'  ' * box.level}{box.title}: {'; '.join(box.lines)}")
    if out is not None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows(lines)
        write_text(out, text.getvalue())
        print(f"{out}: the tables")
