"""Handlers of the held-out test tab: values of the controls in, updates out. They run without Gradio serving anything.

Each makes a checked `Choice` of the controls and hands back what `held_out_view` found; a visitor's mistake becomes a
warning with the core's own message, and what was shown before stays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from dashboards import held_out_view
from dashboards.cohort_figures import flow_figure, flow_in_words
from dashboards.observers import small_figures, tables
from dashboards.observers.address import TAB, as_link, first_choice, from_link
from dashboards.observers.choice import (
    MARGIN,
    Choice,
    Own,
    checked,
    offer,
    panel,
    set_of_readings,
    sets_offered,
    source_of,
)
from dashboards.review import link
from dashboards.review.case_list import CaseList, page_of
from dashboards.review.choice_table import ChoiceTable
from dashboards.review.header import HeaderStrip
from dashboards.widgets.clickable_plot import ClickablePlot
from dashboards.widgets.plain_table import PlainTable
from lesion_core.errors import LesionError
from lesion_core.results.observers.agreement_groups import MAJORITY
from lesion_core.results.observers.published import NO_CASES
from lesion_core.results.observers.reader_column import FIRST_CALLED
from lesion_core.results.review.case_cards import case_cards
from lesion_core.results.review.tables_text import caption_of

#: How many controls a set sets; the last one names it.
SET = 13
#: A saved figure's caption repeats its words up to here.
MOST_WORDS = 300
PICK = "Choose a cell or a row: its cases are listed below."
NO_AGREEMENT = "Choose a model with a threshold and at least one reader."
NO_FILE = "No file is open."


def choice_of(values: Sequence[Any]) -> tuple[Choice, Own]:
    """The checked choice of the controls' values, and the visitor's own sets.

    Raises:
        LesionError: a set that is not there, or readings that cannot be used.
    """
    test_set, models, readers, unit, how, cut, margin, model, against, stated, threshold, group, *others = values
    _, readings, own = others
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


def open_set(test_set: str, readings: str | None, own: Own) -> tuple[Any, ...]:
    """Updates of the controls for another set."""
    try:
        return set_controls(first_choice(str(test_set or ""), readings or "", own), own)
    except LesionError as error:
        gr.Warning(str(error), title="This set cannot be opened")
        return _unchanged(SET)


def choose_set(test_set: str, opened: str, readings: str | None, own: Own) -> tuple[Any, ...]:
    """Another set is chosen. Gradio says so too when a drop-down is left as it was: then nothing changes."""
    return _unchanged(SET) if test_set == opened else open_set(test_set, readings, own)


def open_readings(path: str | None, test_set: str, own: Own) -> tuple[Any, ...]:
    """Join a visitor's readings.csv with the set that has its cases.

    Returns:
        The note, then updates of the controls.
    """
    if not path:
        return (NO_FILE, *open_set(test_set, None, own))
    try:
        key = set_of_readings(path, own)
        opened = first_choice(key, path, own)
    except LesionError as error:
        told = str(error).replace(path, Path(path).name)
        gr.Warning(told.splitlines()[0], title="These readings cannot be used", duration=None)
        return (_fenced(told), *_unchanged(SET))
    there = offer(key, path, own)
    return (f"Open: {len(there.readers)} reader(s) of {there.source.title}.", *set_controls(opened, own))


def open_own(own: Own) -> tuple[Any, ...]:
    """Updates of the controls for the set that a visitor opened last."""
    return open_set(own[0].key, None, own) if own else _unchanged(SET)


def drop_group() -> str:
    """No group of cases is chosen any more."""
    return ""


def keep_group() -> None:
    """The same group of cases, of another model, reader or category: what it names there is listed."""


def moved(model: str | None) -> tuple[bool, str]:
    """The slider was moved: the stated threshold no longer holds, for this model."""
    return False, model or ""


def switched(model: str | None) -> tuple[str, str]:
    """The stated threshold was switched on or off: no group of cases, and what the slider says is for this model."""
    return "", model or ""


def other_model(model: str | None, moved_for: str, stated: bool) -> bool:
    """Whether the stated threshold holds after the model was chosen: a moved one was another model's."""
    return stated or model != moved_for


def other_models(models: Sequence[str] | None, model: str | None, stated: bool) -> tuple[str, bool]:
    """No group of cases after the models were chosen, and the stated threshold where the one looked at has gone."""
    return "", stated or model not in (models or ())


def set_controls(choice: Choice, own: Own = ()) -> tuple[Any, ...]:
    """Updates of the thirteen controls that show a choice."""
    on = not choice.organ
    there = offer(choice.test_set, choice.readings, own) if on else None
    models = list(there.models) if there else []
    names = {key: shown for shown, key in models}
    chosen_models = [(names[key], key) for key in choice.models]
    stated = choice.threshold is None
    return (
        gr.update(choices=sets_offered(own), value=choice.test_set),
        gr.update(choices=models, value=list(choice.models), visible=on),
        gr.update(choices=list(there.readers) if there else [], value=list(choice.readers), visible=on),
        gr.update(choices=list(there.units) if there else ["image"], value=choice.unit, visible=on),
        gr.update(value=choice.how, visible=on),
        gr.update(value=choice.cut, visible=on),
        gr.update(value=choice.margin),
        gr.update(choices=chosen_models, value=choice.model or None, visible=on),
        gr.update(choices=[MAJORITY, *choice.readers], value=choice.against, visible=on),
        gr.update(value=stated, visible=on),
        gr.update(value=_slider(choice, own), visible=on),
        choice.group,
        choice.test_set,
    )


def show_link(*values: Any) -> Any:
    """The address of the page alone, for a control that changes no more of the upper half."""
    found = _safe(values)
    return gr.skip() if found is None else link.write(TAB, as_link(found[0]))


def show_main(*values: Any) -> tuple[Any, ...]:
    """Strip, Figure 4, Tables 4 and 5, note, link, the model and reader of the agreement view, and the STARD flow.

    Returns:
        Updates of nine components.
    """
    found_choice = _safe(values)
    if found_choice is None:
        return _unchanged(9)
    choice, own = found_choice
    found = held_out_view.main_of(choice, own)
    names = {} if choice.organ else {key: shown for shown, key in offer(choice.test_set, choice.readings, own).models}
    flow, flow_note = held_out_view.flow_of(choice, own)
    flow_words = flow_in_words(flow)
    title = "Tables 4 and 5, published and recomputed" if choice.organ else "Tables 4 and 5: models and readers"
    return (
        HeaderStrip.show(found.facts),
        ClickablePlot.show(found.figure, description=found.words, caption=caption_of(found.facts)),
        PlainTable.show(found.table, name=title),
        found.note,
        link.write(TAB, as_link(choice)),
        gr.update(choices=[(names[key], key) for key in choice.models], value=choice.model or None),
        gr.update(choices=[MAJORITY, *choice.readers], value=choice.against),
        flow_note,
        ClickablePlot.show(flow_figure(flow), description=flow_words, caption=f"{flow_words}. {flow_note}"),
    )


def show_tests(*values: Any) -> tuple[Any, ...]:
    """Each model against each reader, and against the group.

    Returns:
        Updates of the pairs' note, figure and table, the group's note and table.
    """
    found_choice = _safe(values)
    if found_choice is None:
        return _unchanged(5)
    choice, own = found_choice
    if choice.organ:
        return (
            NO_CASES + " p is shown as the range over every overlap that the counts allow.",
            gr.update(visible=False),
            PlainTable.show(tables.published_pair_table(choice.organ), name="Range of p for each radiologist"),
            NO_CASES,
            gr.update(visible=False),
        )
    tests = held_out_view.pairs_of(choice, own)
    group = held_out_view.group_of(choice, own)
    return (
        held_out_view.pairs_note(tests),
        _plot(small_figures.pair_figure(tests), "; ".join(each.test.sentence() for each in tests), choice, own)
        | {"visible": bool(tests)},
        PlainTable.show(tables.pair_table(tests), name="Each model against each reader"),
        held_out_view.group_note(group),
        gr.update(
            value=PlainTable.show(tables.group_table(group), name="Models against the group of readers"),
            visible=bool(group.tests),
        ),
    )


def show_agreement(*values: Any) -> tuple[Any, ...]:
    """Agreement groups, kappas, the cases of the chosen group, stability and views.

    Returns:
        Updates of the note, figure, rows, kappas and case list, of the five parts of "Border and view", and the link.
    """
    found_choice = _safe(values)
    if found_choice is None:
        return _unchanged(11)
    choice, own = found_choice
    found = held_out_view.agreement_of(choice, own)
    hidden, address = gr.update(visible=False), link.write(TAB, as_link(choice))
    if found is None:
        reason = NO_CASES if choice.organ else NO_AGREEMENT
        return (reason, hidden, hidden, hidden, hidden, *_border_and_view(choice, own), address)
    figure = small_figures.agreement_figure(found.groups, chosen=choice.group)
    return (
        f"{found.note}\n\n{PICK}",
        _plot(figure, small_figures.agreement_in_words(found.groups), choice, own),
        gr.update(
            value=ChoiceTable.show(
                ("Group", f"{choice.unit}s", "share of the label"),
                tables.agreement_rows(found.groups),
                name="Who is right",
                chosen=choice.group,
            ),
            visible=True,
        ),
        gr.update(
            value=PlainTable.show(tables.kappa_table(found.kappas), name="Agreement beyond chance"), visible=True
        ),
        gr.update(value=case_page(choice, 0, own), visible=bool(choice.group)),
        *_border_and_view(choice, own),
        address,
    )


def case_page(choice: Choice, asked: int, own: Own = ()) -> dict[str, Any]:
    """A page of the cases of the chosen group; without one nothing is listed."""
    group = held_out_view.chosen_group(choice, held_out_view.agreement_of(choice, own))
    if group is None:
        return CaseList.show([], heading=PICK, page=page_of(total=0, asked=0), words="images")
    source = source_of(choice.test_set, choice.readings, own)
    run = source.run(choice.model)
    rows = [run.position[case] for case in group.cases]
    page = page_of(total=len(rows), asked=asked)
    others = [source.run(key) for key in choice.models if key != choice.model]
    cards = case_cards(source, run, rows[page.start : page.stop], others=others)
    heading = f"label {int(group.positive)}, {tables.right_in_words(group)}: {group.n:,} {choice.unit}s"
    return CaseList.show(cards, heading=heading, page=page, filtered=True, words="images")


def turn_page(event: gr.EventData, *values: Any) -> Any:
    """Another page of the case list."""
    found = _safe(values)
    return gr.skip() if found is None else case_page(found[0], CaseList.read_turn(event), found[1])


def clicked_roc(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """A click on Figure 4: a model's curve moves its threshold (post hoc), a reader becomes the one compared with.

    Returns:
        Updates of the agreement view's model and reader, the stated threshold's check box, the slider, and the model
        that it was moved for.
    """
    found = _safe(values)
    custom = ClickablePlot.read_click(event).custom
    if found is None or found[0].organ or not custom:
        return _unchanged(5)
    choice = found[0]
    if custom[0] == "model" and custom[1] in choice.models and isinstance(custom[2], int | float):
        return custom[1], gr.skip(), False, min(max(float(custom[2]), 0.0), 1.0), custom[1]
    if custom[0] == "reader" and custom[1] in choice.readers:
        return gr.skip(), custom[1], gr.skip(), gr.skip(), gr.skip()
    return _unchanged(5)


def clicked_group(event: gr.EventData) -> str:
    """Key of the clicked cell of the agreement figure."""
    custom = ClickablePlot.read_click(event).custom
    return str(custom[0]) if custom else ""


def clicked_row(event: gr.EventData) -> str:
    """Key of the clicked row of the agreement table."""
    return ChoiceTable.read_row(event)


def fill(test_set: str | None, own: Own, request: gr.Request) -> tuple[Any, ...]:
    """Updates of the controls when the tab is first looked at; a link that opened it says how.

    A set handed over by another tab comes first: what `opened` counts is not heard before the tab was ever shown.
    """
    if test_set:
        return _unchanged(SET)
    return open_own(own) if own else _opened(link.read(request, TAB))


def _opened(asked: dict[str, str]) -> tuple[Any, ...]:
    try:
        return set_controls(from_link(asked))
    except LesionError as error:
        gr.Warning(str(error), title="This link cannot be restored")
        return _unchanged(SET)


def _border_and_view(choice: Choice, own: Own) -> tuple[Any, ...]:
    """The five parts of "Border and view"."""
    hidden = gr.update(visible=False)
    views = held_out_view.views_of(choice, own)
    if views is None:
        return (NO_CASES, hidden, hidden, hidden, hidden)
    nudged = held_out_view.stability_of(choice, own)
    note = held_out_view.border_note(choice, nudged)
    drawn: tuple[Any, ...] = (hidden, hidden)
    if nudged:
        _, found = nudged[0]
        words = small_figures.stability_in_words(found)
        drawn = (
            # Not of the chosen set but of the one whose borders were nudged: its own note says which.
            ClickablePlot.show(small_figures.stability_figure(found), description=words, caption=f"{words}. {note}")
            | {"visible": True},
            gr.update(value=PlainTable.show(tables.stability_table(found), name="Nudged borders"), visible=True),
        )
    seen: Any = hidden
    if views.first.size:
        seen = _plot(small_figures.views_figure(views), small_figures.views_in_words(views), choice, own)
    return (
        note,
        *drawn,
        seen,
        gr.update(value=PlainTable.show(tables.views_table(views), name="Two views of one lesion"), visible=True),
    )


def _plot(figure: go.Figure, words: str, choice: Choice, own: Own) -> dict[str, Any]:
    """The update that shows a figure of a set with cases; what is saved of it says what it rests on."""
    caption = f"{words[:MOST_WORDS]}. {caption_of(held_out_view.facts_of(choice, own))}"
    return ClickablePlot.show(figure, description=words, caption=caption) | {"visible": True}


def _safe(values: Sequence[Any]) -> tuple[Choice, Own] | None:
    """The checked choice of the controls; None before a set is opened, and, with a warning, where there is none."""
    if not values[0]:
        return None
    try:
        choice, own = choice_of(values)
        if not choice.organ:
            panel(choice, own)
    except LesionError as error:
        gr.Warning(str(error).splitlines()[0], title="This cannot be shown")
        return None
    return choice, own


def _slider(choice: Choice, own: Own) -> float:
    """Where the slider stands: the moved threshold, else the stated one, else the middle."""
    if choice.threshold is not None:
        return choice.threshold
    if choice.organ:
        return 0.5
    threshold = held_out_view.model_of(choice, panel(choice, own)).threshold
    return 0.5 if not threshold.size or math.isnan(threshold[0]) else round(float(threshold[0]), 3)


def _unchanged(count: int) -> tuple[Any, ...]:
    return tuple(gr.skip() for _ in range(count))


def _fenced(text: str) -> str:
    """Text of an error as it stands: nothing in it is read as Markdown."""
    return "```text\n" + text.replace("```", "'''") + "\n```"
