"""Where tables of what was measured with a final model lie beside it. No import: a bare machine reads these names."""

#: Fold models beside the final model (`python -m lesion_core shift`), one table for each set.
SHIFT = "shift"
#: Scores under nudged borders and under other readers' (`python -m lesion_core stability`).
STABILITY = "stability"
