"""What the names of reference models mean, in words, and in which order they are listed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lesion_core.results.observers.reference_names import (
    ALONE,
    LINEAR,
    OUTLINE,
    OWN_PARTS,
    PAPER,
    REFERENCES,
    SHAPE,
    SIZE,
    beside,
)

UNBROKEN = "\u2011"
_WHOLE = {
    SIZE: "the lesion's size alone",
    SHAPE: "the lesion's shape alone",
    LINEAR: "one linear layer on the frozen trunk",
}
#: Parts of what follows a released model's name, with what they say; the first that fits is taken.
_PARTS = (
    (re.compile(ALONE), ALONE, "the network without the outline"),
    (re.compile(OUTLINE), OUTLINE, "the outline's part alone"),
    (re.compile(PAPER), PAPER, "the paper's settings on a frozen trunk (conv-only init)"),
    (re.compile(r"seed-\d+"), "seed-N", "another seed"),
    (re.compile("compact"), "compact", "frozen trunk"),
    (re.compile("best-cpu"), "best-cpu", "of the trunk only block 5 trained"),
    (re.compile("further"), "further", "further training data, chosen on inner folds"),
    (re.compile(r"2015-(4a|4b|4c|5)"), "2015-G", "label: DDTI's grade of 2015, G or higher"),
)


def in_words(model: str) -> str:
    """What a reference model's name means, e.g. "frozen trunk, another seed"; "" for any other name.

    Args:
        model: its name, e.g. "bnet-compact-seed-1".
    """
    if model in _WHOLE:
        return _WHOLE[model]
    return ", ".join(re.sub(r"\bG\b", text.rpartition("-")[2], words) for _, words, text in _parts(model))


def legend(models: Iterable[str]) -> str:
    """What the names of several reference models mean, each part once; "" where there is nothing to say.

    Hyphens are those that a line does not break at.
    """
    names = list(models)
    said = {f"-{part}": words for name in names for part, words, _ in _parts(name)}
    said |= {name: _WHOLE[name] for name in names if name in _WHOLE}
    return "; ".join(f"{part.replace('-', UNBROKEN)}: {words}" for part, words in said.items())


def place(model: str) -> tuple[int, str]:
    """Sorts models: those of the system, their parts and the paper's protocol, other seeds, the rest, references."""
    if model in REFERENCES:
        return 4, model
    parts = [part for part, _, _ in _parts(model)]
    if beside(model) is None:
        return 0, ""
    if parts and set(parts) <= set(OWN_PARTS):
        return 1, model
    return (2 if parts[:1] == ["seed-N"] else 3), model


def _parts(model: str) -> Iterator[tuple[str, str, str]]:
    """Each part's sign in a legend, its words, and how the name has it."""
    rest = model.partition("-")[2] if beside(model) else ""
    while rest:
        found = next(((each.match(rest), part, words) for each, part, words in _PARTS if each.match(rest)), None)
        if found is None or found[0] is None:
            return
        yield found[1], found[2], found[0].group()
        rest = rest[found[0].end() :].removeprefix("-")
