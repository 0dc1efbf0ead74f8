"""The demo: parse flags, build the tabs, launch.

Host and port are Gradio's own settings: GRADIO_SERVER_NAME, GRADIO_SERVER_PORT.
"""

from __future__ import annotations

import argparse
import logging

import gradio as gr

from dashboards import about, augmentation, borders, classify, cohort, crossval, endpoints, held_out, reading, serving
from dashboards.event_stream import hold_streams
from dashboards.quiet import Quiet
from dashboards.reading_desk.routes import reading_routes
from dashboards.review.link import open_asked_tab
from dashboards.style import CSS, THEME
from dashboards.widgets.clickable_plot import fetch_early
from lesion_core.notice import NOTICE

TITLE = "Thyroid and breast lesions in ultrasound images"
#: Seconds between clean-ups and the age at which an upload is deleted.
DELETE_CACHE = (600, 3600)
MAX_FILE_SIZE = "100mb"


def build() -> gr.Blocks:
    """All tabs of the page."""
    page = gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=DELETE_CACHE)
    with page:
        gr.Markdown(f"# {TITLE}\nOne generic VGG-19 for both organs. **{NOTICE}**")
        with gr.Tabs(elem_classes="as-wide-as-its-place") as tabs:
            with gr.Tab("Classify", id="classify"):
                classify.build()
            with gr.Tab("Augmentation", id="augmentation"):
                augmentation.build()
            with gr.Tab("Cohort", id="cohort"):
                cohort.build()
            with gr.Tab("Borders", id="borders"):
                borders.build()
            with gr.Tab("Cross-validation", id="cv"):
                crossval.build()
            with gr.Tab("Held-out test", id="test"):
                test = held_out.build()
            with gr.Tab("Reading room", id="reading"):
                reading.build(tabs, test)
            with gr.Tab("About", id="about"):
                about.build()
        endpoints.build()
        endpoints.keep_named(page)
    return page


def main() -> None:
    """Serve the page until it is stopped."""
    parser = argparse.ArgumentParser(description=f"Serve the demo. {NOTICE}")
    parser.add_argument("--verbose", action="store_true", help="log what happens")
    flags = parser.parse_args()
    logging.basicConfig(level=logging.INFO if flags.verbose else logging.WARNING)
    page = build()
    page.queue(max_size=64)
    held, quiet = hold_streams(page), Quiet()
    serving.warm_up(quiet.wait)
    page.launch(
        theme=THEME,
        css=CSS,
        head=open_asked_tab({"cv", "test", "reading"}) + fetch_early({"cv", "test"}),
        max_file_size=MAX_FILE_SIZE,
        run_history=False,
        footer_links=["api", "settings"],
        ssr_mode=False,  # a Space may ask for it by GRADIO_SSR_MODE; the page has routes and components of its own
        # The page where cases are read: light, and blind to the tabs.
        app_kwargs={"routes": reading_routes(), "middleware": [held, quiet.middleware()]},
    )


if __name__ == "__main__":
    main()
