"""The cross-validation tab alone on a page, and the patients behind it, read from their file."""

import csv
from pathlib import Path

import gradio as gr
import pytest

from app import MAX_FILE_SIZE
from dashboards import crossval
from dashboards.review.link import open_asked_tab
from dashboards.style import CSS, THEME
from tests.browser.crossval.page import Patient

ROOT = Path(__file__).resolve().parents[3]
SCORES = ROOT / "checkpoints/bnet/scores/busbra-10-out-of-fold.csv"


@pytest.fixture(scope="session")
def patients():
    with (ROOT / "checkpoints/attributes/busbra.csv").open(newline="") as file:
        machine = {row["case_id"]: row["machine"] for row in csv.DictReader(file)}
    found = {}
    with SCORES.open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["patient_id"], []).append(row)
    return [
        Patient(
            label=max(int(row["label"]) for row in rows),
            score=sum(float(row["score"]) for row in rows) / len(rows),
            fold=int(rows[0]["fold"]),
            images=len(rows),
            machines=frozenset(machine[row["case_id"]] for row in rows),
        )
        for rows in found.values()
    ]


@pytest.fixture(scope="session")
def url(serve):
    with gr.Blocks(title="Folds", analytics_enabled=False) as demo, gr.Tabs():
        with gr.Tab("Other", id="other"):
            gr.Markdown("nothing")
        with gr.Tab("Cross-validation", id="cv"):
            crossval.build()
    return serve(demo, theme=THEME, css=CSS, head=open_asked_tab({"cv"}), max_file_size=MAX_FILE_SIZE)
