"""Parts of the held-out test tab: choices, figures, tables. Numbers come from `lesion_core.results.observers`."""
