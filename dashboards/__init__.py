"""The Gradio side: one file per tab, figures, widgets. No statistics and no torch in here."""
