"""The page where cases are read, and its own light endpoints: no Gradio, no torch, nothing of the other tabs."""
