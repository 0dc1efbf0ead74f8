"""``agreement``: how far the three outlines of DDTI's re-reading agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer


def agreement(
    source: Annotated[Path, typer.Argument(help="the DDTI folder with reread_2023/")],
    out: Annotated[Path, typer.Argument(help="CSV file for the figures, image by image")],
) -> None:
    """Compare the masks of the radiologist and the residents: Dice, Hausdorff and mean distance."""
    from collections import defaultdict
    from statistics import median

    from lesion_core.cases.ddti_readers import compare_readers, write_pairs

    pairs = compare_readers(source, _progress)
    write_pairs(pairs, out)
    by_readers = defaultdict(list)
    for each in pairs:
        by_readers[each.first, each.second].append(each.agreement)
    for (first, second), found in by_readers.items():
        same = sum(each.dice == 1 for each in found)
        print(
            f"{first} and {second}: {len(found)} images, median Dice {median(each.dice for each in found):.3f},"
            f" Hausdorff {median(each.hausdorff_px for each in found):.1f} px,"
            f" mean distance {median(each.mean_px for each in found):.1f} px; identical in {same}"
        )


def _progress(items: Sequence[Any], text: str) -> Iterable[Any]:
    with typer.progressbar(items, label=text) as bar:
        yield from bar
