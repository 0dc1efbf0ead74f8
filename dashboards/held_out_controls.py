"""The controls of the held-out test tab: their values as a checked choice, and the updates that show another choice.

A visitor's mistake becomes a warning with the core's own message, and what was shown before stays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import gradio as gr

from dashboards import held_out_view
from dashboards.asking import Opening
from dashboards.observers.address import TAB, first_choice, from_link
from dashboards.observers.choice import (
    MARGIN,
    Choice,
    Own,
    checked,
    offer,
    panel,
    sets_offered,
)
from dashboards.review import link
from lesion_core.errors import InputError, LesionError
from lesion_core.results.observers.agreement_groups import MAJORITY
from lesion_core.results.observers.reader_column import FIRST_CALLED

#: How many controls a set sets; the last two are its `Opening`, and the opening's number.
SET = 15
#: Where some of the controls' values stand.
MODELS, MODEL, AGAINST, STATED, THRESHOLD, MOVED_FOR, GROUP, OPENED, NUMBER = 1, 7, 8, 9, 10, 11, 12, 13, 14
#: Of the slider.
HALF_A_STEP = 0.0005
NO_FILE = "No file is open."


def choice_of(values: Sequence[Any]) -> tuple[Choice, Own]:
    """The checked choice of the controls' values, and the visitor's own sets.

    Raises:
        LesionError: a set that is not there, readings that cannot be used, or controls of the set before.
    """
    test_set, models, readers, unit, how, cut, margin, model, against, stated, threshold, *others = values
    _, group, opened, number, readings, own = others
    if opened.overtakes(number):
        raise InputError("another set is being opened: choose again when it is shown")
    choice = checked(
        Choice(
            test_set=str(test_set or ""),
            models=tuple(models or ()),
            readers=tuple(readers or ()),
            unit=unit or "image",
            how=how or "left out",
            cut=str(cut or FIRST_CALLED),
            margin=float(margin or MARGIN),
            model=str(model or ""),
            against=str(against or MAJORITY),
            threshold=None if stated or threshold is None else float(threshold),
            group=str(group or ""),
            readings=str(readings or ""),
        ),
        own or (),
    )
    return choice, own or ()


def drop_group() -> str:
    """No group of cases is chosen any more."""
    return ""


def moved(*values: Any) -> tuple[Any, Any]:
    """The slider was moved: the stated threshold no longer holds, for the model that is looked at.

    Gradio says so too when the slider's number is clicked or left as it was: then nothing changes.
    """
    found = safe(values) if values[STATED] else None
    if found is not None and abs(values[THRESHOLD] - slider_of(*found)) < HALF_A_STEP:
        return gr.skip(), gr.skip()
    return False, values[MODEL] or ""


def switched(*values: Any) -> tuple[str, str, Any]:
    """The stated threshold was switched on or off: no group of cases, and what the slider says is for this model.

    Returns:
        The group, the model, and an update of the slider: switched on, the stated threshold is where it stands.
    """
    found = safe(values) if values[STATED] else None
    return "", values[MODEL] or "", gr.skip() if found is None else slider_of(*found)


def other_model(*values: Any) -> tuple[bool, Any]:
    """Whether the stated threshold holds after the model was chosen: a moved one was another model's.

    Returns:
        That, and an update of the slider: a stated threshold is where it stands.
    """
    controls = list(values)
    controls[STATED] = controls[STATED] or controls[MODEL] != controls[MOVED_FOR]
    found = safe(controls) if controls[STATED] else None
    return controls[STATED], gr.skip() if found is None else slider_of(*found)


def keep_a_model(models: Sequence[str] | None, model: str | None) -> Any:
    """After the models were ticked: none is no choice, so the one that is looked at stays and the visitor is told."""
    if models or not model:
        return gr.skip()
    gr.Warning("tick another model first: one at least is shown", title="The last model stays")
    return [model]


def set_controls(choice: Choice, own: Own = ()) -> tuple[Any, ...]:
    """Updates of the fifteen controls that show a choice."""
    opening = Opening.of(choice.test_set)
    on = not choice.organ
    there = offer(choice.test_set, choice.readings, own) if on else None
    models = list(there.models) if there else []
    names = {key: shown for shown, key in models}
    chosen_models = [(names[key], key) for key in choice.models]
    stated = choice.threshold is None
    return (
        gr.update(choices=sets_offered(own), value=choice.test_set),
        gr.update(choices=models, value=list(choice.models), info=there.legend if there else "", visible=on),
        gr.update(choices=list(there.readers) if there else [], value=list(choice.readers), visible=on),
        gr.update(choices=list(there.units) if there else ["image"], value=choice.unit, visible=on),
        gr.update(value=choice.how, visible=on),
        gr.update(value=choice.cut, visible=on),
        gr.update(value=choice.margin),
        gr.update(choices=chosen_models, value=choice.model or None, visible=on),
        gr.update(choices=[MAJORITY, *choice.readers], value=choice.against, visible=on),
        gr.update(value=stated, visible=on),
        gr.update(value=slider_of(choice, own), visible=on),
        choice.model,
        choice.group,
        opening,
        opening.number,
    )


def first_asked(own: Own, request: gr.Request | None) -> Choice:
    """What the tab opens with when it is first looked at: the set that a visitor opened last, else what a link says.

    A set handed over by another tab comes first: what `opened` counts is not heard before the tab was ever shown.

    Raises:
        LesionError: that set cannot be opened, or there is no set at all.
    """
    return first_choice(own[0].key, "", own) if own else from_link(link.read(request, TAB))


def safe(values: Sequence[Any]) -> tuple[Choice, Own] | None:
    """The checked choice of the controls; None before a set is opened, and, with a warning, where there is none.

    None too for controls that another set was opened over: what that set brings is on its way to the page.
    """
    if not values[0] or values[OPENED].overtakes(values[NUMBER]):
        return None
    try:
        choice, own = choice_of(values)
        if not choice.organ:
            panel(choice, own)
    except LesionError as error:
        gr.Warning(str(error).splitlines()[0], title="This cannot be shown")
        return None
    return choice, own


def slider_of(choice: Choice, own: Own) -> float:
    """Where the slider stands: the moved threshold, else the stated one, else the middle."""
    if choice.threshold is not None:
        return choice.threshold
    if choice.organ:
        return 0.5
    threshold = held_out_view.model_of(choice, panel(choice, own)).threshold
    return 0.5 if not threshold.size or math.isnan(threshold[0]) else round(float(threshold[0]), 3)


def unchanged(count: int) -> tuple[Any, ...]:
    """Updates that leave so many components as they are."""
    return tuple(gr.skip() for _ in range(count))
