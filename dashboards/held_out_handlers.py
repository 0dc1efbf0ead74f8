"""What the held-out test tab shows: values of the controls in, updates out, without Gradio serving anything.

Each makes a checked `Choice` of the controls (`held_out_controls`) and hands back what `held_out_view` found.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import plotly.graph_objects as go

from dashboards import held_out_notes, held_out_view
from dashboards.asking import Opening
from dashboards.cohort_figures import flow_figure, flow_in_words
from dashboards.held_out_controls import (
    AGAINST,
    GROUP,
    MODEL,
    MODELS,
    NO_FILE,
    SET,
    STATED,
    first_asked,
    safe,
    set_controls,
    slider_of,
    unchanged,
)
from dashboards.observers import small_figures, tables
from dashboards.observers.address import TAB, as_link, first_choice
from dashboards.observers.choice import (
    Choice,
    Own,
    offer,
    set_of_readings,
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
from lesion_core.results.review.case_cards import case_cards
from lesion_core.results.review.tables_text import caption_of

#: A saved figure's caption repeats its words up to here.
MOST_WORDS = 300
#: How many components show the upper half; `show_main` fills the agreement view's model and reader besides.
UPPER = 7
#: How many components an opened set fills: its controls and the upper half.
WHOLE = SET + UPPER
PICK = "Choose a cell or a row: its cases are listed below."
NO_AGREEMENT = "Choose a model with a threshold and at least one reader."


def show_link(*values: Any) -> Any:
    """The address of the page alone, for a control that changes no more of the upper half."""
    found = safe(values)
    return gr.skip() if found is None else link.write(TAB, as_link(found[0]))


def first_look(request: gr.Request, *values: Any) -> tuple[Any, ...]:
    """The tab when it is first looked at: its controls and what `show_main` makes of them, in one answer.

    Returns:
        Updates of the controls that a set sets, then of the upper half.
    """
    if values[0]:
        found = safe(values)
        return (*unchanged(SET), *(unchanged(UPPER) if found is None else _upper(*found)))
    own = values[-1] or ()
    try:
        choice = first_asked(own, request)
    except LesionError as error:
        by_link = not own and link.read(request, TAB)
        gr.Warning(str(error), title="This link cannot be restored" if by_link else "This set cannot be opened")
        return unchanged(WHOLE)
    return _opened(choice, own)


def choose_set(test_set: str, opened: Opening, number: float | None, readings: str | None, own: Own) -> tuple[Any, ...]:
    """Another set is chosen. Gradio says so too when a drop-down is left as it was: then nothing changes.

    A set whose answer was lost on its way is opened once more.

    Returns:
        Updates as of `first_look`: no second question has to gather what the first one's answer set, for it may be
        asked before that has arrived. The drop-down itself is left alone: it may say a third set by now.
    """
    if test_set == opened.key and (opened.arrived(number) or opened.overtakes(number)):
        return unchanged(WHOLE)
    return (gr.skip(), *open_set(test_set, readings, own)[1:])


def open_set(test_set: str, readings: str | None, own: Own) -> tuple[Any, ...]:
    """Open a set: updates as of `first_look`."""
    try:
        choice = first_choice(str(test_set or ""), readings or "", own)
    except LesionError as error:
        gr.Warning(str(error), title="This set cannot be opened")
        return unchanged(WHOLE)
    return _opened(choice, own)


def open_own(own: Own) -> tuple[Any, ...]:
    """Open the set that a visitor brought last: updates as of `first_look`."""
    return open_set(own[0].key, None, own) if own else unchanged(WHOLE)


def open_readings(path: str | None, test_set: str, own: Own) -> tuple[Any, ...]:
    """Join a visitor's readings.csv with the set that has its cases.

    Returns:
        The note, then updates as of `first_look`.
    """
    if not path:
        return (NO_FILE, *open_set(test_set, None, own))
    try:
        key = set_of_readings(path, own)
        choice = first_choice(key, path, own)
    except LesionError as error:
        told = str(error).replace(path, Path(path).name)
        gr.Warning(told.splitlines()[0], title="These readings cannot be used", duration=None)
        return (_fenced(told), *unchanged(WHOLE))
    there = offer(key, path, own)
    return (f"Open: {len(there.readers)} reader(s) of {there.source.title}.", *_opened(choice, own))


def count_anew(*values: Any) -> tuple[Any, ...]:
    """Other readers, another unit, another way to count: no group of cases is chosen any more.

    Returns:
        The group, then updates of `show_main`.
    """
    return ("", *show_main(*_with(values, GROUP, "")))


def tick_models(*values: Any) -> tuple[Any, ...]:
    """Other models are ticked; of none, the one that is looked at (`keep_a_model` says so).

    Returns:
        The group of cases (none any more), updates of whether the stated threshold holds and of the slider (where the
        model that is looked at has gone, it does, and the slider stands at the one of the next), then those of
        `show_main`.
    """
    ticked = values[MODELS] or [values[MODEL]]
    values = _with(_with(values, MODELS, ticked), GROUP, "")
    if values[MODEL] in ticked:
        return ("", *unchanged(2), *show_main(*values))
    values = _with(values, STATED, True)
    found = safe(values)
    if found is None:
        return ("", *unchanged(UPPER + 4))
    return ("", True, slider_of(*found), *_main(*found, values))


def show_main(*values: Any) -> tuple[Any, ...]:
    """The upper half, and the model and reader of the agreement view.

    Returns:
        Updates of strip, Figure 4, Tables 4 and 5, note and link, of that model and reader, and of the STARD flow with
        its note. A control whose value holds gets no value: the visitor may have changed it since.
    """
    found = safe(values)
    return unchanged(UPPER + 2) if found is None else _main(*found, values)


def show_tests(*values: Any) -> tuple[Any, ...]:
    """Each model against each reader, and against the group.

    Returns:
        Updates of the pairs' note, figure and table, the group's note and table.
    """
    found_choice = safe(values)
    if found_choice is None:
        return unchanged(5)
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
    aided = held_out_notes.aided_note(choice, own)
    return (
        " ".join(filter(None, (held_out_notes.pairs_note(tests), aided))),
        _plot(small_figures.pair_figure(tests), "; ".join(each.test.sentence() for each in tests), choice, own)
        | {"visible": bool(tests)},
        PlainTable.show(tables.pair_table(tests), name="Each model against each reader"),
        " ".join(filter(None, (held_out_notes.group_note(group), aided))),
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
    found_choice = safe(values)
    if found_choice is None:
        return unchanged(11)
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
    found = safe(values)
    return gr.skip() if found is None else case_page(found[0], CaseList.read_turn(event), found[1])


def clicked_roc(event: gr.EventData, *values: Any) -> tuple[Any, ...]:
    """A click on Figure 4: a model's curve moves its threshold (post hoc), a reader becomes the one compared with.

    Returns:
        Updates of the agreement view's model and reader, the stated threshold's check box, the slider, and the model
        that it was moved for.
    """
    found = safe(values)
    custom = ClickablePlot.read_click(event).custom
    if found is None or found[0].organ or not custom:
        return unchanged(5)
    choice = found[0]
    if custom[0] == "model" and custom[1] in choice.models and isinstance(custom[2], int | float):
        return custom[1], gr.skip(), False, min(max(float(custom[2]), 0.0), 1.0), custom[1]
    if custom[0] == "reader" and custom[1] in choice.readers:
        return gr.skip(), custom[1], gr.skip(), gr.skip(), gr.skip()
    return unchanged(5)


def clicked_group(event: gr.EventData) -> str:
    """Key of the clicked cell of the agreement figure."""
    custom = ClickablePlot.read_click(event).custom
    return str(custom[0]) if custom else ""


def clicked_row(event: gr.EventData) -> str:
    """Key of the clicked row of the agreement table."""
    return ChoiceTable.read_row(event)


def _opened(choice: Choice, own: Own) -> tuple[Any, ...]:
    """Updates of the controls that a set sets, then of the upper half."""
    controls, upper = unchanged(SET), unchanged(UPPER)
    try:
        controls = set_controls(choice, own)  # they stay where the figure fails: another choice may have one
        upper = _upper(choice, own)
    except LesionError as error:
        gr.Warning(str(error).splitlines()[0], title="This cannot be shown")
    return (*controls, *upper)


def _upper(choice: Choice, own: Own) -> tuple[Any, ...]:
    """Updates of the upper half, without controls."""
    found = held_out_view.main_of(choice, own)
    flow, flow_note = held_out_view.flow_of(choice, own)
    flow_words = flow_in_words(flow)
    title = "Tables 4 and 5, published and recomputed" if choice.organ else "Tables 4 and 5: models and readers"
    return (
        HeaderStrip.show(found.facts),
        ClickablePlot.show(found.figure, description=found.words, caption=caption_of(found.facts)),
        PlainTable.show(found.table, name=title),
        _listed(found.notes),
        link.write(TAB, as_link(choice)),
        flow_note,
        ClickablePlot.show(flow_figure(flow), description=flow_words, caption=f"{flow_words}. {flow_note}"),
    )


def _main(choice: Choice, own: Own, values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Updates of the upper half, and of the agreement view's model and reader."""
    upper = _upper(choice, own)
    return (*upper[:5], *_looked_at(choice, own, values), *upper[5:])


def _looked_at(choice: Choice, own: Own, values: tuple[Any, ...]) -> tuple[Any, Any]:
    """Updates of the agreement view's model and reader, with a value only where what was asked cannot be had."""
    if choice.organ:
        return gr.skip(), gr.skip()
    names = {key: shown for shown, key in offer(choice.test_set, choice.readings, own).models}
    model = gr.update(choices=[(names[key], key) for key in choice.models])
    against = gr.update(choices=[MAJORITY, *choice.readers])
    if choice.model != values[MODEL]:
        model["value"] = choice.model
    if choice.against != values[AGAINST]:
        against["value"] = choice.against
    return model, against


def _with(values: tuple[Any, ...], place: int, value: Any) -> tuple[Any, ...]:
    """The controls' values with another one at a place."""
    return (*values[:place], value, *values[place + 1 :])


def _border_and_view(choice: Choice, own: Own) -> tuple[Any, ...]:
    """The five parts of "Border and view"."""
    hidden = gr.update(visible=False)
    views = held_out_view.views_of(choice, own)
    if views is None:
        return (NO_CASES, hidden, hidden, hidden, hidden)
    nudged = held_out_view.stability_of(choice, own)
    note = held_out_notes.border_note(choice, nudged)
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


def _listed(notes: Sequence[str]) -> str:
    """Notes in Markdown: several as a list, which a phone can show."""
    return notes[0] if len(notes) == 1 else "\n".join(f"- {note}" for note in notes)


def _fenced(text: str) -> str:
    """Text of an error as it stands: nothing in it is read as Markdown."""
    return "```text\n" + text.replace("```", "'''") + "\n```"
