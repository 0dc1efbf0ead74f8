"""A study's result as tables and figures: numbers in, rows and figures out."""

from __future__ import annotations

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from lesion_core.reading.result import ReaderResult, StudyResult
from lesion_core.reading.stored import Progress
from lesion_core.reading.study import Study
from lesion_core.reading.teaching import Learner
from lesion_core.stats.estimate import Comparison, Estimate, number, p_words

PROGRESS_HEAD = ("Reader", "Answered", "Experience", "Display", "Last answer (UTC)")
READERS_HEAD = (
    "Reader, arm", "AUC (95 % CI)", "Sensitivity (95 % CI)", "Specificity (95 % CI)", "Cases", "Cannot assess",
    "Seconds per case: median (quartiles)", "After the limit: by the page, by the server", "Window left",
)  # fmt: skip
CLASS_HEAD = ("Reader", "Calls that agree with the labels (95 % CI)", "Cases", "Cannot assess", "Median seconds")
STUDY_HEAD = ("What", "Value (95 % CI)", "Test", "n")
#: Told apart by colour-blind eyes too.
COLOURS = ("#0d9488", "#b45309", "#6366f1", "#be185d", "#4d7c0f", "#0369a1", "#7c2d12", "#475569")


def progress_rows(progress: Sequence[Progress]) -> list[list[str]]:
    """How far each reader is."""
    rows = [
        [
            each.reader,
            f"{each.answered} of {each.total}",
            each.experience or "not stated",
            each.display or "not stated",
            each.last_at[:16].replace("T", " ") or "none yet",
        ]
        for each in progress
    ]
    return [list(PROGRESS_HEAD), *rows]


def reader_rows(study: Study, result: StudyResult) -> list[list[str]]:
    """Each reader in each arm; the area of readers who only called is called what it is."""
    head = [
        READERS_HEAD[0],
        "Balanced accuracy (95 % CI)" if _only_calls(study) else READERS_HEAD[1],
        *READERS_HEAD[2:],
    ]
    rows = []
    for each in result.readers:
        low, middle, high = each.seconds
        rows.append(
            [
                f"{each.reader}, {each.arm}",
                shown(each.area),
                shown(each.sensitivity) if each.sensitivity else "not asked",
                shown(each.specificity) if each.specificity else "not asked",
                str(each.read),
                str(each.not_assessed),
                "none yet" if math.isnan(middle) else f"{middle:.1f} ({low:.1f} to {high:.1f})",
                "no limit" if study.time_limit_s is None else f"{each.overtime}, {each.late}",
                str(each.left_window),
            ]
        )
    return [head, *rows]


def study_rows(result: StudyResult) -> list[list[str]]:
    """Means, arms against each other, model against readers, agreement."""
    rows = [[each.name, shown(each), each.method, size_of(each.n, each.clusters)] for each in result.means]
    if result.arms is not None:
        for name, analysis in (
            ("readers and cases random", result.arms.random),
            ("these readers, other cases", result.arms.fixed_readers),
            ("other readers, these cases", result.arms.fixed_cases),
        ):
            rows.append(comparison_row(f"area, unaided minus aided, {name}", analysis.test))
    for each in result.rates:
        rows.append(comparison_row(f"{each.figure}, unaided minus aided, readers and cases random", each.random.test))
        rows.append(
            comparison_row(f"{each.figure}, unaided minus aided, these readers, other cases", each.fixed_readers.test)
        )
    if result.model is not None:
        rows.append(comparison_row("model minus readers (unaided), readers and cases random", result.model.random))
        rows.append(comparison_row("model minus readers (unaided), these cases", result.model.fixed_cases))
    rows += [[each.name, shown(each), each.method, size_of(each.n, each.clusters)] for each in result.within]
    rows += [[each.name, shown(each), each.method, size_of(each.n, each.clusters)] for each in result.between]
    return [list(STUDY_HEAD), *rows]


def class_rows(learners: Sequence[Learner]) -> list[list[str]]:
    """A class by name; nobody is ranked."""
    rows = [
        [
            each.reader,
            shown(each.right, percent=True),
            f"{each.right.n + each.not_assessed} of {each.total}",
            str(each.not_assessed),
            "none yet" if math.isnan(each.median_s) else f"{each.median_s:.1f}",
        ]
        for each in learners
    ]
    return [list(CLASS_HEAD), *rows]


def roc_figure(study: Study, result: StudyResult) -> go.Figure:
    """Each reader's curve, or the point of a reader who only called; the model's curve dashed."""
    figure = go.Figure()
    names = list(dict.fromkeys(each.reader for each in result.readers))
    only_calls = _only_calls(study)
    for each in result.readers:
        if each.curve.reason:
            continue
        colour = COLOURS[names.index(each.reader) % len(COLOURS)]
        line = {"color": colour, "dash": "dot" if each.arm == "aided" else "solid", "width": 1.6}
        points = slice(1, -1) if only_calls else slice(None)
        figure.add_trace(
            go.Scatter(
                x=each.curve.fpr[points],
                y=each.curve.tpr[points],
                mode="markers" if only_calls else "lines+markers",
                name=f"{each.reader}, {each.arm}",
                line=line,
                marker={"color": colour, "size": 9 if only_calls else 5},
                hovertemplate="1 - specificity %{x:.3f}, sensitivity %{y:.3f}<extra>%{fullData.name}</extra>",
            )
        )
    if result.curve is not None and study.model is not None and not result.curve.reason:
        figure.add_trace(
            go.Scatter(
                x=result.curve.fpr,
                y=result.curve.tpr,
                mode="lines",
                name=study.model.name,
                line={"color": "#64748b", "dash": "dash", "width": 2},
            )
        )
    axis = {"range": [-0.02, 1.02], "fixedrange": True, "zeroline": False, "gridcolor": "rgba(128,128,128,.25)"}
    figure.update_layout(
        template="none",
        margin={"l": 52, "r": 10, "t": 10, "b": 46},
        xaxis=axis | {"title": {"text": "1 - specificity (FPR)"}},
        yaxis=axis | {"title": {"text": "sensitivity (TPR)"}},
        legend={"orientation": "h", "y": -0.22},
        dragmode=False,
    )
    return figure


def roc_in_words(study: Study, result: StudyResult) -> str:
    """The figure for who cannot see it."""
    area = "balanced accuracy" if _only_calls(study) else "AUC"
    return ". ".join(f"{each.reader}, {each.arm}: {area} {shown(each.area)}" for each in result.readers)


def _only_calls(study: Study) -> bool:
    return study.question.call and not (study.question.suspicion or study.question.system)


def nothing_read(readers: Sequence[ReaderResult]) -> bool:
    """Whether there is no answer yet."""
    return not any(each.read for each in readers)


def comparison_row(name: str, test: Comparison) -> list[str]:
    """A test as a row of the study's table."""
    value = "undefined" if math.isnan(test.value) else number(test.value)
    ends = "" if math.isnan(test.low) else f" ({number(test.low)} to {number(test.high)})"
    said = p_words(test.p_value) if test.defined else f"undefined: {test.reason}"
    freedom = f", df {', '.join(f'{each:.2f}' for each in test.df)}" if test.df else ""
    statistic = "" if math.isnan(test.statistic) else f", statistic {test.statistic:.4f}{freedom}"
    return [name, f"{value}{ends}", f"{said}{statistic}; {test.method}", size_of(test.n, test.clusters)]


def shown(estimate: Estimate, *, percent: bool = False, decimals: int = 3) -> str:
    """A value with its interval, or why there is none."""
    if not estimate.defined:
        return f"undefined: {estimate.reason}"
    factor, decimals, unit = (100, 0, " %") if percent else (1, decimals, "")
    value = f"{factor * estimate.value:.{decimals}f}"
    if math.isnan(estimate.low):
        return f"{value}{unit} (no interval: {estimate.reason})"
    return f"{value} ({factor * estimate.low:.{decimals}f} to {factor * estimate.high:.{decimals}f}){unit}"


def size_of(n: int, clusters: int | None) -> str:
    """How many cases, and in how many patients where they are clustered."""
    return str(n) if clusters is None else f"{n} in {clusters} patients"
