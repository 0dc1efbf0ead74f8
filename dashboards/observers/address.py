"""A choice as the address of the page, and back; values from an address are untrusted and checked."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import cast

from dashboards.observers.choice import MARGIN, Choice, Own, checked, default_models, offer, sets_offered
from lesion_core.results.observers.reader_column import NotAssessed
from lesion_core.results.review.readers import one_arm_each
from lesion_core.results.review.scored import Unit

#: Id of the tab, and prefix of its entries.
TAB = "test"
#: An empty list in an address: an entry without text is left out, and what is left out is as at first.
NONE = "|"


def first_choice(test_set: str, readings: str = "", own: Own = ()) -> Choice:
    """What a set opens with: the system's models, every reader in one arm, the headline unit.

    Raises:
        LesionError: no such set, or readings that cannot be used.
    """
    bare = Choice(test_set, readings=readings)
    if bare.organ:
        return bare
    there = offer(test_set, readings, own)
    once = {each.name for each in one_arm_each(there.source.readers)}
    readers = tuple(name for name in there.readers if name in once)
    return checked(replace(bare, models=default_models(there), readers=readers, unit=there.units[0]), own)


def as_link(choice: Choice) -> dict[str, str]:
    """What of a choice goes into the address; a visitor's file does not."""
    if choice.organ:
        return {"set": choice.test_set}
    return {
        "set": choice.test_set,
        "models": "|".join(choice.models),
        "readers": "|".join(choice.readers) or NONE,
        "unit": choice.unit,
        "how": choice.how,
        "cut": choice.cut,
        "margin": f"{choice.margin:g}",
        "model": choice.model,
        "against": choice.against,
        "t": "" if choice.threshold is None else str(choice.threshold),  # reads back the same: a score may be it
        "group": choice.group,
    }


def from_link(asked: dict[str, str]) -> Choice:
    """The choice that an address names, as far as it fits; without one what the first set opens with.

    Raises:
        LesionError: there is no set at all.
    """
    keys = [key for _, key in sets_offered()]
    key = asked.get("set", "")
    if key not in keys:
        return first_choice(keys[0])
    base = first_choice(key)
    if base.organ:
        return base
    names = {name: tuple(filter(None, asked[name].split("|"))) for name in ("models", "readers") if name in asked}
    return checked(
        replace(
            base,
            models=names.get("models", base.models),
            readers=names.get("readers", base.readers),
            unit=cast(Unit, asked.get("unit", base.unit)),
            how=cast(NotAssessed, asked.get("how", base.how)),
            cut=asked.get("cut", base.cut),
            margin=_number(asked.get("margin", "")) or MARGIN,
            model=asked.get("model", base.model),
            against=asked.get("against", base.against),
            threshold=_number(asked.get("t", "")),
            group=asked.get("group", "")[:60],
        )
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
