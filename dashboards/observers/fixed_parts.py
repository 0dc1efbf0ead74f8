"""The parts of the held-out test tab that no control changes: the cross-organ matrix, the paper's findings."""

from __future__ import annotations

from typing import Any

import gradio as gr

from dashboards.observers import tables
from dashboards.review import sources
from dashboards.widgets.plain_table import PlainTable
from lesion_core.results.observers.organ_matrix import organ_matrix, published_matrix, published_pair
from lesion_core.results.paper_findings import findings


def show_organs() -> tuple[Any, ...]:
    """The cross-organ matrix of what is bundled, its tests, and the paper's.

    Returns:
        Updates of the matrix, its tests, their note, and the paper's matrix.
    """
    matrix = organ_matrix(sources.bundled()[0])
    return (
        PlainTable.show(tables.matrix_table(matrix), name="Cross-organ matrix"),
        gr.update(
            value=PlainTable.show(tables.matrix_tests_table(matrix), name="Models on the same cases"),
            visible=bool(matrix.tests),
        ),
        tables.matrix_note(matrix),
        PlainTable.show(
            tables.published_matrix_table(published_matrix(), published_pair()), name="The paper's cross-organ figures"
        ),
    )


def show_findings() -> dict[str, Any]:
    """Every published figure of the paper beside the recomputed one."""
    return PlainTable.show(tables.findings_table(findings()), name="Published and recomputed, side by side")
