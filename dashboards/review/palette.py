"""Colours and dashes of the review's figures; what a colour says, a dash, a marker or a word says too.

The hues keep apart for colour-blind eyes on light and dark ground.
"""

from __future__ import annotations

#: label -> colour, as in the other tabs.
LABELS = {1: "#b45309", 0: "#0d9488"}
PATTERNS = {1: "", 0: "/"}
MEAN = "#2563eb"
BAND = "rgba(37,99,235,0.18)"
QUIET = "#94a3b8"
CHOSEN = "#db2777"
#: One for each model or reader, in order, told apart by dash and marker as well.
SERIES = ("#2563eb", "#d97706", "#0d9488", "#db2777", "#7c3aed", "#64748b")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
