"""What all importers share: options, what they hand over, a downloaded folder and its faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lesion_core.cases.folds import Scheme
from lesion_core.cases.readings import Reading
from lesion_core.cases.table import LABEL_SOURCES, LABELS, ORGANS, PROVEN, SPLITS, Case
from lesion_core.errors import InputError, TableError
from lesion_core.records import Border

#: Wraps a sequence while it is walked, to show progress; the text says what is walked.
Track = Callable[[Sequence[Any], str], Iterable[Any]]

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff")


def quiet(items: Sequence[Any], text: str) -> Iterable[Any]:
    """A `Track` that shows nothing."""
    del text
    return items


@dataclass(frozen=True)
class Options:
    """What the user may choose; an importer refuses what it has no use for.

    Attributes:
        label: DDTI's label rule, "2015:4a|4b|4c|5" or "reread:4"; empty for the importer's default.
        organ: "breast" or "thyroid", for folders that do not say.
        label_source: where the labels come from, for folders that do not say.
        target: what label 1 means, for folders that do not say.
        split: "development" or "external"; empty for the importer's default.
        skip: leave out cases with faults and note them, instead of stopping.
    """

    label: str = ""
    organ: str = ""
    label_source: str = ""
    target: str = ""
    split: str = ""
    skip: bool = False


@dataclass(frozen=True)
class Lesion:
    """One imported row.

    Attributes:
        case: everything but its paths (`image` and `border` are empty).
        image: the picture's file, or (height, width) uint8 pixels for sets that are no files.
        border: in image pixels; None where the set has none.
    """

    case: Case
    image: Path | NDArray[np.uint8]
    border: Border | None


def lesion(case: Case, image: Path | NDArray[np.uint8], border: Border | None) -> Lesion:
    """A row whose notes also say what was repaired on its border."""
    repaired = border.notes if border else ()
    return Lesion(replace(case, notes="; ".join(filter(None, (case.notes, *repaired)))), image, border)


@dataclass(frozen=True)
class Imported:
    """What an importer found.

    Attributes:
        lesions: the rows.
        schemes: official folds.
        readings: categories that readers gave.
        notes: what was left out or repaired, with counts, in sentences.
    """

    lesions: tuple[Lesion, ...]
    schemes: tuple[Scheme, ...] = ()
    readings: tuple[Reading, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class Faults:
    """Collects what is wrong with single cases, so that all of it is told at once."""

    found: list[str] = field(default_factory=list)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Take down an InputError raised inside as a fault of `name`."""
        try:
            yield
        except InputError as error:
            self.found.append(f"{name}: {error}")

    def settle(self, what: str, *, skip: bool) -> list[str]:
        """Stop if there are faults, or turn them into notes when they are to be skipped.

        Raises:
            TableError: there are faults and `skip` is False.
        """
        if self.found and not skip:
            raise TableError(f"{what} (--skip leaves such cases out)", self.found)
        return [f"Left out: {fault}" for fault in self.found]


def check_options(name: str, takes: frozenset[str], options: Options) -> None:
    """Refuse options that an importer has no use for, rather than ignore them.

    Raises:
        InputError: names the option, and those that the importer takes.
    """
    given = [each for each in ("label", "organ", "label_source", "target") if getattr(options, each)]
    useless = [f"--{each.replace('_', '-')}" for each in given if each not in takes]
    if useless:
        taken = ", ".join(sorted(f"--{each.replace('_', '-')}" for each in takes)) or "none of the kind"
        raise InputError(f"{name} has no use for {', '.join(useless)}: it takes {taken}")
    if options.split not in ("", *SPLITS):
        raise InputError(f"--split is {options.split!r}, allowed are {' and '.join(SPLITS)}")


def meaning(options: Options) -> tuple[str, str]:
    """(label_source, target) for sets that do not say how their labels were proven; the user may know better.

    Raises:
        InputError: a label source that is not allowed.
    """
    source = options.label_source or "folder"
    if source not in LABEL_SOURCES:
        raise InputError(f"--label-source is {source!r}, allowed are {', '.join(LABEL_SOURCES)}")
    return source, options.target or ("histology malignant" if source in PROVEN else "labelled malignant")


def label_of(text: str, what: str) -> Literal[0, 1]:
    """A label written as a word or a number.

    Raises:
        InputError: it is neither benign nor malignant, 0 nor 1.
    """
    word = text.strip().lower()
    if word not in LABELS:
        raise InputError(f"{what} is {text!r}, expected benign or malignant (0 or 1)")
    return 1 if LABELS[word] else 0


def organ_of(options: Options) -> str:
    """The organ that the user named.

    Raises:
        InputError: none, or another than those known.
    """
    if options.organ not in ORGANS:
        raise InputError(f"--organ is {options.organ or 'not given'}, allowed are {', '.join(ORGANS)}")
    return options.organ


def expect(root: Path, name: str, *parts: str) -> None:
    """Require files and folders (a trailing slash marks a folder) in a downloaded folder.

    Raises:
        InputError: lists what was expected and what was found.
    """
    if not root.is_dir():
        raise InputError(f"{root} is no folder: expected the {name} folder with {', '.join(parts)}")
    missing = [part for part in parts if not _is_there(root, part)]
    if missing:
        found = sorted(each.name + "/" * each.is_dir() for each in root.iterdir())
        more = f" and {len(found) - 12} more" if len(found) > 12 else ""
        raise InputError(
            f"{root} is no {name} folder: expected {', '.join(parts)}; missing {', '.join(missing)};"
            f" found {', '.join(found[:12]) + more if found else 'nothing'}"
        )


def _is_there(root: Path, part: str) -> bool:
    if part.endswith("/"):
        return (root / part).is_dir()
    return any(root.glob(part))


def beside(path: Path) -> Path:
    """The file, if it is there.

    Raises:
        InputError: it is missing; says what the folder has.
    """
    if not path.is_file():
        count = sum(1 for _ in path.parent.iterdir()) if path.parent.is_dir() else 0
        raise InputError(f"no {path.name} in {path.parent.name}/ ({count} files there)")
    return path
