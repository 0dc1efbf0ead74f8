"""What a card says of the data sets a model may be trained on: their terms, citations and label rules."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from lesion_core.cases.table import read_cases

#: What the licence and citation of a data set are, by its name in the case table.
SOURCES = {
    "busbra": (
        "BUS-BRA",
        "free use with citation (licence text in the data set)",
        "Gomez-Flores W, Gregorio-Calas MJ, Pereira WCA. BUS-BRA: a breast ultrasound dataset for assessing "
        "computer-aided diagnosis systems. Medical Physics 2024;51:3110-3123",
    ),
    "ddti": (
        "DDTI",
        "open access without a formal licence: research use with citation",
        "Pedraza L, Vargas C, Narvaez F, Duran O, Munoz E, Romero E. An open access thyroid ultrasound image database. "
        "Proc. SPIE 9287, 10th International Symposium on Medical Information Processing and Analysis, 2015",
    ),
}
#: The importer's label rule behind a target of DDTI.
LABEL_RULES = {"TI-RADS 4 or higher": "reread:4"} | {
    f"TI-RADS {grade} or higher": f"2015:{grade}" for grade in ("4a", "4b", "4c", "5")
}


def in_words(datasets: Iterable[str]) -> str:
    """Data sets as cards name them: the title where one is known, capitals elsewhere ("BUS-BRA, BUSI").

    Args:
        datasets: names of the case table, in any order, each as often as it likes.
    """
    return ", ".join(SOURCES[each][0] if each in SOURCES else each.upper() for each in sorted(set(datasets)))


def import_commands(paths: Sequence[Path]) -> tuple[str, ...]:
    """How the case tables were made of the data sets as downloaded, one command for each table."""
    commands = []
    for path in paths:
        cases = read_cases(path).cases
        dataset = cases[0].dataset
        label = _imported_by(path.parent) or LABEL_RULES.get(cases[0].target, "")
        option = f" --label {label}" if dataset == "ddti" and label else ""
        source = SOURCES[dataset][0].replace("-", "")
        commands.append(f"python -m lesion_core import {dataset} {source} {path.parent}{option}")
    return tuple(commands)


def _imported_by(folder: Path) -> str:
    """The label rule that an importer noted beside its table; empty where it noted none."""
    try:
        label = json.loads((folder / "import.json").read_bytes())["options"]["label"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return label if isinstance(label, str) else ""
