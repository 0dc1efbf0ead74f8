"""How the pages look: the theme and the few rules of CSS on top of it. Nothing is fetched from outside."""

from __future__ import annotations

import gradio as gr

#: System fonts only: a web font would be asked for outside the machine.
THEME = gr.themes.Soft(
    primary_hue="teal",
    neutral_hue="slate",
    font=["system-ui", "Segoe UI", "Roboto", "sans-serif"],
    font_mono=["ui-monospace", "Consolas", "monospace"],
)

CSS = """
/* clip, not hidden: inside a hidden overflow nothing sticks to the top of the window. */
.gradio-container { width: 100%; max-width: 1320px !important; margin: 0 auto; overflow: clip !important; }
/* Above the labels of what scrolls below it (Gradio's fourth layer), under its lists and messages. */
.review-header { position: sticky; top: 0; z-index: 55; overflow: visible !important; }
.notice { font-size: var(--text-sm); color: var(--body-text-color-subdued); }
/* As wide as its place, however wide its tables and commands. */
.card-page { contain: inline-size; overflow-x: auto; }
.card-page table { display: block; overflow-x: auto; border: 0; padding: 0; }
.card-page :is(th, td) { word-break: normal; overflow-wrap: normal; } .card-page th { white-space: nowrap; }
/* Narrower than this its labels run into each other: it scrolls. */
#about-network { overflow-x: auto !important; contain: inline-size; } #about-network .cp { min-width: 860px; }
.answer { display: grid; gap: .6rem; }
.answer .headline { font-size: var(--text-lg); line-height: 1.4; }
.answer .headline strong { font-size: var(--text-xxl); font-variant-numeric: tabular-nums; }
.answer .scale { position: relative; height: 1.1rem; border-radius: .55rem;
  border: 1px solid var(--border-color-primary); background: var(--background-fill-secondary);
  margin: 1.3rem 0 1.2rem; }
.answer .scale .bar { position: absolute; inset: 0 auto 0 0; border-radius: .55rem; background: var(--color-accent); }
.answer .scale .mark { position: absolute; top: -.35rem; bottom: -.35rem; width: 0;
  border-left: 3px solid var(--body-text-color); }
.answer .scale span { position: absolute; font-size: var(--text-xs); white-space: nowrap; color: var(--body-text-color);
  transform: translateX(-50%); }
.answer .scale span.over { top: -1.35rem; } .answer .scale span.end { top: 1.25rem; transform: none;
  color: var(--body-text-color-subdued); }
.answer .sentence { margin: 0; line-height: 1.45; }
.answer dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem; margin: 0;
  font-size: var(--text-sm); font-variant-numeric: tabular-nums; }
.answer dt { color: var(--body-text-color-subdued); } .answer dd { margin: 0; overflow-wrap: anywhere; }
.answer .parts summary { cursor: pointer; }
.answer .parts table { margin: .4rem 0; font-size: var(--text-sm); font-variant-numeric: tabular-nums; }
.answer .parts :is(th, td) { padding: .15rem .6rem; text-align: left; font-weight: normal; }
.answer .note { border-left: 3px solid var(--color-accent); padding-left: .6rem; font-size: var(--text-sm); margin: 0; }
.answer .error { border-left-color: var(--error-border-color, #b91c1c); font-size: var(--text-md); }
.answer a.download { display: inline-block; padding: .45rem .9rem; border-radius: var(--button-large-radius, .5rem);
  border: 1px solid var(--border-color-primary); background: var(--button-secondary-background-fill);
  color: var(--button-secondary-text-color); text-decoration: none; width: max-content; }
.answer a.download:focus-visible { outline: 3px solid var(--color-accent); outline-offset: 2px; }
/* Values with their intervals stay on two lines at most; the table scrolls inside its frame. */
.wide-cells .pt td { min-width: 6.5rem; }
/* A name too long for its field ends in dots before the field's arrow. */
.gradio-container input[role=combobox] { text-overflow: ellipsis; padding-right: 1.2rem; }
/* A phone's width is for the content. No media query: Gradio puts those where the page's frame does not hear them. */
.gradio-container .app { padding-inline: clamp(12px, 8vw - 20px, 32px) !important; }
/* No page scrolls sideways for a row of tabs. */
.as-wide-as-its-place { width: 0; min-width: 100%; }
"""
