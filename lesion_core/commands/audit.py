"""``audit``: what in a case table would spoil a result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer


def audit(
    cases: Annotated[Path, typer.Argument(help="the cases.csv to look at")],
    against: Annotated[Path | None, typer.Option(help="another cases.csv that must share nothing with it")] = None,
    folds: Annotated[Path | None, typer.Option(help="its folds.csv (default: the one beside it)")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for audit.csv and audit.html (default: beside it)")] = None,
    regroup: Annotated[Path | None, typer.Option(help="write the table with copies joined into groups here")] = None,
) -> None:
    """Find copies, label conflicts, patients on both sides, burned-in marks; exit code 1 if a result is spoiled."""
    from lesion_core.cases.audit import audit as look
    from lesion_core.cases.audit_report import write_csv, write_html
    from lesion_core.cases.folds import read_folds
    from lesion_core.cases.regroup import moved
    from lesion_core.cases.regroup import regroup as join
    from lesion_core.cases.table import read_cases, write_cases
    from lesion_core.errors import InputError

    if regroup is not None and against is not None:
        raise InputError("--regroup joins copies inside one table: leave --against out")
    table = read_cases(cases)
    other = read_cases(against) if against else None
    beside = folds or cases.with_name("folds.csv")
    schemes = read_folds(beside) if folds or beside.is_file() else {}
    found = look(table, other, schemes=schemes, track=_progress)
    folder = out or cases.parent
    write_csv(found, folder / "audit.csv")
    write_html(found, folder / "audit.html", title=str(cases), other=str(against or ""))
    for (weight, kind), count in Counter((each.weight, each.kind) for each in found.findings).items():
        print(f"{weight}: {kind}: {count}")
    print(f"{len(table)} cases, {found.images} pictures; see {folder / 'audit.html'}")
    if regroup is not None:
        write_cases(moved(join(table, found.pairs), table.folder, regroup.parent), regroup)
        print(f"{regroup}: the table with copies joined into groups")
    if found.spoiled:
        print("something here would spoil a result")
        raise typer.Exit(1)
    print("nothing was found that would spoil a result")


def _progress(items: Sequence[Any], text: str) -> Iterable[Any]:
    with typer.progressbar(items, label=text) as bar:
        yield from bar
